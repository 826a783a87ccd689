#include "sim/pacing.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <utility>

namespace kpmsim {
namespace {

constexpr std::array<std::pair<std::string_view, Pace::Mode>, 4> clock_words{
    {{"realtime", Pace::Mode::realtime},
     {"free", Pace::Mode::free},
     {"stepped", Pace::Mode::stepped},
     {"paused", Pace::Mode::paused}}};

} // namespace

std::optional<Pace> read_pace(std::string_view text) {
    for (const auto& [word, mode] : clock_words)
        if (text == word)
            return Pace{mode, 1.0};
    double factor = 0;
    const char* const last = text.data() + text.size();
    if (text.starts_with('x')) {
        const auto [end, error] = std::from_chars(text.data() + 1, last, factor);
        if (error == std::errc{} && end == last && std::isfinite(factor) && factor > 0.0)
            return Pace{Pace::Mode::scaled, factor};
    }
    return std::nullopt;
}

std::string to_text(const Pace& pace) {
    for (const auto& [word, mode] : clock_words)
        if (pace.mode == mode)
            return std::string{word};
    return fmt::format("x{}", pace.factor);
}

SimTime Pace::target(Wall wall) const {
    switch (mode) {
    case Mode::realtime:
        return SimTime{wall};
    case Mode::scaled:
        return SimTime{SimDuration{static_cast<std::int64_t>(
            std::floor(static_cast<long double>(wall.count()) * factor))}};
    case Mode::stepped:
    case Mode::paused:
        return SimTime{};
    case Mode::free:
        break;
    }
    return SimTime::max();
}

Pace::Wall Pace::due(SimTime at) const {
    switch (mode) {
    case Mode::realtime:
        return at.time_since_epoch();
    case Mode::scaled: {
        // The first wall time whose target is `at` or later; the division may be off by one.
        Wall wall{static_cast<std::int64_t>(
            std::ceil(static_cast<long double>(at.time_since_epoch().count()) / factor))};
        while (target(wall) < at)
            ++wall;
        while (target(wall - Wall{1}) >= at)
            --wall;
        return wall;
    }
    case Mode::stepped:
    case Mode::paused:
        return Wall::max();
    case Mode::free:
        break;
    }
    return Wall::zero();
}

} // namespace kpmsim

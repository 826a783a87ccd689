#include "quality/voltage_events.hpp"

#include <algorithm>

namespace kpmsim {

namespace {

constexpr std::array kinds{VoltageEventKind::dip, VoltageEventKind::swell,
                           VoltageEventKind::interruption};

} // namespace

bool VoltageEvents::active() const noexcept {
    return std::any_of(
        open_.begin(), open_.end(), [](const auto& e) { return e.has_value(); });
}

void VoltageEvents::push(std::span<const double> u, std::vector<VoltageEvent>& finished) {
    for (const VoltageEventKind kind : kinds) {
        // A swell is a dip upside down.
        const bool up = kind == VoltageEventKind::swell;
        const double sign = up ? -1 : 1;
        const double threshold = sign * (up                              ? limits_.swell
                                         : kind == VoltageEventKind::dip ? limits_.dip
                                                                         : limits_.interruption);
        const double leave = threshold + limits_.hysteresis;

        std::uint32_t beyond = 0;
        std::size_t back = 0;
        std::size_t worst = 0;
        for (std::size_t c = 0; c < u.size(); ++c) {
            if (sign * u[c] < threshold)
                beyond |= 1U << c;
            if (sign * u[c] >= leave)
                ++back;
            if (sign * u[c] < sign * u[worst])
                worst = c;
        }
        const bool all_needed = kind == VoltageEventKind::interruption;
        const std::uint32_t every = (1U << u.size()) - 1;
        const bool begins = all_needed ? beyond == every : beyond != 0;
        const bool ends = all_needed ? back > 0 : back == u.size();

        std::optional<VoltageEvent>& event = open_[static_cast<std::size_t>(kind)];
        if (event && ends) {
            event->end = half_cycle_;
            finished.push_back(*event);
            event.reset();
        } else if (!event && begins && !u.empty()) {
            event = VoltageEvent{kind,  half_cycle_, half_cycle_, u[worst], static_cast<int>(worst),
                                 beyond};
        } else if (event) {
            event->channels |= beyond;
            if (sign * u[worst] < sign * event->extreme) {
                event->extreme = u[worst];
                event->extreme_channel = static_cast<int>(worst);
            }
        }
    }
    ++half_cycle_;
}

} // namespace kpmsim

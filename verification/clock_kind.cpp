// A meter's clock that runs fast or slow by 0.5 s a day, and more, over days and months.
//
//   seconds   shown less the site's time and the whole seconds of drift, counted in integers: a
//             clock that gains n nanoseconds a second has gained n t / 1e9 whole seconds after t
#include "sim/meter_clock.hpp"
#include "verification/kind.hpp"

#include <cmath>

namespace kpmsim {

Run clock_kind(TomlTable& signal) {
    Parameter ppm{5.787};
    Parameter days{1.0};
    take(signal, "ppm", ppm);
    take(signal, "days", days);
    return [=](Draw draw, Mode, Errors& errors) {
        const auto parts_per_billion = std::llround(1000 * draw(ppm));
        const auto elapsed_s = static_cast<std::int64_t>(86'400 * draw(days));
        const CivilTime start{std::chrono::seconds{1'768'000'000}};
        MeterClock clock;
        clock.error = static_cast<double>(parts_per_billion) * 1e-9;
        clock.since = start;
        const CivilTime site = start + std::chrono::seconds{elapsed_s};
        const std::int64_t drift_s = parts_per_billion * elapsed_s / 1'000'000'000;
        errors.add("seconds", static_cast<double>((clock.shown(site) - site).count() - drift_s));
    };
}

} // namespace kpmsim

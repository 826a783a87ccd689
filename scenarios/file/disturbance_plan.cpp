#include "scenarios/file/farm_plan.hpp"

#include <algorithm>

namespace kpmsim {
namespace {

/// Further from the start than any farm runs, and near enough for nanoseconds in 64 bits.
constexpr std::chrono::seconds out_of_sight{1'500'000'000};

int first_phase(const Disturbance& d) {
    const auto first = std::find(d.phases.begin(), d.phases.end(), true);
    return first == d.phases.end() ? 0 : static_cast<int>(first - d.phases.begin());
}

struct Moment {
    Disturbance what;
    std::optional<double> angle_deg;
};

} // namespace

SimDuration ahead_of(const LoadPlan& load, CivilTime start) {
    if (load.dated)
        return start - load.dated->first;
    return load.by_clock ? start - std::chrono::floor<std::chrono::days>(start)
                         : SimDuration::zero();
}

SupplySpec scheduled(const SupplyPlan& plan, CivilTime start) {
    std::vector<Moment> moments;
    for (const DisturbancePlan& written : plan.disturbances) {
        SimDuration at = written.at;
        if (written.civil)
            at = std::clamp(*written.civil - start, -out_of_sight, out_of_sight);
        for (int n = 0; n < written.times; ++n) {
            Moment& moment = moments.emplace_back(Moment{written.what, written.angle_deg});
            moment.what.start = SimTime{} + at + n * written.every;
        }
    }
    // An angle is looked for in the frequency that the disturbances before it have left.
    std::stable_sort(moments.begin(), moments.end(),
                     [](const Moment& a, const Moment& b) { return a.what.start < b.what.start; });
    SupplySpec spec = plan.spec;
    for (Moment& m : moments) {
        if (m.angle_deg)
            m.what.start = moment_of_angle(spec, m.what.start, first_phase(m.what), *m.angle_deg);
        spec.disturbances.push_back(m.what);
    }
    return spec;
}

} // namespace kpmsim

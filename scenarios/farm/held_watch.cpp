#include "scenarios/farm/held_watch.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kpmsim {

std::vector<std::string> HeldWatch::look(Farm& farm) {
    std::vector<std::string> remarks;
    const FarmPlan& plan = farm.plan();
    if (plan.fidelity != Fidelity::window)
        return remarks;
    told_.follow(farm);
    for (std::size_t m = 0; m < told_.size(); ++m) {
        if (told_[m].it || !farm.held_by_converter(m))
            continue;
        told_[m].it = true;
        const MeterPlan& meter = plan.meters[m];
        const int bits = std::min(meter.u_errors.bits, meter.i_errors.bits);
        const std::string why =
            bits < adc_bits
                ? fmt::format("its converter has {} bits, and only one of {} lets them be jumped "
                              "over (adc.bits)",
                              bits, adc_bits)
                : "it is at the end of its converter's range; a higher rating, pt or ct brings it "
                  "back";
        remarks.push_back(
            fmt::format("meter {}: from {} on each window is sampled, as slowly as in "
                        "sample fidelity: {}",
                        meter.spec.name, iso_text(farm.site_time()), why));
    }
    return remarks;
}

} // namespace kpmsim

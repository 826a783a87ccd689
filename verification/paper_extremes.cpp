#include "verification/paper_extremes.hpp"

#include "verification/paper_deviations.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {

namespace {

/// Of readings that have no size of their own: a rise that is less is none.
double step_of(const QuantityInfo& of) {
    if (of.unit == "Hz")
        return 1e-3;
    if (of.unit == "%")
        return 1e-2;
    return of.name.substr(0, 2) == "pf" ? 1e-4 : 0;
}

} // namespace

void PaperExtremes::add(CivilTime moment, const Values& readings, const Values& deviations) {
    past_.emplace_back(moment, readings);
    for (std::size_t n = 0; n < reading_slots; ++n) {
        const std::string& name = catalogue()[n].name;
        double& most = most_deviations_[name];
        if (const double now = deviations[name]; !(now <= most))
            most = now;
    }
}

void PaperExtremes::check(const QuantityInfo& of, const Extreme& shown, bool greatest,
                          const Scale& scale, double code, Errors& errors) const {
    if (of.unit == "deg" || std::isnan(past_.front().second[of.name]))
        return;
    const auto paper_of = [&](const auto& window) { return window.second[of.name]; };
    const auto [least, most] =
        std::minmax_element(past_.begin(), past_.end(), [&](const auto& a, const auto& b) {
            return paper_of(a) < paper_of(b);
        });
    const double paper = paper_of(greatest ? *most : *least);
    const double deviation = most_deviations_[of.name];
    const auto add = [&](double off, double by) {
        const double size = std::max(std::abs(off) - std::max(code, step_of(of)), 0.0);
        errors.add("extremes", (std::isnan(off) ? off : size) / divisor(of, scale));
        if (!std::isnan(deviation))
            errors.add(against_noise("extremes"), deviations_of(size, by * deviation));
    };
    add(shown.value - paper, 1);
    const auto then = std::find_if(past_.begin(), past_.end(),
                                   [&](const auto& window) { return window.first == shown.at; });
    // Two readings that are off may change places.
    add(then == past_.end() ? std::nan("") : paper_of(*then) - paper, 2);
}

} // namespace kpmsim

#include "verification/judge.hpp"

#include <cmath>

namespace kpmsim {

double divisor(const QuantityInfo& of, const Scale& scale) {
    const std::string& unit = of.unit;
    if (unit == "V")
        return scale.u_v;
    if (unit == "A")
        return scale.i_a;
    if (unit == "W" || unit == "var" || unit == "VA")
        return scale.power();
    if (unit == "kWh" || unit == "kvarh" || unit == "kVAh")
        return scale.power() * scale.seconds / 3.6e6;
    if (unit == "%")
        return 100;
    return 1;
}

double error_of(const QuantityInfo& of, double shown, double paper, const Scale& scale) {
    const double off = of.unit == "deg" ? std::remainder(shown - paper, 360) : shown - paper;
    return off / divisor(of, scale);
}

Judge::Judge() : worst_(catalogue().size(), 0), judged_(catalogue().size(), false) {}

void Judge::compare(const MeterState& shown, const Values& paper, const Scale& scale) {
    for (std::size_t n = 0; n < worst_.size(); ++n) {
        const Quantity q{static_cast<std::uint16_t>(n)};
        if (std::isnan(paper[q]))
            continue;
        const double size = std::abs(error_of(info(q), shown.get(q), paper[q], scale));
        judged_[n] = true;
        if (!(size <= worst_[n])) // also not-a-number, which stays
            worst_[n] = size;
    }
}

void Judge::tell(Errors& errors) const {
    for (std::size_t n = 0; n < worst_.size(); ++n)
        if (judged_[n])
            errors.add(catalogue()[n].name, worst_[n]);
}

} // namespace kpmsim

#include "verification/judge.hpp"

#include "verification/paper_deviations.hpp"

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

double off_by(const QuantityInfo& of, double shown, double paper) {
    if (of.unit != "deg")
        return shown - paper;
    return shown >= 0 && shown < 360 ? std::remainder(shown - paper, 360) : std::nan("");
}

Judge::Judge() : worst_(catalogue().size()), against_noise_(catalogue().size()) {}

void Judge::Worst::add(double size) {
    judged = true;
    if (!(size <= error)) // also not-a-number, which stays
        error = size;
}

void Judge::compare(const MeterState& shown, const Values& paper, const Values& deviations,
                    const Scale& scale) {
    for (std::size_t n = 0; n < worst_.size(); ++n) {
        const Quantity q{static_cast<std::uint16_t>(n)};
        if (std::isnan(paper[q]))
            continue;
        const QuantityInfo& of = info(q);
        const double off = off_by(of, shown.get(q), paper[q]);
        worst_[n].add(std::abs(off) / divisor(of, scale));
        if (!std::isnan(deviations[q]) && deviations[q] != undecided)
            against_noise_[n].add(deviations_of(off, deviations[q]));
    }
}

void Judge::tell(Errors& errors) const {
    for (std::size_t n = 0; n < worst_.size(); ++n) {
        if (worst_[n].judged)
            errors.add(catalogue()[n].name, worst_[n].error);
        if (against_noise_[n].judged)
            errors.add(against_noise(catalogue()[n].name), against_noise_[n].error);
    }
}

} // namespace kpmsim

// R = R25 exp(beta (1/T - 1/T25)), T in kelvin; and the other way 1/T = 1/T25 + ln(R/R25) / beta.
//
// With x = R / (R + known) the converter's code is x (2^bits - 1). dx/dT = -x (1 - x) beta / T^2,
// so half a code is worth T^2 / (2 beta x (1 - x) 2^bits).
#include "sim/ntc.hpp"

#include "sim/guard.hpp"

#include <cmath>

namespace kpmsim {

namespace {

constexpr double zero_celsius_k = 273.15;
constexpr double t25_k = zero_celsius_k + 25;

} // namespace

double Ntc::resistance_ohm(double celsius) const {
    return r25_ohm * std::exp(beta_k * (1 / (celsius + zero_celsius_k) - 1 / t25_k));
}

double Ntc::celsius(double resistance_ohm) const {
    guard(resistance_ohm > 0);
    return 1 / (1 / t25_k + std::log(resistance_ohm / r25_ohm) / beta_k) - zero_celsius_k;
}

int RatioConverter::code(double resistance_ohm) const {
    const double part = resistance_ohm / (resistance_ohm + known_ohm);
    return static_cast<int>(std::lround(part * full_code()));
}

std::optional<double> RatioConverter::resistance_ohm(int code) const {
    if (code <= 0 || code >= full_code())
        return std::nullopt;
    return known_ohm * code / (full_code() - code);
}

std::optional<double> measured_celsius(const Ntc& sensor, const RatioConverter& converter,
                                       double celsius, double error) {
    const double of_this_one = sensor.resistance_ohm(celsius) * (1 + error);
    const auto ohm = converter.resistance_ohm(converter.code(of_this_one));
    if (!ohm)
        return std::nullopt;
    return sensor.celsius(*ohm);
}

} // namespace kpmsim

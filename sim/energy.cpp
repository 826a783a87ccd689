#include "sim/energy.hpp"

#include "sim/guard.hpp"

#include <cmath>

namespace kpmsim {

namespace {

Energy moved(Energy first, int n) { return static_cast<Energy>(static_cast<int>(first) + n); }

/// Whole microjoules of power * length and what was left; what is left now stays in `rest`.
/// W times ns is nJ, and the product of the two is the only place where a digit is lost.
std::int64_t take_uj(double power, SimDuration length, double& rest) {
    const double amount = power * static_cast<double>(length.count()) / 1000 + rest;
    const std::int64_t whole = std::llround(amount);
    rest = amount - static_cast<double>(whole);
    return whole;
}

/// Books a signed amount to one of two registers.
void book(std::int64_t uj, EnergyCount& import, EnergyCount& exported) {
    if (uj >= 0)
        import.add_uj(uj);
    else
        exported.add_uj(-uj);
}

Energy quadrant(std::int64_t p, std::int64_t q) {
    if (q >= 0)
        return p >= 0 ? Energy::q_q1 : Energy::q_q2;
    return p >= 0 ? Energy::q_q4 : Energy::q_q3;
}

} // namespace

void EnergyMeter::count(const WindowPowers& powers, SimDuration length, int tariff,
                        EnergyRegisters& r) {
    guard(tariff >= 0 && tariff < 6);
    std::int64_t p = 0;
    std::int64_t q = 0;
    for (int phase = 0; phase < (powers.phases ? 3 : 1); ++phase) {
        const auto i = static_cast<std::size_t>(phase);
        const std::int64_t p_phase = take_uj(powers.p_w[i], length, p_rest_uj_[i]);
        const std::int64_t q_phase = take_uj(powers.q_var[i], length, q_rest_uj_[i]);
        p += p_phase;
        q += q_phase;
        if (powers.phases) {
            book(p_phase, r[moved(Energy::p_import_a, phase)], r[moved(Energy::p_export_a, phase)]);
            book(q_phase, r[moved(Energy::q_import_a, phase)], r[moved(Energy::q_export_a, phase)]);
        }
    }
    book(p, r[Energy::p_import], r[Energy::p_export]);
    book(q, r[Energy::q_import], r[Energy::q_export]);
    book(p, r[moved(Energy::p_import_t1, tariff)], r[moved(Energy::p_export_t1, tariff)]);
    book(q, r[moved(Energy::q_import_t1, tariff)], r[moved(Energy::q_export_t1, tariff)]);
    r[quadrant(p, q)].add_uj(q >= 0 ? q : -q);
    r[Energy::s].add_uj(take_uj(powers.s_va, length, s_rest_uj_));
}

} // namespace kpmsim

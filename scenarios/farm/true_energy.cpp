#include "scenarios/farm/true_energy.hpp"

#include <cmath>

namespace kpmsim {

void TrueEnergy::add(const Readings& truth, SimDuration length, int tariff, int phases) {
    const long double length_s = static_cast<long double>(length.count()) * 1e-9L;
    const auto put = [&](Energy first, int n, long double amount) {
        joule_[static_cast<std::size_t>(first) + static_cast<std::size_t>(n)] += amount;
    };
    /// Import and export, n places on from their first.
    const auto book = [&](double power, Energy import, Energy exported, int n) {
        put(power >= 0.0 ? import : exported, n, std::abs(power) * length_s);
    };
    const double p = truth[Slot::p];
    const double q = truth[Slot::q];
    book(p, Energy::p_import, Energy::p_export, 0);
    book(q, Energy::q_import, Energy::q_export, 0);
    for (int phase = 0; phase < phases; ++phase) {
        book(truth[slot_at(Slot::p_a, phase)], Energy::p_import_a, Energy::p_export_a, phase);
        book(truth[slot_at(Slot::q_a, phase)], Energy::q_import_a, Energy::q_export_a, phase);
    }
    book(p, Energy::p_import_t1, Energy::p_export_t1, tariff);
    book(q, Energy::q_import_t1, Energy::q_export_t1, tariff);
    const int quadrant = q >= 0.0 ? (p >= 0.0 ? 0 : 1) : (p >= 0.0 ? 3 : 2);
    put(Energy::q_q1, quadrant, std::abs(q) * length_s);
    put(Energy::s, 0, truth[Slot::s] * length_s);
}

void TrueEnergy::begin(const EnergyRegisters& registers) {
    for (std::size_t i = 0; i < joule_.size(); ++i)
        joule_[i] = 3600.0L * static_cast<long double>(registers.count[i].wh) +
                    1e-6L * static_cast<long double>(registers.count[i].uj);
}

EnergyRegisters TrueEnergy::registers() const {
    EnergyRegisters out;
    for (std::size_t i = 0; i < joule_.size(); ++i) {
        const long double wh = std::floor(joule_[i] / 3600.0L);
        out.count[i].wh = static_cast<std::int64_t>(wh);
        out.count[i].add_uj(std::llround((joule_[i] - wh * 3600.0L) * 1e6L));
    }
    return out;
}

} // namespace kpmsim

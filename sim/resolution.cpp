#include "sim/resolution.hpp"

namespace kpmsim {

double Resolution::of(Slot slot) const {
    const int n = static_cast<int>(slot);
    const auto among = [&](Slot first, int count, int skipped = 0) {
        const int from = static_cast<int>(first) + skipped;
        return n >= from && n < from + count;
    };
    constexpr int orders = 31;
    if (among(Slot::u_a, 3) || among(Slot::u_zero, 3) || among(Slot::h_first, 3 * orders))
        return u_v;
    if (among(Slot::u_ab, 3)) // of two channels
        return 2 * u_v;
    if (among(Slot::i_a, 3) || among(Slot::i_zero, 3) || slot == Slot::i_n ||
        among(Slot::h_first, 3 * orders, 3 * orders))
        return i_a;
    if (among(Slot::p_a, 3) || among(Slot::q_a, 3) || among(Slot::s_a, 3))
        return s_va;
    if (slot == Slot::p || slot == Slot::q || slot == Slot::s)
        return 3 * s_va;
    // Of what has no size of its own: above what rounding does, below what accuracies promise.
    if (slot == Slot::f)
        return 1e-3; // Hz
    if (among(Slot::pf_a, 4))
        return 1e-4;
    if (among(Slot::angle_u_a, 6))
        return 1e-3; // deg
    if (among(Slot::unb_u, 4) || among(Slot::thd_u_a, 6))
        return 1e-2; // %
    if (slot == Slot::i_residual)
        return 1e-6; // A
    return 0;
}

} // namespace kpmsim

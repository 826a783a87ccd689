#include "models/engine/overload.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {

Bearable bearable(const OverloadLimits& limits, double u_v, double widest_v, double i_a) {
    Bearable can;
    for (std::size_t n = 0; n < 3; ++n) {
        // What a meter measures it bears.
        can.lasting[n] = std::max(limits.lasting * u_v, widest_v);
        can.at_most[n] = std::max(limits.u * u_v, can.lasting[n] * 1.01);
        can.for_s[n] = limits.u_s;
        can.lasting[3 + n] = limits.lasting * i_a;
        can.at_most[3 + n] = limits.i * i_a;
        can.for_s[3 + n] = limits.i_s;
    }
    return can;
}

bool Overload::moves(const TerminalRms& rms, const Bearable& can) const {
    for (std::size_t n = 0; n < heat.size(); ++n)
        if (heat[n] != 0 || rms[n] > can.lasting[n])
            return true;
    return false;
}

std::optional<SimTime> Overload::bear(const Window& windows, const TerminalRms& rms,
                                      const Bearable& can) {
    constexpr double full = 1 + 1e-9;
    std::optional<SimTime> first;
    const double length_s = seconds(windows.length);
    for (std::size_t n = 0; n < heat.size(); ++n) {
        const double lasting = can.lasting[n] * can.lasting[n];
        const double above = rms[n] * rms[n] - lasting; // not a number: nothing is there
        if (heat[n] == 0 && !(above > 0))
            continue;
        const double a_second = (above > 0 || above <= 0 ? above : -lasting) /
                                ((can.at_most[n] * can.at_most[n] - lasting) * can.for_s[n]);
        const double before = heat[n];
        heat[n] = std::max(0.0, before + a_second * length_s);
        if (heat[n] <= full)
            continue;
        heat[n] = full;
        if ((beyond >> n & 1u) != 0)
            continue;
        beyond = static_cast<std::uint8_t>(beyond | 1u << n);
        const double after_s = std::clamp((full - before) / a_second, 0.0, length_s);
        const SimTime at = windows.start + SimDuration{std::llround(1e9 * after_s)};
        first = std::min(first.value_or(at), at);
    }
    return first;
}

} // namespace kpmsim

#include "scenarios/farm/overload_watch.hpp"

#include <fmt/format.h>

#include <array>

namespace kpmsim {

std::string to_text(const Farm& farm, const Overloaded& one) {
    const Meter& meter = farm.meters()[one.meter];
    std::string inputs;
    for (const std::string& input : one.inputs)
        inputs += (inputs.empty() ? "" : ", ") + input;
    return fmt::format("meter {}: {}{} beyond what its inputs bear, since {} by its clock: a real "
                       "one would be damaged (overloaded)",
                       meter.spec().name, inputs,
                       meter.circuits().size() > 1 ? fmt::format(" of circuit {}", one.circuit + 1)
                                                   : "",
                       iso_text(one.since));
}

std::vector<Overloaded> OverloadWatch::look(const Farm& farm) {
    static constexpr std::array names{"ua", "ub", "uc", "ia", "ib", "ic"};
    std::vector<Overloaded> found;
    told_.follow(farm);
    for (std::size_t m = 0; m < told_.size(); ++m) {
        const Meter& meter = farm.meters()[m];
        const Extras& extras = meter.image().extras;
        if (!meter.type().overload)
            continue;
        told_[m].resize(extras.size());
        for (std::size_t n = 0; n < extras.size(); ++n) {
            const Overload& overload = extras[n].overload;
            const unsigned fresh = overload.beyond & ~unsigned{told_[m][n]};
            told_[m][n] = overload.beyond;
            if (fresh == 0)
                continue;
            Overloaded& one = found.emplace_back();
            one.meter = m;
            one.circuit = static_cast<int>(n);
            one.since = overload.since;
            for (std::size_t k = 0; k < names.size(); ++k)
                if ((fresh >> k & 1u) != 0)
                    one.inputs.emplace_back(names[k]);
        }
    }
    return found;
}

} // namespace kpmsim

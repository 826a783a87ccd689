#include "models/engine/command.hpp"

#include "files/number.hpp"

namespace kpmsim {

bool opens_menu(const MeterType& type, const MeterMemory& memory, std::optional<int> entered) {
    const SettingRow* const password = type.setting(Role::menu_password);
    return password == nullptr || (entered && memory.setting(*password) == *entered);
}

Result<std::vector<Assignment>, Refusal> written_at_keys(const MeterSpec& spec,
                                                         const MeterMemory& memory, CivilTime site,
                                                         const Intervention& what) {
    if (!memory.powered())
        return Unexpected<Refusal>{Refusal::busy};
    const auto entered = whole_number(what.text);
    if (!opens_menu(*spec.type, memory,
                    entered ? std::optional{static_cast<int>(*entered)} : std::nullopt))
        return Unexpected<Refusal>{Refusal::not_authorised};
    std::vector<Assignment> written;
    const int circuits = spec.type->points[what.point].per_circuit ? spec.type->circuits : 1;
    for (int circuit = 0; circuit < circuits; ++circuit)
        if (what.circuit < 0 || circuits == 1 || what.circuit == circuit)
            written.push_back({what.point, circuit, what.value});
    if (const auto why = refusal(spec, memory, site, written, Access::keys))
        return Unexpected<Refusal>{*why};
    return written;
}

std::vector<Assignment> assignments(const MeterSpec& spec, const MeterMemory& memory,
                                    CivilTime site, const Command& command,
                                    const std::function<void(const Intervention&, Refusal)>& told) {
    std::vector<Assignment> all = command.what;
    for (const Intervention& each : command.also) {
        if (each.kind != InterventionKind::keys)
            continue;
        if (const auto written = written_at_keys(spec, memory, site, each))
            all.insert(all.end(), written->begin(), written->end());
        else
            told(each, written.error());
    }
    return all;
}

} // namespace kpmsim

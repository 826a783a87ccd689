#include "models/type/load_type.hpp"

#include <fmt/format.h>

#include <array>

namespace kpmsim {

void check_prepayment(const MeterType& type, TomlTable& table) {
    constexpr std::array parts{Role::prepaid_overdraft, Role::control_mode, Role::control_forced,
                               Role::control_minutes,   Role::load_limit,   Role::load_seconds};
    if (const SettingRow* balance = type.setting(Role::prepaid_energy)) {
        if (type.circuits > 1)
            table.wrong("setting",
                        fmt::format("\"{}\" is a balance, and there are {} circuits to draw on it",
                                    balance->name, type.circuits),
                        "a prepayment meter has circuits = 1");
        return;
    }
    for (const Role role : parts)
        if (const SettingRow* row = type.setting(role))
            table.wrong("setting",
                        fmt::format("\"{}\" has the role {}, and there is no balance", row->name,
                                    info(role).name),
                        "add a setting with the role prepaid.energy, or leave the role out");
}

} // namespace kpmsim

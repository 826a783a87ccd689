#include "models/type/role.hpp"

#include <array>

namespace kpmsim {

namespace {

constexpr std::array<RoleInfo, static_cast<std::size_t>(Role::count)> roles{{
    {"line.address", 1, 247},
    {"line.baud", 300, 1e6},
    {"line.format", 0, 3},
    {"metering.wiring", 0, 7},
    {"metering.pt", 1e-6, 1e6},
    {"metering.ct", 1e-6, 1e6},
    {"metering.rated_current", 0, 1e6},
    {"metering.start_current", 0, 1e6},
    {"demand.minutes", 0, 1440},
    {"history.day", 1, 28},
    {"upload.seconds", 1, 86'400},
    {"upload.minutes", 1, 1440},
    {"prepaid.energy", 0, 1e6},
    {"radio.kind", 0, 2},
    {"metering.rated_voltage", 1, 1e6},
    {"relay.alarm", 0, 65'535},
    {"relay.pulse", 0, 65'535},
    {"relay.pulse_ms", 1, 3'600'000},
    {"alarm.select", 0, 65'535},
    {"prepaid.overdraft", 0, 1e6},
    {"control.mode", 0, 65'535},
    {"control.forced", 0, 65'535},
    {"control.minutes", 0, 65'535},
    {"load.limit", 0, 1e6},
    {"load.seconds", 0, 65'535},
    {"metering.direction", 0, 7},
    {"pulse.constant", 1, 100'000},
    {"output.quantity", 0, 255},
    {"menu.password", 0, 9999},
}};

} // namespace

const RoleInfo& info(Role role) { return roles[static_cast<std::size_t>(role)]; }

std::optional<Role> find_role(std::string_view name) {
    for (std::size_t n = 0; n < roles.size(); ++n)
        if (roles[n].name == name)
            return static_cast<Role>(n);
    return {};
}

std::vector<std::string> role_names() {
    std::vector<std::string> names;
    for (const RoleInfo& role : roles)
        names.emplace_back(role.name);
    return names;
}

} // namespace kpmsim

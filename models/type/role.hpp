#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// What hangs on a setting. A setting without a role is kept and shown.
enum class Role : std::uint8_t {
    line_address,           ///< of circuit 1 on the RS-485 line
    line_baud,              ///< bit/s
    line_format,            ///< place in line_formats()
    metering_wiring,        ///< place in the type's wirings
    metering_pt,            ///< voltage ratio
    metering_ct,            ///< current ratio
    metering_rated_current, ///< A
    metering_start_current, ///< mA at the 5 A level
    demand_minutes,         ///< width of the sliding window
    history_day,            ///< day of the month on which a month is closed, 0:00
    upload_seconds,         ///< grid of the realtime packets
    upload_minutes,         ///< grid of the energy packets
    prepaid_energy,         ///< kWh; shows what is left of it
    radio_kind,             ///< 0 LoRa, 1 WiFi, 2 4G
    metering_rated_voltage, ///< V, of the secondary: what percentages of Un are of
    relay_alarm,            ///< a bit for each relay of a circuit: alarms move it, and nobody else
    relay_pulse,            ///< … it opens by itself
    relay_pulse_ms,         ///< … after so long
    alarm_select,           ///< a bit for each alarm of the type: it moves relays
    prepaid_overdraft,      ///< kWh that may be drawn beyond what was paid
    control_mode,           ///< DD11H: the meter moves its relay itself; DD22H: commands do
    control_forced,     ///< AADDH: the relay is open, BBDDH: it is closed, whatever else holds …
    control_minutes,    ///< … for so long
    load_limit,         ///< kW of a phase, beyond which the relay opens …
    load_seconds,       ///< … after so long, and closes again after as long; 0: never
    metering_direction, ///< a bit for each phase: its current counts the other way round
    pulse_constant,     ///< imp/kWh of the secondary's energy
    output_quantity,    ///< number in the type's OutputPlan
    menu_password,      ///< what opens the menu at the keys
    count,
};

struct RoleInfo {
    std::string_view name; ///< line.address
    double least;          ///< shown values that the engine can follow
    double most;
};

const RoleInfo& info(Role role);
std::optional<Role> find_role(std::string_view name);
std::vector<std::string> role_names();

} // namespace kpmsim

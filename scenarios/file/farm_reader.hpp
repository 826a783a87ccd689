#pragma once

#include "files/toml.hpp"
#include "models/type/serial.hpp"
#include "scenarios/file/farm_plan.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace kpmsim {

// The parts of load_farm(), one file each. Every reader notes its mistakes and returns what it
// could make of the rest, so that one run finds them all.

/// What all readers share.
struct FarmReading {
    const TypeLibrary& types;
    std::vector<Mistake>& mistakes;
    std::string file{};                         ///< paths count from its folder
    CivilTime start{};                          ///< of the farm
    std::optional<std::chrono::minutes> zone{}; ///< of its site, from UTC
    BrokerPlan broker{};                        ///< for meters that say mqtt = true
    std::string client_id{"{serial}"};          ///< pattern of the meters' MQTT clients
    Place client_id_place{};
    std::vector<std::string> remarks{};
    std::map<std::string, double> recorded_hz{}; ///< of recordings that are supplies
};

/// A whole farm file.
FarmPlan read_farm(const TomlNode& root, const std::string& file, const TypeLibrary& types,
                   std::vector<Mistake>& mistakes);

SupplyPlan read_supply(const std::string& name, const TomlNode& node, FarmReading& reading);
/// One [[supply.NAME.disturbance]]; nothing when its kind or its moment cannot be read.
std::optional<DisturbancePlan> read_disturbance(const std::string& supply, const TomlNode& node,
                                                const SupplySpec& spec, CivilTime start,
                                                std::vector<Mistake>& mistakes);
/// "0.95 ind", "0.9 cap" or the number 1, into `spec`.
void read_power_factor(TomlTable& table, LoadSpec& spec);
LoadPlan read_load(const std::string& name, const TomlNode& node, FarmReading& reading);
/// A supply with `recording`.
void read_recorded_supply(TomlTable& table, const TomlNode& node, SupplyPlan& plan,
                          FarmReading& reading);
/// A load with `recording`, kind and powers aside.
void read_recorded_load(TomlTable& table, const TomlNode& node, LoadPlan& plan,
                        FarmReading& reading);
/// "10000/100 V", "400/5 A"; a millionth to a million.
std::optional<double> read_ratio(const std::string& text, char unit);
/// Fills the table of a load from a CSV file; what is wrong in it goes to `mistakes`.
void load_profile(const std::string& path, LoadPlan& plan, FarmReading& reading,
                  std::vector<Mistake>& mistakes);
BusPlan read_bus(const std::string& name, const TomlNode& node, const std::string& bind,
                 FarmReading& reading);

/// A meter with the places that check_farm() points at.
struct MeterDraft {
    MeterPlan plan;
    int block{0};           ///< which [[meter]] of the file
    std::int64_t n{0};      ///< which of its block
    bool name_varies{true}; ///< from meter to meter of the block
    Carrier carrier{Carrier::rs485};
    Place name, address, unit, serial, sum_of;
};
/// load, or loads of the circuits.
void read_loads(TomlTable& table, const TomlNode& node, const FarmPlan& farm, MeterPlan& plan,
                std::vector<Mistake>& mistakes);
/// Whoever connects a meter to a line sets the line's speed and format on it.
void read_line(TomlTable& table, MeterPlan& plan, const std::vector<BusPlan>& buses);
/// What makes this unit a real one: its class, the air around it, its crystal, its sensors.
void read_unit(TomlTable& table, MeterPlan& plan, std::vector<Mistake>& mistakes);
/// The meters of one [[meter]]: `block` is what they have in common.
std::vector<MeterDraft> unroll(TomlTable& table, const TomlNode& node, const MeterDraft& block,
                               std::int64_t count, const FarmPlan& farm,
                               std::vector<Mistake>& mistakes);
/// One text for all circuits (or whatever `each` says), or a list with one for each.
struct CircuitText {
    std::string text;
    Place place;
    int circuit;
};
std::vector<CircuitText> circuit_texts(TomlTable& table, const std::string& key, int circuits,
                                       const std::string& cure,
                                       const std::string& each = "circuit");
/// The leads: wiring, phase, pt, ct, ct_reversed, u_phase, i_phase, u_open. Also tells the meter the real
/// ratios, as whoever installs it would.
void read_wiring(TomlTable& table, MeterPlan& plan, std::vector<Mistake>& mistakes);
/// adc.noise, …, and adc.u, adc.i for one side only.
void read_adc(TomlTable& table, MeterPlan& plan, std::vector<Mistake>& mistakes);
/// firmware = ["menu", "plain-ma"], of the Rulings that the model knows.
void read_firmware(TomlTable& table, MeterPlan& plan, std::vector<Mistake>& mistakes);
/// auxiliary = "110 V DC", what its own supply gets; why that leaves it off, as a sentence.
std::string read_auxiliary(TomlTable& table, MeterPlan& plan);
/// settings = { second_interval_s = 60 }, by the model's names and in the values it shows.
void read_settings(TomlTable& table, MeterPlan& plan, std::vector<Mistake>& mistakes);
/// tariff.zones, tariff.days, tariff.second, tariff.switch: the tables that a user sets.
void read_tariff(TomlTable& table, MeterPlan& plan, std::vector<Mistake>& mistakes);
/// sum_of and losses, as they are written.
void read_sum(TomlTable& table, const TomlNode& node, MeterPlan& plan);
/// Looks up what the meters sum.
void settle_sums(std::vector<MeterDraft>& meters, std::vector<Mistake>& mistakes);
/// start_energy, start_months, relay_switches.
void read_start(TomlTable& table, MeterPlan& plan, std::vector<Mistake>& mistakes);
/// Sets a setting of the plan; a later one replaces an earlier one. `circuit` -1 = all.
void plan_setting(MeterPlan& plan, const SettingRow& row, std::optional<int> circuit,
                  std::int64_t kept);

/// How the endpoints under a key are meant.
struct EndpointRules {
    WireProtocol protocol;
    std::string bind; ///< of a port alone
    /// What a text stands for; nothing when that has been told to be wrong.
    std::function<std::optional<std::string>(const std::string& pattern)> fill_in;
};
/// A port, "address:port", { connect = "host:port" }, or a list of these; nothing when one of them is
/// wrong, which has been noted.
std::optional<std::vector<EndpointPlan>> read_endpoints(TomlTable& table, const std::string& key,
                                                        const EndpointRules& rules,
                                                        std::vector<Mistake>& mistakes);

/// One [[meter]], unrolled.
std::vector<MeterDraft> read_meters(const TomlNode& node, int block, const FarmPlan& farm,
                                    FarmReading& reading);
/// Gives a serial number to each meter that was written without one, by its model's rule.
void number_meters(std::vector<MeterDraft>& meters, CivilTime start,
                   std::vector<Mistake>& mistakes);
/// One [[hook]].
HookPlan read_hook(const TomlNode& node, FarmReading& reading);
/// mqtt_… of [farm].
void read_mqtt(TomlTable& table, MqttPlan& plan, FarmReading& reading);
/// That keys for TLS have no effect, where no broker is spoken to over it.
void remark_on_tls(const MqttPlan& plan, const std::vector<MeterDraft>& meters,
                   FarmReading& reading);
/// Gives each circuit that uploads and has none a client id; two on one broker that are the same are a
/// mistake.
void name_clients(std::vector<MeterDraft>& meters, const FarmReading& reading);
/// What only shows when all meters stand side by side: two on one name, address, unit or serial.
void check_meters(const std::vector<MeterDraft>& meters, std::vector<Mistake>& mistakes);
/// Hooks that no meter would ever be told of by.
void check_hooks(const std::vector<HookPlan>& hooks, const std::vector<MeterDraft>& meters,
                 std::vector<Mistake>& mistakes);
/// Two that would listen at one port.
void check_ports(const std::vector<MeterDraft>& meters, const std::vector<BusPlan>& buses,
                 std::vector<Mistake>& mistakes);
void check_buses(const std::vector<BusPlan>& buses, std::vector<Mistake>& mistakes);

/// `5 = "2.5 % @ 180deg"`, one entry a harmonic.
std::vector<Harmonic> read_harmonics(TomlTable& table, const std::string& key,
                                     std::vector<Mistake>& mistakes);
/// Notes a mistake when the value is outside.
void keep_within(TomlTable& table, const std::string& key, double value, double least, double most,
                 const std::string& range, const std::string& what);
/// The key's text, "embedded" or a URL; `cure` says what else would be right. Shows no password.
std::optional<BrokerPlan> read_broker(TomlTable& table, const std::string& key,
                                      const std::string& cure);
template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& list) {
    std::vector<std::string> names;
    names.reserve(list.size());
    for (const Named& one : list)
        names.push_back(one.name);
    return names;
}
inline bool is_among(const std::string& name, const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}
/// The names of periodic_waves().
std::vector<std::string> wave_names();
/// The keys of [farm] that begin with state. `pace`: what its clock says.
std::optional<StatePlan> read_state(TomlTable& table, const Pace& pace);
/// The key's path, from where the program runs: what is written counts from the farm file's folder.
std::optional<std::string> read_path(TomlTable& table, const std::string& key);

} // namespace kpmsim

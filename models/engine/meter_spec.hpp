#pragma once

#include "models/engine/memory.hpp"
#include "models/type/fitting.hpp"
#include "models/type/meter_type.hpp"
#include "sim/accuracy.hpp"
#include "sim/metering.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kpmsim {

/// A setting other than factory, in kept units.
struct Preset {
    std::string name;
    std::optional<int> circuit; ///< nothing = of every circuit
    std::int64_t value{0};
};

/// What makes one meter different from the next of its type. Never changes while it runs.
struct MeterSpec {
    std::string name;
    const MeterType* type{nullptr};
    std::string serial;                  ///< of circuit 1
    int address{1};                      ///< of circuit 1
    std::optional<WordOrder> word_order; ///< other than the type's
    std::optional<int> max_read_words;   ///< in one request, other than the type's
    std::vector<std::string> ratings;    ///< code per circuit; empty = the type's first
    std::string wiring;                  ///< as the type names it, of its cabinet; empty = factory
    Rulings firmware;                    ///< where its documents contradict each other
    bool auxiliary_fails{false};         ///< its supply is no voltage that it works with
    std::vector<Preset> settings;        ///< other than factory; a later one counts
    std::int64_t clock_offset_s{0};      ///< its clock against the site's, at `clock_since`
    double clock_error{0};               ///< fraction by which its clock runs fast
    CivilTime clock_since{};             ///< when it was set last
    std::chrono::minutes ahead_of_utc{}; ///< its site's clock
    std::array<std::optional<double>, max_circuits>
        temperature_c{}; ///< at each sensor; nothing = no sensor there
    /// What each sensor's input has drawn of the limits of its errors, -1 to 1; 0 = exact.
    std::array<double, max_circuits> temperature_error{};
    std::optional<bool>
        sensors_fitted; ///< options T and S; nothing = where the type always has them
    std::optional<bool> residual_fitted;
    bool relays_fitted{true}; ///< options R and K; without: not there
    bool inputs_fitted{true};
    bool reactive_pulses_fitted{true};         ///< a second RS-485 may have their terminals
    std::vector<int> closed_contacts;          ///< numbers of inputs of the whole meter, 0-based
    EnergyRegisters start_energy{};            ///< of each circuit
    std::vector<EnergyRegisters> start_months; ///< used in the running month, the one before it, …
    TariffEntries tariffs;                     ///< other than the factory's
    std::vector<UploadHabit> habits;           ///< of its firmware
};

/// What a circuit was ordered with; a code that the type has not counts as its first.
const CurrentRating& rating_of(const MeterSpec& spec, int circuit);
/// What the type promises of each circuit with its rating; empty when that is nothing.
std::vector<AccuracyClass> accuracy_of(const MeterSpec& spec);
/// … of its residual current, as a fraction; 0 where it promises none.
double residual_error(const MeterSpec& spec, int circuit);
/// A fresh meter's memory: factory settings but for what the spec says.
MeterMemory first_memory(const MeterSpec& spec);
/// What its tariffs go by.
Shared<TariffCalendar> tariff_calendar(const MeterType& type, const TariffEntries& entries);
/// Whether it has inputs of temperatures, or of residual currents, where its type may have them.
bool has_sensors(const MeterSpec& spec);
bool has_residual(const MeterSpec& spec);
/// Whether the unit has what its type may have; of a temperature input that is always there, open or not, while
/// no residual current has its place.
bool fitted(const MeterSpec& spec, Fitting part);
/// Whether the unit has the part that the point is about.
bool fitted(const MeterSpec& spec, const Point& point);
/// The point of the name; nothing where the type or the unit has none.
std::optional<PointId> find_fitted(const MeterSpec& spec, std::string_view point);
/// That it has not, as a sentence: "m has no relays, and so no relay_1".
std::string lacks(const MeterSpec& spec, PointId point);
/// Every setting as the unit left the factory, its address too.
std::vector<std::int64_t> factory_settings(const MeterSpec& spec);
/// Whether the unit's setting may have the kept value.
bool takes(const MeterSpec& spec, const SettingRow& row, std::int64_t value);
/// What its terminals are wired as …
Wiring wiring_of(const MeterSpec& spec);
/// … and what its menu says that they are.
Wiring wiring_of(const MeterSpec& spec, const MeterMemory& memory);
/// Pulses a kWh: its menu's, or those of a circuit's rating.
int pulse_constant(const MeterSpec& spec, const MeterMemory& memory, int circuit);
/// Where its voltages are in the measuring range.
const MeasuringRange& range_of(const MeterSpec& spec);
/// How its metering is built: wiring, circuits, converter scaling by rating (errors all zero).
MeteringConfig metering_config(const MeterSpec& spec);
MeteringSettings metering_settings(const MeterSpec& spec, const MeterMemory& memory);
/// The serial number of a circuit (0-based).
std::string serial_of(const MeterSpec& spec, int circuit);

} // namespace kpmsim

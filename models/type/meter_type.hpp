#pragma once

#include "models/type/alarm.hpp"
#include "models/type/mqtt_command.hpp"
#include "models/type/option_code.hpp"
#include "models/type/output_plan.hpp"
#include "models/type/point.hpp"
#include "models/type/register_map.hpp"
#include "models/type/role.hpp"
#include "models/type/ruling.hpp"
#include "models/type/tariff_tables.hpp"
#include "models/type/terminal_limits.hpp"
#include "models/type/upload_plan.hpp"
#include "sim/accuracy.hpp"
#include "sim/adc.hpp"
#include "sim/clock.hpp"
#include "sim/metering.hpp"
#include "sim/tariff.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// A setting of the meter's menu (manual's code, range, default). Values are kept as whole numbers.
struct SettingRow {
    std::string name;  ///< ours: address, baud, pt, ct, start_current_ma, demand_minutes,
                       ///< second_interval_s, …
    std::string code;  ///< on the display: Adr, br1, Ct_U, Ist1
    std::string title; ///< Starting current
    std::string unit;
    std::int64_t factory{0};
    std::int64_t least{0};
    std::int64_t most{65535};
    std::vector<std::int64_t> choices;     ///< when not empty, only these
    std::vector<std::int64_t> beyond_menu; ///< of these, what the menu lacks
    int scale{
        1}; ///< the number kept is the shown value times this (KPM37's PT 0.1-6000.0: scale 10)
    bool per_circuit{false};
    std::optional<Role> role; ///< what hangs on it; nothing = kept and shown only
    std::string source;       ///< where the manual says so
    std::size_t first{0};     ///< place of its number (of circuit 0's) in a meter's memory

    bool allows(std::int64_t value) const;
    /// The value as the meter shows it: 10 kept at scale 10 is 1.0.
    double shown(std::int64_t value) const { return static_cast<double>(value) / scale; }
};

/// How a derived point comes out of the values of others.
enum class Derivation : std::uint8_t {
    sum,      ///< each times its factor
    absolute, ///< of the sum
    positive, ///< the sum, and 0 where it is below
    greatest, ///< of the terms
    least,
    angle, ///< degrees, -180 to 180, of the vector whose parts are the first and the second
};

/// A point that is worked out of other points of the same circuit.
struct DerivedRow {
    struct Term {
        PointId point{};
        double factor{1};
    };
    Derivation how{Derivation::sum};
    std::vector<Term> terms;
    double factor{1}; ///< of what comes out
};

/// A number or a text that is the type's: a meter code, a firmware version.
struct ConstantRow {
    double number{0};
    std::string text;
};

/// What a rated current brings: full scale, whether its CT is part of the meter, pulse constant.
struct CurrentRating {
    std::string code; ///< A, B, C, D on a KPM312; "5" elsewhere
    double rated_a{5};
    double full_scale_a{
        0}; ///< peak of the converter, at the meter's terminals (or the CT's primary when built in)
    bool ct_included{false};
    int pulse_constant{3200};
};

/// What the maker promises with some of the current ratings.
struct AccuracyRow {
    std::vector<std::string> currents; ///< codes of the ratings; empty = all others
    AccuracyClass limits;
    double residual{0};     ///< of a residual current, of reading
    bool data_sheet{false}; ///< the data sheet's word, where the manual has another
    std::string source;
};

/// How it behaves on an RS-485 line.
struct LineBehaviour {
    int baud{9600};
    std::string format{"8N1"};
    std::vector<int> bauds; ///< the ones it supports
    int turnaround_ms{20};  ///< from the end of a request to the first character of the answer
    int min_frame_interval_ms{
        0}; ///< a request that comes sooner after the last frame is not seen (KPM37: 100)
};

/// How the maker numbers his meters.
struct SerialRule {
    enum class Form : std::uint8_t {
        none,    ///< the meter has no serial number
        compere, ///< 13 characters: model code, platform, carrier, year, month, letter, number
        pattern, ///< literal but for one run of #, the digits of the number
    };
    Form form{Form::none};
    std::string model_code; ///< of compere: "312"
    char letter{'0'};       ///< of compere: 'C'
    std::string pattern;    ///< "SN-######"

    std::size_t length() const; ///< characters
    int last_number() const;    ///< the greatest that there is room for
    bool all_digits() const;    ///< whether a serial number is a whole number
};

/// An object of the device identification (function 43, MEI type 14): its id and its text.
struct IdentityObject {
    std::uint8_t id{0}; ///< 0 vendor, 1 product code, 2 revision; 3 to 6 are the regular ones
    std::string text;
};

/// One meter as data: everything that is in models/<name>/*.toml.
struct MeterType {
    std::string name;     ///< kpm312
    std::uint64_t sum{0}; ///< of what its files say, but for notes
    std::string title;    ///< Compere KPM312
    std::string summary;  ///< one line for `kpmsim models`
    int circuits{1};
    double nominal_u_v{220};
    double u_full_scale_v{0};
    std::vector<CurrentRating> currents; ///< the first is the default
    std::vector<AccuracyRow> accuracy;   ///< empty = nothing is promised
    /// What an input without a temperature sensor reads; absent = the meter shows no temperature.
    std::optional<double> open_temperature_c;
    /// In the manual's words, first = factory: P4L, P3L3, P3L2; one phase: 1P2W.
    std::vector<std::string> wirings;
    bool temperature_by_ntc{false}; ///< its sensors are thermistors, read by a converter
    /// Inputs of a circuit that are points of their own; empty = one, the catalogue's temp.
    std::vector<PointId> temperature_points;
    bool extremes{false};      ///< it keeps the greatest and least of its readings
    bool pulse_outputs{false}; ///< it counts pulses of active and reactive energy
    SimDuration pulse_width{std::chrono::milliseconds{80}}; ///< … so long at most
    OutputPlan output;                         ///< of its analogue output; empty = it has none
    MeasuringRange range;                      ///< empty = nobody says
    std::optional<MeasuringRange> sheet_range; ///< the data sheet's, where it is another
    SensorLimits sensors;
    std::optional<OverloadLimits> overload;
    std::optional<AuxiliaryRange> auxiliary;
    bool residual_current{false};  ///< it has the input of a residual current
    bool sensors_optional{false};  ///< its sensors are there where a farm file gives temperatures
    bool residual_optional{false}; ///< … its residual current inputs where it gives leakage
    OptionPlaces options;          ///< that it is ordered by; empty = each unit has all there is
    std::vector<Action> menu_actions; ///< that its menu has besides clearing
    bool hours{false};                ///< it counts running and load time
    bool freeze{false};               ///< what it froze at the settlement moment has points
    bool days{false};                 ///< … what it used today and on the two days before
    bool month_statistics{false}; ///< … power factors and hours of this month and three before it
    bool calibration{false};      ///< a bench can trim its gains and lags
    bool neutral_current{false};  ///< in one phase, its circuits measure the neutral's current, too
    SerialRule serial;
    LineBehaviour line;
    std::vector<int> functions; ///< Modbus function codes it answers
    int max_read_words{125};
    std::optional<int> max_connections; ///< on Modbus-TCP at one time; nothing = as many as come
    std::vector<IdentityObject> identification; ///< ascending; empty = none
    std::vector<SettingRow> settings;
    std::size_t setting_numbers{0}; ///< kept numbers of all settings
    std::array<std::int16_t, static_cast<std::size_t>(Role::count)>
        setting_of_role{}; ///< place in `settings` plus one; 0 = no setting has the role
    std::vector<DerivedRow> derived;
    std::vector<ConstantRow> constants;
    PointTable points;
    std::vector<PointId> relay_points; ///< of one unit, in order
    std::vector<PointId> input_points; ///< …
    std::vector<AlarmRow> alarms;
    RegisterMap registers;
    TariffTable tariff;                     ///< the factory's day, all year
    TariffTables tariff_tables;             ///< what of it can be set
    Shared<TariffCalendar> tariff_calendar; ///< the factory's; none without tariffs
    int coils{0};                           ///< relays, of the whole meter
    int coil_base{0};                       ///< address of the first in the frame
    bool coils_closed{false};               ///< from the factory
    bool relays_latching{false}; ///< they stay as they are without supply; else they open
    bool relays_switch{false};   ///< each circuit's first one is in its load's current path, always
    int inputs{0};
    int input_base{0};
    SimDuration debounce{std::chrono::milliseconds{40}}; ///< of its inputs
    UploadPlan upload;                                   ///< MQTT packets
    UploadPlan upload_4g;                   ///< … over 4G, where they differ; empty = the same
    std::vector<MqttCommand> mqtt_commands; ///< that it takes over MQTT
    std::string upload_source;              ///< where the packets' description comes from
    std::string map_source;                 ///< … and the register map's
    std::vector<std::string> modelled;      ///< for its fidelity card, see models/faces
    std::vector<std::string> assumed;       ///< where its documents are silent
    std::vector<std::string> not_modelled;

    const SettingRow* setting(const std::string& setting_name) const;
    /// Place in `settings`, -1 when there is none.
    int setting_index(const std::string& setting_name) const;
    /// The setting that has the role; null when none has.
    const SettingRow* setting(Role role) const {
        const std::int16_t n = setting_of_role[static_cast<std::size_t>(role)];
        return n == 0 ? nullptr : &settings[static_cast<std::size_t>(n - 1)];
    }
    /// The setting that a point is; null where it is none.
    const SettingRow* setting(PointId id) const {
        const Point& point = points[id];
        return point.kind == PointKind::setting ? &settings[point.index] : nullptr;
    }
    const CurrentRating* current(const std::string& code) const;
    /// What is promised with a current rating, by the data sheet where it says something else; null when
    /// nothing is.
    const AccuracyRow* accuracy_of(const std::string& code, bool data_sheet = false) const;
    /// Whether a unit of this type does anything else with it.
    bool knows(Ruling ruling) const;
    /// Place in `wirings`: by the type's own name or another meter's name for the same wiring; -1
    /// when this type has no such wiring. An empty name is the factory's.
    int wiring_index(const std::string& wiring) const;
    /// Whether it shows the quantity in any of its wirings.
    bool shows(Quantity quantity) const;
    int coils_per_unit() const { return coils / circuits; }
    int inputs_per_unit() const { return inputs / circuits; }
    /// Temperature sensors of a circuit.
    int sensors_per_unit() const {
        return !open_temperature_c          ? 0
               : temperature_points.empty() ? 1
                                            : static_cast<int>(temperature_points.size());
    }
};

/// The texts that the values of a role stand for: 8N1, P4L; empty where they are plain numbers.
std::vector<std::string> value_names(const MeterType& type, Role role);

/// The plan that a meter with this serial follows: the 4G one when its carrier digit is 1 and the
/// type has one.
const UploadPlan& upload_plan(const MeterType& type, const std::string& serial);

/// The values of a setting with the role line.format, in their order: 8E1, 8O1, 8N1, 8N2.
std::span<const std::string_view> line_formats();

/// All meters that a run knows: the built-in ones, and those of `--models DIR` (same name
/// replaces).
class TypeLibrary {
public:
    /// Throws FileError with every mistake of every file.
    static TypeLibrary builtin();
    static TypeLibrary with_folder(const std::string& folder);

    const MeterType* find(const std::string& name) const;
    std::vector<std::string> names() const;

private:
    std::map<std::string, MeterType> types_;
};

/// P4L, 3Ln3CT and 3P4W; P3L3 and 2LL3CT; P3L2 and 2LL2CT; 1P2W; false when it is none of them.
bool wiring_from(const std::string& name, Wiring& out);

} // namespace kpmsim

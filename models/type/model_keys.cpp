#include "models/type/model_keys.hpp"

#include <array>

namespace kpmsim {

namespace {

using enum KeyKind;

constexpr double far = 4'294'967'295.0;
constexpr bool must = true;
constexpr bool may = false;

constexpr std::array all_tables{
    ModelTable{"meter", "meter.toml", "What the meter is."},
    ModelTable{
        "meter.setting", "`setting` of meter.toml",
        "The menu. Values are kept as whole numbers: what the meter shows times `scale`. Where "
        "a role's values have names, a name will do: `\"8N1\"`."},
    ModelTable{"meter.serial", "[serial]",
               "How the maker numbers his meters: a `pattern`, or the 13 characters of a Compere. "
               "Without this table the meter has no serial number. A farm counts from 1."},
    ModelTable{
        "meter.identification", "[identification]",
        "What function 43, MEI type 14, answers. 1 to 244 characters of ASCII each; with one of "
        "the optional ones the conformity level is regular, else basic."},
    ModelTable{"meter.voltage", "[voltage]", "The voltage inputs."},
    ModelTable{"meter.current", "[[current]]",
               "A rated current that can be ordered; the first is "
               "what a meter has unless its farm says otherwise."},
    ModelTable{"meter.accuracy", "[[accuracy]]",
               "What the maker promises, for `accuracy = \"class\"` in a farm file."},
    ModelTable{"meter.temperature", "[temperature]", "The temperature inputs."},
    ModelTable{"meter.line", "[line]", "How it behaves on an RS-485 line."},
    ModelTable{"meter.relays", "[relays]", "Relays, as coils."},
    ModelTable{"meter.inputs", "[inputs]", "Contacts, as discrete inputs."},
    ModelTable{
        "meter.range", "[range], [range_data_sheet]",
        "Where its voltages are promised to be right, rms at its terminals: points "
        "`u_below_range` and `u_above_range`. The data sheet's, where it has another, is for "
        "`firmware = \"data-sheet\"` of a farm file."},
    ModelTable{"meter.overload", "[overload]",
               "What its inputs bear, in times of Un (the greatest that can be set) and of the "
               "rated current: points `overloaded` and `overloaded_time`."},
    ModelTable{"meter.auxiliary", "[auxiliary]",
               "The voltage that its own supply needs, for `auxiliary` of a farm file."},
    ModelTable{"meter.output", "[output]",
               "An output of 4 to 20 mA: point `output_ma`. The numbers of the setting with the "
               "role output.quantity count the readings of `star`, then those that only `delta` "
               "has."},
    ModelTable{
        "meter.tariff", "[tariff]",
        "The day's tariffs, and the tables that a user can set. Without this table the meter "
        "has no points by tariff."},
    ModelTable{
        "meter.constant", "[[constant]]",
        "A point that never changes: a meter code, a version, a scale factor, a word for what "
        "is not there."},
    ModelTable{
        "meter.derived", "[[derived]]",
        "A point worked out of others of the same circuit; of those above it and of the "
        "quantities, settings and constants. Just one of the keys from `sum` to `angle`. The "
        "points have one unit, which is the result's."},
    ModelTable{"meter.alarm", "[[alarm]]",
               "A condition that the meter watches window by window, in each circuit; its point is "
               "`alarm_` and its name. It compares the size of readings to a setting in %, without "
               "hysteresis and delay; above a threshold of 0 it never holds."},
    ModelTable{"meter.notes", "[notes]", "For the reference page of the meter."},
    ModelTable{"registers", "registers.toml", "The register map."},
    ModelTable{
        "registers.holes", "[holes]",
        "What a read gets where there is no register, or one that is only written. `zero`: 0, "
        "between the space's first register and its last one, and before and behind them where a "
        "request runs past an end; one that lies wholly outside is refused (exception 02)."},
    ModelTable{"registers.register", "`register` of registers.toml",
               "One row: a point and how it is written down, or `packed`, `actions`, `spare`."},
    ModelTable{"registers.register.packed", "`packed` of a register",
               "Several points side by side in a u16."},
    ModelTable{"registers.block", "[[block]]", "A run of points, one behind the other."},
    ModelTable{"registers.history", "[[history]]",
               "The months of energies: for each one this month, the month before, …"},
    ModelTable{"mqtt", "mqtt.toml",
               "The uploads; without this file the meter has none. Packets in the manner of V1.9, "
               "messages of any shape, or both."},
    ModelTable{"mqtt.field", "a field of [fields]", "Where a name alone does not do."},
    ModelTable{"mqtt.packets", "[realtime], [energy], [day], [freeze], [recall], and with _4g",
               "The packets of one topic: `{\"id\": …, fields, \"time\": …, \"isend\": …}`."},
    ModelTable{"mqtt.message", "[[message]]", "A message of the maker's own shape."},
};

constexpr ModelKey key(std::string_view table, std::string_view name, KeyKind kind, bool required,
                       std::string_view meaning, std::string_view otherwise = "") {
    return {table, name, kind, required, otherwise, 0, 0, "", "", meaning};
}
constexpr ModelKey range(std::string_view table, std::string_view name, KeyKind kind, bool required,
                         double least, double most, std::string_view meaning,
                         std::string_view otherwise = "") {
    return {table, name, kind, required, otherwise, least, most, "", "", meaning};
}
constexpr ModelKey words(std::string_view table, std::string_view name, KeyKind kind, bool required,
                         std::string_view known, std::string_view meaning,
                         std::string_view otherwise = "") {
    return {table, name, kind, required, otherwise, 0, 0, known, "", meaning};
}
constexpr ModelKey inside(std::string_view table, std::string_view name, KeyKind kind,
                          bool required, std::string_view of, std::string_view meaning,
                          std::string_view otherwise = "") {
    return {table, name, kind, required, otherwise, 0, 0, "", of, meaning};
}

constexpr std::string_view types = "u16 i16 u32 i32 u64 i64 f32 bcd ascii clock";
constexpr std::string_view types_meaning =
    "bcd has four digits a word; a clock is year, month, day, hour, minute and second, a byte "
    "each, "
    "and of the point `clock` alone: other moments are u32, u64 or i64, seconds since 1970";
constexpr std::string_view scale_meaning = "register = value / scale; of numbers alone";
constexpr std::string_view factor_meaning =
    "name of a constant from -10 to 10: register = value / (scale × 10^constant)";
constexpr std::string_view none_meaning =
    "the words when the point has no value, as one whole number (-1: all bits are 1), or \"nan\" "
    "for f32: the power "
    "factor without apparent power, the frequency without voltage, a phase in delta, a temperature "
    "without sensor";
constexpr std::string_view shared_meaning =
    "of the whole meter: each circuit has an equal share, at the same addresses of its own unit";
constexpr std::string_view space_meaning = "which of two `separate` spaces";
constexpr std::string_view row_source_meaning = "who says so";

constexpr std::array all_keys{
    key("meter", "title", text, must, "maker and name"),
    key("meter", "summary", text, must, "one line for `kpmsim models`"),
    range("meter", "circuits", whole, may, 1, 4, "circuits, each with an address of its own", "1"),
    words("meter", "functions", wholes, must, "1 2 3 4 5 6 15 16 43",
          "Modbus functions, each once; 3 or 4 is among them"),
    range("meter", "max_read_words", whole, may, 1, 125, "registers in one read", "125"),
    range("meter", "max_connections", whole, may, 1, 1000,
          "Modbus-TCP connections at one time to a port of its own; one more is closed at once",
          "as many as come"),
    key("meter", "extremes", boolean, may,
        "points `u_a_max`, `u_a_max_time`, `u_a_min`, … of every reading but the harmonics, of "
        "each "
        "temperature, and the action `clear_extremes`",
        "false"),
    key("meter", "pulse_outputs", boolean, may,
        "points `pulses_p`, `pulses_q` (pulses since the start, by the rating's `pulse_constant` "
        "or the setting with the role pulse.constant), `pulses_p_time`, `pulses_q_time`, "
        "`pulse_constant`, `pulse_width`",
        "false"),
    range("meter", "pulse_width_ms", whole, may, 1, 10'000,
          "ms, of such a pulse at most; half of the time between two where that is less", "80"),
    key("meter", "residual_current", boolean, may,
        "the point `i_residual`: a farm file's `leakage`", "false"),
    key("meter", "residual_optional", boolean, may,
        "that input is there only where a farm file gives `leakage`", "false"),
    key("meter", "options", texts, may,
        "what a unit can be ordered with, by the codes of a farm file's `options`: K inputs, R "
        "relays, T temperature, S residual current, 4G, Wi and L radios, RS485 a second line in "
        "place of the reactive pulses; `\"T|S\"`: one of these at most",
        "none: every unit has all there is"),
    key("meter", "menu_actions", texts, may,
        "actions that its menu has besides clearing, for `actions` of a register: `reboot` (the "
        "whole meter), `reconfigure` (its radio goes to the maintenance platform)",
        "none"),
    range("meter", "residual_most_a", positive, may, 1e-6, 100,
          "A, range of that input: the point `sensors_above_range`", "no range"),
    key("meter", "hours", boolean, may,
        "points `run_time`, with its supply, and `load_time`, with a current above the starting "
        "current",
        "false"),
    key("meter", "freeze", boolean, may,
        "points `e_p_import_frozen`, … of every energy, `demand_p_max_frozen`, … with their times, "
        "`freeze_time`: the last settlement moment's",
        "false"),
    key("meter", "days", boolean, may,
        "points `e_p_import_day_0` (today) to `e_p_import_day_2`, of both energies, both ways",
        "false"),
    key("meter", "month_statistics", boolean, may,
        "points `pf_month_0` (this month) to `pf_month_3`, and the same of `run_time` and "
        "`load_time`; needs `hours`",
        "false"),
    key("meter", "calibration", boolean, may, "a farm file may say `calibrated = true`", "false"),
    key("meter", "neutral_current", boolean, may,
        "with one phase: a channel for the neutral's current, `i_n`", "false"),
    key("meter", "wirings", texts, must,
        "in the manual's words, the first is the factory's: P4L = 3Ln3CT = 3P4W, P3L3 = 2LL3CT, "
        "P3L2 "
        "= 2LL2CT; each once, and 1P2W alone"),
    inside("meter", "setting", tables, must, "meter.setting",
           "the menu; one with the role line.address must be there"),
    inside("meter", "serial", table, may, "meter.serial", "serial numbers", "none"),
    inside("meter", "identification", table, may, "meter.identification",
           "device identification; goes with 43 in `functions`", "none"),
    inside("meter", "voltage", table, must, "meter.voltage", "voltage inputs"),
    inside("meter", "current", tables, must, "meter.current", "rated currents"),
    inside("meter", "accuracy", tables, may, "meter.accuracy", "classes", "none"),
    inside("meter", "temperature", table, may, "meter.temperature", "temperature inputs", "none"),
    inside("meter", "line", table, must, "meter.line", "RS-485"),
    inside("meter", "relays", table, may, "meter.relays", "relays", "none"),
    inside("meter", "inputs", table, may, "meter.inputs", "contacts", "none"),
    inside("meter", "range", table, may, "meter.range", "measuring range", "nobody says"),
    inside("meter", "range_data_sheet", table, may, "meter.range", "the data sheet's", "`range`"),
    inside("meter", "overload", table, may, "meter.overload", "what its inputs bear",
           "nobody says"),
    inside("meter", "auxiliary", table, may, "meter.auxiliary", "its own supply", "nobody says"),
    inside("meter", "output", table, may, "meter.output", "4 to 20 mA", "none"),
    inside("meter", "tariff", table, may, "meter.tariff", "tariffs", "none"),
    inside("meter", "constant", tables, may, "meter.constant", "constants", "none"),
    inside("meter", "derived", tables, may, "meter.derived", "derived points", "none"),
    inside("meter", "alarm", tables, may, "meter.alarm", "alarms", "none"),
    inside("meter", "notes", table, may, "meter.notes", "what is modelled", "none"),

    key("meter.setting", "name", text, must, "of the point"),
    key("meter.setting", "title", text, must, "what it is"),
    key("meter.setting", "code", text, may, "on the display", "\"\""),
    key("meter.setting", "unit", text, may, "of the value shown", "\"\""),
    key("meter.setting", "factory", value, must, "value when it leaves the factory"),
    range("meter.setting", "least", whole, may, -far, far, "the least that may be written", "0"),
    range("meter.setting", "most", whole, may, -far, far, "the greatest", "65535"),
    key("meter.setting", "choices", values, may, "when given, only these", "least to most"),
    range("meter.setting", "beyond_menu", wholes, may, -far, far,
          "of the choices, what the menu lacks: refused with `firmware = \"menu\"` of a farm file",
          "none"),
    range("meter.setting", "scale", whole, may, 1, 1e6, "kept number = shown value × scale", "1"),
    key("meter.setting", "per_circuit", boolean, may, "each circuit has its own", "false"),
    words("meter.setting", "role", choice, may,
          "line.address line.baud line.format metering.wiring metering.pt metering.ct "
          "metering.rated_current metering.start_current demand.minutes history.day "
          "upload.seconds upload.minutes prepaid.energy radio.kind metering.rated_voltage "
          "relay.alarm relay.pulse relay.pulse_ms alarm.select prepaid.overdraft control.mode "
          "control.forced control.minutes load.limit load.seconds metering.direction "
          "pulse.constant output.quantity menu.password",
          "what hangs on it; see below", "kept and shown"),
    key("meter.setting", "source", text, may, "where the manual says so", "\"\""),

    key("meter.serial", "pattern", text, may,
        "literal but for one run of 1 to 9 `#`, the number: `\"SN-######\"`; with mqtt.toml only "
        "of a meter of one circuit",
        "a Compere's"),
    key("meter.serial", "model_code", text, may, "of a Compere: three characters", "none"),
    key("meter.serial", "letter", text, may, "of a Compere: one character", "none"),

    key("meter.identification", "vendor", text, must, "object 00H"),
    key("meter.identification", "product_code", text, must, "object 01H"),
    key("meter.identification", "revision", text, must, "object 02H"),
    key("meter.identification", "vendor_url", text, may, "object 03H", "not there"),
    key("meter.identification", "product_name", text, may, "object 04H", "not there"),
    key("meter.identification", "model_name", text, may, "object 05H", "not there"),
    key("meter.identification", "application_name", text, may, "object 06H", "not there"),

    range("meter.voltage", "nominal_v", positive, must, 1, 1e6, "V, line to neutral, rms"),
    range("meter.voltage", "full_scale_v", positive, must, 1, 1e7,
          "V, peak of the converter: that of nominal_v at least"),

    key("meter.current", "code", text, must, "what a farm file calls it"),
    range("meter.current", "rated_a", positive, must, 1e-3, 1e6, "A, rms"),
    range("meter.current", "full_scale_a", positive, must, 1e-3, 1e7,
          "A, that of rated_a at least, peak of the converter at the meter's terminals, or at the "
          "primary of a CT that is "
          "part of it"),
    key("meter.current", "ct_included", boolean, may,
        "nothing of the user's stands between conductor and reading", "false"),
    range("meter.current", "pulse_constant", whole, may, 1, 1e6, "imp/kWh", "3200"),

    key("meter.accuracy", "currents", texts, may, "codes of ratings", "all that no other names"),
    range("meter.accuracy", "u_percent", positive, must, 1e-12, 5, "%, voltage"),
    range("meter.accuracy", "i_percent", positive, must, 1e-12, 5, "%, current"),
    range("meter.accuracy", "f_hz", positive, must, 1e-12, 1, "Hz, frequency"),
    range("meter.accuracy", "clock_s_per_day", positive, must, 1e-12, 60, "s/d, clock"),
    words("meter.accuracy", "active", choice, must, "0.2S 0.5S 1 2", "IEC 62053-21, -22"),
    words("meter.accuracy", "reactive", choice, must, "2 3", "IEC 62053-23"),
    words("meter.accuracy", "transformer", choice, must, "0.2S 0.5S", "IEC 61869-2, inside"),
    words("meter.accuracy", "connection", choice, may, "ct direct", "direct: no S class", "ct"),
    range("meter.accuracy", "reference", positive, may, 1e-12, 2, "Ib or In / rated", "1"),
    range("meter.accuracy", "most", positive, may, 1e-12, 2, "Imax / rated", "1.2"),
    range("meter.accuracy", "residual_percent", positive, may, 1e-12, 10, "%, residual current",
          "ideal"),
    words("meter.accuracy", "document", choice, may, "manual data-sheet",
          "where two documents promise different things: `firmware = \"data-sheet\"` of a farm "
          "file takes the data sheet's",
          "manual"),
    key("meter.accuracy", "source", text, may, "where the manual says so", "\"\""),

    key("meter.temperature", "open_c", number, must, "degC read without a sensor"),
    words("meter.temperature", "sensor", choice, may, "exact ntc",
          "what shows: the temperature, or a thermistor and its converter in their steps", "exact"),
    key("meter.temperature", "points", texts, may,
        "names of a circuit's temperatures, where it has several", "`temp`"),
    key("meter.temperature", "optional", boolean, may,
        "there only where a farm file gives `temperature`", "false"),
    key("meter.temperature", "least_c", number, may,
        "degC, range of the sensors: points `sensors_below_range`, `sensors_above_range`",
        "no range"),
    key("meter.temperature", "most_c", number, may, "degC", "needed with the other"),
    range("meter.temperature", "accuracy_c", positive, may, 1e-6, 50,
          "degC, limit of the error, for `accuracy = \"class\"` of a farm file", "exact"),
    range("meter.temperature", "sensor_percent", positive, may, 1e-6, 50,
          "% of a thermistor's resistance, so, too", "exact"),

    range("meter.line", "baud", whole, must, 300, 1e6,
          "bit/s, factory; as the setting with the role line.baud has it"),
    words("meter.line", "format", choice, may, "8E1 8O1 8N1 8N2",
          "factory, as the setting has it; 8N1 has 10 bits a character, the others 11",
          "that of the setting with the role line.format, or 8N1"),
    range("meter.line", "bauds", wholes, may, 300, 1e6, "that it does", "baud alone"),
    range("meter.line", "turnaround_ms", whole, may, 0, 10'000, "ms from request to answer", "20"),
    range("meter.line", "min_frame_interval_ms", whole, may, 0, 10'000,
          "ms; a request that comes sooner after a frame is not seen", "0"),

    range("meter.relays", "count", whole, must, 0, 64, shared_meaning),
    range("meter.relays", "first", whole, must, 0, 65'535, "address of the first"),
    key("meter.relays", "closed", boolean, may, "leave the factory closed", "false"),
    key("meter.relays", "switches_load", boolean, may,
        "each circuit's first one is in its load's current path", "false"),
    key("meter.relays", "latching", boolean, may, "stay as they are without supply; else they open",
        "false"),
    range("meter.inputs", "count", whole, must, 0, 64, shared_meaning),
    range("meter.inputs", "first", whole, must, 0, 65'535, "address of the first"),
    range("meter.inputs", "debounce_ms", whole, may, 0, 10'000,
          "for so long a contact must stay before the input follows", "40"),
    key("meter.alarm", "name", text, must, "of the alarm: `alarm_NAME` is the point"),
    key("meter.alarm", "title", text, must, "what it is"),
    key("meter.alarm", "of", texts, may, "readings, any of them", "needed without `input`"),
    key("meter.alarm", "of_delta", texts, may, "… in delta", "`of`"),
    key("meter.alarm", "above", text, may, "the setting that it must exceed", "needed, or `below`"),
    key("meter.alarm", "below", text, may, "the setting that it must fall below", "`above`"),
    words("meter.alarm", "percent_of", choice, may, "Un In Pn",
          "what the setting is a percentage of; without it the readings are in % themselves",
          "itself"),
    range("meter.alarm", "input", whole, may, 1, 64, "instead: while this input is closed", "none"),

    range("meter.range", "phase_least_v", positive, may, 1e-3, 1e6, "V, to neutral", "no end"),
    range("meter.range", "phase_most_v", positive, may, 1e-3, 1e6, "V", "needed with the other"),
    range("meter.range", "line_least_v", positive, may, 1e-3, 1e6, "V, between lines", "no end"),
    range("meter.range", "line_most_v", positive, may, 1e-3, 1e6, "V", "needed with the other"),
    range("meter.overload", "lasting", positive, may, 1, 1e4, "for good", "1.2"),
    range("meter.overload", "u", positive, may, 1, 1e4, "of a voltage, for `u_s`", "2"),
    range("meter.overload", "u_s", positive, may, 1e-3, 1e4, "s", "10"),
    range("meter.overload", "i", positive, may, 1, 1e4, "of a current, for `i_s`", "20"),
    range("meter.overload", "i_s", positive, may, 1e-3, 1e4, "s", "1"),
    range("meter.auxiliary", "ac_least_v", positive, must, 1e-3, 1e6, "V rms"),
    range("meter.auxiliary", "ac_most_v", positive, must, 1e-3, 1e6, "V rms"),
    range("meter.auxiliary", "dc_least_v", positive, may, 1e-3, 1e6, "V", "no DC"),
    range("meter.auxiliary", "dc_most_v", positive, may, 1e-3, 1e6, "V", "needed with the other"),
    key("meter.output", "star", texts, must, "readings in star"),
    key("meter.output", "delta", texts, may, "… in delta", "none"),

    key("meter.tariff", "periods", texts, must,
        "`\"07:00 flat\"`, sorted; sharp = t1, peak = t2, flat = t3, valley = t4, deep valley = "
        "t5, "
        "sixth = t6"),
    range("meter.tariff", "rates", whole, may, 1, 6, "tariffs that an entry may name", "6"),
    range("meter.tariff", "day_tables", whole, may, 1, 8,
          "tables that are set: points `tariff_day_1_1`, …; the first has the factory's `periods`",
          "none, `periods` are fixed"),
    range("meter.tariff", "day_periods", whole, may, 1, 48, "of each table",
          "needed with `day_tables`"),
    range("meter.tariff", "zones", whole, may, 1, 14, "of a year: points `tariff_zone_1`, …",
          "none"),
    range("meter.tariff", "sets", whole, may, 1, 2,
          "of all these; with two, `tariff_switch` is the date of the second, whose points are "
          "`tariff2_zone_1`, …",
          "1"),

    key("meter.constant", "name", text, must, "of the point"),
    key("meter.constant", "title", text, must, "what it is"),
    key("meter.constant", "value", constant, must, "a number or a text"),
    key("meter.constant", "unit", text, may, "of a number", "\"\""),

    key("meter.derived", "name", text, must, "of the point"),
    key("meter.derived", "title", text, must, "what it is"),
    key("meter.derived", "sum", point_texts, may, "1 point or more added up", ""),
    key("meter.derived", "difference", point_texts, may, "the first less the others", ""),
    key("meter.derived", "average", point_texts, may, "arithmetic mean", ""),
    key("meter.derived", "absolute", text, may, "a point without its sign", ""),
    key("meter.derived", "positive", text, may, "a point, and 0 where it is below", ""),
    key("meter.derived", "greatest", point_texts, may, "the greatest of 2 or more", ""),
    key("meter.derived", "least", point_texts, may, "the least of 2 or more", ""),
    key("meter.derived", "angle", point_texts, may,
        "deg, -180 to 180, of the vector of two points: `[\"p\", \"q\"]` is the angle of the power",
        ""),
    key("meter.derived", "factor", number, may, "the result is multiplied by it; not 0", "1"),
    key("meter.derived", "unit", text, may, "that the factor leads to", "the points'"),

    key("meter.notes", "modelled", texts, may, "what is", "none"),
    key("meter.notes", "assumed", texts, may, "what stands where its documents are silent", "none"),
    key("meter.notes", "not_modelled", texts, may, "what is not", "none"),

    key("registers", "reference", text, must, "where the map comes from"),
    words("registers", "source", choice, must, "vendor ours", "of rows that do not say"),
    words("registers", "word_order", choice, may, "abcd cdab",
          "of values of several words; cdab = low word first", "abcd"),
    words("registers", "spaces", choice, may, "mirrored separate",
          "separate: function 04 reads input registers and 03 holding registers, which may overlap "
          "in address; mirrored: each of them that the meter has reads the same ones",
          "mirrored"),
    inside("registers", "holes", table, may, "registers.holes", "what is in a hole",
           "refuse in both"),
    inside("registers", "register", tables, may, "registers.register", "rows", "none"),
    inside("registers", "block", tables, may, "registers.block", "runs", "none"),
    inside("registers", "history", tables, may, "registers.history", "months", "none"),

    words("registers.holes", "holding", choice, may, "refuse zero", "of functions 03", "refuse"),
    words("registers.holes", "input", choice, may, "refuse zero",
          "of function 04; with separate spaces", "refuse"),

    range("registers.register", "at", whole, must, 0, 65'535, "address as in the frame"),
    key("registers.register", "name", text, must, "one of its own in its space; of a point"),
    key("registers.register", "point", text, may, "the point, where the row has another name",
        "name"),
    words("registers.register", "space", choice, may, "holding input", space_meaning, "holding"),
    words("registers.register", "type", choice, may, types, types_meaning, "f32"),
    words("registers.register", "access", choice, may, "read write read_write",
          "of a client; only settings, clock, relays and actions are written", "read"),
    range("registers.register", "words", whole, may, 1, 32, "of ascii and bcd", "the type's"),
    range("registers.register", "scale", positive, may, 1e-12, 1e12, scale_meaning, "1"),
    key("registers.register", "scale_factor", text, may, factor_meaning, "none"),
    key("registers.register", "none", none, may, none_meaning, "what the arithmetic leaves"),
    key("registers.register", "codes", codes, may,
        "what each word of the register means: `[1200, 2400]` by place (0, 1, …), or `{ 0 = 2400, "
        "5 "
        "= 1200 }`, or names: `{ 0 = \"8N1\" }`; every value that the setting can take has one",
        "the value"),
    key("registers.register", "unit", text, may, "must be the point's", "the point's"),
    key("registers.register", "title", text, may, "for the page", "the point's"),
    words("registers.register", "source", choice, may, "vendor ours", row_source_meaning,
          "the map's"),
    inside("registers.register", "packed", tables, may, "registers.register.packed",
           "several points in a u16"),
    key("registers.register", "actions", actions, may,
        "what a written word does: `{ 0x5578 = \"clear_energy\" }`; clear_energy, clear_prepaid, "
        "clear_demand_maxima, clear_extremes, and what `menu_actions` names; reads 0"),
    key("registers.register", "spare", boolean, may, "a u16 that keeps what is written", "false"),

    key("registers.register.packed", "point", text, must, "a number"),
    range("registers.register.packed", "bit", whole, may, 0, 15, "the lowest",
          "behind the one before"),
    range("registers.register.packed", "bits", whole, may, 1, 16, "how many", "1"),
    key("registers.register.packed", "codes", codes, may, "as of a register", "the value"),

    range("registers.block", "at", whole, must, 0, 65'535, "address of the first"),
    key("registers.block", "points", point_texts, must,
        "their names; `\"hr_u_a_{2..31}\"` are thirty"),
    words("registers.block", "space", choice, may, "holding input", space_meaning, "holding"),
    words("registers.block", "type", choice, may, types, "of each", "f32"),
    words("registers.block", "access", choice, may, "read write read_write", "as of a register",
          "read"),
    range("registers.block", "words", whole, may, 1, 4, "of bcd", "the type's; 2 of bcd"),
    range("registers.block", "scale", positive, may, 1e-12, 1e12, scale_meaning, "1"),
    key("registers.block", "scale_factor", text, may, factor_meaning, "none"),
    key("registers.block", "none", none, may, none_meaning, "what the arithmetic leaves"),
    words("registers.block", "source", choice, may, "vendor ours", row_source_meaning, "the map's"),

    range("registers.history", "at", whole, must, 0, 65'535, "address of the first"),
    key("registers.history", "points", point_texts, must, "energies"),
    range("registers.history", "months", whole, must, 1, 13, "of each, this one first"),
    words("registers.history", "space", choice, may, "holding input", space_meaning, "holding"),
    words("registers.history", "type", choice, may, types, "of each", "f32"),
    range("registers.history", "words", whole, may, 1, 4, "of bcd", "the type's; 2 of bcd"),
    range("registers.history", "scale", positive, may, 1e-12, 1e12, scale_meaning, "1"),
    key("registers.history", "scale_factor", text, may, factor_meaning, "none"),
    key("registers.history", "none", none, may, none_meaning, "what the arithmetic leaves"),
    words("registers.history", "source", choice, may, "vendor ours", row_source_meaning,
          "the map's"),

    key("mqtt", "source", text, must, "where the description comes from"),
    range("mqtt", "realtime_delay_s", whole, may, 0, 59,
          "s by which [realtime] follows [energy] where both are due", "1"),
    inside("mqtt", "fields", fields, may, "mqtt.field",
           "what the packets' keys hold: `ua = \"u_a\"`; must be there with packets", "none"),
    inside("mqtt", "realtime", table, may, "mqtt.packets",
           "on the grid of the setting with the role upload.seconds", "none"),
    inside("mqtt", "energy", table, may, "mqtt.packets",
           "on the grid of the setting with the role upload.minutes", "none"),
    inside("mqtt", "realtime_4g", table, may, "mqtt.packets", "of a Compere with 4G", "realtime"),
    inside("mqtt", "energy_4g", table, may, "mqtt.packets", "of a Compere with 4G", "energy"),
    inside("mqtt", "day", table, may, "mqtt.packets", "at 0:00 of the meter's clock", "none"),
    inside("mqtt", "day_4g", table, may, "mqtt.packets", "of a Compere with 4G", "day"),
    inside("mqtt", "freeze", table, may, "mqtt.packets",
           "when a month closes, on the settlement day", "none"),
    inside("mqtt", "freeze_4g", table, may, "mqtt.packets", "of a Compere with 4G", "freeze"),
    inside("mqtt", "recall", table, may, "mqtt.packets",
           "the answer to RECALL, with the registers as they were when that month closed", "none"),
    inside("mqtt", "recall_4g", table, may, "mqtt.packets", "of a Compere with 4G", "recall"),
    words("mqtt", "commands", texts, may,
          "COMMOD_SET COMMOD_READ SETTIME TELECTRL RECALL SYS_CFG SYS_READ RECONFIG SET",
          "of V1.9 that it takes on topics of its own, see [commands over MQTT](mqtt-commands.md)",
          "none"),
    inside("mqtt", "message", tables, may, "mqtt.message", "messages", "none"),

    key("mqtt.field", "point", text, must, "a number"),
    range("mqtt.field", "scale", positive, may, 1e-12, 1e12, "number = value / scale", "1"),
    range("mqtt.field", "decimals", whole, may, 0, 9, "always so many", "3"),
    key("mqtt.field", "truncate", boolean, may, "cut, not rounded", "false"),
    key("mqtt.field", "as_text", boolean, may, "in quotes", "false"),
    key("mqtt.field", "utc", boolean, may,
        "a moment, seconds since 1970 of the meter's clock, is sent as seconds since 1970 UTC, by "
        "the "
        "farm's `zone`",
        "false"),
    key("mqtt.field", "optional", boolean, may,
        "left out where a unit has not what it is about; a packet without fields, too", "false"),

    key("mqtt.packets", "topic", text, must, "as it is"),
    key("mqtt.packets", "packets", packets, must,
        "the keys of each: `[[\"ua\", \"ub\"], [\"f\"]]`"),
    words("mqtt.packets", "firmware", choice, may,
          "menu plain-ma data-sheet straight-line day-data",
          "only a unit whose `firmware` in the farm file names it sends them", "every unit"),

    key("mqtt.message", "topic", text, must,
        "with {serial}, {name}, {circuit} (1, 2, …), {model}; a `+` or `#` in a name becomes `_`"),
    words(
        "mqtt.message", "every", choice, must, "realtime energy change",
        "the grid that it goes by; or when an input or a relay changes, of a meter that has some"),
    key("mqtt.message", "payload", payload, must, "the JSON, see below"),
};

} // namespace

std::span<const ModelTable> model_tables() { return all_tables; }
std::span<const ModelKey> model_keys() { return all_keys; }

} // namespace kpmsim

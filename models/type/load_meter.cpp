#include "models/type/load_type.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <numbers>

namespace kpmsim {

namespace {

/// One meter.toml being read.
class TypeReader {
public:
    TypeReader(const TomlNode& file, MeterType& type, std::vector<Mistake>& mistakes)
        : file_{file}, type_{type}, mistakes_{mistakes} {}

    void read();

private:
    /// A sub-table that must be there; null (and noted) when it is not.
    const TomlNode* part(TomlTable& table, const std::string& key, const std::string& example);
    void read_functions(TomlTable& table);
    void read_wirings(TomlTable& table);
    void check_wirings(TomlTable& table);
    void read_current(const TomlNode& node);
    void read_accuracy(const TomlNode& node);
    void read_setting(const TomlNode& node);
    void read_temperature(const TomlNode& node);
    void read_line(const TomlNode& node);
    /// Whether relays are closed from the factory; inputs are as their contacts are.
    void read_bits(const TomlNode& node, const std::string& what, int& count, int& first);
    void check_whole(TomlTable& table);
    void check_line(const TomlNode& line);

    const TomlNode& file_;
    MeterType& type_;
    std::vector<Mistake>& mistakes_;
};

const TomlNode* TypeReader::part(TomlTable& table, const std::string& key,
                                 const std::string& example) {
    if (table.node(key) == nullptr)
        table.missing(key, example);
    return table.table(key);
}

/// temp_a measures at a; another name says itself where.
std::string sensor_title(const std::string& name) {
    return name.starts_with("temp_") ? "Temperature, sensor " + name.substr(5) : "Temperature";
}

/// A converter has room for the peak of a sine of the nominal value at least.
void check_full_scale(TomlTable& t, const std::string& key, double full_scale,
                      const std::string& nominal_key, double nominal) {
    const double peak = std::numbers::sqrt2 * nominal;
    if (full_scale < peak)
        t.wrong(key,
                fmt::format("{} is {:g}, below the peak of {}, {:.4g}", key, full_scale,
                            nominal_key, peak),
                fmt::format("write the converter's peak, such as {:.4g}", 2 * peak));
}

void TypeReader::read() {
    TomlTable table{file_, "the meter", mistakes_};
    type_.title = required_text(table, "title", "title = \"Compere KPM37\"");
    type_.summary = required_text(table, "summary", "summary = \"one line\"");
    type_.circuits = static_cast<int>(table.integer("circuits", 1, max_circuits).value_or(1));
    type_.max_read_words = static_cast<int>(table.integer("max_read_words", 1, 125).value_or(125));
    if (const auto most = table.integer("max_connections", 1, 1000))
        type_.max_connections = static_cast<int>(*most);
    read_functions(table);
    read_wirings(table);
    read_options(table, type_);

    if (const TomlNode* serial = table.table("serial"))
        read_serial(*serial, type_, mistakes_);
    if (const TomlNode* identification = table.table("identification"))
        read_identification(*identification, type_, mistakes_);
    if (const TomlNode* voltage = part(table, "voltage", "[voltage] nominal_v = 220")) {
        TomlTable t{*voltage, "voltage", mistakes_};
        const std::size_t before = mistakes_.size();
        type_.nominal_u_v = required_positive(t, "nominal_v", "nominal_v = 220", 1, 1e6);
        type_.u_full_scale_v = required_positive(t, "full_scale_v", "full_scale_v = 600", 1, 1e7);
        if (mistakes_.size() == before)
            check_full_scale(t, "full_scale_v", type_.u_full_scale_v, "nominal_v",
                             type_.nominal_u_v);
        t.finish();
    }
    each_table(
        table, "current", mistakes_, [&](const TomlNode& node) { read_current(node); });
    each_table(table, "accuracy", mistakes_, [&](const TomlNode& node) { read_accuracy(node); });
    if (const TomlNode* temperature = table.table("temperature"))
        read_temperature(*temperature);
    if (const TomlNode* line = part(table, "line", "[line] baud = 9600"))
        read_line(*line);
    if (const TomlNode* relays = table.table("relays"))
        read_bits(*relays, "relays", type_.coils, type_.coil_base);
    if (const TomlNode* inputs = table.table("inputs"))
        read_bits(*inputs, "inputs", type_.inputs, type_.input_base);
    read_limits(table, type_, mistakes_);
    if (const TomlNode* tariff = table.table("tariff"))
        read_tariff(*tariff, type_, mistakes_);
    if (const TomlNode* notes = table.table("notes")) {
        TomlTable t{*notes, "notes", mistakes_};
        type_.modelled = t.texts("modelled").value_or(std::vector<std::string>{});
        type_.assumed = t.texts("assumed").value_or(std::vector<std::string>{});
        type_.not_modelled = t.texts("not_modelled").value_or(std::vector<std::string>{});
        t.finish();
    }
    each_table(table, "setting", mistakes_, [&](const TomlNode& node) { read_setting(node); });
    check_whole(table);
    add_common_points(type_);
    each_table(
        table, "constant", mistakes_,
        [&](const TomlNode& node) { read_constant(node, type_, mistakes_); });
    each_table(table, "alarm", mistakes_,
               [&](const TomlNode& node) { read_alarm(node, type_, mistakes_); });
    if (const TomlNode* output = table.table("output"))
        read_output(*output, type_, mistakes_);
    each_table(table, "derived", mistakes_,
               [&](const TomlNode& node) { read_derived(node, type_, mistakes_); });
    table.finish();
}

void TypeReader::read_functions(TomlTable& table) {
    static constexpr std::array<std::int64_t, 9> known{1, 2, 3, 4, 5, 6, 15, 16, 43};
    const auto answers = [&](int code) {
        return std::find(type_.functions.begin(), type_.functions.end(), code) !=
               type_.functions.end();
    };
    const auto functions = integers(table, "functions", 1, 43, mistakes_);
    if (!functions || functions->empty())
        return table.missing("functions", "functions = [3, 16]");
    for (const std::int64_t code : *functions)
        if (std::find(known.begin(), known.end(), code) == known.end())
            table.wrong("functions", fmt::format("function code {} is not served", code),
                        "known: 1 2 3 4 5 6 15 16 43");
        else if (answers(static_cast<int>(code)))
            table.wrong("functions", fmt::format("function code {} comes twice", code),
                        "write it once");
        else
            type_.functions.push_back(static_cast<int>(code));
    if (!type_.functions.empty() && !answers(3) && !answers(4))
        table.wrong("functions", "nobody can read the registers of this meter",
                    "add 3, or 4 for input registers");
    std::sort(type_.functions.begin(), type_.functions.end());
}

void TypeReader::read_wirings(TomlTable& table) {
    type_.wirings = table.texts("wirings").value_or(std::vector<std::string>{});
    if (type_.wirings.empty())
        return table.missing("wirings", "wirings = [\"P4L\"], the first is the factory's");
    for (const std::string& name : type_.wirings)
        if (Wiring wiring{}; !wiring_from(name, wiring))
            table.wrong("wirings", fmt::format("unknown wiring \"{}\"", name),
                        "known: P4L, P3L3, P3L2, 3Ln3CT, 2LL3CT, 2LL2CT, 3P4W; one phase: 1P2W");
    check_wirings(table);
    type_.extremes = table.boolean("extremes").value_or(false);
    type_.pulse_outputs = table.boolean("pulse_outputs").value_or(false);
    type_.pulse_width =
        std::chrono::milliseconds{table.integer("pulse_width_ms", 1, 10'000).value_or(80)};
    type_.calibration = table.boolean("calibration").value_or(false);
    type_.residual_current = table.boolean("residual_current").value_or(false);
    type_.residual_optional = table.boolean("residual_optional").value_or(false);
    if (table.node("residual_most_a") != nullptr)
        type_.sensors.residual_most_a =
            required_positive(table, "residual_most_a", "residual_most_a = 1", 1e-6, 100);
    type_.hours = table.boolean("hours").value_or(false);
    type_.freeze = table.boolean("freeze").value_or(false);
    type_.days = table.boolean("days").value_or(false);
    type_.month_statistics = table.boolean("month_statistics").value_or(false);
    if (type_.month_statistics && !type_.hours)
        table.wrong("month_statistics", "there are no hours to write down", "write hours = true");
    if (type_.residual_optional && !type_.residual_current)
        table.wrong("residual_optional", "there is no input that could be an option",
                    "write residual_current = true");
    if (type_.sensors.residual_most_a && !type_.residual_current)
        table.wrong("residual_most_a", "there is no input of a residual current",
                    "write residual_current = true");
    type_.neutral_current = table.boolean("neutral_current").value_or(false);
    if (type_.neutral_current && !type_.shows(quantity(Slot::i_n)))
        table.wrong("neutral_current", "only a one-phase circuit measures its neutral's current",
                    "leave it out, or write wirings = [\"1P2W\"]");
}

/// Each wiring once, and one phase by itself: its meter lacks the terminals of the others.
void TypeReader::check_wirings(TomlTable& table) {
    std::map<Wiring, std::string> seen;
    for (const std::string& name : type_.wirings) {
        Wiring wiring{};
        if (!wiring_from(name, wiring))
            continue;
        const auto [first, fresh] = seen.emplace(wiring, name);
        if (!fresh)
            table.wrong("wirings",
                        first->second == name
                            ? fmt::format("\"{}\" comes twice", name)
                            : fmt::format("\"{}\" and \"{}\" are one wiring", first->second, name),
                        "keep the manual's word");
    }
    if (const auto one = seen.find(Wiring::one_phase); one != seen.end() && seen.size() > 1)
        table.wrong("wirings",
                    fmt::format("\"{}\" stands beside wirings of three phases", one->second),
                    "write a model of its own for the one-phase meter");
}

void TypeReader::read_current(const TomlNode& node) {
    TomlTable t{node, "current", mistakes_};
    CurrentRating c;
    c.code = required_text(t, "code", "code = \"5\"");
    const std::size_t before = mistakes_.size();
    c.rated_a = required_positive(t, "rated_a", "rated_a = 5", 1e-3, 1e6);
    c.full_scale_a = required_positive(t, "full_scale_a", "full_scale_a = 20", 1e-3, 1e7);
    if (mistakes_.size() == before)
        check_full_scale(t, "full_scale_a", c.full_scale_a, "rated_a", c.rated_a);
    c.ct_included = t.boolean("ct_included").value_or(false);
    c.pulse_constant =
        static_cast<int>(t.integer("pulse_constant", 1, 1'000'000).value_or(c.pulse_constant));
    if (type_.current(c.code) != nullptr)
        t.wrong("code", fmt::format("current \"{}\" comes twice", c.code), "give it another code");
    t.finish();
    type_.currents.push_back(c);
}

void TypeReader::read_accuracy(const TomlNode& node) {
    TomlTable t{node, "accuracy", mistakes_};
    AccuracyRow row;
    AccuracyClass& c = row.limits;
    row.currents = t.texts("currents").value_or(std::vector<std::string>{});
    row.data_sheet = t.choice("document", {"manual", "data-sheet"}).value_or("") == "data-sheet";
    for (const std::string& code : row.currents)
        if (type_.current(code) == nullptr)
            t.wrong("currents", fmt::format("there is no current \"{}\"", code),
                    "name codes of [[current]]");
        else if (const AccuracyRow* other = type_.accuracy_of(code, row.data_sheet);
                 other != nullptr && other->data_sheet == row.data_sheet &&
                 !other->currents.empty())
            t.wrong("currents", fmt::format("current \"{}\" has an accuracy already", code),
                    "name each current once");
    const auto limit = [&](const std::string& key, const std::string& example, double most,
                           double factor) {
        const double value = required_positive(t, key, example);
        if (value > most)
            t.wrong(key, fmt::format("{} is {}", key, value),
                    fmt::format("write a limit up to {}: {}", most, example));
        return std::min(value, most) * factor;
    };
    c.u = limit("u_percent", "u_percent = 0.2", 5, 0.01);
    c.i = limit("i_percent", "i_percent = 0.2", 5, 0.01);
    c.f_hz = limit("f_hz", "f_hz = 0.02", 1, 1);
    c.clock = limit("clock_s_per_day", "clock_s_per_day = 0.5", 60, 1.0 / 86'400);
    const auto named = [&](const std::string& key, const std::vector<std::string>& known,
                           const std::string& example) {
        if (t.node(key) == nullptr)
            t.missing(key, example);
        return t.choice(key, known).value_or(known.front());
    };
    c.active = *active_class(
        named("active", {"0.2S", "0.5S", "1", "2"}, "active = \"0.5S\" (IEC 62053-21, -22)"));
    c.reactive = *reactive_class(named("reactive", {"2", "3"}, "reactive = \"2\" (IEC 62053-23)"));
    c.ct = *ct_class(named("transformer", {"0.2S", "0.5S"},
                           "transformer = \"0.2S\" (IEC 61869-2), of the one inside"));
    c.direct = t.choice("connection", {"ct", "direct"}).value_or("ct") == "direct";
    if (c.direct && (c.active == ActiveClass::s02 || c.active == ActiveClass::s05))
        t.wrong("active", "the S classes are for meters behind transformers",
                "write \"1\" or \"2\", or connection = \"ct\"");
    c.reference = t.node("reference") == nullptr
                      ? 1.0
                      : required_positive(t, "reference", "reference = 0.25 (Ib / rated)");
    c.most =
        t.node("most") == nullptr ? 1.2 : required_positive(t, "most", "most = 1.2 (Imax / rated)");
    if (c.most < c.reference || c.most > 2)
        t.wrong("most", fmt::format("most is {}, reference {}", c.most, c.reference),
                "both are parts of the rated current: reference up to most, most up to 2");
    if (t.node("residual_percent") != nullptr)
        row.residual = limit("residual_percent", "residual_percent = 1", 10, 0.01);
    row.source = t.text("source").value_or("");
    t.finish();
    type_.accuracy.push_back(std::move(row));
}

void TypeReader::read_line(const TomlNode& node) {
    TomlTable t{node, "line", mistakes_};
    LineBehaviour& line = type_.line;
    line.baud = static_cast<int>(required_integer(t, "baud", 300, 1'000'000, "baud = 9600"));
    line.format =
        t.choice("format", {line_formats().begin(), line_formats().end()}).value_or("8N1");
    const auto bauds = integers(t, "bauds", 300, 1'000'000, mistakes_);
    for (const std::int64_t baud : bauds.value_or(std::vector<std::int64_t>{line.baud}))
        line.bauds.push_back(static_cast<int>(baud));
    if (std::find(line.bauds.begin(), line.bauds.end(), line.baud) == line.bauds.end())
        t.wrong("baud", fmt::format("{} is not among the bauds", line.baud), "add it to bauds");
    line.turnaround_ms = static_cast<int>(t.integer("turnaround_ms", 0, 10'000).value_or(20));
    line.min_frame_interval_ms =
        static_cast<int>(t.integer("min_frame_interval_ms", 0, 10'000).value_or(0));
    t.finish();
}

void TypeReader::read_temperature(const TomlNode& node) {
    TomlTable t{node, "temperature", mistakes_};
    if (t.node("open_c") == nullptr)
        t.missing("open_c", "open_c = -176.637, what an input without a sensor reads");
    type_.open_temperature_c = t.number("open_c");
    type_.temperature_by_ntc = t.choice("sensor", {"exact", "ntc"}) == "ntc";
    type_.sensors_optional = t.boolean("optional").value_or(false);
    read_sensor_limits(t, type_);
    const auto names = t.texts("points").value_or(std::vector<std::string>{});
    if (names.size() * static_cast<std::size_t>(type_.circuits) > max_circuits)
        t.wrong("points", fmt::format("{} sensors in each circuit", names.size()),
                fmt::format("a meter has up to {} in all", max_circuits));
    for (const std::string& name : names) {
        check_name(t, "points", name);
        if (find_quantity(name) || type_.points.find(name)) {
            t.wrong("points", fmt::format("every meter has a point \"{}\"", name),
                    "take another name");
            continue;
        }
        Point point = plain_point(name, sensor_title(name), PointKind::temperature, Rights::read);
        point.unit = "degC";
        point.index = static_cast<std::uint16_t>(type_.temperature_points.size());
        type_.temperature_points.push_back(type_.points.add(std::move(point)));
    }
    t.finish();
}

void TypeReader::read_bits(const TomlNode& node, const std::string& what, int& count, int& first) {
    TomlTable t{node, what, mistakes_};
    count = static_cast<int>(required_integer(t, "count", 0, 16 * max_circuits, "count = 2"));
    first = static_cast<int>(required_integer(t, "first", 0, 65'535 - count, "first = 0x0001"));
    if (count % type_.circuits != 0)
        t.wrong("count",
                fmt::format("{} {} cannot be shared by {} circuits", count, what, type_.circuits),
                "write a multiple of the circuits");
    if (what == "relays") {
        type_.coils_closed = t.boolean("closed").value_or(false);
        type_.relays_switch = t.boolean("switches_load").value_or(false);
        type_.relays_latching = t.boolean("latching").value_or(false);
        if (type_.relays_switch && count == 0)
            t.wrong("switches_load", "there is no relay that could", "leave it out, or count it");
    } else if (const auto ms = t.integer("debounce_ms", 0, 10'000)) {
        type_.debounce = std::chrono::milliseconds{*ms};
    }
    t.finish();
}

void TypeReader::read_setting(const TomlNode& node) {
    TomlTable t{node, "setting", mistakes_};
    SettingRow row;
    row.name = required_text(t, "name", "name = \"pt\"");
    check_name(t, "name", row.name);
    row.code = t.text("code").value_or("");
    row.title = required_text(t, "title", "title = \"Voltage ratio\"");
    row.unit = t.text("unit").value_or("");
    if (const auto role = t.choice("role", role_names()))
        row.role = find_role(*role);
    const auto names = row.role ? value_names(type_, *row.role) : std::vector<std::string>{};
    constexpr std::int64_t far = 4'294'967'295;
    row.least = t.integer("least", -far, far).value_or(0);
    row.most = t.integer("most", -far, far).value_or(65'535);
    if (const TomlNode* factory = t.node("factory"))
        row.factory = named_value(*factory, "factory", -far, far, names, mistakes_).value_or(0);
    else
        t.missing("factory", "factory = 1");
    if (const TomlNode* choices = t.array("choices")) {
        not_empty(t, "choices", *choices, "choices = [2400, 9600]");
        for (const TomlNode& item : std::get<TomlArray>(choices->value))
            if (const auto value = named_value(item, "choices", -far, far, names, mistakes_))
                row.choices.push_back(*value);
    }
    if (const auto beyond = integers(t, "beyond_menu", -far, far, mistakes_)) {
        row.beyond_menu = *beyond;
        if (beyond->empty())
            t.wrong("beyond_menu", "beyond_menu names none", "leave it out");
    }
    row.scale = static_cast<int>(t.integer("scale", 1, 1'000'000).value_or(1));
    row.per_circuit = t.boolean("per_circuit").value_or(false);
    row.source = t.text("source").value_or("");
    if (type_.setting(row.name) != nullptr)
        t.wrong("name", fmt::format("setting \"{}\" comes twice", row.name), "remove one");
    else if (find_quantity(row.name) || row.name == "clock" || row.name == "serial")
        t.wrong("name", fmt::format("every meter has a point \"{}\"", row.name),
                "take another name");
    if (!row.choices.empty()) {
        row.least = *std::min_element(row.choices.begin(), row.choices.end());
        row.most = *std::max_element(row.choices.begin(), row.choices.end());
    }
    if (row.least > row.most)
        t.wrong("least",
                fmt::format("{}: least {} is above most {}", row.name, row.least, row.most),
                "swap them");
    else if (!row.allows(row.factory))
        t.wrong("factory",
                fmt::format("{}: factory value {} is not allowed", row.name, row.factory),
                row.choices.empty() ? fmt::format("write one from {} to {}", row.least, row.most)
                                    : "write one of its choices");
    for (const std::int64_t value : row.beyond_menu)
        if (!row.allows(value) || value == row.factory)
            t.wrong("beyond_menu",
                    fmt::format("{}: {} is no value that the menu could lack", row.name, value),
                    "write some of its choices, not the factory's");
    if (row.role && type_.setting(*row.role) != nullptr)
        t.wrong("role", fmt::format("{} is the role of two settings", info(*row.role).name),
                "leave it to one");
    t.finish();
    add_setting(type_, std::move(row));
}

/// What [line] says of the factory and the settings with its roles say of it is one thing.
void TypeReader::check_line(const TomlNode& line) {
    const auto factory_of = [&](Role role) {
        const SettingRow* row = type_.setting(role);
        return row == nullptr || !row->allows(row->factory)
                   ? std::optional<std::int64_t>{}
                   : std::llround(row->shown(row->factory));
    };
    const auto differs = [&](const char* key, const std::string& here, const std::string& there,
                             Role role) {
        mistakes_.push_back({line.find(key)->place,
                             fmt::format("{} is {} here, and \"{}\" leaves the factory with {}",
                                         key, here, type_.setting(role)->name, there),
                             "write one of them in both places"});
    };
    const TomlNode* baud = line.find("baud");
    const auto set_baud = factory_of(Role::line_baud);
    const auto* here = baud == nullptr ? nullptr : std::get_if<std::int64_t>(&baud->value);
    if (set_baud && here != nullptr && *here == type_.line.baud && *set_baud != *here)
        differs("baud", fmt::to_string(type_.line.baud), fmt::to_string(*set_baud),
                Role::line_baud);
    const auto set_format = factory_of(Role::line_format);
    const auto formats = line_formats();
    if (!set_format || *set_format < 0 || *set_format >= static_cast<std::int64_t>(formats.size()))
        return;
    const std::string there{formats[static_cast<std::size_t>(*set_format)]};
    if (line.find("format") == nullptr)
        type_.line.format = there;
    else if (line.find("format")->is_text() && there != type_.line.format)
        differs("format", type_.line.format, there, Role::line_format);
}

/// What must fit together.
void TypeReader::check_whole(TomlTable& table) {
    check_prepayment(type_, table);
    if (type_.currents.empty())
        table.missing("current", "[[current]] code = \"5\", rated_a = 5, full_scale_a = 20");
    const bool answers_43 =
        std::find(type_.functions.begin(), type_.functions.end(), 43) != type_.functions.end();
    if (answers_43 && type_.identification.empty())
        table.missing("identification", "[identification] vendor, product_code and revision");
    if (!answers_43 && !type_.identification.empty())
        table.wrong("functions", "nobody can ask for the identification", "add 43 to functions");
    const SettingRow* address = type_.setting(Role::line_address);
    if (address == nullptr)
        table.missing("setting", "a setting with role = \"line.address\", least = 1, most = 247");
    else if (address->least < 1 || address->most + type_.circuits - 1 > 247)
        table.wrong(
            "setting", "the addresses do not stay within 1 to 247",
            fmt::format("give \"{}\" least = 1, most = {}", address->name, 248 - type_.circuits));
    if (const SettingRow* baud = type_.setting(Role::line_baud))
        for (const int each : type_.line.bauds)
            if (!baud->allows(each))
                table.wrong("setting",
                            fmt::format("setting \"{}\" does not allow {}", baud->name, each),
                            "give it the choices of the line's bauds");
    if (const TomlNode* line = table.node("line"); line != nullptr && line->is_table())
        check_line(*line);
    for (const SettingRow& row : type_.settings) {
        if (!row.role)
            continue;
        double most = info(*row.role).most;
        if (const auto names = value_names(type_, *row.role); !names.empty())
            most = static_cast<double>(names.size()) - 1;
        const double least = info(*row.role).least;
        if (row.shown(row.least) < least || row.shown(row.most) > most)
            table.wrong("setting", fmt::format("setting \"{}\" goes beyond its role", row.name),
                        fmt::format("keep it within {} to {}", least, most));
    }
}

} // namespace

void read_device(const TomlNode& file, MeterType& type, std::vector<Mistake>& mistakes) {
    TypeReader{file, type, mistakes}.read();
}

} // namespace kpmsim

#include "files/units.hpp"
#include "models/option_code.hpp"
#include "scenarios/expression.hpp"
#include "scenarios/farm_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace kpmsim {
namespace {

constexpr int last_address = 247;
constexpr std::int64_t most_of_a_block = 100'000;

template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& list) {
    std::vector<std::string> names;
    names.reserve(list.size());
    for (const Named& one : list)
        names.push_back(one.name);
    return names;
}

bool is_among(const std::string& name, const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// One [[meter]] while it is read.
class Block {
public:
    Block(const TomlNode& node, int number, const FarmPlan& farm, FarmReading& reading)
        : node_{node}, number_{number}, farm_{farm}, reading_{reading}, table_{node, title(node),
                                                                               reading.mistakes} {}

    std::vector<MeterDraft> read() {
        const auto model = table_.text("model");
        const DeviceType* type = nullptr;
        if (!model && node_.find("model") == nullptr) {
            table_.missing("model", "model = \"kpm33b\"; known: " + listed(reading_.types.names()));
        } else if (model) {
            type = reading_.types.find(*model);
            if (type == nullptr)
                unknown("model", *model, reading_.types.names());
        }
        // Without a type the rest is checked as far as it goes.
        plan_.instrument.type = type;
        read_count();
        read_connections();
        read_options();
        if (type != nullptr) {
            read_loads();
            read_wiring(table_, plan_, reading_.mistakes);
            read_line();
            read_settings(table_, plan_, reading_.mistakes);
        } else {
            for (const char* key : {"load", "loads", "wiring", "pt", "ct", "ct_reversed", "u_phase",
                                    "i_phase", "u_open", "settings"})
                table_.node(key);
        }
        read_adc(table_, plan_, reading_.mistakes);
        read_unit();
        if (const auto offset = table_.quantity("clock_offset", Unit::second)) {
            keep_within(table_, "clock_offset", *offset, -1e10, 1e10, "-300 years to 300 years",
                        "what a clock is wrong by");
            plan_.instrument.clock_offset_s = std::abs(*offset) <= 1e10 ? std::llround(*offset) : 0;
        }
        plan_.place = node_.place;
        std::vector<MeterDraft> drafts = unroll();
        table_.finish();
        return type != nullptr ? drafts : std::vector<MeterDraft>{};
    }

private:
    /// What makes this unit a real one: its class, the air around it, its crystal, its sensors.
    void read_unit() {
        const DeviceType* type = plan_.instrument.type;
        const auto accuracy = table_.choice("accuracy", {"ideal", "class"});
        plan_.by_class = accuracy == "class" && type != nullptr;
        if (plan_.by_class && accuracy_of(plan_.instrument).empty()) {
            plan_.by_class = false;
            table_.wrong("accuracy", "a " + type->name + " promises no accuracy for this rating",
                         "add [[accuracy]] to its device.toml, or leave accuracy out");
        }
        if (const auto ambient = table_.quantity("ambient", Unit::celsius)) {
            keep_within(table_, "ambient", *ambient, -60.0, 120.0, "-60 degC to 120 degC",
                        "the air around a meter");
            plan_.ambient_c = *ambient;
        }
        if (const auto drift = table_.quantity("clock_drift", Unit::second)) {
            keep_within(table_, "clock_drift", *drift, -600.0, 600.0, "-10 min to 10 min",
                        "what a clock gains in a day");
            plan_.crystal = *drift / 86400.0;
        }
        const TomlNode* given = table_.node("temperature");
        if (given == nullptr || type == nullptr)
            return;
        if (!type->open_temperature_c) {
            table_.wrong("temperature", "a " + type->name + " shows no temperature",
                         "leave temperature out");
        } else if (!sensors_fitted_) {
            table_.wrong("temperature", "these options have no temperature input",
                         "add -T to options (it excludes -S), or leave temperature out");
        } else {
            for (const LoopText& one : loop_texts(table_, "temperature", type->loops)) {
                std::string why;
                const auto value = parse_quantity(one.text, Unit::celsius, why);
                if (!value) {
                    note(reading_.mistakes, one.place,
                         "temperature \"" + one.text + "\" is no temperature",
                         "write \"35 degC\", or a list with one for each loop");
                    break;
                }
                if (*value < -60.0 || *value > 200.0) {
                    note(reading_.mistakes, one.place,
                         "temperature is " + one.text + ", and a sensor goes from -60 to 200",
                         "write a value from -60 degC to 200 degC");
                    break;
                }
                plan_.instrument.temperature_c[static_cast<std::size_t>(one.loop)] = *value;
            }
        }
    }

    static std::string title(const TomlNode& node) {
        const TomlNode* name = node.find("name");
        const auto* text = name != nullptr ? std::get_if<std::string>(&name->value) : nullptr;
        return text != nullptr ? "meter " + *text : "this meter";
    }

    void unknown(const std::string& key, const std::string& name,
                 const std::vector<std::string>& known) {
        const std::string near = nearest(name, known);
        table_.wrong(key, "unknown " + key + " \"" + name + '"',
                     (near.empty() ? "" : "did you mean " + near + "? ") +
                         "known: " + listed(known));
    }

    int loops() const {
        return plan_.instrument.type != nullptr ? plan_.instrument.type->loops : 1;
    }

    void read_count() {
        if (const auto count = table_.integer("count", 1, most_of_a_block))
            count_ = *count;
    }

    void read_connections() {
        const std::vector<std::string> supplies = names_of(farm_.supplies);
        if (const auto supply = table_.text("supply")) {
            plan_.supply = *supply;
            if (!is_among(*supply, supplies))
                unknown("supply", *supply, supplies);
        } else if (node_.find("supply") == nullptr) {
            if (supplies.size() == 1)
                plan_.supply = supplies.front();
            else if (supplies.empty())
                table_.missing("supply", "[supply.main] to the file, and supply = \"main\" here");
            else
                table_.missing("supply", "supply = …; known: " + listed(supplies));
        }
        if (const auto bus = table_.text("bus")) {
            plan_.bus = *bus;
            if (!is_among(*bus, names_of(farm_.buses)))
                unknown("bus", *bus, names_of(farm_.buses));
        }
        const TomlNode* mqtt = table_.node("mqtt");
        if (mqtt == nullptr)
            return;
        if (const auto* flag = std::get_if<bool>(&mqtt->value)) {
            plan_.mqtt = *flag ? reading_.broker : "";
        } else if (const auto url = table_.text("mqtt")) {
            if (const std::string fault = broker_fault(*url); !fault.empty()) {
                table_.wrong("mqtt", "mqtt " + fault,
                             "write true (the farm's broker), \"embedded\" or "
                             "\"mqtt://127.0.0.1:1883\"");
            } else {
                plan_.mqtt = *url;
            }
        }
        if (const DeviceType* type = plan_.instrument.type;
            type != nullptr && !plan_.mqtt.empty() && type->upload.empty())
            table_.wrong("mqtt", "a " + type->name + " uploads nothing by MQTT", "leave mqtt out");
    }

    /// The type plate's code of a KPM312, or the rated current of the others.
    void read_options() {
        const auto options = table_.text("options");
        const auto rating = table_.text("rating");
        const DeviceType* type = plan_.instrument.type;
        if (type == nullptr)
            return;
        carrier_ = plan_.mqtt.empty() ? Carrier::rs485 : Carrier::wifi;
        if (options && type->loops == 1) {
            table_.wrong("options", "a " + type->name + " has no option code",
                         "leave options out; only a KPM312 has one");
        } else if (options) {
            std::string fault;
            const OptionCode code = parse_option_code(*options, fault);
            if (!fault.empty()) {
                table_.wrong("options", "options \"" + *options + "\": " + fault,
                             "write the code on the type plate, such as \"1A2B3C4D-K-R-Wi\"");
                return;
            }
            plan_.instrument.ratings = code.ratings;
            fitted_ = code.loops_fitted;
            sensors_fitted_ = code.temperature;
            carrier_ = code.radio == "Wi"   ? Carrier::wifi
                       : code.radio == "4G" ? Carrier::gsm
                       : code.radio == "L"  ? Carrier::lora
                                            : Carrier::rs485;
            if (!plan_.mqtt.empty() && carrier_ != Carrier::wifi && carrier_ != Carrier::gsm) {
                table_.wrong("options", "options \"" + *options + "\" have no radio for MQTT",
                             "add -Wi or -4G, or leave mqtt out");
            }
        }
        if (rating && options) {
            table_.wrong("rating", "rating and options say the same thing twice", "keep options");
        } else if (rating) {
            std::vector<std::string> known;
            for (const CurrentRating& one : type->currents)
                known.push_back(one.code);
            if (type->current(*rating) == nullptr)
                unknown("rating", *rating, known);
            else
                plan_.instrument.ratings.assign(static_cast<std::size_t>(type->loops), *rating);
        }
    }

    void read_loads() {
        const std::vector<std::string> known = names_of(farm_.loads);
        const auto take = [&](const std::string& name, int loop, const Place& place) {
            if (name == "none")
                return;
            if (!is_among(name, known)) {
                const std::string near = nearest(name, known);
                note(reading_.mistakes, place, "unknown load \"" + name + '"',
                     (near.empty() ? "" : "did you mean " + near + "? ") +
                         "known: " + listed(known));
                return;
            }
            plan_.loads[static_cast<std::size_t>(loop)] = name;
            check_recorded(name, place);
        };
        const auto load = table_.text("load");
        const auto loads = table_.texts("loads");
        if (load && node_.find("loads") != nullptr) {
            table_.wrong("load", "load and loads are both given", "keep one of them");
        } else if (load && loops() > 1) {
            table_.wrong("load", "load does not say which loop",
                         "write loads = [\"" + *load + "\", \"none\", …], one for each loop");
        } else if (load) {
            take(*load, 0, table_.place_of("load"));
        }
        if (!loads)
            return;
        if (loads->size() > static_cast<std::size_t>(fitted_.value_or(loops()))) {
            table_.wrong("loads", "loads holds " + std::to_string(loads->size()) + " loads",
                         "this meter has " + std::to_string(fitted_.value_or(loops())) + " loop" +
                             (fitted_.value_or(loops()) == 1 ? "" : "s"));
            return;
        }
        const auto& items = std::get<TomlArray>(node_.find("loads")->value);
        for (std::size_t i = 0; i < loads->size(); ++i)
            take((*loads)[i], static_cast<int>(i), items[i].place);
    }

    /// A recorded current has a phase only beside the voltage that was recorded with it.
    void check_recorded(const std::string& name, const Place& place) {
        const auto load = std::find_if(
            farm_.loads.begin(), farm_.loads.end(),
            [&](const LoadPlan& one) { return one.name == name; });
        const auto supply =
            std::find_if(farm_.supplies.begin(), farm_.supplies.end(),
                         [&](const SupplyPlan& one) { return one.name == plan_.supply; });
        if (load == farm_.loads.end() || supply == farm_.supplies.end() || !load->recording ||
            (supply->recording && supply->recording->file == load->recording->file))
            return;
        note(reading_.mistakes, place,
             "load " + name + " is recorded in " + load->recording->file + ", and supply " +
                 supply->name + " is not",
             "a recorded current is right only beside the voltage recorded with it: give the meter "
             "a supply with the same recording");
    }

    /// Whoever connects a meter to a line sets the line's speed and format on it.
    void read_line() {
        const DeviceType& type = *plan_.instrument.type;
        const auto bus = std::find_if(farm_.buses.begin(), farm_.buses.end(),
                                      [&](const BusPlan& one) { return one.name == plan_.bus; });
        if (bus == farm_.buses.end())
            return;
        const std::vector<int>& bauds = type.line.bauds;
        if (std::find(bauds.begin(), bauds.end(), bus->baud) == bauds.end()) {
            std::vector<std::string> texts;
            texts.reserve(bauds.size());
            for (const int baud : bauds)
                texts.push_back(std::to_string(baud));
            table_.wrong("bus",
                         "a " + type.name + " does not do the " + std::to_string(bus->baud) +
                             " Bd of bus " + bus->name,
                         "it does " + listed(texts));
        } else if (const SettingRow* row = type.setting("baud")) {
            if (row->allows(bus->baud))
                plan_setting(plan_, *row, -1, bus->baud);
        }
        const auto formats = line_formats();
        const auto at = std::find(formats.begin(), formats.end(), bus->format);
        const SettingRow* row = type.setting("format");
        const auto kept = static_cast<std::int64_t>(at - formats.begin());
        const bool can = row != nullptr ? at != formats.end() && row->allows(kept)
                                        : bus->format == type.line.format;
        if (!can) {
            std::vector<std::string> texts;
            for (std::size_t i = 0; i < formats.size(); ++i)
                if (row == nullptr ? formats[i] == type.line.format
                                   : row->allows(static_cast<std::int64_t>(i)))
                    texts.emplace_back(formats[i]);
            table_.wrong("bus",
                         "a " + type.name + " does not do the " + bus->format + " of bus " +
                             bus->name,
                         "it does " + listed(texts));
        } else if (row != nullptr) {
            plan_setting(plan_, *row, -1, kept);
        }
    }

    /// A text that may hold {expressions}; complains once a key.
    std::string filled(const std::string& key, const std::string& pattern, std::int64_t n) {
        std::string why;
        if (const auto text = fill_in(pattern, n, why))
            return *text;
        if (!is_among(key, complained_)) {
            complained_.push_back(key);
            table_.wrong(key, key + " \"" + pattern + "\" " + why,
                         "write \"feeder-{n}\", \"{n+1:02}\"; n counts from 0");
        }
        return {};
    }

    /// A number, or an expression of n, that gives an address. The last loop's counts too.
    int address(const std::string& key, std::int64_t n, int otherwise) {
        const TomlNode* value = table_.node(key);
        if (value == nullptr)
            return otherwise;
        const auto complain = [&](const std::string& what, const std::string& cure) {
            if (!is_among(key, complained_)) {
                complained_.push_back(key);
                table_.wrong(key, what, cure);
            }
            return 0;
        };
        std::int64_t result = 0;
        if (const auto* whole = std::get_if<std::int64_t>(&value->value)) {
            result = *whole;
        } else if (const auto* text = std::get_if<std::string>(&value->value)) {
            std::string why;
            const auto worked_out = evaluate(*text, n, why);
            if (!worked_out) {
                return complain(key + " \"" + *text + "\" " + why,
                                "write a number, or an expression such as \"1 + 4*n\"");
            }
            result = *worked_out;
        } else {
            return complain(key + " is no whole number",
                            "write a number, or an expression such as \"1 + 4*n\"");
        }
        const std::int64_t last = last_address + 1 - loops();
        if (result < 1 || result > last) {
            return complain(key + (count_ > 1 ? " of number " + std::to_string(n) : "") + " is " +
                                std::to_string(result),
                            loops() > 1 ? "a meter of " + std::to_string(loops()) +
                                              " loops has room from 1 to " + std::to_string(last)
                                        : "addresses go from 1 to 247");
        }
        return static_cast<int>(result);
    }

    /// A port, "host:port", or a text with {expressions} that gives one.
    std::string endpoint(std::int64_t n) {
        const TomlNode* value = table_.node("modbus_tcp");
        if (value == nullptr)
            return {};
        const auto complain = [&](const std::string& written) {
            if (!is_among("modbus_tcp", complained_)) {
                complained_.emplace_back("modbus_tcp");
                table_.wrong("modbus_tcp", "modbus_tcp " + written + " is no endpoint",
                             "write \"127.0.0.1:1502\", a port from 1 to 65535, or 0 for a free "
                             "port of its own");
            }
            return std::string{};
        };
        if (const auto* port = std::get_if<std::int64_t>(&value->value)) {
            return *port >= 0 && *port <= 65535 ? farm_.bind + ':' + std::to_string(*port)
                                                : complain(std::to_string(*port));
        }
        const auto pattern = table_.text("modbus_tcp");
        if (!pattern)
            return {};
        const std::string text = filled("modbus_tcp", *pattern, n);
        const std::size_t colon = text.rfind(':');
        int port = -1;
        if (colon != std::string::npos && colon > 0 && colon + 1 < text.size()) {
            const auto [end, error] =
                std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
            if (error != std::errc{} || end != text.data() + text.size())
                port = -1;
        }
        if (port < 0 || port > 65535)
            return complain('"' + text + '"');
        return text.substr(0, colon) + ':' + std::to_string(port);
    }

    std::string name(const std::optional<std::string>& pattern, std::int64_t n) {
        std::string text = pattern ? filled("name", *pattern, n) : "";
        const bool odd = std::any_of(text.begin(), text.end(),
                                     [](char c) { return static_cast<unsigned char>(c) < 32; });
        if (pattern && !is_among("name", complained_) &&
            (text.empty() || odd || text.size() > 80)) {
            complained_.emplace_back("name");
            table_.wrong("name", "this is no name", "write 1 to 80 characters on one line");
        }
        return text;
    }

    std::vector<MeterDraft> unroll() {
        const auto name_pattern = table_.text("name");
        if (node_.find("name") == nullptr)
            table_.missing("name", count_ > 1 ? "name = \"feeder-{n}\"" : "name = \"feeder-1\"");
        if (count_ > 1 && name_pattern && !is_pattern(*name_pattern)) {
            table_.wrong("name",
                         std::to_string(count_) + " meters would be named \"" + *name_pattern + '"',
                         "write {n} into the name: \"" + *name_pattern + "-{n}\"");
        }
        const auto serial = table_.text("serial");
        if (serial && count_ > 1 && !is_pattern(*serial)) {
            table_.wrong("serial",
                         std::to_string(count_) + " meters would have the serial \"" + *serial +
                             '"',
                         "leave serial out, or write the number as {n+1:04}");
        }
        std::vector<MeterDraft> drafts;
        for (std::int64_t n = 0; n < count_; ++n) {
            MeterDraft draft;
            draft.plan = plan_;
            draft.block = number_;
            draft.name_varies = name_pattern && is_pattern(*name_pattern);
            InstrumentSpec& instrument = draft.plan.instrument;
            instrument.name = name(name_pattern, n);
            const int standard = 1 + loops() * static_cast<int>(n);
            const bool overflow = standard + loops() - 1 > last_address;
            instrument.address = address("address", n,
                                         !overflow                ? standard
                                         : draft.plan.bus.empty() ? 1
                                                                  : 0);
            draft.plan.unit = address("unit", n, instrument.address);
            draft.plan.modbus_tcp = endpoint(n);
            if (overflow && node_.find("address") == nullptr && !draft.plan.bus.empty() &&
                !is_among("address", complained_)) {
                complained_.emplace_back("address");
                table_.wrong("count",
                             "the line has no address left for number " + std::to_string(n),
                             "addresses go from 1 to 247: share the meters out over more lines");
            }
            if (serial) {
                instrument.serial = filled("serial", *serial, n);
                check_serial(instrument.serial);
            }
            draft.carrier = carrier_;
            draft.name = table_.place_of("name");
            draft.address = table_.place_of("address");
            draft.unit = table_.place_of(node_.find("unit") != nullptr ? "unit" : "address");
            draft.modbus_tcp = table_.place_of("modbus_tcp");
            draft.serial = table_.place_of("serial");
            drafts.push_back(std::move(draft));
        }
        return drafts;
    }

    void check_serial(std::string& serial) {
        const DeviceType* type = plan_.instrument.type;
        if (type == nullptr || is_among("serial", complained_)) {
            serial.clear();
            return;
        }
        std::string fault = serial_fault(type->serial, serial);
        if (fault.empty() && loops() > 1 && loop_serial(serial, loops() - 1) < serial)
            fault = "the numbers of its other loops go beyond 9999";
        if (!fault.empty()) {
            complained_.emplace_back("serial");
            const CivilFields f = fields_of(farm_.start);
            table_.wrong("serial", "serial \"" + serial + "\": " + fault,
                         "write one such as \"" +
                             serial_number(type->serial, carrier_, f.year, f.month, 1) + '"');
            serial.clear();
        }
    }

    const TomlNode& node_;
    int number_;
    const FarmPlan& farm_;
    FarmReading& reading_;
    TomlTable table_;
    MeterPlan plan_;
    std::int64_t count_{1};
    std::optional<int> fitted_;
    bool sensors_fitted_{true}; ///< a KPM312's option T; everything is, without a code
    Carrier carrier_{Carrier::rs485};
    std::vector<std::string> complained_; ///< keys that were wrong for an earlier n
};

} // namespace

std::vector<MeterDraft> read_meters(const TomlNode& node, int block, const FarmPlan& farm,
                                    FarmReading& reading) {
    return Block{node, block, farm, reading}.read();
}

} // namespace kpmsim

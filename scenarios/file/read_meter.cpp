#include "models/type/option_code.hpp"
#include "scenarios/file/farm_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kpmsim {
namespace {

constexpr std::int64_t most_of_a_block = 100'000;

/// One [[meter]] while it is read.
class Block {
public:
    Block(const TomlNode& node, int number, const FarmPlan& farm, FarmReading& reading)
        : node_{node}, number_{number}, farm_{farm}, reading_{reading}, table_{node, title(node),
                                                                               reading.mistakes} {}

    std::vector<MeterDraft> read() {
        const auto model = table_.text("model");
        const MeterType* type = nullptr;
        if (!model && node_.find("model") == nullptr) {
            table_.missing("model", "model = \"kpm33b\"; known: " + listed(reading_.types.names()));
        } else if (model) {
            type = reading_.types.find(*model);
            if (type == nullptr)
                unknown("model", *model, reading_.types.names());
        }
        // Without a type the rest is checked as far as it goes.
        plan_.spec.type = type;
        read_tags();
        read_count();
        read_connections();
        read_options();
        if (type != nullptr) {
            read_loads(table_, node_, farm_, plan_, reading_.mistakes);
            read_sum(table_, node_, plan_);
            read_wiring(table_, plan_, reading_.mistakes);
            read_line(table_, plan_, farm_.buses);
            read_firmware(table_, plan_, reading_.mistakes);
            off_ = read_auxiliary(table_, plan_);
            read_settings(table_, plan_, reading_.mistakes);
        } else {
            for (const char* key :
                 {"load", "loads", "sum_of", "losses", "wiring", "pt", "ct", "ct_reversed",
                  "u_phase", "i_phase", "u_open", "phase", "settings", "firmware", "auxiliary"})
                table_.node(key);
        }
        read_adc(table_, plan_, reading_.mistakes);
        read_unit(table_, plan_, reading_.mistakes);
        read_clock_offset();
        plan_.spec.ahead_of_utc = reading_.zone.value_or(std::chrono::minutes{0});
        read_tariff(table_, plan_, reading_.mistakes);
        read_start(table_, plan_, reading_.mistakes);
        plan_.place = node_.place;
        MeterDraft block;
        block.plan = plan_;
        block.block = number_;
        block.carrier = carrier_;
        std::vector<MeterDraft> drafts =
            unroll(table_, node_, block, count_, farm_, reading_.mistakes);
        if (!off_.empty())
            remark_off(drafts);
        table_.finish();
        return type != nullptr ? drafts : std::vector<MeterDraft>{};
    }

private:
    static std::string title(const TomlNode& node) {
        const TomlNode* name = node.find("name");
        const auto* text = name != nullptr ? std::get_if<std::string>(&name->value) : nullptr;
        return text != nullptr ? "meter " + *text : "this meter";
    }

    /// Who is off from the first moment on.
    void remark_off(const std::vector<MeterDraft>& drafts) {
        const std::string& first = drafts.front().plan.spec.name;
        reading_.remarks.push_back(fmt::format(
            "{}: {} off from the start: {}", to_text(table_.place_of("auxiliary")),
            drafts.size() == 1
                ? fmt::format("meter {} is", first)
                : fmt::format("meters {} to {} are", first, drafts.back().plan.spec.name),
            off_));
    }

    void read_tags() {
        if (const auto tags = table_.texts("tags"))
            plan_.tags = *tags;
        for (const std::string& tag : plan_.tags)
            if (tag.empty() || tag.find_first_of("*?") != std::string::npos)
                table_.wrong("tags", "tag \"" + tag + "\" cannot be",
                             "write a word without * and ?, by which actions find the meter");
    }

    void unknown(const std::string& key, const std::string& name,
                 const std::vector<std::string>& known) {
        const std::string near = nearest(name, known);
        table_.wrong(key, "unknown " + key + " \"" + name + '"',
                     (near.empty() ? "" : "did you mean " + near + "? ") +
                         "known: " + listed(known));
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
        read_buses();
        if (const auto order = table_.choice("word_order", {"abcd", "cdab"}))
            plan_.spec.word_order = order == "cdab" ? WordOrder::cdab : WordOrder::abcd;
        if (const auto most = table_.integer("max_read_words", 1, 125))
            plan_.spec.max_read_words = static_cast<int>(*most);
        const TomlNode* mqtt = table_.node("mqtt");
        if (mqtt == nullptr)
            return;
        if (const auto* flag = std::get_if<bool>(&mqtt->value)) {
            if (*flag)
                plan_.mqtt = reading_.broker;
        } else {
            plan_.mqtt = read_broker(table_, "mqtt",
                                     "write true (the farm's broker), \"embedded\" or "
                                     "\"mqtt://127.0.0.1:1883\"");
        }
        if (const MeterType* type = plan_.spec.type;
            type != nullptr && plan_.mqtt && type->upload.empty())
            table_.wrong("mqtt", "a " + type->name + " uploads nothing by MQTT", "leave mqtt out");
    }

    /// One line, or a list: that of each RS-485 port.
    void read_buses() {
        const TomlNode* const node = node_.find("bus");
        if (node != nullptr && std::holds_alternative<TomlArray>(node->value))
            plan_.buses = table_.texts("bus").value_or(std::vector<std::string>{});
        else if (const auto bus = table_.text(
                     "bus", "write the line's name in quotes, or a list of those of its ports"))
            plan_.buses = {*bus};
        for (const std::string& bus : plan_.buses)
            if (!is_among(bus, names_of(farm_.buses)))
                unknown("bus", bus, names_of(farm_.buses));
    }

    void read_clock_offset() {
        constexpr double century_s = 100 * 365.25 * 86400;
        const auto offset_s = table_.quantity("clock_offset", Unit::second);
        if (!offset_s)
            return;
        if (*offset_s != std::round(*offset_s)) {
            table_.wrong("clock_offset", "clock_offset is no whole number of seconds",
                         "a meter's clock counts seconds: write \"2 s\" or \"-4 min\"");
            return;
        }
        if (std::abs(*offset_s) <= century_s)
            plan_.spec.clock_offset_s = std::llround(*offset_s);
        if (std::abs(*offset_s) > century_s || !clock_starts_well(plan_, farm_.start)) {
            table_.wrong("clock_offset",
                         "clock_offset leads out of the years that a meter's clock shows",
                         fmt::format("the farm starts at {}, and the clock goes from {} to {}",
                                     iso_text(farm_.start), first_clock_year, last_clock_year));
        }
    }

    /// What it was ordered with, and the rated current of those whose code has none.
    void read_options() {
        const auto options = table_.text("options");
        const auto rating = table_.text("rating");
        const MeterType* type = plan_.spec.type;
        if (type == nullptr)
            return;
        carrier_ = plan_.mqtt ? Carrier::wifi : Carrier::rs485;
        if (options && type->options.empty())
            table_.wrong("options", "a " + type->name + " has no option code",
                         "leave options out: every " + type->name + " has all there is");
        else if (options && !take_options(*options))
            return;
        if (rating && options && type->circuits > 1) {
            table_.wrong("rating", "rating and options say the same thing twice", "keep options");
        } else if (rating) {
            std::vector<std::string> known;
            for (const CurrentRating& one : type->currents)
                known.push_back(one.code);
            if (type->current(*rating) == nullptr)
                unknown("rating", *rating, known);
            else
                plan_.spec.ratings.assign(static_cast<std::size_t>(type->circuits), *rating);
        }
    }

    /// False when it is no code, which has been noted.
    bool take_options(const std::string& text) {
        MeterSpec& spec = plan_.spec;
        std::string fault;
        const OptionCode code = parse_option_code(*spec.type, text, fault);
        if (!fault.empty()) {
            table_.wrong("options", "options \"" + text + "\": " + fault,
                         spec.type->circuits > 1
                             ? "write the code on the type plate, such as \"" +
                                   option_code_example(*spec.type) + "\""
                             : "write what is fitted, such as \"" +
                                   option_code_example(*spec.type) + "\", or \"none\"");
            return false;
        }
        spec.ratings = code.ratings;
        spec.sensors_fitted = code.has(Option::temperature);
        spec.residual_fitted = code.has(Option::residual);
        spec.relays_fitted = code.has(Option::relays);
        spec.inputs_fitted = code.has(Option::inputs);
        spec.reactive_pulses_fitted = !code.has(Option::second_line);
        carrier_ = code.has(Option::wifi)   ? Carrier::wifi
                   : code.has(Option::gsm)  ? Carrier::gsm
                   : code.has(Option::lora) ? Carrier::lora
                                            : Carrier::rs485;
        if (plan_.mqtt && !spec.type->upload.empty() && carrier_ != Carrier::wifi &&
            carrier_ != Carrier::gsm)
            table_.wrong("options", "options \"" + text + "\" have no radio for MQTT",
                         "add -Wi or -4G, or leave mqtt out");
        return true;
    }

    const TomlNode& node_;
    int number_;
    const FarmPlan& farm_;
    FarmReading& reading_;
    TomlTable table_;
    MeterPlan plan_;
    std::int64_t count_{1};
    std::string off_; ///< why; empty = it is not
    Carrier carrier_{Carrier::rs485};
};

} // namespace

std::vector<MeterDraft> read_meters(const TomlNode& node, int block, const FarmPlan& farm,
                                    FarmReading& reading) {
    return Block{node, block, farm, reading}.read();
}

} // namespace kpmsim

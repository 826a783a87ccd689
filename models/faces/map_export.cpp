#include "models/faces/map_export.hpp"
#include "files/csv.hpp"
#include "models/faces/fidelity_card.hpp"
#include "models/faces/row_meaning.hpp"
#include "models/type/fitting.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace kpmsim {

namespace {

using Json = nlohmann::ordered_json;

std::string_view source_of(const RegisterRow& row) { return row.vendor ? "vendor" : "ours"; }

/// The function codes that reach a row, among those that the meter has.
std::vector<int> codes_of(const MeterType& type, const RegisterRow& row) {
    std::vector<int> codes;
    for (const int code : type.functions) {
        const bool reads = (code == 3 || code == 4) && row.readable() &&
                           type.registers.space_of(code) == row.space;
        const bool writes = (code == 16 || (code == 6 && row.words == 1)) && row.writable();
        if (reads || writes)
            codes.push_back(code);
    }
    return codes;
}

std::string codes_text(const std::vector<int>& codes) {
    std::string text;
    for (const int code : codes)
        text += (text.empty() ? "" : " ") + fmt::format("{:02}", code);
    return text;
}

std::string_view shown(Rights rights) {
    return rights == Rights::read ? "r" : rights == Rights::write ? "w" : "rw";
}

/// A table's cell: a bar would end it.
std::string bar_free(const std::string& text) {
    std::string out;
    for (const char c : text)
        out += c == '|' ? std::string("\\|") : std::string(1, c);
    return out;
}

std::string_view word_order_text(WordOrder order) {
    return order == WordOrder::abcd ? "abcd" : "cdab";
}

std::vector<int> among(const MeterType& type, std::initializer_list<int> wanted) {
    std::vector<int> codes;
    for (const int code : wanted)
        if (std::find(type.functions.begin(), type.functions.end(), code) != type.functions.end())
            codes.push_back(code);
    return codes;
}

} // namespace

std::vector<BitRange> bits_of(const MeterType& type) {
    std::vector<BitRange> ranges;
    if (type.coils > 0)
        ranges.push_back({"relay", "coil", type.coils_per_unit(), type.coil_base,
                          among(type, {1, 5, 15}), units_with(type, Fitting::relays)});
    if (type.inputs > 0)
        ranges.push_back({"input", "discrete input", type.inputs_per_unit(), type.input_base,
                          among(type, {2}), units_with(type, Fitting::inputs)});
    return ranges;
}

std::string map_as_markdown(const MeterType& type) {
    std::string md =
        "| address | dec | words | type | access | code | name | title | unit | scale | "
        "source | fitted | words mean |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";
    for (const RegisterRow& row : type.registers.rows)
        md += fmt::format(
            "| {:04X}H | {} | {} | {} | {} | {} | `{}` | {} | {} | {} | {} | {} | {} |\n",
            row.address, row.address, row.words, name_of(row.type), shown(row.access),
            codes_text(codes_of(type, row)), row.name, bar_free(row.title), row.unit, row.scale,
            source_of(row), units_with(type, row), bar_free(meaning_of(type, row)));
    const auto bits = bits_of(type);
    if (!bits.empty())
        md += "\n### Coils and discrete inputs\n\n| address | dec | kind | code | name | fitted "
              "|\n|---|---|---|---|---|---|\n";
    for (const BitRange& range : bits)
        for (int n = 0; n < range.per_unit; ++n)
            md += fmt::format("| {:04X}H | {} | {} | {} | `{}_{}` | {} |\n", range.first + n,
                              range.first + n, range.kind, codes_text(range.codes), range.name,
                              n + 1, range.fitted);
    return md;
}

std::string map_as_csv(const MeterType& type) {
    std::string csv =
        "address_hex,address,words,type,access,codes,name,title,unit,scale,source,fitted,"
        "words_mean\n";
    for (const RegisterRow& row : type.registers.rows)
        csv +=
            csv_line({fmt::format("{:04X}", row.address), fmt::format("{}", row.address),
                      fmt::format("{}", row.words), std::string{name_of(row.type)},
                      std::string{shown(row.access)}, codes_text(codes_of(type, row)), row.name,
                      row.title, row.unit, fmt::format("{}", row.scale),
                      std::string{source_of(row)}, units_with(type, row), meaning_of(type, row)});
    return csv;
}

namespace {

Json codes_as_json(const MeterType& type, PointId point, const std::vector<Code>& codes) {
    Json list = Json::array();
    for (const Code& each : codes)
        list.push_back(
            {{"code", each.code}, {"value", each.value}, {"means", coded_text(type, point, each)}});
    return list;
}

/// What meaning_of() says, for machines; `codes` are the function codes.
void add_meaning(const MeterType& type, const RegisterRow& row, Json& one) {
    if (!row.codes.empty())
        one["code_values"] = codes_as_json(type, row.point, row.codes);
    if (row.none)
        one["none_hex"] = none_text(row);
    for (const PackedField& field : row.fields) {
        Json part{
            {"point", type.points[field.point].name}, {"bit", field.bit}, {"bits", field.bits}};
        if (!field.codes.empty())
            part["code_values"] = codes_as_json(type, field.point, field.codes);
        one["fields"].push_back(std::move(part));
    }
    for (const RegisterCommand& command : row.commands)
        one["commands"].push_back(
            {{"word", command.value}, {"does", type.points[command.point].name}});
}

} // namespace

std::string map_as_json(const MeterType& type) {
    Json registers = Json::array();
    for (const RegisterRow& row : type.registers.rows) {
        Json one{
            {"address", row.address},       {"address_hex", fmt::format("{:04X}", row.address)},
            {"words", row.words},           {"type", name_of(row.type)},
            {"holds", name_of(row.holds)},  {"name", row.name},
            {"title", row.title},           {"unit", row.unit},
            {"scale", row.scale},           {"access", name_of(row.access)},
            {"codes", codes_of(type, row)}, {"source", source_of(row)}};
        if (const std::string units = units_with(type, row); !units.empty())
            one["fitted"] = units;
        if (type.registers.separate)
            one["space"] = name_of(row.space);
        if (row.holds == RegisterHolds::point) {
            const Point& of = type.points[row.point];
            one["kind"] = name_of(of.kind);
            if (of.kind == PointKind::month)
                one["month"] = of.month;
        }
        add_meaning(type, row, one);
        registers.push_back(std::move(one));
    }
    Json bits = Json::array();
    for (const BitRange& range : bits_of(type)) {
        bits.push_back({{"kind", range.name},
                        {"address", range.first},
                        {"count", range.per_unit},
                        {"codes", range.codes}});
        if (!range.fitted.empty())
            bits.back()["fitted"] = range.fitted;
    }
    const Json map{{"model", type.name},
                   {"title", type.title},
                   {"reference", type.map_source},
                   {"functions", type.functions},
                   {"word_order", word_order_text(type.registers.word_order)},
                   {"max_read_words", type.max_read_words},
                   {"registers", std::move(registers)},
                   {"bits", std::move(bits)}};
    return map.dump(2);
}

// The reference page --------------------------------------------------------------------------

namespace {

std::string holes_text(const RegisterMap& map) {
    const auto policy = [&](RegisterSpace space) {
        return map.holes[static_cast<std::size_t>(space)] == HolePolicy::zero
                   ? "reads 0 between the first and the last register"
                   : "answers with exception 02";
    };
    if (!map.separate)
        return fmt::format("what is not listed {}", policy(RegisterSpace::holding));
    return fmt::format(
        "input registers by function 04 and holding registers by 03 overlap. What is "
        "not listed {} of the input registers, and {} among the holding registers",
        policy(RegisterSpace::input), policy(RegisterSpace::holding));
}

std::string ratings_part(const MeterType& type) {
    std::string md = "## Ratings\n\n";
    md += fmt::format("Nominal voltage {} V (full scale {} V peak). Wirings: ", type.nominal_u_v,
                      type.u_full_scale_v);
    for (std::size_t n = 0; n < type.wirings.size(); ++n)
        md += fmt::format("{}{}{}", n == 0 ? "" : ", ", type.wirings[n],
                          n == 0 && type.wirings.size() > 1 ? " (factory)" : "");
    md += ".\n\n| code | rated current | full scale, peak | CT | pulses per kWh |\n"
          "|---|---|---|---|---|\n";
    for (const CurrentRating& c : type.currents)
        md += fmt::format("| {} | {} A | {} A | {} | {} |\n", c.code, c.rated_a, c.full_scale_a,
                          c.ct_included ? "part of the meter" : "the user's", c.pulse_constant);
    md += "\nThe starting current is set in mA at a level of 5 A. Where the CT is part of the "
          "meter it is scaled up with the rating: 20 mA is 0.4 A at 100 A.\n";
    return md;
}

std::string options_part(const MeterType& type) {
    std::string md = "## Options\n\nWhat `options` of a farm file names is fitted, and nothing "
                     "else; without that key everything is, a sensor where it is given something "
                     "to measure. ";
    md += type.circuits > 1 ? "The current levels of the circuits come first"
                            : "`\"none\"` is none of them";
    md += fmt::format(": `\"{}\"`.\n\n| code | what | not together with |\n|---|---|---|\n",
                      option_code_example(type));
    for (const auto& place : type.options)
        for (const Option option : place) {
            std::string others;
            for (const Option other : place)
                if (other != option)
                    others += fmt::format("{}{}", others.empty() ? "" : ", ", code_of(other));
            md += fmt::format("| {} | {} | {} |\n", code_of(option), title_of(option), others);
        }
    return md;
}

std::string line_part(const MeterType& type) {
    const LineBehaviour& line = type.line;
    std::string bauds;
    for (const int baud : line.bauds)
        bauds += fmt::format("{}{}", bauds.empty() ? "" : ", ", baud);
    std::string md = fmt::format(
        "## On the line\n\nFactory: {} bps, {}. Baud rates: {}. Function codes: {}; at most {} "
        "registers in one read. Turnaround {} ms",
        line.baud, line.format, bauds, codes_text(type.functions), type.max_read_words,
        line.turnaround_ms);
    if (line.min_frame_interval_ms > 0)
        md += fmt::format("; a request that comes within {} ms of the last frame is not seen",
                          line.min_frame_interval_ms);
    md +=
        ". An address, baud rate or format that is written holds from the next frame on: the write "
        "itself is answered the old way.\n";
    if (type.max_connections)
        md += fmt::format("\nModbus-TCP: at most {} connections at one time.\n",
                          *type.max_connections);
    if (!type.identification.empty())
        md += "\nDevice identification (function 43, MEI type 14):\n\n";
    for (const IdentityObject& object : type.identification)
        md += fmt::format("- {:02X}H: {}\n", object.id, object.text);
    if (type.circuits > 1)
        md += fmt::format("\n{} consecutive addresses, one per circuit, and {} consecutive serial "
                          "numbers. The map below is that of one address.\n",
                          type.circuits, type.circuits);
    return md;
}

/// What follows from a setting: its role, or the alarms that it is the threshold of.
std::string effect_of(const MeterType& type, const SettingRow& row) {
    if (row.role)
        return std::string{info(*row.role).name};
    const int place = type.setting_index(row.name);
    std::string alarms;
    for (const AlarmRow& alarm : type.alarms)
        if (alarm.input < 0 && alarm.threshold == place)
            alarms += fmt::format("{}`alarm_{}`", alarms.empty() ? "raises " : ", ", alarm.name);
    return alarms.empty() ? "kept and shown" : alarms;
}

std::string settings_part(const MeterType& type) {
    std::string md = "## Settings\n\n| name | display | meaning | factory | allowed | unit | role "
                     "| source |\n|---|---|---|---|---|---|---|---|\n";
    for (const SettingRow& row : type.settings) {
        std::string allowed;
        for (const std::int64_t choice : row.choices)
            allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ",
                                   value_text(type, row, row.shown(choice)));
        if (row.choices.empty() && row.role && !value_names(type, *row.role).empty())
            for (std::int64_t kept = row.least; kept <= row.most; ++kept)
                allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ",
                                       value_text(type, row, row.shown(kept)));
        else if (row.choices.empty())
            allowed = fmt::format("{} to {}", row.shown(row.least), row.shown(row.most));
        md += fmt::format("| `{}` | {} | {} | {} | {} | {} | {} | {} |\n", row.name, row.code,
                          bar_free(row.title), value_text(type, row, row.shown(row.factory)),
                          allowed, row.unit, effect_of(type, row), row.source);
    }
    std::string alone;
    for (const Point& point : type.points.all())
        if (point.keys_alone)
            alone += fmt::format("{}`{}`", alone.empty() ? "" : ", ", point.name);
    if (!alone.empty())
        md += fmt::format("\nAt the keys alone, since no wire reaches them: {}.\n", alone);
    return md;
}

std::string tariff_part(const MeterType& type) {
    if (type.tariff.periods.empty())
        return "## Tariff table\n\nNone.\n";
    static constexpr std::array<const char*, 6> names{"sharp",  "peak",        "flat",
                                                      "valley", "deep valley", "sixth"};
    std::string md = "## Tariff table\n\n";
    for (const TariffPeriod& period : type.tariff.periods)
        md += fmt::format("- from {:02}:{:02}: {} (t{})\n", period.from_minute / 60,
                          period.from_minute % 60, names[static_cast<std::size_t>(period.tariff)],
                          period.tariff + 1);
    return md;
}

std::string packets_of(const UploadTopic& topic) {
    std::string md;
    if (topic.firmware)
        md = fmt::format("Of a unit with `firmware = \"{}\"`.\n\n",
                         ruling_names()[static_cast<std::size_t>(*topic.firmware)]);
    for (std::size_t n = 0; n < topic.packets.size(); ++n) {
        md += fmt::format("{}. ", n + 1);
        for (const UploadField& field : topic.packets[n])
            md += fmt::format("`{}` ", field.key);
        md.back() = '\n';
    }
    return md;
}

std::string fields_of(const MeterType& type) {
    std::string md = "\n| key | point | unit | decimals |\n|---|---|---|---|\n";
    std::set<std::string> told;
    for (const UploadTopic* topic : type.upload.topics())
        for (const auto& packet : topic->packets)
            for (const UploadField& field : packet) {
                if (!told.insert(field.key).second)
                    continue;
                const Point& about = type.points[field.point];
                const std::string unit = (field.scale == 1000 ? "k"
                                          : field.scale == 1  ? ""
                                                              : "scaled ") +
                                         about.unit;
                md += fmt::format("| `{}` | `{}` | {} | {}{}{}{} |\n", field.key, about.name, unit,
                                  field.decimals, field.truncate ? ", cut" : "",
                                  field.as_text ? ", as text" : "", field.utc ? ", UTC" : "");
            }
    return md;
}

std::string packets_part(const MeterType& type) {
    std::string md = fmt::format(
        "Each packet begins with `id` and ends with `time` and `isend` "
        "(\"1\" in the last one). On a full minute where both are due, {} goes first and {} "
        "follows {} s later with the same `time`.\n",
        type.upload.energy.topic, type.upload.realtime.topic, type.upload.realtime_delay_s);
    const auto part = [&](const UploadTopic& topic, const char* over) {
        if (!topic.packets.empty())
            md += fmt::format("\n### {}{}\n\n{}", topic.topic, over, packets_of(topic));
    };
    const auto wifi = type.upload.topics();
    const auto gsm = type.upload_4g.empty() ? wifi : type.upload_4g.topics();
    const auto alike = [&](std::size_t n) { return packets_of(*wifi[n]) == packets_of(*gsm[n]); };
    for (std::size_t n = 0; n < wifi.size(); ++n)
        part(*wifi[n], alike(n) ? "" : " over WiFi");
    for (std::size_t n = 0; n < gsm.size(); ++n)
        if (!alike(n))
            part(*gsm[n], " over 4G");
    return md + fields_of(type);
}

std::string uploads_part(const MeterType& type) {
    if (type.upload.empty())
        return "## MQTT\n\nNone.\n";
    std::string md = fmt::format("## MQTT\n\nSource: {}. ", type.upload_source);
    if (!type.upload.realtime.packets.empty() || !type.upload.energy.packets.empty())
        md += packets_part(type);
    if (!type.mqtt_commands.empty()) {
        md += "\nIt takes these [commands](../mqtt-commands.md):";
        for (const MqttCommand command : type.mqtt_commands)
            md += fmt::format(" `{}`", name_of(command));
        md += ".\n";
    }
    for (const auto& [topic, grid] : {std::pair{&type.upload.realtime, Role::upload_seconds},
                                      std::pair{&type.upload.energy, Role::upload_minutes}})
        for (const UploadMessage& message : topic->messages)
            md += fmt::format("\n`{}` goes out on the grid of `{}`.\n", message.topic,
                              type.setting(grid)->name);
    return md;
}

std::string list_part(const std::string& title, const std::vector<std::string>& items) {
    std::string md = "## " + title + "\n\n";
    for (const std::string& item : items)
        md += "- " + item + "\n";
    return md;
}

} // namespace

std::string reference_page(const MeterType& type) {
    std::string md =
        fmt::format("# {}\n\n*Written by `kpmsim map {} --format page` from "
                    "`models/{}/`; do not edit.*\n\n{}{}.\n\n",
                    type.title, type.name, type.name,
                    static_cast<char>(std::toupper(static_cast<unsigned char>(type.summary.at(0)))),
                    type.summary.substr(1));
    for (const std::string& part :
         {ratings_part(type), type.options.empty() ? "" : options_part(type), line_part(type),
          settings_part(type), tariff_part(type)})
        md += part + (part.empty() ? "" : "\n");
    md += fmt::format("## Registers\n\nReference: {}. Addresses as in the frame (zero-based), {} "
                      "word order; {}. Powers are in W, "
                      "var and VA; register = value / scale.\n\n{}\n",
                      type.map_source, word_order_text(type.registers.word_order),
                      holes_text(type.registers), map_as_markdown(type));
    md += uploads_part(type) + "\n";
    md += list_part("What is modelled", type.modelled) + "\n";
    if (!type.assumed.empty())
        md += list_part("What is assumed", type.assumed) + "\n";
    md += list_part("What is not", type.not_modelled);
    if (!fidelity_card(type).documents.empty())
        md += fmt::format("\nStatement by statement: [its fidelity card](../fidelity/{}.md).\n",
                          type.name);
    return md;
}

} // namespace kpmsim

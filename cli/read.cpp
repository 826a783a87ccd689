#include "cli/modbus_client.hpp"
#include "cli/terminal/library.hpp"
#include "cli/terminal/report.hpp"
#include "cli/terminal/standard_streams.hpp"
#include "cli/terminal/table.hpp"
#include "cli/verbs.hpp"
#include "files/json_text.hpp"
#include "files/mistake.hpp"
#include "models/faces/register_words.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace kpmsim {

namespace {

struct Reading {
    const RegisterRow* row;
    std::vector<std::uint16_t> words;
};

bool is_text(const RegisterRow& row) {
    return row.type == RegisterType::ascii || row.type == RegisterType::clock;
}

std::string text_of(const Reading& reading) {
    std::string text;
    if (reading.row->type == RegisterType::clock) {
        const auto byte = [&](std::size_t n) {
            return (reading.words[n / 2] >> (n % 2 == 0 ? 8 : 0)) & 0xFF;
        };
        return fmt::format("20{:02}-{:02}-{:02}T{:02}:{:02}:{:02}", byte(0), byte(1), byte(2),
                           byte(3), byte(4), byte(5));
    }
    for (const std::uint16_t word : reading.words) {
        for (const int c : {word >> 8, word & 0xFF})
            if (c != 0)
                text += static_cast<char>(c);
    }
    return text;
}

std::vector<const RegisterRow*> rows_of(const MeterType& type,
                                        const std::vector<std::string>& names) {
    std::vector<const RegisterRow*> rows;
    if (names.empty()) {
        for (const RegisterRow& row : type.registers.rows)
            if (row.readable())
                rows.push_back(&row);
        return rows;
    }
    std::vector<std::string> known;
    known.reserve(type.registers.rows.size());
    for (const RegisterRow& row : type.registers.rows)
        known.push_back(row.name);
    std::vector<Mistake> mistakes;
    for (const std::string& name : names) {
        const RegisterRow* row = type.registers.find(name);
        if (row != nullptr) {
            rows.push_back(row);
            continue;
        }
        const std::string near = nearest(name, known);
        mistakes.push_back({Place{"register", 0, 0},
                            fmt::format("the {} has no \"{}\"", type.name, name),
                            near.empty() ? fmt::format("`kpmsim map {}` lists them", type.name)
                                         : fmt::format("did you mean {}?", near)});
    }
    if (!mistakes.empty())
        throw FileError{mistakes};
    return rows;
}

/// Reads the rows in as few requests as holes and the meter's limit allow. A row is read whole,
/// unless it is longer than that.
std::vector<Reading> read_rows(ModbusClient& client, const MeterType& type, int most,
                               std::vector<const RegisterRow*> rows) {
    std::sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) {
        return std::pair{a->space, a->address} < std::pair{b->space, b->address};
    });
    const bool only_input =
        std::find(type.functions.begin(), type.functions.end(), 3) == type.functions.end();
    std::vector<Reading> readings;
    for (std::size_t n = 0; n < rows.size();) {
        std::size_t end = n + 1;
        const int first = rows[n]->address;
        const bool input_registers = only_input || rows[n]->space == RegisterSpace::input;
        int last = first + rows[n]->words;
        while (end < rows.size() && rows[end]->space == rows[n]->space &&
               rows[end]->address == last && last + rows[end]->words - first <= most)
            last += rows[end++]->words;
        std::vector<std::uint16_t> words;
        for (int at = first; at < last; at += most) {
            const auto part = client.read(static_cast<std::uint16_t>(at), std::min(most, last - at),
                                          input_registers);
            words.insert(words.end(), part.begin(), part.end());
        }
        for (; n < end; ++n) {
            const auto begin = words.begin() + (rows[n]->address - first);
            readings.push_back({rows[n], {begin, begin + rows[n]->words}});
        }
    }
    return readings;
}

/// Says so when what was read is not to be trusted: a converter was at its end.
void warn_of_clipping(WordOrder order, const std::vector<Reading>& readings) {
    std::string channels;
    for (const Reading& reading : readings) {
        const std::string& name = reading.row->name;
        if (name != info(quantity(Status::clip_u)).name &&
            name != info(quantity(Status::clip_i)).name)
            continue;
        const auto bits = static_cast<unsigned>(decode(*reading.row, order, reading.words));
        for (unsigned c = 0; c < 3; ++c)
            if ((bits >> c & 1u) != 0)
                channels +=
                    fmt::format("{}{}{}", channels.empty() ? "" : ", ", name.back(), "abc"[c]);
    }
    if (!channels.empty()) {
        say(fmt::format("CLIPPED: {} beyond the converter's range: their readings are too small\n",
                        channels));
    }
}

} // namespace

Exit read_meter(const ReadOptions& options) {
    const TypeLibrary library = load_library(options.models);
    const MeterType& type = need_model(library, options.model);
    const auto rows = rows_of(type, options.names);
    // Somebody may just have spoken on the line, so a meter that wants a pause gets one and a bit.
    const int interval = type.line.min_frame_interval_ms;
    ModbusClient client{{options.endpoint, options.unit, options.baud, options.format,
                         options.timeout_s, interval + interval / 5}};
    const WordOrder order = options.word_order.empty()     ? type.registers.word_order
                            : options.word_order == "cdab" ? WordOrder::cdab
                                                           : WordOrder::abcd;
    auto readings =
        read_rows(client, type, options.max_read_words.value_or(type.max_read_words), rows);
    if (!options.names.empty()) { // as they were asked for
        std::vector<Reading> ordered;
        ordered.reserve(rows.size());
        for (const RegisterRow* row : rows) {
            ordered.push_back(*std::find_if(
                readings.begin(), readings.end(), [&](const Reading& r) { return r.row == row; }));
        }
        readings = std::move(ordered);
    }

    warn_of_clipping(order, readings);
    const auto value_of = [&](const Reading& reading) {
        return meant(*reading.row, decode(*reading.row, order, reading.words));
    };
    if (options.json) {
        nlohmann::ordered_json list = nlohmann::ordered_json::array();
        for (const Reading& reading : readings) {
            nlohmann::ordered_json entry{{"name", reading.row->name},
                                         {"address", reading.row->address},
                                         {"value", nullptr},
                                         {"unit", reading.row->unit}};
            if (is_text(*reading.row))
                entry["value"] = text_of(reading);
            else
                entry["value"] = value_of(reading);
            list.push_back(std::move(entry));
        }
        fmt::print("{}\n", json_text(std::move(list)));
        return Exit::ok;
    }
    TextTable table{{{"name"}, {"value", true}, {"unit"}, {"address"}, {"what it is"}}};
    for (const Reading& reading : readings) {
        table.row(
            {reading.row->name,
             is_text(*reading.row) ? text_of(reading) : fmt::format("{:.7g}", value_of(reading)),
             reading.row->unit, fmt::format("{:04X}", reading.row->address), reading.row->title});
    }
    fmt::print("{}", table.text());
    return Exit::ok;
}

} // namespace kpmsim

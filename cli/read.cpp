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
#include <span>

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

/// Reads rows in as few requests as holes and the meter's limit allow. A row is read whole, unless it is
/// longer than that.
class RowReader {
public:
    /// `any`: rows that the meter lacks are left out.
    RowReader(ModbusClient& client, const MeterType& type, int most, bool any)
        : client_{client}, type_{type}, most_{most}, any_{any} {}

    std::vector<Reading> read(std::vector<const RegisterRow*> rows) {
        std::sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) {
            return std::pair{a->space, a->address} < std::pair{b->space, b->address};
        });
        for (std::size_t n = 0; n < rows.size();) {
            std::size_t end = n + 1;
            int last = end_of(*rows[n]);
            while (end < rows.size() && rows[end]->space == rows[n]->space &&
                   rows[end]->address == last && end_of(*rows[end]) - rows[n]->address <= most_)
                last = end_of(*rows[end++]);
            read_block(std::span{rows}.subspan(n, end - n));
            n = end;
        }
        if (readings_.empty() && lacking_ > 0)
            throw NoSuchRegisters{refusal_};
        return std::move(readings_);
    }
    std::size_t lacking() const { return lacking_; }

private:
    static int end_of(const RegisterRow& row) { return row.address + row.words; }

    /// Rows without a hole between them. One that the meter lacks has it refuse them all: each half may do.
    void read_block(std::span<const RegisterRow* const> rows) {
        try {
            read_words(rows);
        } catch (const NoSuchRegisters& refused) {
            if (!any_)
                throw;
            if (rows.size() > 1) {
                read_block(rows.first(rows.size() / 2));
                read_block(rows.subspan(rows.size() / 2));
            } else {
                ++lacking_;
                refusal_ = refused.what();
            }
        }
    }
    void read_words(std::span<const RegisterRow* const> rows) {
        const bool only_input =
            std::find(type_.functions.begin(), type_.functions.end(), 3) == type_.functions.end();
        const bool input_registers = only_input || rows.front()->space == RegisterSpace::input;
        const int first = rows.front()->address;
        const int last = end_of(*rows.back());
        std::vector<std::uint16_t> words;
        for (int at = first; at < last; at += most_) {
            const auto part = client_.read(static_cast<std::uint16_t>(at),
                                           std::min(most_, last - at), input_registers);
            words.insert(words.end(), part.begin(), part.end());
        }
        for (const RegisterRow* row : rows) {
            const auto begin = words.begin() + (row->address - first);
            readings_.push_back({row, {begin, begin + row->words}});
        }
    }

    ModbusClient& client_;
    const MeterType& type_;
    int most_;
    bool any_;
    std::vector<Reading> readings_;
    std::size_t lacking_{0};
    std::string refusal_; ///< the last one
};

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
    RowReader reader{client, type, options.max_read_words.value_or(type.max_read_words),
                     options.names.empty()};
    auto readings = reader.read(rows);
    if (reader.lacking() > 0)
        say(fmt::format("{} of {} registers are not there: no such option on this meter's plate\n",
                        reader.lacking(), rows.size()));
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

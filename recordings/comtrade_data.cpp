// Samples of a .dat. A record is its number, its stamp, the analog channels, the status channels.
// Binary records are 8 + nA * (2 or 4) + 2 * ceil(nD / 16) bytes, little-endian; status channel 1
// is bit 0 of the first word. Records count up by one: a gap in the count is how lost records, and
// a .cfg that does not belong to this .dat, are found.

#include "recordings/comtrade_data.hpp"

#include "files/counted.hpp"
#include "recordings/bytes.hpp"
#include "recordings/channels.hpp"
#include "recordings/note.hpp"
#include "recordings/numbers.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {
namespace {

constexpr std::uint32_t no_stamp = 0xFFFFFFFFu;
const char* const cut_off = "the file is damaged, or the .cfg is not its own";

/// The place of a mistake, the wrong thing, its cure: one is enough for a file of samples.
class Samples {
public:
    Samples(const ComtradeConfig& config, const ComtradePiece& dat, Recording& recording,
            std::vector<Mistake>& mistakes)
        : config_{config}, dat_{dat}, recording_{recording}, mistakes_{mistakes} {}

    bool binary();
    bool ascii();

private:
    std::string_view without_filling(std::size_t record);

    bool wrong(std::string what, std::string cure) {
        note(mistakes_, dat_.file, line_, std::move(what), std::move(cure));
        return false;
    }
    bool wrong_at(std::size_t byte, const std::string& what, std::string cure) {
        return wrong("byte " + std::to_string(dat_.byte + byte) + ": " + what, std::move(cure));
    }

    /// A record's number must follow the last one's.
    bool in_order(std::int64_t number, std::string& what) {
        if (!first_ && number != last_number_ + 1) {
            what = "record " + std::to_string(number) + " follows record " +
                   std::to_string(last_number_);
            return false;
        }
        last_number_ = number;
        first_ = false;
        return true;
    }

    /// Stamps are taken when every record has one; where they rule, they must be there and rise.
    bool take_stamp(std::optional<std::int64_t> stamp, std::string& what) {
        const bool rule = recording_.rates.empty();
        if (!stamp) {
            all_stamped_ = false;
            what = "the record has no stamp, and the .cfg gives no rate";
            return !rule;
        }
        const double ns = static_cast<double>(*stamp) * config_.stamp_unit_ns;
        if (std::abs(ns) > 9e18) {
            what = "the stamp is more than 290 years";
            return false;
        }
        const double unit = config_.stamp_unit_ns;
        const std::int64_t exact = unit == std::floor(unit) && unit < 1e18
                                       ? *stamp * static_cast<std::int64_t>(unit)
                                       : std::llround(ns);
        std::vector<std::int64_t>& stamps = recording_.stamps_ns;
        if (rule && !stamps.empty() && exact <= stamps.back()) {
            what = "the stamp is not later than the one before, and the .cfg gives no rate";
            return false;
        }
        stamps.push_back(exact);
        return true;
    }

    void finish_stamps() {
        if (!all_stamped_)
            recording_.stamps_ns.clear();
    }

    bool ascii_record();
    bool ascii_analog(RecordedChannel& channel, std::string_view cell);

    const ComtradeConfig& config_;
    const ComtradePiece& dat_;
    Recording& recording_;
    std::vector<Mistake>& mistakes_;
    std::vector<std::string_view> cells_;
    int line_{0};
    std::int64_t last_number_{0};
    bool first_{true};
    bool all_stamped_{true};
};

/// Some writers fill the file up, to a multiple of 128 bytes or to what they had asked the disk for:
/// what stands behind all the records, and is nothing else, is no data. A record may look like that
/// as well, and has its number.
std::string_view Samples::without_filling(std::size_t record) {
    const std::string_view bytes = dat_.bytes;
    for (const std::int64_t count : {config_.promised, config_.promised + 1}) {
        const std::size_t end = static_cast<std::size_t>(count) * record;
        if (end >= bytes.size() || !is_padding(bytes.substr(end)))
            continue;
        const bool goes_on = bytes.size() - end >= 4 && end >= record &&
                             get_u32(bytes, end) == get_u32(bytes, end - record) + 1;
        if (goes_on)
            continue;
        tell_of_padding(bytes.substr(end), dat_.file, recording_);
        return bytes.substr(0, end);
    }
    return bytes;
}

bool Samples::binary() {
    const std::size_t analogs = recording_.channels.size();
    const std::size_t words = (recording_.digitals.size() + 15) / 16;
    const std::size_t width = config_.type == ComtradeType::binary ? 2 : 4;
    const std::size_t record = 8 + analogs * width + 2 * words;
    const std::string_view bytes = without_filling(record);
    const std::size_t count = bytes.size() / record;
    for (RecordedChannel& c : recording_.channels)
        if (config_.type == ComtradeType::float32)
            c.values.reserve(count);
        else
            c.codes.reserve(count);
    for (RecordedDigital& d : recording_.digitals)
        d.state.reserve(count);
    std::string what;
    for (std::size_t n = 0; n < count; ++n) {
        std::size_t at = n * record;
        if (!in_order(get_u32(bytes, at), what)) {
            return wrong_at(
                at, what + "; by the .cfg a record has " + std::to_string(record) + " bytes",
                cut_off);
        }
        const std::uint32_t stamp = get_u32(bytes, at + 4);
        if (!take_stamp(stamp == no_stamp ? std::nullopt : std::optional<std::int64_t>{stamp},
                        what))
            return wrong_at(at + 4, what, cut_off);
        at += 8;
        for (RecordedChannel& c : recording_.channels) {
            if (config_.type == ComtradeType::binary) {
                const std::int32_t code = get_i16(bytes, at);
                c.codes.push_back(code == missing_code16 ? missing_code : code);
            } else if (config_.type == ComtradeType::binary32) {
                c.codes.push_back(get_i32(bytes, at));
            } else {
                const float stored = get_f32(bytes, at);
                if (!std::isfinite(stored)) {
                    return wrong_at(at,
                                    "channel \"" + readable(c.name) + "\" is not a finite number",
                                    "a missing sample is stored as the most negative float");
                }
                c.values.push_back(stored == missing_float
                                       ? std::numeric_limits<double>::quiet_NaN()
                                       : static_cast<double>(stored));
            }
            at += width;
        }
        for (std::size_t i = 0; i < recording_.digitals.size(); ++i) {
            const std::uint16_t word = get_u16(bytes, at + 2 * (i / 16));
            recording_.digitals[i].state.push_back(((word >> (i % 16)) & 1) != 0);
        }
    }
    if (bytes.size() % record != 0) {
        return wrong_at(count * record,
                        "the last record is cut off: " + std::to_string(bytes.size() % record) +
                            " of " + std::to_string(record) + " bytes",
                        cut_off);
    }
    finish_stamps();
    return settle_count(config_, static_cast<std::int64_t>(count),
                        "byte " + std::to_string(dat_.byte + bytes.size()), recording_, dat_,
                        mistakes_);
}

bool Samples::ascii_analog(RecordedChannel& channel, std::string_view cell) {
    const auto whole = read_whole(cell);
    const bool missing =
        cell.empty() || (whole && *whole == missing_ascii && channel.stored_max < missing_ascii);
    const bool code = whole && std::abs(*whole) <= std::numeric_limits<std::int32_t>::max();
    const auto number = missing ? std::nullopt : read_number(cell);
    if (!missing && !number) {
        return wrong('"' + readable(std::string{cell.substr(0, 40)}) +
                         "\" is no number (channel \"" + readable(channel.name) + "\")",
                     "an empty cell is a missing sample");
    }
    if (channel.values.empty() && (missing || code)) {
        channel.codes.push_back(missing ? missing_code : static_cast<std::int32_t>(*whole));
        return true;
    }
    // The first number that no code can hold makes the channel one of numbers.
    for (const std::int32_t c : channel.codes)
        channel.values.push_back(c == missing_code ? std::numeric_limits<double>::quiet_NaN() : c);
    channel.codes.clear();
    channel.values.push_back(missing ? std::numeric_limits<double>::quiet_NaN() : *number);
    return true;
}

bool Samples::ascii_record() {
    const std::size_t expected = 2 + recording_.channels.size() + recording_.digitals.size();
    if (cells_.size() == expected + 1 && cells_.back().empty())
        cells_.pop_back();
    if (cells_.size() != expected) {
        return wrong("a record with " + counted(cells_.size(), "cell"),
                     "by the .cfg it has " + std::to_string(expected));
    }
    const auto number = read_whole(cells_[0]);
    if (!number)
        return wrong("a record without a number", "records begin with 1, 2, 3 …");
    std::string what;
    if (!in_order(*number, what))
        return wrong(what, cut_off);
    const auto stamp = read_whole(cells_[1]);
    if (!stamp && !cells_[1].empty()) {
        return wrong('"' + readable(std::string{cells_[1].substr(0, 40)}) + "\" is no stamp",
                     "stamps are whole numbers; leave the cell empty when there is none");
    }
    if (!take_stamp(stamp, what))
        return wrong(what, cut_off);
    auto cell = cells_.begin() + 2;
    for (RecordedChannel& c : recording_.channels)
        if (!ascii_analog(c, *cell++))
            return false;
    for (RecordedDigital& d : recording_.digitals) {
        if (*cell != "0" && *cell != "1") {
            return wrong('"' + readable(std::string{cell->substr(0, 40)}) +
                             "\" is no state (channel \"" + readable(d.name) + "\")",
                         "write 0 or 1");
        }
        d.state.push_back(*cell++ == "1");
    }
    return true;
}

/// Bytes that no text has, at the end of a line or in the place of one.
std::size_t rubbish_of(std::string_view line) {
    const auto blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    std::size_t bytes = 0;
    for (auto c = line.rbegin(); c != line.rend() && static_cast<unsigned char>(*c) <= ' '; ++c)
        bytes += blank(*c) ? 0 : 1;
    return bytes;
}

bool Samples::ascii() {
    std::string_view text = without_byte_order_mark(dat_).bytes;
    std::size_t rubbish = 0;
    std::int64_t count = 0;
    line_ = dat_.line - 1;
    while (!text.empty() && text.front() != '\x1A') {
        const std::size_t end = std::min(text.find('\n'), text.size());
        ++line_;
        cells_ = cells_of(text.substr(0, end));
        rubbish += rubbish_of(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (cells_.size() == 1 && cells_[0].empty())
            continue;
        if (!ascii_record())
            return false;
        ++count;
    }
    if (trimmed(text).empty())
        rubbish += rubbish_of(text);
    else
        rubbish += text.size();
    if (rubbish > 1) { // one end-of-file mark is as it should be
        recording_.remarks.push_back(
            to_text(Place{dat_.file, 0, 0}) + ": " + std::to_string(rubbish) +
            " bytes that are no text, at the ends of lines or of the data, "
            "are cut off");
    }
    finish_stamps();
    return settle_count(config_, count, "line " + std::to_string(line_), recording_, dat_,
                        mistakes_);
}

} // namespace

bool is_padding(std::string_view bytes) {
    constexpr std::string_view filling{"\x1A\0\r\n", 4};
    return bytes.find_first_not_of(filling) == std::string_view::npos;
}

void tell_of_padding(std::string_view padding, const std::string& file, Recording& recording) {
    if (padding.empty() || padding == "\x1A") // what a file ended with, once
        return;
    const bool marks = padding.find_first_not_of('\x1A') == std::string_view::npos;
    recording.remarks.push_back(
        to_text(Place{file, 0, 0}) + ": " + std::to_string(padding.size()) +
        (marks ? " end-of-file marks (1AH)" : " bytes of padding (1AH, 00H or line ends)") +
        " behind the last record of the data are cut off");
}

bool settle_count(const ComtradeConfig& config, std::int64_t found, const std::string& what_ended,
                  Recording& recording, const ComtradePiece& dat, std::vector<Mistake>& mistakes) {
    if (found != config.promised && found != config.promised + 1) {
        note(mistakes, dat.file, 0,
             "the data ends at " + what_ended + " after " + counted(found, "record"),
             "line " + std::to_string(config.promised_line) + " of the configuration promises " +
                 std::to_string(config.promised) + "; get the file again, or correct the number");
        return false;
    }
    if (!recording.rates.empty())
        recording.rates.back().end = found;
    return true;
}

bool read_samples(const ComtradeConfig& config, const ComtradePiece& dat, Recording& recording,
                  std::vector<Mistake>& mistakes) {
    Samples samples{config, dat, recording, mistakes};
    return config.type == ComtradeType::ascii ? samples.ascii() : samples.binary();
}

} // namespace kpmsim

// The lines of a .cfg, in order:
//
//   station,device,revision          no revision: 1991
//   TT,nA,nD                         "9,6A,3D"
//   an analog channel, nA times      13 cells; 10 in 1991
//   a status channel, nD times       5 cells; 3 in 1991
//   nominal frequency
//   number of rates
//   rate,last sample                 one line even with no rates: "0,last"
//   date of the first sample, date of the trigger
//   type of the data
//   factor of the stamps             since 1999
//   two time codes, clock quality    since 2013
//
// Recorders in the field leave out the later lines whatever their revision, write blanks after
// commas, fill the file with end-of-file marks, and make the status lines shorter. None of this
// makes a value ambiguous, so none of it is a mistake.

#include "recordings/comtrade_config.hpp"

#include "files/counted.hpp"
#include "recordings/channels.hpp"
#include "recordings/note.hpp"
#include "recordings/numbers.hpp"

#include <algorithm>

namespace kpmsim {
namespace {

class ConfigReader {
public:
    ConfigReader(const ComtradePiece& cfg, std::vector<Mistake>& mistakes)
        : file_{cfg.file}, text_{without_byte_order_mark(cfg).bytes},
          next_line_{cfg.line}, mistakes_{mistakes} {}

    std::optional<ComtradeConfig> read() {
        const std::size_t before = mistakes_.size();
        identity();
        counts();
        for (std::int64_t i = 0; i < analogs_ && more("an analog channel"); ++i)
            analog();
        for (std::int64_t i = 0; i < digitals_ && more("a status channel"); ++i)
            status();
        if (mistakes_.size() == before)
            rates();
        if (mistakes_.size() == before)
            dates_and_type();
        if (mistakes_.size() == before)
            later_lines();
        if (mistakes_.size() != before)
            return std::nullopt;
        return std::move(config_);
    }

private:
    /// The next line; false at the end of the file.
    bool next() {
        if (text_.empty()) {
            line_ = {};
            return false;
        }
        const std::size_t end = std::min(text_.find('\n'), text_.size());
        line_ = trimmed(text_.substr(0, end));
        text_.remove_prefix(std::min(end + 1, text_.size()));
        at_ = next_line_++;
        return true;
    }

    bool more(const std::string& what) {
        if (next())
            return true;
        if (!ended_) {
            wrong("the file ends where " + what + " should follow",
                  "the file is cut off; get it again from its source");
        }
        ended_ = true;
        return false;
    }

    void wrong(std::string what, std::string cure) {
        note(mistakes_, file_, at_, std::move(what), std::move(cure));
    }

    static std::string quoted(std::string_view text) {
        constexpr std::size_t enough = 60;
        return '"' + readable(std::string{text.substr(0, enough)}) +
               (text.size() > enough ? "…\"" : "\"");
    }

    void identity() {
        if (!more("the name of the station"))
            return;
        auto cells = cells_of(line_);
        if (cells.size() > 2) {
            const std::string_view year = cells.back();
            cells.pop_back();
            const auto revision = read_whole(year);
            if (!year.empty() && (!revision || *revision < 1900 || *revision > 2100))
                wrong(quoted(year) + " is no year of revision", "write 1991, 1999 or 2013");
            revision_ = static_cast<int>(revision.value_or(1991));
        }
        config_.recording.device = cells.size() > 1 ? std::string{cells.back()} : "";
        for (std::size_t i = 0; i + 1 < std::max<std::size_t>(cells.size(), 2); ++i)
            config_.recording.station += (i > 0 ? "," : "") + std::string{cells[i]};
    }

    /// "6A": a count and its letter; -1 when it is not.
    static std::int64_t count_of(std::string_view cell, char letter) {
        if (cell.empty() || (cell.back() | 0x20) != letter)
            return -1;
        const std::int64_t count = read_whole(cell.substr(0, cell.size() - 1)).value_or(-1);
        return count < 1'000'000 ? count : -1;
    }

    void counts() {
        if (!more("the number of channels"))
            return;
        const auto cells = cells_of(line_);
        const std::int64_t total = read_whole(cells[0]).value_or(-1);
        const std::int64_t analogs = cells.size() > 1 ? count_of(cells[1], 'a') : -1;
        const std::int64_t digitals = cells.size() > 2 ? count_of(cells[2], 'd') : -1;
        if (total < 0 || analogs < 0 || digitals < 0) {
            wrong(quoted(line_) + " is not the number of channels",
                  "write total, analog and status channels, such as 9,6A,3D");
        } else if (total != analogs + digitals) {
            wrong(quoted(line_) + ": the total is not the sum of the two",
                  "write " + std::to_string(analogs + digitals) + " or correct the counts");
        } else if (total == 0) {
            wrong("the recording has no channels", "a recording has at least one");
        } else {
            analogs_ = analogs;
            digitals_ = digitals;
        }
    }

    double number(std::string_view cell, const char* what, double if_empty) {
        if (cell.empty())
            return if_empty;
        const auto read = read_number(cell);
        if (!read)
            wrong(quoted(cell) + " is no number (" + what + ")", "write a finite number");
        return read.value_or(if_empty);
    }

    void analog() {
        auto cells = cells_of(line_);
        while (cells.size() > 10 && cells.size() != 13 && cells.back().empty())
            cells.pop_back();
        if (cells.size() == 13 && cells[10].empty() && cells[11].empty() && cells[12].empty())
            cells.resize(10); // nothing about a transformer, as in 1991
        if (cells.size() != 13 && cells.size() != 10) {
            wrong("an analog channel with " + counted(cells.size(), "cell"),
                  "it has 13 (number, name, phase, circuit, unit, a, b, skew, min, max, primary, "
                  "secondary, P or S), or 10 in 1991");
            return;
        }
        RecordedChannel c;
        c.name = cells[1];
        c.phase = cells[2];
        c.component = cells[3];
        c.unit = cells[4];
        if (cells[5].empty())
            wrong("the channel has no multiplier", "write the value of one count in the 6th cell");
        c.scale = number(cells[5], "multiplier a", 1.0);
        c.offset = number(cells[6], "offset b", 0.0);
        c.skew_us = number(cells[7], "skew", 0.0);
        c.stored_min = number(cells[8], "min", 0.0);
        c.stored_max = number(cells[9], "max", 0.0);
        if (cells.size() == 13) {
            c.primary = number(cells[10], "primary", 0.0);
            c.secondary = number(cells[11], "secondary", 0.0);
            if (cells[12] == "P" || cells[12] == "p") {
                c.values_are_primary = true;
            } else if (cells[12] == "S" || cells[12] == "s") {
                c.values_are_primary = false;
            } else if (cells[12].empty()) {
                c.side_is_told = false;
            } else {
                wrong(quoted(cells[12]) + " does not say on which side the values are",
                      "write P (primary) or S (secondary)");
            }
        }
        config_.recording.channels.push_back(std::move(c));
    }

    void status() {
        const auto cells = cells_of(line_);
        if (cells.size() < 2) {
            wrong(quoted(line_) + " is no status channel",
                  "it has 5 cells (number, name, phase, circuit, normal state), or 3 in 1991");
            return;
        }
        RecordedDigital d;
        d.name = cells[1];
        d.normal = cells.size() > 2 && cells.back() == "1";
        if (cells.size() == 5) {
            d.phase = cells[2];
            d.component = cells[3];
        }
        config_.recording.digitals.push_back(std::move(d));
    }

    void rates() {
        if (!more("the nominal frequency"))
            return;
        config_.recording.nominal_hz = number(line_, "nominal frequency", 0.0);
        if (config_.recording.nominal_hz < 0.0)
            wrong("the nominal frequency is negative", "write 50 or 60");
        if (!more("the number of sampling rates"))
            return;
        const auto count = read_whole(line_);
        if (!count || *count < 0 || *count > 1'000'000) {
            wrong(quoted(line_) + " is no number of sampling rates",
                  "write 0 when the stamps rule, else the number of lines that follow");
            return;
        }
        std::int64_t last = 0;
        std::string empty_stretch;
        std::int64_t empty_stretches = 0;
        for (std::int64_t i = 0; i < std::max<std::int64_t>(*count, 1); ++i) {
            if (!more("a sampling rate"))
                return;
            const auto cells = cells_of(line_);
            const auto hz = read_number(cells[0]);
            const auto end = cells.size() == 2 ? read_whole(cells[1]) : std::nullopt;
            constexpr std::int64_t most_samples = 1'000'000'000'000;
            if (!hz || !end || *end > most_samples) {
                wrong(quoted(line_) + " is no sampling rate",
                      "write rate and number of its last sample, such as 6400,12800");
                return;
            }
            if (*end < last) {
                wrong("the last sample of this rate is " + std::to_string(*end),
                      "it comes after sample " + std::to_string(last));
                return;
            }
            if (*hz < 0.0 || (*hz == 0.0 && *count > 1 && *end != last)) {
                wrong("a sampling rate of " + quoted(cells[0]) + " Hz",
                      "a rate is above 0; write 0 rates when the stamps rule");
                return;
            }
            if (*end == last) { // a stretch without samples
                if (++empty_stretches == 1)
                    empty_stretch = to_text(Place{file_, at_, 0}) + ": " + quoted(line_) +
                                    (last == 0 ? " ends before the first sample"
                                               : " ends where the rate before it ends");
                continue;
            }
            last = *end;
            if (*count > 0 && *hz > 0.0)
                config_.recording.rates.push_back({*hz, last});
        }
        if (last == 0)
            wrong("the rates promise no sample", "write the number of the last sample");
        tell_of_empty(empty_stretch, empty_stretches);
        config_.promised = last;
        config_.promised_line = at_;
    }

    /// `first` tells where the first of them stands; a file may have very many.
    void tell_of_empty(const std::string& first, std::int64_t count) {
        if (count == 0)
            return;
        const std::string others =
            count > 1 ? ", as " + std::to_string(count - 1) + " more of the rates do" : "";
        config_.recording.remarks.push_back(first + others +
                                            ": a stretch without samples is left out");
    }

    /// No reading hangs on a date, so one that cannot be is as good as none.
    ComtradeDate date(const char* of) {
        if (!more(std::string{"the date of the "} + of))
            return {};
        // 1997 is what early writers of the 1999 format wrote.
        const auto read = read_date(line_, revision_ < 1997);
        if (!read) {
            wrong(quoted(line_) + " is no date",
                  "write dd/mm/yyyy,hh:mm:ss.ssssss (1991: mm/dd/yy)");
            return {};
        }
        // The first second of 1970 is unknown without a word: writers that know no date, ours among
        // them, have it there.
        if (!read->exists) {
            config_.recording.remarks.push_back(to_text(Place{file_, at_, 0}) + ": " +
                                                quoted(line_) + " is no date; that of the " + of +
                                                " is taken as unknown");
        }
        return *read;
    }

    void dates_and_type() {
        const ComtradeDate start = date("first sample");
        const ComtradeDate trigger = date("trigger");
        config_.recording.start = start.whole;
        config_.recording.start_ns = start.ns;
        config_.recording.trigger = trigger.whole;
        config_.recording.trigger_ns = trigger.ns;
        config_.stamp_unit_ns = start.fraction_digits > 6 ? 1.0 : 1e3;
        if (ended_ || !more("the type of the data"))
            return;
        std::string type;
        for (const char c : line_)
            type += c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c;
        for (const ComtradeType known : {ComtradeType::ascii, ComtradeType::binary,
                                         ComtradeType::binary32, ComtradeType::float32}) {
            if (type == name_of(known)) {
                config_.type = known;
                return;
            }
        }
        wrong(quoted(line_) + " is no type of data", "known: ASCII, BINARY, BINARY32, FLOAT32");
    }

    void later_lines() {
        if (next() && !line_.empty()) {
            const auto factor = read_number(line_);
            if (!factor || !(*factor > 0.0)) {
                wrong(quoted(line_) + " is no factor for the stamps", "write 1");
                return;
            }
            config_.stamp_unit_ns *= *factor;
        }
        Recording& r = config_.recording;
        const auto pair = [&](std::string& first, std::string& second) {
            if (!next() || line_.empty())
                return;
            const auto cells = cells_of(line_);
            first = cells[0];
            second = cells.size() > 1 ? std::string{cells[1]} : std::string{};
        };
        pair(r.time_code, r.local_code);
        pair(r.clock_quality, r.leap_second);
    }

    const std::string& file_;
    std::string_view text_;
    std::string_view line_;
    int at_{0};
    int next_line_{1};
    std::vector<Mistake>& mistakes_;
    ComtradeConfig config_;
    int revision_{1991};
    std::int64_t analogs_{0};
    std::int64_t digitals_{0};
    bool ended_{false};
};

} // namespace

ComtradePiece without_byte_order_mark(const ComtradePiece& text) {
    constexpr std::string_view mark{"\xEF\xBB\xBF"};
    ComtradePiece out = text;
    if (out.bytes.starts_with(mark)) {
        out.bytes.remove_prefix(mark.size());
        out.byte += mark.size();
    }
    return out;
}

std::optional<ComtradeConfig> parse_config(const ComtradePiece& cfg,
                                           std::vector<Mistake>& mistakes) {
    return ConfigReader{cfg, mistakes}.read();
}

std::string name_of(ComtradeType type) {
    switch (type) {
    case ComtradeType::ascii:
        return "ASCII";
    case ComtradeType::binary:
        return "BINARY";
    case ComtradeType::binary32:
        return "BINARY32";
    case ComtradeType::float32:
        return "FLOAT32";
    }
    return {};
}

} // namespace kpmsim

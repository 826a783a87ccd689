// Times in a file are rounded to the last digit written, so even samples have times within half a
// unit u of that digit of t0 + n T. The two ends then bound the period: T = (t_last - t0 ± u)/n.
//
// A clock that follows the frequency of a grid has a period that goes from stretch to stretch. Then
// the times rule, as stamps do (timeline.cpp).

#include "recordings/csv_recording.hpp"

#include "files/counted.hpp"
#include "files/csv_dialect.hpp"
#include "files/csv_rows.hpp"
#include "files/text_file.hpp"
#include "recordings/bytes.hpp"
#include "recordings/channels.hpp"
#include "recordings/note.hpp"
#include "recordings/numbers.hpp"
#include "recordings/timeline.hpp"
#include "sim/iso_time.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>

namespace kpmsim {
namespace {

/// Of a step, and how long it holds, where the clock follows a frequency.
constexpr double largest_change = 0.005;
constexpr std::size_t shortest_stretch = 96;

/// A unit of the last digit of a number as it is written.
double last_digit(std::string_view text, char decimal) {
    const std::size_t exponent = text.find_first_of("eE");
    const std::string_view digits = text.substr(0, exponent);
    const std::size_t point = digits.find(decimal);
    int power = point == std::string_view::npos ? 0 : -static_cast<int>(digits.size() - point - 1);
    if (exponent != std::string_view::npos) {
        power += static_cast<int>(
            std::clamp<std::int64_t>(read_whole(text.substr(exponent + 1)).value_or(0), -400, 400));
    }
    return std::pow(10.0, power);
}

/// "UA [V]" and "ua_v" into name and unit.
RecordedChannel channel_of(std::string_view title) {
    RecordedChannel channel;
    channel.name = title;
    const std::size_t bracket = title.find_last_of("[(");
    if (bracket != std::string_view::npos && (title.back() == ']' || title.back() == ')')) {
        channel.name = trimmed(title.substr(0, bracket));
        channel.unit = trimmed(title.substr(bracket + 1, title.size() - bracket - 2));
        return channel;
    }
    static constexpr std::string_view known[][2] = {
        {"_v", "V"}, {"_kv", "kV"}, {"_mv", "mV"}, {"_a", "A"}, {"_ka", "kA"}, {"_ma", "mA"},
        {"_V", "V"}, {"_kV", "kV"}, {"_mV", "mV"}, {"_A", "A"}, {"_kA", "kA"}, {"_mA", "mA"}};
    for (const auto& [ending, unit] : known) {
        // "u_a" is phase a, not a current.
        const std::size_t rest = title.size() - std::min(title.size(), ending.size());
        if (title.ends_with(ending) && rest > 1) {
            channel.name = title.substr(0, rest);
            channel.unit = unit;
        }
    }
    return channel;
}

/// An offset from UTC as COMTRADE writes it: "+1", "-3h30", "0".
std::string time_code(std::chrono::minutes offset) {
    const auto minutes = static_cast<int>(offset.count());
    std::string text = std::to_string(std::abs(minutes) / 60);
    if (minutes % 60 != 0)
        text += 'h' + std::to_string(std::abs(minutes) % 60);
    return (minutes < 0 ? "-" : minutes > 0 ? "+" : "") + text;
}

class CsvReader {
public:
    CsvReader(const std::string& file, std::string_view text, const CsvDialect& dialect,
              std::vector<Mistake>& mistakes)
        : file_{file}, rows_{text, file, dialect.separator, mistakes}, dialect_{dialect},
          mistakes_{mistakes} {}

    std::optional<Recording> read() {
        const std::size_t before = mistakes_.size();
        if (rows_.next())
            header();
        else if (mistakes_.size() == before)
            wrong("the file is empty", "begin with a header: time_s,UA [V],IA [A]");
        while (mistakes_.size() == before && rows_.next())
            row();
        if (mistakes_.size() != before || !rate())
            return std::nullopt;
        if (const std::string dialect = told(dialect_); !dialect.empty())
            recording_.remarks.push_back(to_text(Place{file_, 0, 0}) + ": " + dialect);
        return std::move(recording_);
    }

private:
    bool wrong(std::string what, std::string cure) { // of the row
        return wrong_at(rows_.line(), std::move(what), std::move(cure));
    }
    bool wrong_at(int line, std::string what, std::string cure) {
        note(mistakes_, file_, line, std::move(what), std::move(cure));
        return false;
    }

    void header() {
        const auto& cells = rows_.cells();
        dated_ = cells[0] == "time";
        if (cells.size() < 2 || (!dated_ && cells[0] != "time_s")) {
            wrong("the header does not begin with time_s and a channel",
                  "write for example: time_s,UA [V],IA [A]; a column time has dates, such as "
                  "2026-01-12T08:15:00.000125");
            return;
        }
        std::set<std::string> names;
        for (std::size_t i = 1; i < cells.size(); ++i) {
            const RecordedChannel channel = channel_of(cells[i]);
            const bool twice = !names.insert(channel.name).second;
            if (channel.name.empty() || twice) {
                wrong("column " + std::to_string(i + 1) +
                          (twice ? " has the name of another" : " has no name"),
                      "give every channel a name of its own");
                return;
            }
            recording_.channels.push_back(channel);
        }
    }

    void row() {
        const auto& cells = rows_.cells();
        if (cells.size() != recording_.channels.size() + 1) {
            const bool more =
                cells.size() > recording_.channels.size() && dialect_.separator == ',';
            wrong("has " + counted(cells.size(), "cell"),
                  "the header names " + std::to_string(recording_.channels.size() + 1) +
                      (more ? "; where decimals have a comma, columns are parted by ;" : ""));
            return;
        }
        if (!(dated_ ? date(cells[0]) : time(cells[0])))
            return;
        for (std::size_t i = 1; i < cells.size(); ++i) {
            RecordedChannel& channel = recording_.channels[i - 1];
            const auto number = read_number(cells[i], dialect_.decimal);
            if (!number) {
                no_number(cells[i], readable(channel.name));
                return;
            }
            channel.values.push_back(*number);
        }
    }

    bool no_number(std::string_view cell, const std::string& of) {
        return wrong(
            (cell.empty() ? std::string{"a cell is empty"}
                          : '"' + std::string{cell.substr(0, 40)} + "\" is no finite number") +
                " (" + of + ")",
            std::string{has_thousands_marks(cell) ? "write it without marks between the thousands"
                                                  : "every sample has a time and all its values"} +
                (dialect_.decimal == ',' ? "; the file's decimal mark is a comma" : ""));
    }

    /// Seconds.
    bool time(std::string_view cell) {
        const auto number = read_number(cell, dialect_.decimal);
        if (!number)
            return no_number(cell, "time_s");
        return take_time(*number, last_digit(cell, dialect_.decimal));
    }

    /// A date and time, from whose first the others count.
    bool date(std::string_view cell) {
        const auto iso = read_iso(cell);
        if (!iso) {
            return wrong('"' + std::string{cell.substr(0, 40)} + "\" is no date and time",
                         "write 2026-01-12T08:15:00.000125, with or without a zone");
        }
        if (times_.empty()) {
            first_ = *iso;
            recording_.start = iso->whole;
            recording_.start_ns = iso->ns;
            if (iso->offset)
                recording_.time_code = recording_.local_code = time_code(*iso->offset);
        }
        if (iso->offset.has_value() != first_.offset.has_value()) {
            return wrong("the time has a zone, and others have none, or the other way round",
                         "write all with their zone, or all without");
        }
        const auto since = (iso->whole - iso->offset.value_or(std::chrono::minutes{0})) -
                           (first_.whole - first_.offset.value_or(std::chrono::minutes{0}));
        return take_time(static_cast<double>(since.count()) +
                             static_cast<double>(iso->ns - first_.ns) * 1e-9,
                         std::pow(10.0, -iso->fraction_digits));
    }

    bool take_time(double seconds, double unit) {
        if (!times_.empty() && seconds <= times_.back())
            return wrong("the time is not later than the one before", "times rise evenly");
        times_.push_back(seconds);
        lines_.push_back(rows_.line());
        unit_s_ = std::min(unit_s_, unit);
        return true;
    }

    bool rate() {
        if (times_.size() < 2)
            return wrong("the file has fewer than two samples", "two are needed to know the rate");
        // A double has no more digits than its own.
        unit_s_ = std::max(
            {unit_s_, std::abs(times_.back()) * 0x1p-50, std::abs(times_.front()) * 0x1p-50});
        const auto steps = static_cast<double>(times_.size() - 1);
        const double span = times_.back() - times_.front();
        for (std::size_t n = 0; n < times_.size(); ++n) {
            const double even = times_.front() + span * (static_cast<double>(n) / steps);
            if (std::abs(times_[n] - even) > 1.01 * unit_s_)
                return slowly_changing() || uneven();
        }
        // Half a unit either way would do for rounded times; programs also cut digits off.
        const double longest = (span + unit_s_) / steps;
        const double shortest = (span - unit_s_) / steps;
        if (!(shortest > 0.5 * longest)) {
            return wrong("the times are too coarse to tell the rate",
                         "write them with more digits");
        }
        const double hz = likely_rate(1.0 / longest, 1.0 / shortest);
        recording_.rates = {{hz, static_cast<std::int64_t>(times_.size())}};
        recording_.nominal_hz = 0.0;
        return true;
    }

    /// The commonest step.
    double common_step() const {
        std::vector<double> steps;
        for (std::size_t n = 1; n < times_.size(); ++n)
            steps.push_back(times_[n] - times_[n - 1]);
        const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
        std::nth_element(steps.begin(), middle, steps.end());
        return *middle;
    }

    /// Takes times whose step changes a little from stretch to stretch; false when they are not.
    bool slowly_changing() {
        const double common = common_step();
        if (common < 2e-9 || times_.back() - times_.front() > 9e9)
            return false;
        std::vector<std::int64_t> stamps;
        for (std::size_t n = 0; n < times_.size(); ++n) {
            stamps.push_back(std::llround((times_[n] - times_.front()) * 1e9));
            if (n > 0 && std::abs(times_[n] - times_[n - 1] - common) >
                             largest_change * common + 2.0 * unit_s_)
                return false;
        }
        Recording stamped;
        stamped.channels.resize(1);
        stamped.channels[0].values = times_;
        stamped.stamps_ns = stamps;
        if (timeline_of(stamped).size() > times_.size() / shortest_stretch + 1)
            return false;
        recording_.stamps_ns = std::move(stamps);
        recording_.nominal_hz = 0.0;
        return true;
    }

    /// Points at the time whose step is the least like the common one.
    bool uneven() {
        std::vector<double> steps;
        for (std::size_t n = 1; n < times_.size(); ++n)
            steps.push_back(times_[n] - times_[n - 1]);
        const double common = common_step();
        const auto odd = std::max_element(steps.begin(), steps.end(), [&](double a, double b) {
            return std::abs(a - common) < std::abs(b - common);
        });
        const int line = lines_[static_cast<std::size_t>(odd - steps.begin()) + 1];
        char text[96];
        std::snprintf(text, sizeof text, "a step of %.6g s among steps of %.6g s", *odd, common);
        const auto uncommon = std::count_if(steps.begin(), steps.end(), [&](double step) {
            return std::abs(step - common) > largest_change * common + 2.0 * unit_s_;
        });
        const bool pauses =
            *odd > 1.5 * common &&
            (uncommon == 1 || 10 * static_cast<std::size_t>(uncommon) < steps.size());
        return wrong_at(line, std::string{"the times do not rise evenly: "} + text,
                        pauses
                            ? "cut it there, or fill the pause in: a meter sees no pauses"
                            : "resample the data first, or write COMTRADE, which can say several "
                              "rates");
    }

    const std::string& file_;
    CsvRows rows_;
    CsvDialect dialect_;
    std::vector<Mistake>& mistakes_;
    bool dated_{false};
    IsoTime first_{};
    std::vector<double> times_;
    std::vector<int> lines_;
    double unit_s_{1.0}; ///< of the finest time: programs leave trailing zeros away
    Recording recording_;
};

} // namespace

std::optional<Recording> parse_csv_recording(const std::string& file, std::string_view text,
                                             std::vector<Mistake>& mistakes) {
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    const auto dialect = csv_dialect(text, file, mistakes);
    return dialect ? CsvReader{file, text, *dialect, mistakes}.read() : std::nullopt;
}

std::optional<Recording> read_csv_recording(const std::string& path,
                                            std::vector<Mistake>& mistakes) {
    const auto bytes = read_file(path, mistakes);
    return bytes ? parse_csv_recording(path, *bytes, mistakes) : std::nullopt;
}

std::optional<std::string> csv_recording_text(const Recording& recording, const std::string& file,
                                              std::vector<Mistake>& mistakes) {
    const std::size_t before = mistakes.size();
    if (recording.rates.size() != 1 || !(recording.rates[0].hz > 0.0) || recording.samples() < 2 ||
        recording.rates[0].end != recording.samples()) {
        note(mistakes, file, 0, "the recording has not one rate for all its samples",
             "CSV holds evenly spaced samples; write COMTRADE");
    }
    std::string out = "time_s";
    for (const RecordedChannel& c : recording.channels) {
        const auto count = static_cast<std::int64_t>(std::max(c.codes.size(), c.values.size()));
        if (c.skew_us != 0.0 || missing_samples(c) > 0 || count != recording.samples()) {
            note(mistakes, file, 0,
                 '"' + readable(c.name) + "\" is skewed against the others or misses samples",
                 "CSV has one time a row and no empty cells; write COMTRADE");
        }
        if (c.name.find_first_of(",\"\r\n[]()") != std::string::npos) {
            note(mistakes, file, 0,
                 '"' + readable(c.name) + "\" has a comma, quote, bracket or line end in it",
                 "use another sign");
        }
        out += ',' + c.name + " [" + c.unit + ']';
    }
    if (mistakes.size() != before)
        return std::nullopt;
    out += '\n';
    for (std::int64_t n = 0; n < recording.samples(); ++n) {
        out += number_text(static_cast<double>(n) / recording.rates[0].hz);
        for (const RecordedChannel& c : recording.channels)
            out += ',' + number_text(value(c, n));
        out += '\n';
    }
    return out;
}

bool write_csv_recording(const Recording& recording, const std::string& path,
                         std::vector<Mistake>& mistakes) {
    const auto text = csv_recording_text(recording, path, mistakes);
    return text && write_bytes(path, *text, mistakes);
}

} // namespace kpmsim

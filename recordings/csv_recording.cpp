// Times in a file are rounded to the last digit written, so even samples have times within half a
// unit u of that digit of t0 + n T. The two ends then bound the period: T = (t_last - t0 ± u)/n.
//
// A clock that follows the frequency of a grid has a period that goes from stretch to stretch. Then
// the times rule, as stamps do (timeline.cpp).

#include "recordings/csv_recording.hpp"

#include "recordings/bytes.hpp"
#include "recordings/channels.hpp"
#include "recordings/note.hpp"
#include "recordings/numbers.hpp"
#include "recordings/timeline.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace kpmsim {
namespace {

/// Of a step, and how long it holds, where the clock follows a frequency.
constexpr double largest_change = 0.005;
constexpr std::size_t shortest_stretch = 96;

/// A unit of the last digit of a number as it is written.
double last_digit(std::string_view text) {
    const std::size_t exponent = text.find_first_of("eE");
    const std::string_view digits = text.substr(0, exponent);
    const std::size_t point = digits.find('.');
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
    if (title.size() > 1 && title.front() == '"' && title.back() == '"')
        title = trimmed(title.substr(1, title.size() - 2));
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

class CsvReader {
public:
    CsvReader(const std::string& file, std::string_view text, std::vector<Mistake>& mistakes)
        : file_{file}, text_{text}, mistakes_{mistakes} {}

    std::optional<Recording> read() {
        const std::size_t before = mistakes_.size();
        if (text_.starts_with("\xEF\xBB\xBF"))
            text_.remove_prefix(3);
        if (!next() || !header()) {
            if (mistakes_.size() == before)
                wrong("the file is empty", "begin with a header: time_s,UA [V],IA [A]");
            return std::nullopt;
        }
        while (next())
            if (!row())
                return std::nullopt;
        if (!rate())
            return std::nullopt;
        return std::move(recording_);
    }

private:
    bool wrong(std::string what, std::string cure) {
        note(mistakes_, file_, line_, std::move(what), std::move(cure));
        return false;
    }

    bool next() {
        while (!text_.empty()) {
            const std::size_t end = std::min(text_.find('\n'), text_.size());
            const std::string_view row = trimmed(text_.substr(0, end));
            text_.remove_prefix(std::min(end + 1, text_.size()));
            ++line_;
            if (!row.empty() && row.front() != '#') {
                cells_ = cells_of(row);
                return true;
            }
        }
        return false;
    }

    bool header() {
        if (cells_.size() < 2 || (cells_[0] != "time_s" && cells_[0] != "\"time_s\"")) {
            return wrong("the header does not begin with time_s and a channel",
                         "write for example: time_s,UA [V],IA [A]");
        }
        for (std::size_t i = 1; i < cells_.size(); ++i) {
            const RecordedChannel channel = channel_of(cells_[i]);
            const bool twice =
                std::any_of(recording_.channels.begin(), recording_.channels.end(),
                            [&](const RecordedChannel& c) { return c.name == channel.name; });
            if (channel.name.empty() || twice) {
                return wrong("column " + std::to_string(i + 1) +
                                 (twice ? " has the name of another" : " has no name"),
                             "give every channel a name of its own");
            }
            recording_.channels.push_back(channel);
        }
        return true;
    }

    bool row() {
        if (cells_.size() != recording_.channels.size() + 1) {
            return wrong("has " + std::to_string(cells_.size()) + " cells",
                         "the header names " + std::to_string(recording_.channels.size() + 1));
        }
        for (std::size_t i = 0; i < cells_.size(); ++i) {
            const auto number = read_number(cells_[i]);
            if (!number) {
                return wrong((cells_[i].empty()
                                  ? std::string{"a cell is empty"}
                                  : '"' + printable(std::string{cells_[i].substr(0, 40)}) +
                                        "\" is no finite number") +
                                 (i == 0 ? " (time_s)"
                                         : " (" + printable(recording_.channels[i - 1].name) + ")"),
                             "every sample has a time and all its values");
            }
            if (i > 0) {
                recording_.channels[i - 1].values.push_back(*number);
                continue;
            }
            if (!times_.empty() && *number <= times_.back())
                return wrong("the time is not later than the one before", "times rise evenly");
            times_.push_back(*number);
            lines_.push_back(line_);
            unit_s_ = std::min(unit_s_, last_digit(cells_[0]));
        }
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
        line_ = lines_[static_cast<std::size_t>(odd - steps.begin()) + 1];
        char text[96];
        std::snprintf(text, sizeof text, "a step of %.6g s among steps of %.6g s", *odd, common);
        return wrong(std::string{"the times do not rise evenly: "} + text,
                     "resample the data first, or write COMTRADE, which can say several rates");
    }

    const std::string& file_;
    std::string_view text_;
    std::vector<Mistake>& mistakes_;
    std::vector<std::string_view> cells_;
    std::vector<double> times_;
    std::vector<int> lines_;
    double unit_s_{1.0}; ///< of the finest time: programs leave trailing zeros away
    int line_{0};
    Recording recording_;
};

} // namespace

std::optional<Recording> parse_csv_recording(const std::string& file, std::string_view text,
                                             std::vector<Mistake>& mistakes) {
    return CsvReader{file, text, mistakes}.read();
}

std::optional<Recording> read_csv_recording(const std::string& path,
                                            std::vector<Mistake>& mistakes) {
    const auto bytes = read_bytes(path, mistakes);
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
                 '"' + printable(c.name) + "\" is skewed against the others or misses samples",
                 "CSV has one time a row and no empty cells; write COMTRADE");
        }
        if (c.name.find_first_of(",\"\r\n[]()") != std::string::npos) {
            note(mistakes, file, 0,
                 '"' + printable(c.name) + "\" has a comma, quote, bracket or line end in it",
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

#include "scenarios/file/farm_reader.hpp"
#include "sim/iso_time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kpmsim {
namespace {

constexpr double longest_s = 1.5e9; // 47 years
constexpr int most_times = 1000;

const std::vector<std::string> kinds{
    "dip",       "swell",      "interruption", "rapid-change",          "flicker",
    "frequency", "phase-jump", "notches",      "oscillatory-transient", "impulsive-transient",
};
const std::vector<std::string> all_keys{
    "at",       "for",   "every",     "times",  "phases", "angle", "edge",
    "residual", "depth", "magnitude", "change", "shape",  "f",     "changes_per_minute",
    "by",       "width", "per_cycle", "first",  "u",      "decay", "front"};

/// One [[supply.NAME.disturbance]] while it is read.
class DisturbanceReader {
public:
    DisturbanceReader(const std::string& supply, const TomlNode& node, const SupplySpec& spec,
                      CivilTime start, std::vector<Mistake>& mistakes)
        : node_{node}, spec_{spec}, start_{start}, mistakes_{mistakes},
          table_{node, "this disturbance of supply " + supply, mistakes} {}

    std::optional<DisturbancePlan> read() {
        const std::size_t before = mistakes_.size();
        const auto kind = table_.choice("kind", kinds);
        if (!kind) {
            if (node_.find("kind") == nullptr)
                table_.missing("kind", "kind = \"dip\"; known: " + listed(kinds));
            for (const std::string& key : all_keys)
                table_.node(key);
            table_.finish();
            return std::nullopt;
        }
        kind_ = *kind;
        read_kind();
        read_phases();
        read_moment();
        table_.finish();
        if (mistakes_.size() != before)
            return std::nullopt;
        return plan_;
    }

private:
    bool has(const std::string& key) const { return node_.find(key) != nullptr; }

    double percent(const std::string& key, double least, double most, const std::string& what) {
        const auto value = table_.quantity(key, Unit::fraction);
        if (value) {
            keep_within(table_, key, *value, least, most,
                        fmt::format("{:g} % to {:g} %", least * 100.0, most * 100.0), what);
        }
        return value.value_or(0.0);
    }
    double needed_percent(const std::string& key, double least, double most,
                          const std::string& what, const std::string& example) {
        if (!has(key))
            table_.missing(key, key + " = \"" + example + '"');
        return percent(key, least, most, what);
    }

    /// "200 ms" or "10 cycles", those of the supply's `f`.
    std::optional<SimDuration> span(const std::string& key) {
        const auto length = table_.duration(key, spec_.f_hz);
        if (length && length->count() == 0) {
            table_.wrong(key, key + " is out of range", "write more than \"0 s\", up to 47 years");
            return std::nullopt;
        }
        return length;
    }

    /// `otherwise`: what holds without the key; nothing = it is needed.
    void read_length(std::optional<SimDuration> otherwise, const std::string& example = "") {
        if (!has("for") && !otherwise)
            table_.missing("for", "for = \"" + example + '"');
        plan_.what.length = span("for").value_or(otherwise.value_or(SimDuration{1}));
    }

    void read_edge() {
        const TomlNode* node = table_.node("edge");
        const auto* text = node != nullptr ? std::get_if<std::string>(&node->value) : nullptr;
        if (text != nullptr && (*text == "0 s" || *text == "0 ms"))
            return;
        if (const auto edge = span("edge")) {
            if (*edge > std::chrono::hours{1} || *edge > plan_.what.length) {
                table_.wrong("edge", "edge is out of range",
                             "an edge is no longer than an hour, nor than for");
            }
            plan_.what.edge = *edge;
        }
    }

    void read_kind() {
        Disturbance& d = plan_.what;
        if (kind_ == "dip" || kind_ == "interruption" || kind_ == "swell" ||
            kind_ == "rapid-change") {
            d.kind = DisturbanceKind::level;
            read_level();
        } else if (kind_ == "flicker") {
            read_flicker();
        } else if (kind_ == "frequency") {
            d.kind = DisturbanceKind::frequency;
            read_frequency();
        } else if (kind_ == "phase-jump") {
            d.kind = DisturbanceKind::phase_jump;
            if (!has("by"))
                table_.missing("by", "by = \"30 deg\"");
            d.angle_deg = table_.quantity("by", Unit::degree).value_or(0.0);
            keep_within(table_, "by", d.angle_deg, -180.0, 180.0, "-180 deg to 180 deg",
                        "a phase jump");
            read_length(for_good);
        } else if (kind_ == "notches") {
            d.kind = DisturbanceKind::notches;
            read_notches();
        } else {
            read_transient();
        }
    }

    void read_level() {
        Disturbance& d = plan_.what;
        if (kind_ == "dip") {
            if (has("residual") == has("depth")) {
                const std::string cure = "residual = \"40 %\" is what is left, depth = \"60 %\" "
                                         "what is missing";
                if (has("residual"))
                    table_.wrong("depth", "residual and depth say the same thing twice",
                                 "keep one: " + cure);
                else
                    table_.missing("residual", "it or depth: " + cure);
            }
            d.factor = percent("residual", 0.0, 1.0, "a dip's residual voltage");
            const double depth = percent("depth", 0.0, 1.0, "a dip's depth");
            if (!has("residual"))
                d.factor = 1.0 - depth;
            read_length(std::nullopt, "10 cycles");
        } else if (kind_ == "interruption") {
            d.factor = 0.0;
            read_length(std::nullopt, "2 s");
        } else if (kind_ == "swell") {
            d.factor = needed_percent("magnitude", 1.0, 2.0, "a swell's magnitude", "120 %");
            read_length(std::nullopt, "10 cycles");
        } else {
            d.factor =
                1.0 + needed_percent("change", -1.0, 1.0, "a rapid change of the voltage", "-5 %");
            read_length(for_good);
        }
        read_edge();
    }

    void read_flicker() {
        Disturbance& d = plan_.what;
        d.kind = table_.choice("shape", {"square", "sine"}) == "sine"
                     ? DisturbanceKind::flicker_sine
                     : DisturbanceKind::flicker_square;
        d.depth =
            needed_percent("depth", 0.0, 1.0, "flicker's depth dU/U, from peak to peak", "0.9 %");
        if (has("f") == has("changes_per_minute")) {
            const std::string cure = "changes_per_minute = 39 counts two a period, as the flicker "
                                     "tables do; f = \"8.8 Hz\" is the period's";
            if (has("f"))
                table_.wrong("f", "f and changes_per_minute say the same thing twice",
                             "keep one: " + cure);
            else
                table_.missing("changes_per_minute", "it or f: " + cure);
        }
        const auto f_hz = table_.quantity("f", Unit::hertz);
        const auto changes = table_.number("changes_per_minute");
        if (f_hz)
            keep_within(table_, "f", *f_hz, 1.0 / 3600.0, 40.0, "0.3 mHz to 40 Hz",
                        "the frequency of flicker");
        if (changes)
            keep_within(table_, "changes_per_minute", *changes, 1.0 / 30.0, 4800.0, "0.034 to 4800",
                        "what flicker changes a minute");
        d.hz = f_hz ? *f_hz : flicker_hz(changes.value_or(60.0));
        read_length(for_good);
    }

    void read_frequency() {
        Disturbance& d = plan_.what;
        if (!has("by"))
            table_.missing("by", "by = \"-500 mHz\"");
        if (const auto by = table_.quantity("by", Unit::hertz)) {
            d.hz = *by;
            keep_within(table_, "by", spec_.f_hz + *by, 40.0, 70.0,
                        "40 Hz to 70 Hz, with what is added", "a supply's frequency");
        }
        read_length(for_good);
        read_edge();
    }

    void read_notches() {
        Disturbance& d = plan_.what;
        d.depth = needed_percent("depth", 0.0, 1.0, "what a notch cuts out", "40 %");
        d.per_cycle = static_cast<int>(table_.integer("per_cycle", 1, 24).value_or(6));
        if (!has("width"))
            table_.missing("width", "width = \"5 deg\"");
        const auto width = table_.quantity("width", Unit::degree);
        const double most = 360.0 / d.per_cycle;
        if (width)
            keep_within(table_, "width", *width, 0.01, most,
                        fmt::format("0.01 deg to {:g} deg, where the next one begins", most),
                        "a notch's width");
        d.width_deg = width.value_or(1.0);
        const auto first = table_.quantity("first", Unit::degree);
        if (first)
            keep_within(table_, "first", *first, -360.0, 360.0, "-360 deg to 360 deg",
                        "the angle of the first notch");
        d.angle_deg = first.value_or(0.0);
        read_length(for_good);
    }

    SimDuration time_constant(const std::string& key, const std::string& example) {
        if (!has(key))
            table_.missing(key, key + " = \"" + example + '"');
        const auto value = table_.quantity(key, Unit::second);
        if (value)
            keep_within(table_, key, *value, 1e-6, 10.0, "1 us to 10 s",
                        "a transient's time constant");
        return SimDuration{std::llround(std::clamp(value.value_or(1e-3), 1e-6, 10.0) * 1e9)};
    }

    void read_transient() {
        Disturbance& d = plan_.what;
        const bool oscillates = kind_ == "oscillatory-transient";
        d.kind = oscillates ? DisturbanceKind::oscillation : DisturbanceKind::impulse;
        if (!has("u"))
            table_.missing("u", oscillates ? "u = \"150 V\"" : "u = \"2 kV\"");
        d.volts = table_.quantity("u", Unit::volt).value_or(0.0);
        keep_within(table_, "u", d.volts, -1e6, 1e6, "-1000 kV to 1000 kV", "a transient's size");
        d.decay = time_constant("decay", oscillates ? "5 ms" : "50 us");
        if (oscillates) {
            if (!has("f"))
                table_.missing("f", "f = \"700 Hz\"");
            const auto f_hz = table_.quantity("f", Unit::hertz);
            if (f_hz)
                keep_within(table_, "f", *f_hz, 10.0, 3000.0,
                            "10 Hz to 3000 Hz, below half of what the meters sample with",
                            "a transient's frequency");
            d.hz = f_hz.value_or(700.0);
        } else {
            d.front = time_constant("front", "1.2 us");
            if (has("front") && has("decay") && d.front >= d.decay)
                table_.wrong("front", "front is not shorter than decay",
                             "an impulse rises faster than it falls");
        }
        // e^-40 of the largest is below a double's last bit.
        read_length(40 * d.decay);
    }

    void read_phases() {
        const auto written = table_.text("phases");
        if (!written)
            return;
        std::array<bool, 3> phases{};
        bool right = !written->empty();
        for (const char c : *written) {
            const auto phase = static_cast<std::size_t>(c - 'a');
            right = right && c >= 'a' && c <= 'c' && !phases[phase];
            if (right)
                phases[phase] = true;
        }
        if (!right) {
            table_.wrong("phases", "phases \"" + *written + "\" cannot be read",
                         "write \"a\", \"bc\" or \"abc\", each phase once");
        } else if (kind_ == "frequency" && *written != "abc") {
            table_.wrong("phases", "the frequency is that of all phases", "leave phases out");
        } else {
            plan_.what.phases = phases;
        }
    }

    /// "12.5 s" after the start, or a time of the site.
    void read_at() {
        static const std::string cure = "write \"12.5 s\" after the farm's start, or a time of the "
                                        "site such as \"2026-01-01T08:30:00\"";
        const TomlNode* node = table_.node("at");
        if (node == nullptr) {
            table_.missing("at", "at = \"12.5 s\"");
            return;
        }
        const auto* text = std::get_if<std::string>(&node->value);
        if (text != nullptr && read_iso(*text)) {
            Fault fault;
            plan_.civil = read_site_time(*text, fault);
            if (!plan_.civil)
                table_.wrong("at", fault);
            return;
        }
        std::string why;
        const auto after_s =
            text != nullptr ? parse_quantity(*text, Unit::second, why) : std::nullopt;
        if (!after_s) {
            table_.wrong("at",
                         text != nullptr ? "at \"" + *text + "\" is no time"
                                         : std::string{"at is no time"},
                         cure);
        } else if (!(*after_s >= 0.0 && *after_s <= longest_s)) {
            table_.wrong("at", "at is out of range",
                         "it counts from the farm's start, up to 47 years");
        } else {
            plan_.at = SimDuration{std::llround(*after_s * 1e9)};
        }
    }

    void read_moment() {
        const std::size_t before = mistakes_.size();
        read_at();
        const bool timed = mistakes_.size() == before;
        if (const auto angle = table_.quantity("angle", Unit::degree)) {
            keep_within(table_, "angle", *angle, -360.0, 360.0, "-360 deg to 360 deg",
                        "the angle at which it begins");
            plan_.angle_deg = *angle;
            if (spec_.f_drift.deviation > 0.0) {
                table_.wrong("angle",
                             "the frequency of this supply wanders, and nobody knows "
                             "its angles in advance",
                             "leave angle out, or the supply's drift.f");
            }
        }
        const auto times = table_.integer("times", 2, most_times);
        if (has("every") != has("times")) {
            has("every") ? table_.missing("times", "times = 3: how often it happens in all")
                         : table_.missing("every", "every = \"10 s\": from one begin to the next");
        }
        if (const auto every = span("every")) {
            plan_.every = *every;
            plan_.times = static_cast<int>(times.value_or(1));
            if (plan_.what.length < for_good && *every < plan_.what.length + plan_.what.edge) {
                table_.wrong("every", "the next one begins before this one is over",
                             "write every longer than for and edge together");
            } else if (plan_.what.length == for_good && plan_.times > 1 && has("times")) {
                table_.wrong("every", "what stays for good cannot happen again", "add for");
            } else if (seconds(*every) * plan_.times > longest_s) {
                table_.wrong("every", "every is out of range", "all of it lasts up to 47 years");
            }
        }
        if (timed && plan_.civil && mistakes_.size() == before)
            check_over(*plan_.civil);
    }

    /// A date long past is a slip.
    void check_over(CivilTime at) {
        const auto past = std::chrono::duration<double>(start_ - at).count();
        const double lasts = seconds(plan_.what.length) + seconds(plan_.what.edge) +
                             seconds(plan_.every) * (plan_.times - 1);
        if (past > lasts) {
            table_.wrong("at", "this is over before the farm starts, at " + iso_text(start_),
                         "write a later time, or the farm's start");
        }
    }

    const TomlNode& node_;
    const SupplySpec& spec_;
    CivilTime start_;
    std::vector<Mistake>& mistakes_;
    TomlTable table_;
    std::string kind_;
    DisturbancePlan plan_;
};

} // namespace

std::optional<DisturbancePlan> read_disturbance(const std::string& supply, const TomlNode& node,
                                                const SupplySpec& spec, CivilTime start,
                                                std::vector<Mistake>& mistakes) {
    return DisturbanceReader{supply, node, spec, start, mistakes}.read();
}

} // namespace kpmsim

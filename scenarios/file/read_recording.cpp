#include "files/counted.hpp"
#include "recordings/any_recording.hpp"
#include "recordings/channels.hpp"
#include "recordings/resample.hpp"
#include "scenarios/file/farm_reader.hpp"
#include "scenarios/file/first_frequency.hpp"
#include "scenarios/file/recorded_voltage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

namespace kpmsim {
namespace {

bool is_wav(const std::string& path) {
    return path.size() > 4 && (path.ends_with(".wav") || path.ends_with(".WAV"));
}

SimDuration nanoseconds(double s) { return SimDuration{std::llround(s * 1e9)}; }

/// A table with `recording` while it is read: of a supply or of a load.
class RecordingReader {
public:
    RecordingReader(TomlTable& table, bool currents, FarmReading& reading)
        : table_{table}, currents_{currents}, reading_{reading} {}

    /// Without a signal when there are mistakes.
    RecordingPlan read() {
        read_keys();
        RecordingPlan plan;
        plan.file = path_.value_or("");
        const std::size_t before = reading_.mistakes.size();
        if (!path_ || !open())
            return plan;
        currents_ ? find_currents() : find_voltages();
        for (std::size_t i = 0; i < used_.size(); ++i)
            settle_factor(i);
        if (reading_.mistakes.size() == before)
            resample(plan);
        return plan;
    }

    double hz() const { return hz_; }
    double u_v() const { return u_v_; }

private:
    const char* unit() const { return currents_ ? "A" : "V"; }
    std::string ratio_key() const { return currents_ ? "ct" : "pt"; }

    void wrong(std::string what, std::string cure) {
        note(reading_.mistakes, Place{*path_, 0, 0}, std::move(what), std::move(cure));
    }

    /// The same of a terminal's channel: at the user's wish for it, where there is one.
    void wrong_channel(const std::string& name, std::string what, std::string cure) {
        const auto wish = wish_place_.find(name);
        if (wish == wish_place_.end())
            wrong(std::move(what), std::move(cure));
        else
            note(reading_.mistakes, wish->second, *path_ + ": " + what, std::move(cure));
    }

    void read_keys() {
        path_ = read_path(table_, "recording");
        if (const TomlNode* node = table_.table("channels")) {
            TomlTable channels{*node, "channels", reading_.mistakes};
            for (const char* name :
                 currents_ ? std::vector<const char*>{"ia", "ib", "ic"}
                           : std::vector<const char*>{"ua", "ub", "uc", "uab", "ubc", "ucb"})
                if (const auto channel = channels.text(name)) {
                    wishes_[name] = *channel;
                    wish_place_[name] = channels.place_of(name);
                }
            channels.finish();
        }
        if (const auto text = table_.text(ratio_key())) {
            ratio_ = read_ratio(*text, unit()[0]);
            if (!ratio_) {
                table_.wrong(ratio_key(), ratio_key() + " \"" + *text + "\" is no ratio",
                             currents_ ? "write \"400/5 A\"" : "write \"10000/100 V\"");
            }
        }
        full_scale_ = table_.quantity("full_scale", currents_ ? Unit::ampere : Unit::volt);
        if (full_scale_)
            keep_within(table_, "full_scale", *full_scale_, 1e-6, 1e9, "a millionth to 1000000000",
                        "what the largest number is worth");
        if (currents_)
            return;
        repeat_ = table_.boolean("repeat").value_or(false);
        if (const auto start = table_.quantity("start", Unit::second)) {
            keep_within(table_, "start", *start, 0.0, 1e6, "0 s to the recording's end",
                        "where it begins");
            start_ = nanoseconds(std::clamp(*start, 0.0, 1e6));
        }
    }

    bool open() {
        std::error_code error;
        if (!std::filesystem::exists(*path_, error)) {
            table_.wrong("recording", "there is no \"" + *path_ + '"',
                         "the path counts from the farm file's folder");
            return false;
        }
        auto recording = read_recording(*path_, {}, reading_.mistakes);
        if (!recording)
            return false;
        recording_ = std::move(*recording);
        reading_.remarks.insert(reading_.remarks.end(), recording_.remarks.begin(),
                                recording_.remarks.end());
        if (is_wav(*path_) && wishes_.empty()) {
            // Without names: in a meter's order, as kpmsim wave writes them.
            const std::size_t count = recording_.channels.size();
            const std::size_t first = currents_ ? 3 : 0;
            if (count == 6 || (count == 3 && !currents_)) {
                for (std::size_t p = 0; p < 3; ++p)
                    wishes_[std::string{currents_ ? "i" : "u"} + "abc"[p]] =
                        recording_.channels[first + p].name;
            }
        }
        return true;
    }

    /// A channel for a terminal's name: by the user's wish, or by that name.
    struct Found {
        std::optional<std::size_t> index;
        bool none{false};
        std::string why;
    };
    Found look_for(const std::string& name) const {
        Found found;
        const auto wish = wishes_.find(name);
        found.none = wish != wishes_.end() && wish->second == "none";
        if (!found.none)
            found.index =
                find_channel(recording_, wish != wishes_.end() ? wish->second : name, found.why);
        return found;
    }

    std::string naming(const std::string& name, const std::string& channel = "NAME") const {
        return fmt::format("name it: channels = {{ {} = \"{}\" }}", name, channel);
    }

    /// Who names the phase names the unit, where the file has none that is known.
    void name_unit(RecordedChannel& channel, const std::string& name) {
        if (measured(channel) != Measured::other)
            return;
        if (!channel.unit.empty() && wishes_.count(name) == 0)
            return; // a mistake in a moment
        const std::string taken =
            take_as(channel, currents_ ? Measured::current : Measured::voltage, name);
        reading_.remarks.push_back(
            fmt::format("{}: \"{}\" {}", *path_, readable(channel.name), taken));
    }

    /// The place of a channel in the signal.
    std::size_t use(const std::string& name, std::size_t index) {
        RecordedChannel& channel = recording_.channels[index];
        const auto known = std::find(used_.begin(), used_.end(), index);
        if (known != used_.end())
            return static_cast<std::size_t>(known - used_.begin());
        name_unit(channel, name);
        const Measured is = measured(channel);
        if (is != Measured::other && (is == Measured::current) != currents_) {
            wrong_channel(name,
                          '"' + readable(channel.name) + "\" is in " + readable(channel.unit) +
                              ", " + name + " wants " + (currents_ ? "amperes" : "volts"),
                          naming(name));
        }
        if (const std::int64_t clipped = clipped_samples(channel); clipped > 0) {
            reading_.remarks.push_back(fmt::format(
                "{}: CLIPPED: {} of {} {} at the end of the recorder's range", *path_,
                counted(clipped, "sample"), readable(channel.name), clipped == 1 ? "is" : "are"));
        }
        used_.push_back(index);
        name_.push_back(name);
        return used_.size() - 1;
    }

    void find_currents() {
        bool all_none = true;
        for (std::size_t p = 0; p < 3; ++p) {
            const std::string name = std::string{"i"} + "abc"[p];
            const Found found = look_for(name);
            all_none = all_none && found.none;
            if (found.index) {
                three_.of_phase[p][use(name, *found.index)] = 1.0;
            } else if (!found.none) {
                wrong_channel(name, name + ": " + found.why,
                              naming(name) + ", or \"none\" for a phase without current");
            }
        }
        if (all_none)
            table_.wrong("channels", "all three phases are \"none\"", naming("ia"));
    }

    void find_voltages() {
        const auto wished = [&](const char* name) { return wishes_.count(name) > 0; };
        const bool by_phase = wished("ua") || wished("ub") || wished("uc");
        const bool by_line = wished("uab") || wished("ubc") || wished("ucb");
        if (by_phase && by_line) {
            table_.wrong("channels", "channels names phases and lines",
                         "name ua, ub, uc, or uab and ubc (or ucb)");
            return;
        }
        std::array<Found, 3> phase;
        bool any = false;
        for (std::size_t p = 0; p < 3; ++p) {
            phase[p] = look_for(std::string{"u"} + "abc"[p]);
            any = any || phase[p].index;
        }
        const Found ab = look_for("uab");
        const bool lines = ab.index && (look_for("ubc").index || look_for("ucb").index);
        if (by_line || (!by_phase && !any && lines)) {
            find_lines(ab);
            return;
        }
        for (std::size_t p = 0; p < 3; ++p) {
            const std::string name = std::string{"u"} + "abc"[p];
            if (phase[p].index)
                three_.of_phase[p][use(name, *phase[p].index)] = 1.0;
            else if (!phase[p].none)
                wrong_channel(name, name + ": " + phase[p].why,
                              naming(name) + ", or \"none\" for a dead phase");
        }
        if (phase[0].none && phase[1].none && phase[2].none)
            table_.wrong("channels", "all three phases are \"none\"", naming("ua"));
    }

    /// The star that has these line voltages and no zero sequence:
    /// Ua = (2 Uab + Ubc) / 3, Ub = Ua - Uab, Uc = Ub - Ubc.
    void find_lines(const Found& ab) {
        const bool other = !look_for("ubc").index && look_for("ucb").index;
        const std::string second = other ? "ucb" : "ubc";
        const Found bc = look_for(second);
        for (const auto& [name, found] : {std::pair{std::string{"uab"}, &ab}, {second, &bc}})
            if (!found->index)
                wrong_channel(name, name + ": " + (found->none ? "is \"none\"" : found->why),
                              naming(name));
        if (!ab.index || !bc.index)
            return;
        const std::size_t x = use("uab", *ab.index);
        const std::size_t y = use(second, *bc.index);
        if (x == y) {
            table_.wrong("channels", "both lines are one channel", naming(second));
            return;
        }
        const double sign = other ? -1.0 : 1.0;
        constexpr std::array<std::array<double, 2>, 3> share{{{2, 1}, {-1, 1}, {-1, -2}}};
        for (std::size_t p = 0; p < 3; ++p) {
            three_.of_phase[p][x] = share[p][0] / 3.0;
            three_.of_phase[p][y] = sign * share[p][1] / 3.0;
        }
    }

    /// From the stored values to the primary side's volts or amperes.
    void settle_factor(std::size_t n) {
        RecordedChannel& channel = recording_.channels[used_[n]];
        if (is_wav(*path_) && !channel.codes.empty()) {
            if (!full_scale_) {
                if (n == 0)
                    wrong("holds whole numbers, and does not say what they are worth",
                          currents_ ? "give the amperes of the largest: full_scale = \"50 A\""
                                    : "give the volts of the largest: full_scale = \"400 V\"");
                return;
            }
            channel.scale *= *full_scale_;
        } else if (full_scale_ && n == 0) {
            table_.wrong("full_scale", "this recording says itself what its numbers are worth",
                         "leave full_scale out");
        }
        const bool told = channel.primary > 0.0 && channel.secondary > 0.0 &&
                          channel.primary != channel.secondary;
        if (ratio_ && channel.side_is_told && channel.values_are_primary && told) {
            if (n == 0)
                table_.wrong(ratio_key(),
                             "the recording says that its values are the primary side's",
                             "leave " + ratio_key() + " out");
            return;
        }
        std::string why;
        const auto factor =
            ratio_ ? unit_factor(channel, why) : si_factor(channel, Side::primary, why);
        if (!factor) {
            const std::string ratio =
                currents_ ? "give it: ct = \"400/5 A\"" : "give it: pt = \"10000/100 V\"";
            wrong(why, measured(channel) == Measured::other
                           ? naming(name_[n], label(recording_, used_[n])) +
                                 ", and it is taken as " + (currents_ ? "amperes" : "volts")
                       : channel.side_is_told ? ratio
                                              : ratio + ", where they are secondary, or write P "
                                                        "or S into the file");
        }
        factor_.push_back(factor.value_or(1.0) * ratio_.value_or(1.0));
    }

    std::shared_ptr<const RecordedSignal> signal(double nominal_hz) {
        std::vector<SignalChannel> wanted;
        for (std::size_t n = 0; n < used_.size(); ++n)
            wanted.push_back({used_[n], factor_[n]});
        ResampleGoal goal;
        goal.nominal_hz = nominal_hz;
        auto made = RecordedSignal::make(recording_, wanted, goal, *path_, reading_.mistakes);
        return made ? std::make_shared<const RecordedSignal>(std::move(*made)) : nullptr;
    }

    /// The frequency that a file without one is taken for, until its voltage has been seen.
    double nominal() const {
        const auto seen = reading_.recorded_hz.find(*path_);
        if (seen != reading_.recorded_hz.end())
            return nominal_of(seen->second);
        const bool said = recording_.nominal_hz >= 40.0 && recording_.nominal_hz <= 70.0;
        return said ? nominal_of(recording_.nominal_hz) : 50.0;
    }

    /// A farm's clock goes where the frequency leads it, so the slowest window must fit in, and not
    /// only the first one as for kpmsim measure.
    void too_short() {
        const double whole_s = three_.signal->end_s() - three_.signal->begin_s();
        const double needed_s = seconds(longest_window);
        if (start_ > SimDuration::zero() && whole_s > needed_s) {
            table_.wrong("start", "nothing is left after start",
                         fmt::format("the recording lasts {:.9g} s; leave more than {:g} s",
                                     whole_s, needed_s));
            return;
        }
        wrong(fmt::format("lasts {:.9g} s from its first sample to its last, too short for a farm",
                          whole_s),
              fmt::format("its windows take up to {:g} s, 10 cycles of 40 Hz: record more than "
                          "{:g} s",
                          needed_s, needed_s));
    }

    void resample(RecordingPlan& plan) {
        double nominal_hz = nominal();
        three_.signal = signal(nominal_hz);
        plan.three = three_;
        if (!three_.signal || currents_)
            return;
        plan.time.origin =
            SimDuration{static_cast<std::int64_t>(std::ceil(three_.signal->begin_s() * 1e9))} +
            start_;
        const SimDuration end{
            static_cast<std::int64_t>(std::floor(three_.signal->end_s() * 1e9 - 1.0))};
        if (end - plan.time.origin < longest_window) {
            too_short();
            return;
        }
        for (std::size_t i = 0; i < used_.size(); ++i)
            for (std::int64_t n = 0; n < recording_.samples(); ++n)
                peak_v_ = std::max(peak_v_,
                                   std::abs(factor_[i] * value(recording_.channels[used_[i]], n)));
        const RecordedVoltage voltage{three_, peak_v_};
        hz_ = voltage.frequency(nominal_hz, plan.time.origin);
        if (nominal_of(hz_) != nominal_hz) {
            nominal_hz = nominal_of(hz_);
            three_.signal = signal(nominal_hz);
            plan.three = three_;
            if (!three_.signal)
                return;
        }
        reading_.recorded_hz[*path_] = hz_;
        u_v_ = voltage.level_v(hz_, plan.time.origin);
        if (repeat_)
            plan.time.loop = voltage.loop(nominal_hz, plan.time.origin, end);
        reading_.remarks.push_back(repeat_ ? fmt::format("{}: begins again every {:.6f} s", *path_,
                                                         seconds(plan.time.loop))
                                           : fmt::format("{}: its supply is dead after {:.6f} s",
                                                         *path_, seconds(end - plan.time.origin)));
    }

    TomlTable& table_;
    bool currents_;
    FarmReading& reading_;
    std::optional<std::string> path_;
    std::map<std::string, std::string> wishes_; ///< the user's, or a WAV's order
    std::map<std::string, Place> wish_place_;   ///< of the user's alone
    std::optional<double> ratio_, full_scale_;
    bool repeat_{false};
    SimDuration start_{};
    Recording recording_;
    std::vector<std::size_t> used_; ///< channels of the recording, in the signal's order
    std::vector<std::string> name_; ///< of the phase or line that each is
    std::vector<double> factor_;    ///< of each
    RecordedThree three_;
    double peak_v_{1e-9};
    double hz_{50.0}, u_v_{0.0};
};

void refuse_all(TomlTable& table, const TomlNode& node, const std::string& what,
                const std::vector<std::string>& keys) {
    for (const std::string& key : keys) {
        table.node(key);
        if (node.find(key) != nullptr)
            table.wrong(key, fmt::format("{} takes no {}", what, key),
                        fmt::format("the recording has it: leave {} out", key));
    }
}

} // namespace

void read_recorded_supply(TomlTable& table, const TomlNode& node, SupplyPlan& plan,
                          FarmReading& reading) {
    refuse_all(table, node, "a recorded supply",
               {"u", "f", "rotation", "unbalance", "harmonics", "interharmonics", "dc", "noise",
                "drift", "wave", "disturbance"});
    RecordingReader reader{table, false, reading};
    plan.recording = reader.read();
    plan.spec.u_v = reader.u_v();
    plan.spec.f_hz = reader.hz();
}

void read_recorded_load(TomlTable& table, const TomlNode& node, LoadPlan& plan,
                        FarmReading& reading) {
    refuse_all(table, node, "a recorded load",
               {"kind", "p", "p_a", "p_b", "p_c", "i", "i_a", "i_b", "i_c", "phase", "pf", "u",
                "harmonics", "profile", "profile_end", "wave", "burst"});
    plan.recording = RecordingReader{table, true, reading}.read();
}

} // namespace kpmsim

#include "scenarios/measure/measure_channels.hpp"

#include "files/counted.hpp"
#include "recordings/channels.hpp"
#include "scenarios/farm/terminal_channels.hpp"
#include "scenarios/measure/clip_cure.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace kpmsim {
namespace {

const char* const nothing = "none";

bool ends_in(const std::string& path, const std::string& ending) {
    return path.size() >= ending.size() &&
           std::equal(
               ending.rbegin(), ending.rend(), path.rbegin(),
               [](char a, char b) { return a == (b | 0x20) || a == b; });
}

class SignalFinder {
public:
    SignalFinder(Recording& recording, const std::string& path, const MeasureSpec& spec,
                 Wiring wiring, bool ct_included, std::vector<Mistake>& mistakes)
        : r_{recording}, path_{path}, spec_{spec}, wiring_{wiring},
          ct_included_{ct_included}, mistakes_{mistakes}, wishes_{spec.channels} {}

    std::optional<TerminalSignals> find() {
        const std::size_t before = mistakes_.size();
        check_wishes();
        if (ends_in(path_, ".wav") && mistakes_.size() == before)
            describe_wav();
        if (mistakes_.size() != before)
            return std::nullopt;
        out_.terminal.resize(max_channels);
        metered_phases(wiring_) > 0 ? find_star() : find_delta();
        find_currents();
        settle_ratios();
        for (std::size_t i = 0; i < out_.used.size(); ++i)
            settle_factor(i);
        if (mistakes_.size() != before)
            return std::nullopt;
        settle_cures();
        return std::move(out_);
    }

private:
    void wrong(std::string what, std::string cure) {
        note(mistakes_, Place{path_, 0, 0}, std::move(what), std::move(cure));
    }
    void wrong_wish(const std::string& flag, std::string what, std::string cure) {
        note(mistakes_, Place{flag, 0, 0}, std::move(what), std::move(cure));
    }

    int most_circuits() const { return spec_.type->circuits; }
    ChannelList channels(int circuits) const {
        return channel_list(wiring_, circuits,
                            wiring_ == Wiring::one_phase && spec_.type->neutral_current);
    }
    std::vector<TerminalChannel> terminals(int circuits) const {
        return terminal_channels(wiring_, channels(circuits));
    }

    void check_wishes() {
        const auto check_ratio = [&](const std::string& key, const std::optional<double>& ratio,
                                     bool built_in) {
            if (ratio && (spec_.type->setting(key) == nullptr || built_in))
                wrong_wish("--" + key,
                           built_in ? "this rating's transformer is part of the meter"
                                    : "a " + spec_.type->name + " has no ratio for " + key,
                           "leave it out");
        };
        check_ratio("pt", spec_.pt, false);
        check_ratio("ct", spec_.ct, ct_included_);
        std::vector<std::string> known{"ua"};
        if (wiring_ != Wiring::one_phase)
            known.insert(known.end(), {"ub", "uc"});
        if (metered_phases(wiring_) == 0)
            known.insert(known.end(), {"uab", "ubc", "ucb"});
        for (const TerminalChannel& t : terminals(most_circuits()))
            if (t.is_current())
                known.push_back(t.name);
        std::string known_text = "known in this wiring: ";
        for (const std::string& name : known) {
            known_text += name == known.front() ? "" : ", ";
            known_text += name;
        }
        for (const auto& [terminal, channel] : spec_.channels) {
            if (std::find(known.begin(), known.end(), terminal) == known.end()) {
                wrong_wish("--channels", fmt::format("there is no terminal \"{}\"", terminal),
                           known_text);
            } else if (channel.empty()) {
                wrong_wish("--channels", fmt::format("{} names no channel", terminal),
                           fmt::format("write {0}=NAME, or {0}=none", terminal));
            }
        }
    }

    /// A WAV says neither what its channels are nor what a code is worth.
    void describe_wav() {
        std::vector<std::pair<std::string, std::size_t>> of; // terminal, channel
        if (spec_.channels.empty()) {
            std::vector<TerminalChannel> order;
            std::string counts;
            const auto take = [&](std::vector<TerminalChannel> some) {
                counts += counts.empty() ? "" : ", ";
                counts += std::to_string(some.size());
                if (some.size() == r_.channels.size())
                    order = std::move(some);
            };
            take(terminals(0));
            for (int circuits = 1; circuits <= most_circuits(); ++circuits)
                take(terminals(circuits));
            if (order.empty()) {
                wrong("has " + counted(r_.channels.size(), "channel") +
                          " without names; this meter's own order has " + counts,
                      "say which is which: --channels ua=ch1,ub=ch2,uc=ch3,ia=ch4,…");
                return;
            }
            for (std::size_t i = 0; i < order.size(); ++i) {
                wishes_[order[i].name] = r_.channels[i].name;
                of.emplace_back(order[i].name, i);
            }
        } else {
            for (const auto& [terminal, channel] : spec_.channels) {
                std::string why;
                if (const auto found = find_channel(r_, channel, why))
                    of.emplace_back(terminal, *found);
            }
        }
        for (const auto& [terminal, index] : of) {
            RecordedChannel& channel = r_.channels[index];
            const bool current = terminal.front() == 'i';
            channel.unit = current ? "A" : "V";
            if (channel.codes.empty())
                continue;
            const auto& full_scale = current ? spec_.i_full_scale_a : spec_.u_full_scale_v;
            if (!full_scale) {
                const std::string flag = current ? "--full-scale-i" : "--full-scale-u";
                if (!is_among(flag)) {
                    wrong("holds whole numbers, and does not say what they are worth",
                          current ? "give the amperes of the largest: --full-scale-i 50"
                                  : "give the volts of the largest: --full-scale-u 400");
                    complained_.push_back(flag);
                }
                continue;
            }
            channel.scale *= *full_scale;
        }
    }
    bool is_among(const std::string& flag) const {
        return std::find(complained_.begin(), complained_.end(), flag) != complained_.end();
    }

    /// A channel by the user's wish, or else by any of these names. `told`: the user said so.
    struct Found {
        std::optional<std::size_t> index;
        bool told{false};
        bool none{false};
        std::string why;
    };
    Found look_for(const std::string& terminal, const std::vector<std::string>& names) {
        Found found;
        const auto wish = wishes_.find(terminal);
        if (wish != wishes_.end()) {
            found.told = true;
            found.none = wish->second == nothing;
            if (!found.none)
                found.index = find_channel(r_, wish->second, found.why);
            return found;
        }
        for (const std::string& name : names) {
            std::string why;
            found.index = find_channel(r_, name, why);
            if (found.index)
                return found;
            // What could be two things must not become nothing.
            if (found.why.empty() || why.starts_with("more than one"))
                found.why = why;
        }
        return found;
    }

    /// Puts a channel on a terminal.
    void connect(int terminal, const std::string& name, const Found& found, double sign) {
        const bool current = name.front() == 'i';
        const auto known =
            std::find_if(out_.used.begin(), out_.used.end(),
                         [&](const TerminalSignals::Used& u) { return u.index == *found.index; });
        auto at = static_cast<std::size_t>(known - out_.used.begin());
        RecordedChannel& channel = r_.channels[*found.index];
        if (known == out_.used.end()) {
            if (found.told)
                name_unit(channel, name);
            out_.used.push_back({*found.index, 1.0});
            current_.push_back(current);
            terminal_.push_back(name);
            out_.shown.push_back({name, readable(channel.name), clipped_samples(channel)});
        } else {
            out_.shown.push_back({name, readable(channel.name), 0});
        }
        const Measured is = measured(channel);
        if (is != Measured::other && (is == Measured::current) != current) {
            wrong('"' + readable(channel.name) + "\" is in " + readable(channel.unit) + ", " +
                      name + " wants " + (current ? "amperes" : "volts"),
                  "name another channel: --channels " + name + "=NAME");
        }
        if (current_[at] != current) {
            wrong('"' + readable(channel.name) + "\" stands for a voltage and for a current",
                  "name another channel: --channels " + name + "=NAME");
        }
        out_.terminal[static_cast<std::size_t>(terminal)].push_back({at, sign});
    }

    /// Who names the terminal names the unit, where the file has none that is known.
    void name_unit(RecordedChannel& channel, const std::string& terminal) {
        if (measured(channel) != Measured::other)
            return;
        const auto kind = terminal.front() == 'i' ? Measured::current : Measured::voltage;
        const std::string taken = take_as(channel, kind, "the terminal " + terminal);
        r_.remarks.push_back(fmt::format("{}: \"{}\" {}", to_text(Place{path_, 0, 0}),
                                         readable(channel.name), taken));
    }

    /// A voltage must be there, or be said not to be.
    void need(const std::string& name, const Found& found) {
        if (found.index)
            return;
        if (found.none) {
            out_.shown.push_back({name, "", 0});
            return;
        }
        wrong(name + ": " + found.why,
              "name it: --channels " + name + "=NAME, or " + name + "=none for a dead terminal");
    }

    void find_star() {
        for (int phase = 0; phase < channels(1).phases; ++phase) {
            const std::string name = std::string{"u"} + "abc"[phase];
            const Found found = look_for(name, {name});
            need(name, found);
            if (found.index)
                connect(phase, name, found, 1.0);
        }
    }

    /// Uab and Ucb, as they are or from the phases.
    void find_delta() {
        const bool by_phase = wishes_.count("ua") + wishes_.count("ub") + wishes_.count("uc") > 0;
        const Found ab = look_for("uab", {"uab"});
        Found cb = look_for("ucb", {"ucb"});
        double cb_sign = 1.0;
        std::string cb_name = "ucb";
        if (!cb.index && !cb.none) {
            cb = look_for("ubc", {"ubc"});
            cb_sign = -1.0;
            cb_name = "ubc";
        }
        const bool lines = (ab.index || ab.none) && (cb.index || cb.none);
        if (!by_phase && lines) {
            need("uab", ab);
            need(cb_name, cb);
            if (ab.index)
                connect(0, "uab", ab, 1.0);
            if (cb.index)
                connect(2, cb_name, cb, cb_sign);
            return;
        }
        std::array<Found, 3> phase;
        for (std::size_t p = 0; p < 3; ++p) {
            const std::string name = std::string{"u"} + "abc"[p];
            phase[p] = look_for(name, {name});
        }
        if (!by_phase && !phase[0].index && !phase[1].index && !phase[2].index) {
            need("uab", ab);
            need("ucb", cb);
            return;
        }
        for (std::size_t p = 0; p < 3; ++p) {
            const std::string name = std::string{"u"} + "abc"[p];
            need(name, phase[p]);
            if (!phase[p].index)
                continue;
            if (p == 1) {
                connect(0, name, phase[p], -1.0);
                out_.terminal[2].push_back(
                    {out_.terminal[0].back().channel, -1.0}); // Ucb has it too
            } else {
                connect(p == 0 ? 0 : 2, name, phase[p], 1.0);
            }
        }
    }

    void find_currents() {
        for (int circuit = 0; circuit < most_circuits(); ++circuit) {
            bool any = false;
            std::vector<std::string> missing;
            for (const TerminalChannel& t : terminals(most_circuits())) {
                if (!t.is_current() || t.circuit != circuit)
                    continue;
                std::vector<std::string> names{t.name};
                if (circuit == 0 && most_circuits() > 1)
                    names.push_back(t.name.substr(0, 2)); // a recording of one circuit
                const Found found = look_for(t.name, names);
                if (found.index) {
                    connect(t.index, t.name, found, 1.0);
                    any = true;
                } else if (found.told && !found.none) {
                    wrong(t.name + ": " + found.why,
                          "name another: --channels " + t.name + "=NAME");
                } else if (found.why.starts_with("more than one")) {
                    wrong(t.name + ": " + found.why, "name one: --channels " + t.name + "=NAME");
                } else {
                    missing.push_back(t.name);
                }
            }
            if (any)
                out_.circuits = circuit + 1;
            if (any || circuit == 0)
                for (const std::string& name : missing)
                    out_.shown.push_back({name, "", 0});
        }
    }

    static double ratio_of(const RecordedChannel& c) { return c.primary / c.secondary; }

    /// A meter has one ratio for all phases.
    void tell_of_another_ratio(const RecordedChannel& first, const RecordedChannel& other,
                               const std::string& key) {
        r_.remarks.push_back(fmt::format(
            "{}: the transformers of \"{}\" ({:.6g}/{:.6g}) and \"{}\" ({:.6g}/{:.6g}) differ: the "
            "meter knows one ratio, {:.6g}, and shows \"{}\" by it; --{} gives another",
            to_text(Place{path_, 0, 0}), readable(first.name), first.primary, first.secondary,
            readable(other.name), other.primary, other.secondary, ratio_of(first),
            readable(other.name), key));
    }

    /// The meter is told what the user says, or what the recording says of its own transformers.
    void settle_ratios() {
        const auto ratio = [&](const std::string& key, bool current,
                               const std::optional<double>& wish) {
            if (spec_.type->setting(key) == nullptr || (current && ct_included_))
                return 1.0;
            if (wish)
                return *wish;
            const RecordedChannel* first = nullptr;
            for (std::size_t i = 0; i < out_.used.size(); ++i) {
                const RecordedChannel& c = r_.channels[out_.used[i].index];
                if (current_[i] != current || !(c.primary > 0.0 && c.secondary > 0.0))
                    continue;
                if (first == nullptr)
                    first = &c;
                else if (std::abs(ratio_of(c) / ratio_of(*first) - 1.0) > 1e-9)
                    tell_of_another_ratio(*first, c, key);
            }
            return first == nullptr ? 1.0 : ratio_of(*first);
        };
        out_.pt = ratio("pt", false, spec_.pt);
        out_.ct = ratio("ct", true, spec_.ct);
    }

    void settle_cures() {
        const auto cure = [&](bool current, const std::string& key) {
            ClipCase of;
            of.current = current;
            of.has_ratio = spec_.type->setting(key) != nullptr && !(current && ct_included_);
            for (std::size_t i = 0; i < out_.used.size(); ++i) {
                const RecordedChannel& c = r_.channels[out_.used[i].index];
                if (current_[i] != current)
                    continue;
                const bool no_ratio =
                    !(c.primary > 0.0 && c.secondary > 0.0) || c.primary == c.secondary;
                of.may_be_primary =
                    of.may_be_primary || c.values_are_primary || no_ratio || !c.side_is_told;
                std::string ignored;
                const double unit = unit_factor(c, ignored).value_or(1.0);
                for (std::int64_t n = 0; n < r_.samples(); ++n)
                    if (const double v = std::abs(unit * value(c, n)); v > of.peak)
                        of.peak = v;
            }
            return clip_cure(spec_, of);
        };
        out_.u_cure = cure(false, "pt");
        out_.i_cure = cure(true, "ct");
    }

    void settle_factor(std::size_t used) {
        const RecordedChannel& channel = r_.channels[out_.used[used].index];
        const bool current = current_[used];
        const Side at_terminals = current && ct_included_ ? Side::primary : Side::secondary;
        std::string why;
        const auto factor =
            spec_.primary ? unit_factor(channel, why) : si_factor(channel, at_terminals, why);
        if (!factor) {
            const std::string primary = "say that the values are primary: --primary with --pt and "
                                        "--ct";
            wrong(why, measured(channel) == Measured::other
                           ? fmt::format("name it, and it is taken as {}: --channels {}={}",
                                         current ? "amperes" : "volts", terminal_[used],
                                         label(r_, out_.used[used].index))
                       : channel.side_is_told ? primary
                                              : primary + ", or write P or S into the file");
            return;
        }
        const double ratio = current ? out_.ct : out_.pt;
        out_.used[used].factor = spec_.primary ? *factor / ratio : *factor;
    }

    Recording& r_;
    const std::string& path_;
    const MeasureSpec& spec_;
    Wiring wiring_;
    bool ct_included_;
    std::vector<Mistake>& mistakes_;
    std::map<std::string, std::string> wishes_; ///< the user's, or a WAV's order
    TerminalSignals out_;
    std::vector<bool> current_;         ///< by out_.used
    std::vector<std::string> terminal_; ///< likewise: the first one that it is at
    std::vector<std::string> complained_;
};

} // namespace

std::optional<TerminalSignals> find_signals(Recording& recording, const std::string& path,
                                            const MeasureSpec& spec, Wiring wiring,
                                            bool ct_included, std::vector<Mistake>& mistakes) {
    return SignalFinder{recording, path, spec, wiring, ct_included, mistakes}.find();
}

} // namespace kpmsim

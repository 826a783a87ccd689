#include "scenarios/play/timeline.hpp"

#include "files/number.hpp"

#include <algorithm>

namespace kpmsim {

using namespace std::chrono_literals;

Timeline::Timeline(const std::vector<TimedAction>& actions, Stage stage)
    : stage_{stage}, grain_{stage.plan.fidelity == Fidelity::sample ? SimDuration{200ms}
                                                                    : SimDuration{1s}} {
    for (const TimedAction& action : actions) {
        Waiting waiting{&action, false};
        if (!action.waits())
            start(waiting, std::nullopt);
        waiting_.push_back(waiting);
    }
}

/// `at`: later than what everything has gone to; else it begins there, or at its own moment.
void Timeline::start(Waiting& waiting, std::optional<SimTime> at) {
    TomlNode written = waiting.action->written;
    if (at) {
        TomlNode moment{written.place, number_text(seconds(at->time_since_epoch())) + " s", {}};
        std::get<TomlEntries>(written.value).push_back({"at", std::move(moment)});
    }
    std::vector<Mistake> mistakes;
    const auto told = stage_.actions.start(written, mistakes);
    if (!told)
        throw FileError{std::move(mistakes)};
    const SimTime from = stage_.actions.find(*told)->from;
    if (!waiting.action->id.empty())
        stage_.witness.note(waiting.action->id, from);
    begins_.insert(std::upper_bound(begins_.begin(), begins_.end(), from), from);
    waiting.started = true;
}

SimTime Timeline::next(SimTime now) const {
    const auto begin = std::upper_bound(begins_.begin(), begins_.end(), now);
    SimTime next = begin == begins_.end() ? SimTime::max() : *begin;
    for (const Waiting& one : waiting_)
        if (!one.started && one.action->when)
            next =
                std::min(next, std::max(SimTime{} + one.action->delay,
                                        SimTime{(now.time_since_epoch() / grain_ + 1) * grain_}));
    return next;
}

void Timeline::look(SimTime now) {
    for (Waiting& one : waiting_) {
        if (one.started)
            continue;
        const TimedAction& action = *one.action;
        if (action.when) {
            if (now >= SimTime{} + action.delay && action.when->holds([&](const FormulaTerm& term) {
                    return stage_.witness.value(term);
                }))
                start(one, std::nullopt);
        } else if (const auto moment = stage_.witness.moment_of(action.after);
                   moment && *moment <= now) {
            const SimTime at = *moment + action.delay;
            start(one, at > now ? std::optional{at} : std::nullopt);
        }
    }
}

} // namespace kpmsim

#include "scenarios/play/conductor.hpp"

#include "scenarios/farm/keys_watch.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace kpmsim {

Conductor::Conductor(const Script& script, int threads)
    : script_{&script}, farm_{script.plan.farm, threads}, actions_{farm_}, witness_{farm_},
      timeline_{script.actions, {farm_.plan(), actions_, witness_}} {
    for (const Expectation& expectation : script.expectations)
        judges_.emplace_back(expectation, farm_.plan());
    told_.resize(judges_.size());
    for (const ProbePlan& plan : script.probes) {
        Probe& probe = probes_.emplace_back(plan);
        if (plan.terminals) {
            farm_.watch_terminals(plan.terminals->meter,
                                  [&probe](const TerminalRun& run) { probe.take(run); });
            continue;
        }
        farm_.watch_supply(plan.supply, [&probe](const SupplyRun& run, const Random& noise) {
            probe.take(run, noise);
        });
    }
    witness_.others([this](const std::string& name) { return other_value(name); });
    for (const ToldAction& told : actions_.all())
        evidence_.add(told.from, "action " + told.kind, told.written);
}

SimTime Conductor::end() const {
    return script_->plan.length ? SimTime{} + *script_->plan.length : SimTime::max();
}

SimTime Conductor::next_stop() const {
    SimTime stop = std::min(end(), timeline_.next(farm_.now()));
    for (const Judge& judge : judges_)
        stop = std::min(stop, judge.next());
    if (companions_)
        stop = std::min(stop, companions_->next_event());
    return std::max(stop, farm_.now());
}

bool Conductor::over() const { return finished_ || farm_.now() >= end(); }

void Conductor::run_to(SimTime to) {
    to = std::min(to, end());
    if (!begun_)
        look();
    while (farm_.now() < to) {
        const SimTime stop = std::clamp(next_stop(), farm_.now() + SimDuration{1}, to);
        farm_.advance(stop);
        farm_.publish(stop);
        remark();
        for (const Message& message : farm_.take_messages())
            hear(message);
        look();
    }
    if (over())
        finish();
}

void Conductor::hear(const Message& message) {
    witness_.hear(message);
    if (listener_.message)
        listener_.message(message);
    if (companions_)
        companions_->hear(message);
    for (Judge& judge : judges_)
        judge.hear(message);
    evidence_.add(message.at,
                  fmt::format("message of {} on {}", farm_.plan().meters[message.meter].spec.name,
                              message.topic),
                  message.payload);
}

void Conductor::remark() {
    for (std::string& told : refused_at_keys(farm_))
        remarks_.push_back(std::move(told));
}

/// What one look decides may be what others wait for.
void Conductor::look() {
    begun_ = true;
    follow_clients();
    for (bool more = true; more;) {
        const std::size_t actions = actions_.all().size();
        timeline_.look(farm_.now());
        for (std::size_t n = actions; n < actions_.all().size(); ++n)
            evidence_.add(actions_.all()[n].from, "action " + actions_.all()[n].kind,
                          actions_.all()[n].written);
        more = actions_.all().size() != actions;
        for (std::size_t n = 0; n < judges_.size(); ++n) {
            if (told_[n])
                continue;
            judges_[n].look(farm_.now(), witness_);
            more = more || judges_[n].decided();
        }
        note_decided();
    }
}

void Conductor::accompany(std::unique_ptr<Companions> companions) {
    companions_ = std::move(companions);
}

void Conductor::follow_clients() {
    if (!companions_)
        return;
    for (const Noted& noted : companions_->advance(farm_.now()))
        hear(noted);
}

void Conductor::hear(const Noted& noted) {
    clients_.take(noted);
    for (Judge& judge : judges_)
        judge.hear(noted);
    if (listener_.noted)
        listener_.noted(noted);
    evidence_.add(noted.at, "client " + noted.client + ": " + noted.event, to_text(noted));
}

void Conductor::note_decided() {
    for (std::size_t n = 0; n < judges_.size(); ++n) {
        if (told_[n] || !judges_[n].decided())
            continue;
        told_[n] = true;
        const Finding& finding = judges_[n].finding();
        if (!finding.id.empty() && finding.result == Finding::Result::passed)
            witness_.note(finding.id, finding.at);
        evidence_.add(finding.at,
                      fmt::format("expectation {}: {}",
                                  finding.id.empty() ? finding.title : finding.id,
                                  name_of(finding.result)),
                      finding.text);
    }
}

void Conductor::finish() {
    if (finished_)
        return;
    finished_ = true;
    // An order is of what the others found.
    for (const bool order : {false, true}) {
        for (Judge& judge : judges_)
            if ((judge.expectation().kind->name == "order") == order)
                judge.finish(farm_.now(), witness_);
        note_decided();
    }
    const Bytes state = actions_.save();
    evidence_.add(farm_.now(), "the farm's state",
                  {reinterpret_cast<const char*>(state.data()), state.size()});
}

/// NAME.KEY
double Conductor::other_value(const std::string& name) const {
    const auto dot = name.find('.');
    for (const Probe& probe : probes_)
        if (probe.plan().name == name.substr(0, dot))
            return probe.value(name.substr(dot + 1));
    return clients_.value(name);
}

std::vector<std::pair<Finding, bool>> Conductor::findings_so_far() const {
    std::vector<std::pair<Finding, bool>> all;
    for (const Judge& judge : judges_)
        all.emplace_back(judge.finding(), judge.decided());
    return all;
}

std::vector<Finding> Conductor::findings() const {
    std::vector<Finding> all;
    for (const Judge& judge : judges_)
        all.push_back(judge.finding());
    return all;
}

} // namespace kpmsim

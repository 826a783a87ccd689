#include "scenarios/play/judge.hpp"

#include "files/name_pattern.hpp"
#include "files/number.hpp"
#include "files/printable.hpp"
#include "scenarios/play/faces.hpp"
#include "sim/iso_time.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace kpmsim {
namespace {

using namespace std::chrono_literals;

/// What decimal fractions leave of a double's last digits.
constexpr double rounding = 1e-12;

double from_side(const Formula& formula, Face side, const Witness& witness) {
    return formula.value([&](const FormulaTerm& term) {
        FormulaTerm other = term;
        if (other.face != Face::other)
            other.face = side;
        return witness.value(other);
    });
}

/// The first whole multiple of `step` after `base` that lies behind `now`.
SimTime next_look(SimTime base, SimDuration step, SimTime now) {
    return now < base ? base : base + step * ((now - base) / step + 1);
}

} // namespace

std::string_view name_of(Finding::Result result) {
    switch (result) {
    case Finding::Result::passed:
        return "passed";
    case Finding::Result::failed:
        return "failed";
    case Finding::Result::not_reached:
        break;
    }
    return "not reached";
}

Judge::Judge(const Expectation& expectation, const FarmPlan& farm)
    : expectation_{&expectation}, farm_{&farm} {
    finding_.id = expectation.id;
    finding_.title = expectation.title;
    finding_.kind = expectation.kind->name;
    finding_.place = expectation.place;
    if (expectation.timing.after.empty())
        base_ = SimTime{};
    if (base_)
        next_ = *base_ + expectation.timing.at.value_or(SimDuration{});
}

SimTime Judge::deadline() const {
    const Timing& timing = expectation_->timing;
    return base_ && timing.length ? *base_ + timing.at.value_or(SimDuration{}) + *timing.length
                                  : SimTime::max();
}

SimTime Judge::next() const {
    const Timing& timing = expectation_->timing;
    if (decided_ || !next_)
        return SimTime::max();
    if (expectation_->since && !since_taken_)
        return *base_ + *expectation_->since;
    if (timing.at_end() || expectation_->kind->name == "order")
        return SimTime::max();
    if (counts())
        return std::max(*next_, deadline());
    return *next_;
}

bool Judge::begun(SimTime now, const Witness& witness) {
    if (!base_) {
        const auto moment = witness.moment_of(expectation_->timing.after);
        if (!moment || *moment > now)
            return false;
        base_ = moment;
        next_ = std::max(*base_ + expectation_->timing.at.value_or(SimDuration{}), now);
    }
    return true;
}

bool Judge::counts() const {
    return expectation_->kind->name == "messages" || expectation_->kind->name == "client";
}

bool Judge::counts_at(SimTime at) const {
    return base_ && at >= *base_ + expectation_->timing.at.value_or(SimDuration{}) &&
           at < deadline();
}

/// Whether a name is one of those that are meant: without the key, all are.
bool Judge::asks_for(const char* key, const std::string& name) const {
    const auto found = expectation_->text.find(key);
    if (found == expectation_->text.end())
        return true;
    return std::string_view{key} == "contains" ? name.find(found->second) != std::string::npos
                                               : fits(name, found->second);
}

void Judge::hear(const Message& message) {
    const std::string_view kind = expectation_->kind->name;
    if (decided_)
        return;
    if (kind == "faces" && message.meter == expectation_->point->meter &&
        message.circuit == expectation_->point->circuit) {
        if (!packets_.empty() && packets_.back().at != message.at)
            packets_.clear();
        packets_.push_back(message);
    }
    if (kind == "messages" && counts_at(message.at) &&
        asks_for("meter", farm_->meters[message.meter].spec.name) &&
        asks_for("topic", message.topic) && asks_for("contains", message.payload))
        ++counted_;
}

void Judge::hear(const Noted& noted) {
    if (!decided_ && expectation_->kind->name == "client" && counts_at(noted.at) &&
        asks_for("client", noted.client) && asks_for("event", noted.event) &&
        asks_for("meter", noted.meter) && asks_for("what", noted.what) &&
        asks_for("contains", noted.text))
        ++counted_;
}

void Judge::look(SimTime now, const Witness& witness) {
    if (decided_ || !begun(now, witness))
        return;
    if (expectation_->since && !since_taken_ && now >= *base_ + *expectation_->since) {
        const Formula& what = *expectation_->what;
        value_before_ = what.value([&](const FormulaTerm& term) { return witness.value(term); });
        truth_before_ = from_side(what, Face::truth, witness);
        reading_before_ = from_side(what, Face::reading, witness);
        since_taken_ = true;
    }
    const Timing& timing = expectation_->timing;
    if (now < next() || timing.at_end() || expectation_->kind->name == "order")
        return;
    if (expectation_->kind->name == "faces") {
        look_at_faces(now, witness);
        return;
    }
    looked_ = true;
    const Sight s = sight(witness);
    const bool over = now >= deadline();
    if (timing.mode != Timing::Mode::once)
        next_ = std::min(next_look(*next_, timing.every, now), std::max(deadline(), now + 1ns));
    using Result = Finding::Result;
    switch (timing.mode) {
    case Timing::Mode::once:
        decide(s.good ? Result::passed : Result::failed, now, s, "");
        break;
    case Timing::Mode::always:
        if (!s.good || over)
            decide(s.good ? Result::passed : Result::failed, now, s, "always ");
        break;
    case Timing::Mode::never:
        if (s.good || over)
            decide(s.good ? Result::failed : Result::passed, now, s, "never ");
        break;
    case Timing::Mode::eventually:
        if (s.good || over)
            decide(s.good ? Result::passed : Result::failed, now, s, "at least once ");
        break;
    }
}

void Judge::finish(SimTime now, const Witness& witness) {
    if (decided_)
        return;
    using Result = Finding::Result;
    const Timing& timing = expectation_->timing;
    // What goes on until the end has come to it; so has what was to be looked at then.
    const bool counted = counts() && !timing.length;
    const bool goes_on = timing.mode != Timing::Mode::once && !timing.length && looked_;
    if (!begun(now, witness) ||
        !(timing.at_end() || goes_on || counted || expectation_->kind->name == "order")) {
        decide(Result::not_reached, now, {},
               base_ ? "" : fmt::format("\"{}\" did not happen: ", timing.after));
        return;
    }
    const Sight s = sight(witness);
    if (timing.mode == Timing::Mode::never)
        decide(s.good ? Result::failed : Result::passed, now, s, "never ");
    else
        decide(s.good ? Result::passed : Result::failed, now, s,
               timing.mode == Timing::Mode::always       ? "always "
               : timing.mode == Timing::Mode::eventually ? "at least once "
                                                         : "");
}

void Judge::decide(Finding::Result result, SimTime now, const Sight& sight,
                   const std::string& why) {
    decided_ = true;
    finding_.result = result;
    finding_.at = now;
    finding_.seen = sight.seen;
    finding_.value = sight.value;
    const std::string named = expectation_->subject.empty()
                                  ? finding_.title
                                  : fmt::format("{} ({})", finding_.title, expectation_->subject);
    finding_.expected = sight.expected;
    finding_.text = result == Finding::Result::not_reached
                        ? fmt::format("{}{}: it was not looked at before the end, {}", why, named,
                                      iso_text(civil_time(farm_->start, now)))
                        : fmt::format("{}: {} at {:g} s ({}); expected {}{}", named, sight.seen,
                                      seconds(now.time_since_epoch()),
                                      iso_text(civil_time(farm_->start, now)), why, sight.expected);
}

// What is seen -----------------------------------------------------------------------------

Judge::Sight Judge::sight(const Witness& witness) const {
    const std::string_view kind = expectation_->kind->name;
    if (kind == "text")
        return text_sight(witness);
    if (kind == "order")
        return order_sight(witness);
    if (counts())
        return compare(static_cast<double>(counted_), witness);
    return expectation_->kind->outside ? outside_sight(witness) : value_sight(witness);
}

Judge::Sight Judge::value_sight(const Witness& witness) const {
    const Formula& what = *expectation_->what;
    double value = what.value([&](const FormulaTerm& term) { return witness.value(term); });
    if (since_taken_)
        value -= value_before_;
    if (!expectation_->comparison.empty())
        return compare(value, witness);
    Sight s;
    s.good = std::isfinite(value) && value != 0.0;
    for (const FormulaTerm& term : what.terms()) {
        if (!s.seen.empty())
            s.seen += ", ";
        const char* const side = term.face == Face::truth       ? "true "
                                 : term.face == Face::registers ? "register "
                                 : term.face == Face::packet    ? "packet's "
                                                                : "";
        s.seen +=
            fmt::format("{}{} = {}", side, term.name, amount_text(witness.value(term), term.unit));
    }
    s.expected = what.text();
    return s;
}

double Judge::value_of(const Bound& bound, const Witness& witness) const {
    switch (bound.of) {
    case Bound::Of::number:
        return bound.number;
    case Bound::Of::formula:
        return bound.factor *
               bound.formula->value([&](const FormulaTerm& term) { return witness.value(term); });
    case Bound::Of::truth:
        return from_side(*expectation_->what, Face::truth, witness) -
               (since_taken_ ? truth_before_ : 0);
    case Bound::Of::reading:
        break;
    }
    return from_side(*expectation_->what, Face::reading, witness) -
           (since_taken_ ? reading_before_ : 0);
}

Judge::Sight Judge::compare(double value, const Witness& witness) const {
    const Comparison& c = expectation_->comparison;
    Sight s;
    s.good = true;
    s.value = value;
    s.seen = std::isnan(value) ? "no value" : amount_text(value, c.unit);
    const auto say = [&](const std::string& more) {
        s.expected += (s.expected.empty() ? "" : " and ") + more;
    };
    const auto against = [&](const Bound& bound) {
        const double limit = value_of(bound, witness);
        return std::pair{limit, bound.of == Bound::Of::number
                                    ? bound.written
                                    : fmt::format("{} ({})", bound.written,
                                                  std::isnan(limit) ? std::string{"no value"}
                                                                    : amount_text(limit, c.unit))};
    };
    if (c.is) {
        const auto [limit, text] = against(*c.is);
        s.good = s.good &&
                 ((std::isnan(value) && std::isnan(limit)) ||
                  std::abs(value - limit) <= c.within.around(limit) + rounding * std::abs(limit));
        say(text + (c.within_text.empty() ? "" : " within " + c.within_text));
    }
    const auto side = [&](const std::optional<Bound>& bound, const char* words, auto holds) {
        if (!bound)
            return;
        const auto [limit, text] = against(*bound);
        s.good = s.good && holds(value, limit);
        say(words + text);
    };
    side(
        c.above, "more than ", [](double a, double b) { return a > b; });
    side(
        c.at_least, "at least ", [](double a, double b) { return a >= b; });
    side(
        c.below, "less than ", [](double a, double b) { return a < b; });
    side(c.at_most, "at most ", [](double a, double b) { return a <= b; });
    return s;
}

/// What was stored is a number, a part of a text, or both.
Judge::Sight Judge::outside_sight(const Witness& witness) const {
    const auto found = witness.ask(*expectation_);
    const auto number = found ? read_number(*found) : std::nullopt;
    Sight s = compare(number.value_or(std::nan("")), witness);
    if (expectation_->comparison.empty())
        s.good = static_cast<bool>(found);
    else
        s.good = s.good && number;
    if (!number)
        s.seen = found ? fmt::format("\"{}\"", printable(found->substr(0, 100)))
                       : printable(found.error());
    if (const auto part = expectation_->text.find("contains"); part != expectation_->text.end()) {
        s.good = s.good && found->find(part->second) != std::string::npos;
        s.expected +=
            fmt::format("{}something with \"{}\"", s.expected.empty() ? "" : " and ", part->second);
    }
    return s;
}

Judge::Sight Judge::text_sight(const Witness& witness) const {
    Sight s;
    const std::string text = witness.text(*expectation_->point);
    s.good = true;
    s.seen = fmt::format("\"{}\"", printable(text));
    if (const auto is = expectation_->text.find("is"); is != expectation_->text.end()) {
        s.good = text == is->second;
        s.expected = fmt::format("\"{}\"", is->second);
    }
    if (const auto part = expectation_->text.find("contains"); part != expectation_->text.end()) {
        s.good = s.good && text.find(part->second) != std::string::npos;
        s.expected +=
            fmt::format("{}something with \"{}\"", s.expected.empty() ? "" : " and ", part->second);
    }
    return s;
}

Judge::Sight Judge::order_sight(const Witness& witness) const {
    Sight s;
    s.good = true;
    SimTime last{SimTime::min()};
    for (const std::string& id : expectation_->ids) {
        const auto moment = witness.moment_of(id);
        s.good = s.good && moment && *moment >= last;
        last = moment.value_or(SimTime::max());
        s.seen += fmt::format("{}{} {}", s.seen.empty() ? "" : ", ", id,
                              moment ? fmt::format("at {:g} s", seconds(moment->time_since_epoch()))
                                     : std::string{"never"});
        s.expected += (s.expected.empty() ? "" : ", then ") + id;
    }
    return s;
}

void Judge::look_at_faces(SimTime now, const Witness& witness) {
    const FormulaTerm& point = *expectation_->point;
    if (point.meter >= farm_->meters.size() ||
        farm_->meters[point.meter].spec.name != point.meter_name) {
        decide(Finding::Result::failed, now, {false, "the meter is gone", "it is there"}, "");
        return;
    }
    const PointFaces faces = faces_of(farm_->meters[point.meter], point);
    const double value = witness.value(point);
    Sight s;
    s.good = true;
    s.seen = fmt::format("reading {}", amount_text(value, point.unit));
    s.expected = "the same from every side, to what each can show";
    const auto check = [&](const PointFace& face, const char* name) {
        const double other = witness.value(face.term);
        s.seen += fmt::format(", {} {}", name, amount_text(other, point.unit));
        s.good = s.good && std::abs(other - value) <= face.step_at(value);
    };
    if (faces.registers)
        check(*faces.registers, "register");
    const bool sent =
        faces.packet && std::any_of(packets_.begin(), packets_.end(), [&](const Message& packet) {
            return packet.at == now &&
                   packet.payload.find('"' + faces.packet->term.name + '"') != std::string::npos;
        });
    if (sent)
        check(*faces.packet, "packet");
    if (!s.good || sent || !faces.packet)
        decide(s.good ? Finding::Result::passed : Finding::Result::failed, now, s, "");
    else if (now >= deadline())
        decide(Finding::Result::failed, now, s, "a packet, and ");
    next_ = next_look(*next_, 1s, now);
}

} // namespace kpmsim

#include "scenarios/play/action_reader.hpp"

#include "files/duration.hpp"
#include "sim/iso_time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace kpmsim {
namespace {

constexpr int most_times = 1000;
constexpr double longest_s = 1.5e9;

} // namespace

std::optional<double> ActionReader::cycle_hz() const {
    if (!action_.supplies.empty())
        return plan_.supplies[action_.supplies.front()].spec.f_hz;
    if (!action_.circuits.empty())
        for (const SupplyPlan& supply : plan_.supplies)
            if (supply.name == plan_.meters[action_.circuits.front().meter].supply)
                return supply.spec.f_hz;
    return std::nullopt;
}

std::optional<SimDuration> ActionReader::duration(const std::string& key) {
    const auto text = table_.text(key, "write a length of time such as \"10 s\"");
    if (!text)
        return std::nullopt;
    Fault fault;
    const auto length = read_duration(*text, cycle_hz(), fault);
    if (!length)
        table_.wrong(key, Fault{key + " " + fault.what, fault.cure});
    return length;
}

void ActionReader::read_moment() {
    action_.from = now_;
    read_at();
    const Lasting lasting = action_.kind->lasting;
    if (lasting == Lasting::instant)
        refuse("for", "happens, and that is all");
    else if (const auto length = duration("for"))
        take_length(*length);
    else if (lasting == Lasting::needed && !has("for"))
        table_.missing("for", "for = \"10 cycles\"");
    if (!action_.kind->edge)
        refuse("edge", "is a step");
    else if (const auto edge = duration("edge"))
        take_edge(*edge);
}

void ActionReader::refuse(const std::string& key, const std::string& why) {
    if (has(key) && table_.node(key) != nullptr)
        table_.wrong(key, fmt::format("{} {}", action_.kind->name, why), "leave " + key + " out");
}

void ActionReader::take_length(SimDuration length) {
    if (length <= SimDuration::zero())
        table_.wrong("for", "for is 0", "write a length of time, or leave it out");
    action_.length = length;
}

void ActionReader::take_edge(SimDuration edge) {
    if (edge > std::chrono::hours{1} || edge > action_.length)
        table_.wrong("edge", "edge is out of range",
                     "an edge is no longer than an hour, nor than for");
    action_.edge = edge;
}

SimDuration ActionReader::own_length() const {
    const auto of = [&](const char* parameter, double times) {
        const auto value = action_.number.find(parameter);
        return value == action_.number.end()
                   ? for_good
                   : SimDuration{std::llround(value->second * times * 1e9)};
    };
    if (action_.kind->name == "inrush")
        return of("decay", 20);
    if (action_.kind->name == "pv-day")
        return std::chrono::hours{12};
    if (action_.kind->name == "reboot")
        return action_.number.contains("takes") ? of("takes", 1)
                                                : SimDuration{std::chrono::seconds{3}};
    return for_good;
}

void ActionReader::read_repeats() {
    const auto times = table_.integer("times", 2, most_times);
    if (has("every") != has("times"))
        has("every") ? table_.missing("times", "times = 3: how often it happens in all")
                     : table_.missing("every", "every = \"10 s\": from one begin to the next");
    if (!has("every") || table_.node("every") == nullptr)
        return;
    const auto every = duration("every");
    if (!every || !times)
        return;
    const bool lasts = action_.kind->lasting != Lasting::instant;
    if (*every <= SimDuration::zero())
        table_.wrong("every", "every is 0", "write a length of time, or leave it out");
    else if (lasts && action_.length == for_good)
        table_.wrong("every", "what stays for good cannot happen again", "add for");
    else if (lasts && *every < action_.whole())
        table_.wrong("every", "the next one begins before this one is over",
                     "write every longer than for and edge together");
    else if (seconds(*every) * static_cast<double>(*times) > longest_s)
        table_.wrong("every", "every is out of range", "all of it lasts up to 47 years");
    else {
        action_.every = *every;
        action_.times = static_cast<int>(*times);
    }
}

void ActionReader::read_at() {
    if (!has("at"))
        return;
    const auto text = table_.text("at", "write \"90 s\" after the farm's start, or a time of the "
                                        "site such as \"2026-01-01T08:30:00\"");
    if (!text)
        return;
    if (CivilTime civil; parse_iso(*text, civil)) {
        action_.from = SimTime{} + (civil - plan_.start);
    } else {
        Fault fault;
        std::optional<SimDuration> after;
        if (read_iso(*text))
            read_site_time(*text, fault); // with a fraction, or a zone
        else
            after = read_duration(*text, cycle_hz(), fault);
        if (!after) {
            table_.wrong("at", Fault{"at " + fault.what, fault.cure});
            return;
        }
        action_.from = SimTime{} + *after;
    }
    if (action_.from < now_)
        table_.wrong("at", fmt::format("at \"{}\" is over", *text),
                     fmt::format("the farm stands at {}, {:g} s after its start",
                                 iso_text(civil_time(plan_.start, now_)),
                                 seconds(now_.time_since_epoch())));
}

} // namespace kpmsim

#include "scenarios/play/expectation_kind.hpp"

#include <algorithm>
#include <array>

namespace kpmsim {
namespace {

constexpr bool needed = true;

constexpr std::array common{
    ExpectationKey{"kind", "what is looked at; `value` without it", "\"messages\""},
    ExpectationKey{"id", "a name of its own, for `after`, `order` and mutations", "\"sag-seen\""},
    ExpectationKey{"title", "a sentence for the verdict", "\"the sag is read as it was\""},
    ExpectationKey{
        "at",
        "when: so long after the start, or a time of the site; with `after`, so long after "
        "that. Without either: when the scenario is over",
        "\"90 s\""},
    ExpectationKey{"after",
                   "the id of an action or an expectation: from when the action began, or the "
                   "expectation was met",
                   "\"sag\""},
};

constexpr std::array comparison{
    ExpectationKey{
        "is",
        "what it is: an amount, an expression, \"truth\" (the same of the analytic truth) "
        "or \"reading\" (the same as the meter shows it)",
        "\"truth\""},
    ExpectationKey{"within", "how far from `is` it may be: a part of that, or an amount",
                   "\"0.1 %\""},
    ExpectationKey{"between", "from the one to the other", "[\"207 V\", \"253 V\"]"},
    ExpectationKey{"above", "it is more than that", "\"207 V\""},
    ExpectationKey{"below", "less", "\"253 V\""},
    ExpectationKey{"at_least", "it is that or more", "10"},
    ExpectationKey{"at_most", "that or less", "\"8 %\""},
};

constexpr std::array timing{
    ExpectationKey{"always", "it holds at every look for so long; true: until the end",
                   "\"10 min\""},
    ExpectationKey{"never", "it holds at none", "true"},
    ExpectationKey{"eventually", "it holds at one, no later than that", "\"2 s\""},
    ExpectationKey{"every",
                   "how often it is looked at; else every 200 ms, in window fidelity every second",
                   "\"1 s\""},
};

std::vector<ExpectationKind> all_kinds() {
    return {
        {"value",
         "a number of the farm at one moment",
         true,
         true,
         false,
         {{"what",
           "an expression: `METER.POINT`, `METER[2].POINT` of the second circuit, "
           "`truth(METER.POINT)`, `register(METER.NAME)`, `packet(METER.KEY)` in the unit of the "
           "point, with + - * / ^, brackets, abs, min, max, sqrt. Without a comparison it is a "
           "condition: < <= > >= == != and, or, not",
           "\"main.p - shop-1.p - shop-2.p\"", needed},
          {"since", "the change from that moment on, written as `at` is", "\"0 s\""}}},
        {"text",
         "a text that a meter shows",
         false,
         true,
         false,
         {{"what", "`METER.POINT` of a point that is a text", "\"main.serial\"", needed},
          {"is", "the text", "\"33B1225950027\""},
          {"contains", "a part of it", "\"33B\""}}},
        {"messages",
         "how many messages meters sent from `at` on, for so long",
         true,
         false,
         false,
         {{"meter", "of these meters; * and ? stand for any characters", "\"shop-*\""},
          {"topic", "on this topic; * and ? as above", "\"MQTT_RT_DATA\""},
          {"contains", "with this in their payload", "\"isend\":\"1\""},
          {"for", "how long they are counted; else until the end", "\"10 min\""}}},
        {"client",
         "how often something stands in the log of a [[client]], from `at` on, for so long",
         true,
         false,
         false,
         {{"client", "of these clients; * and ? stand for any characters", "\"head-end\""},
          {"event", "request, answer, failure, value, record, booked or alarm", "\"failure\"",
           needed},
          {"meter", "about these meters; * and ? as above", "\"shop-*\""},
          {"what", "a request as `FUNCTION ADDRESS WORDS`, a point or a topic; * and ? as above",
           "\"03 0048H *\""},
          {"contains", "with this in its text", "\"time-out\""},
          {"for", "how long it is counted; else until the end", "\"10 min\""}}},
        {"order",
         "things happened in this order: actions began, expectations were met",
         false,
         false,
         false,
         {{"of", "their ids, the first one first", "[\"sag\", \"sag-seen\", \"recovered\"]",
           needed}}},
        {"faces",
         "a point is the same as a reading, in its register and in its packet, to what each can "
         "show; looked at each second until a packet goes out",
         false,
         false,
         false,
         {{"what", "`METER.POINT`", "\"main.p\"", needed},
          {"for", "how long a packet is waited for; else a minute", "\"10 min\""}}},
        {"command",
         "what a command prints: a number, or something in JSON",
         true,
         true,
         true,
         {{"run", "a line for the shell, which must end with 0 within 30 s",
           "\"psql -tc 'select …'\"", needed},
          {"pointer", "where in its JSON", "\"/meters/0/kwh\""},
          {"contains", "a part of the text", "\"ok\""},
          {"unit", "of the number", "\"kWh\""}}},
        {"http",
         "what a GET answers",
         true,
         true,
         true,
         {{"url", "http:// only", "\"http://127.0.0.1:8080/meters/main\"", needed},
          {"pointer", "where in its JSON", "\"/power/total\""},
          {"contains", "a part of the text", "\"ok\""},
          {"unit", "of the number", "\"kW\""}}},
        {"mqtt",
         "the message that a broker keeps on a topic, or the next one that comes",
         true,
         true,
         true,
         {{"topic", "one topic", "\"bill/main\"", needed},
          {"url", "mqtt:// or mqtts://; else the broker that the farm brings along with --exec",
           "\"mqtt://127.0.0.1:1883\""},
          {"pointer", "where in its JSON", "\"/kwh\""},
          {"contains", "a part of the text", "\"ok\""},
          {"unit", "of the number", "\"kWh\""}}},
        {"sqlite",
         "the first column of the first row that a query finds",
         true,
         true,
         true,
         {{"file", "the database, from where the program runs", "\"readings.db\"", needed},
          {"query", "which reads", "\"select sum(kwh) from bill\"", needed},
          {"contains", "a part of the text", "\"ok\""},
          {"unit", "of the number", "\"kWh\""}}},
        {"csv",
         "a cell of a table with a header",
         true,
         true,
         true,
         {{"file", "the table, from where the program runs", "\"export.csv\"", needed},
          {"column", "its name", "\"p_kw\"", needed},
          {"row", "which, from 1, or `last`; else the last", "\"last\""},
          {"contains", "a part of the text", "\"ok\""},
          {"unit", "of the number", "\"kW\""}}},
    };
}

const std::vector<ExpectationKind>& kinds() {
    static const std::vector<ExpectationKind> all = all_kinds();
    return all;
}

} // namespace

std::span<const ExpectationKind> expectation_kinds() { return kinds(); }

const ExpectationKind* find_expectation_kind(std::string_view name) {
    const auto found = std::find_if(kinds().begin(), kinds().end(),
                                    [&](const ExpectationKind& one) { return one.name == name; });
    return found == kinds().end() ? nullptr : &*found;
}

std::span<const ExpectationKey> expectation_keys() { return common; }
std::span<const ExpectationKey> comparison_keys() { return comparison; }
std::span<const ExpectationKey> timing_keys() { return timing; }

} // namespace kpmsim

#include "scenarios/play/kinds.hpp"

#include "scenarios/play/fault_presets.hpp"
#include "scenarios/play/parameter_words.hpp"

#include <iterator>
#include <utility>

namespace kpmsim {
namespace {

using namespace words;
using Form = ParameterForm;
using Parameters = std::vector<ActionParameter>;

constexpr double most_requests = 1e12;

/// Which requests, or messages, it hits.
Parameters range() {
    const auto number = [](std::string_view name, std::string_view title, double least,
                           std::string_view example) {
        return within(least, most_requests, other(name, title, Form::integer, example));
    };
    return {
        otherwise("100 %", quantity("toxicity", "probability with which each in its range is hit",
                                    Unit::fraction, 0, 1, "\"10 %\"")),
        number("first", "the first one, from 1, counted from when it begins", 1, "3"),
        number("last", "… and the last one", 1, "4"),
        number("skip", "so many pass first, instead of first", 0, "2"),
        number("count", "so many at most, instead of last", 1, "2"),
        within(0, 9e15, other("seed", "of its draws, instead of the farm's", Form::integer, "7"))};
}

ActionParameter direction(std::string_view without) {
    return otherwise(without, one_of({"upstream", "downstream", "both"},
                                     other("direction", "on requests, on answers, or on both",
                                           Form::choice, "\"downstream\"")));
}
ActionParameter bytes(std::string_view title, double least, double most, std::string_view example) {
    return within(least, most, other("bytes", title, Form::integer, example));
}
ActionParameter delay(std::string_view title, std::string_view example) {
    return within(0, 86400, other("delay", title, Form::duration, example));
}

ActionKind fault(std::string_view name, std::string_view title, ActionTarget target,
                 WirePlaces places, Parameters own) {
    ActionKind kind;
    kind.name = name;
    kind.title = title;
    kind.target = target;
    kind.places = places;
    kind.parameters = std::move(own);
    for (ActionParameter& parameter : range())
        kind.parameters.push_back(std::move(parameter));
    return kind;
}

ActionKind on_wire(std::string_view name, std::string_view title, WirePlaces places,
                   Parameters own = {}, std::string_view way = "downstream") {
    own.push_back(direction(way));
    return fault(name, title, ActionTarget::line, places, std::move(own));
}

std::vector<ActionKind> altering_kinds() {
    using enum WirePlaces;
    return {
        on_wire("no-answer", "it is lost: the meter acts, and nobody hears of it", all),
        on_wire(
            "late-answer",
            "an answer that comes when the next request has gone out, before the answer to that",
            all),
        on_wire("wrong-crc", "one bit of the check is wrong", rtu),
        on_wire("wrong-unit", "the address is another, and the check fits it", all),
        on_wire("truncated", "the end is missing", all,
                {otherwise("half of them", bytes("so many are left", 1, 255, "5"))}),
        on_wire("extra-bytes", "bytes behind the end", all,
                {otherwise("1", bytes("how many", 1, 256, "2"))}),
        on_wire("exception",
                "an exception instead of the answer; upstream, the meter hears nothing of it", all,
                {otherwise("4", within(1, 255,
                                       other("code",
                                             "which: 1 function, 2 address, 3 value, 4 "
                                             "failure, 6 busy, 11 no answer behind a "
                                             "gateway",
                                             Form::integer, "6")))}),
        on_wire("noise-bytes", "bytes before the first", all,
                {otherwise("3", bytes("how many", 1, 256, "3"))}),
        on_wire("two-masters",
                "another master on the line: its request meets ours; downstream, the answer to it "
                "comes before ours",
                rtu, {}, "upstream"),
        on_wire("address-twice", "another meter answers with the same address, at the same time",
                rtu),
        on_wire("wrong-baud",
                "the master's end is at another speed; upstream by what the meter is told of its "
                "sender, downstream as its receiver samples the bits",
                rtu,
                {needed(within(1200, 115200, other("baud", "that end's", Form::integer, "4800")))},
                "both"),
        on_wire("wrong-parity",
                "who receives wants parity of characters that have none, and loses those that do "
                "not fit",
                rtu,
                {otherwise("even", one_of({"even", "odd"}, other("parity", "that is wanted",
                                                                 Form::choice, "\"odd\"")))},
                "both"),
        on_wire("line-cut", "nothing passes", all, {}, "both"),
        on_wire("line-shorted", "the wires touch: one long zero is all that is heard", rtu, {},
                "both"),
    };
}

std::vector<ActionKind> timing_kinds() {
    using enum WirePlaces;
    return {
        on_wire("latency", "everything comes later", all,
                {needed(delay("by how much", "\"200 ms\"")),
                 otherwise("0 s", within(0, 86400,
                                         other("jitter", "how far that is spread", Form::duration,
                                               "\"50 ms\""))),
                 otherwise("uniform",
                           one_of({"fixed", "uniform", "log-normal"},
                                  other("distribution",
                                        "of it: delay ± jitter, or a median of delay with delay + "
                                        "jitter one deviation up",
                                        Form::choice, "\"log-normal\"")))}),
        on_wire("bandwidth", "a slow way", all,
                {needed(within(1, 1e9, other("rate", "bytes a second", Form::number, "120")))}),
        on_wire(
            "slicer", "it comes in pieces", all,
            {otherwise("1", bytes("of one piece", 1, 4096, "3")),
             otherwise("0", within(0, 4096,
                                   other("vary", "a piece is longer or shorter by up to so many",
                                         Form::integer, "1"))),
             otherwise("0 s", delay("between two pieces", "\"20 ms\""))}),
        on_wire("limit-data", "the connection is closed when so much has passed on it", connection,
                {needed(bytes("how much", 0, 1e9, "100"))}),
        on_wire("timeout", "nothing passes, and then the connection is closed", connection,
                {otherwise("never", delay("how long after the first that was lost", "\"5 s\""))}),
        on_wire("reset-peer", "the connection is reset (RST)", connection,
                {otherwise("0 s", delay("how long after the first that is hit", "\"100 ms\""))},
                "upstream"),
        fault("slow-close", "who closes a connection waits for the other side's end",
              ActionTarget::line, connection, {needed(delay("how long", "\"2 s\""))}),
        fault("refused", "nobody listens: new connections are refused", ActionTarget::line,
              connection, {}),
        on_wire("half-open",
                "nothing passes and nobody says so; when it is over, what comes on such a "
                "connection is answered by a reset",
                connection, {}, "both"),
    };
}

ActionKind preset_kind() {
    std::vector<std::string_view> names;
    for (const FaultPreset& preset : fault_presets())
        names.push_back(preset.name);
    ActionKind kind;
    kind.name = "line-preset";
    kind.title = "faults that come together in the field";
    kind.target = ActionTarget::line;
    kind.parameters = {
        needed(one_of(std::move(names),
                      other("preset", "what causes them", Form::choice, "\"gsm-modem\""))),
        within(0, 9e15,
               other("seed", "of their draws, instead of the farm's", Form::integer, "7"))};
    return kind;
}

/// The transport does these: there are no requests to count.
void leave_range_out(ActionKind& kind) {
    std::erase_if(
        kind.parameters, [](const ActionParameter& p) { return p.name != "delay"; });
}

ActionKind on_messages(std::string_view name, std::string_view title, Parameters own = {}) {
    return fault(name, title, ActionTarget::broker, WirePlaces::all, std::move(own));
}

} // namespace

std::vector<ActionKind> wire_fault_kinds() {
    std::vector<ActionKind> all = altering_kinds();
    for (ActionKind& kind : timing_kinds()) {
        if (kind.name == "slow-close" || kind.name == "refused")
            leave_range_out(kind);
        all.push_back(std::move(kind));
    }
    all.push_back(preset_kind());
    return all;
}

std::vector<ActionKind> upload_fault_kinds() {
    ActionKind down{"broker-down",
                    "their broker is not to be reached: they lose their connections and find none "
                    "until it is over",
                    ActionTarget::broker,
                    Lasting::any,
                    false,
                    {},
                    WirePlaces::all};
    ActionKind disconnect = down;
    disconnect.name = "mqtt-disconnect";
    disconnect.title = "their connections end; they come back as they always do";
    disconnect.lasting = Lasting::instant;
    ActionKind junk = disconnect;
    junk.name = "mqtt-junk";
    junk.title = "somebody has left a retained message on a topic";
    junk.parameters = {
        otherwise("MQTT_RT_DATA", other("topic", "which", Form::topic, "\"MQTT_ENY_NOW\"")),
        otherwise("{}",
                  other("payload", "what it says: a text, or an object", Form::json, "\"{}\""))};
    return {
        std::move(down),
        std::move(disconnect),
        on_messages("mqtt-duplicate", "a message comes twice",
                    {otherwise("0 s", delay("the second one so much later", "\"2 s\""))}),
        on_messages("mqtt-reorder", "a message comes behind the next one of its meter"),
        on_messages("mqtt-lost", "a message is lost",
                    {within(1, 100,
                            other("packet", "only this one of a split record, from 1",
                                  Form::integer, "2"))}),
        on_messages("mqtt-interleave",
                    "packets that several meters send at one moment come in turns"),
        on_messages(
            "mqtt-late",
            "a message comes late, with the time at which it was made; never, where its broker "
            "is down by then",
            {needed(delay("how late", "\"10 min\""))}),
        std::move(junk),
    };
}

} // namespace kpmsim

#include "cli/play/run_trace.hpp"

#include "files/json_text.hpp"
#include "files/pcapng.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace kpmsim {
namespace {

template <class T>
void keep(std::deque<T>& kept, const T& one, std::size_t most) {
    kept.push_back(one);
    while (kept.size() > most)
        kept.pop_front();
}

int most_words(const FarmPlan& farm, const std::string& meter) {
    for (const MeterPlan& one : farm.meters)
        if (one.spec.name == meter)
            return one.spec.type->max_read_words;
    return 125;
}

} // namespace

void follow(Conductor& conductor, RunTrace& trace) {
    conductor.listen(
        {[&trace](const Message& message) { keep(trace.messages, message, trace.most_messages); },
         [&trace](const Noted& noted) {
             keep(trace.noted, noted, trace.most_noted);
             trace.polls.take(noted);
         }});
}

std::string capture_of(const RunTrace& trace, CivilTime start) {
    if (trace.bytes.all().empty())
        return {};
    std::vector<CaptureInterface> interfaces;
    for (const RunTrace::Wire& wire : trace.wires)
        interfaces.push_back({wire.name, wire.rtu ? LinkType::user0 : LinkType::user1});
    const std::int64_t start_ns =
        std::chrono::duration_cast<std::chrono::nanoseconds>(start.time_since_epoch()).count();
    std::vector<CapturedPacket> packets;
    for (const WireBytes& one : trace.bytes.all())
        packets.push_back({one.wire, start_ns + one.at.count(), one.from_client,
                           fmt::format("connection {}", one.connection), one.bytes});
    return pcapng(interfaces, packets);
}

std::string message_log(const RunTrace& trace, const FarmPlan& farm) {
    std::string log;
    for (const Message& message : trace.messages) {
        const nlohmann::ordered_json json{{"at_s", seconds(message.at.time_since_epoch())},
                                          {"at", iso_text(civil_time(farm.start, message.at))},
                                          {"meter", farm.meters[message.meter].spec.name},
                                          {"circuit", message.circuit + 1},
                                          {"topic", message.topic},
                                          {"payload", message.payload}};
        log += json_text(json, -1) + '\n';
    }
    return log;
}

std::string client_log(const RunTrace& trace) {
    std::string log;
    for (const Noted& noted : trace.noted)
        log += to_text(noted) + '\n';
    return log;
}

std::vector<PollSeen> polls_of(const RunTrace& trace, const FarmPlan& farm) {
    return trace.polls.plans([&](const std::string& client, const std::string& meter) {
        const auto line = trace.lines.find({client, meter});
        PolledLine found = line == trace.lines.end() ? PolledLine{} : line->second;
        found.most_words = most_words(farm, meter);
        return found;
    });
}

} // namespace kpmsim

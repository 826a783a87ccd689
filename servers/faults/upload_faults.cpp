#include "servers/faults/upload_faults.hpp"

#include "servers/faults/fault_kind.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <utility>

namespace kpmsim {
namespace {

using Uploads = std::vector<UploadOnWay>;

/// What a fault remembers of one client.
struct ClientMemory {
    std::uint64_t messages{0};
    std::string topic;       ///< of the record that is under way
    std::uint64_t packet{0}; ///< of it, from 1
    std::optional<UploadOnWay> held;
};

struct Turn {
    const FaultSpec& spec;
    ClientMemory& memory;
    bool hit;
    Uploads& onward;
};

void duplicate(UploadOnWay message, Turn& turn) {
    if (turn.hit) {
        UploadOnWay again = message;
        again.at += turn.spec.delay;
        turn.onward.push_back(std::move(message));
        turn.onward.push_back(std::move(again));
    } else {
        turn.onward.push_back(std::move(message));
    }
}

/// Each that is hit comes behind the next one.
void reorder(UploadOnWay message, Turn& turn) {
    const bool holds = turn.hit && !turn.memory.held;
    if (holds) {
        turn.memory.held = std::move(message);
        return;
    }
    const LineTime at = message.at;
    turn.onward.push_back(std::move(message));
    if (auto late = std::exchange(turn.memory.held, std::nullopt)) {
        late->at = at;
        turn.onward.push_back(std::move(*late));
    }
}

void lose(UploadOnWay message, Turn& turn) {
    const bool this_packet = turn.spec.bytes == 0 || turn.spec.bytes == turn.memory.packet;
    if (!turn.hit || !this_packet)
        turn.onward.push_back(std::move(message));
}

void come_late(UploadOnWay message, Turn& turn) {
    if (turn.hit)
        message.at += turn.spec.delay;
    turn.onward.push_back(std::move(message));
}

struct Kind {
    std::string_view name;
    void (*act)(UploadOnWay message, Turn& turn);
};

constexpr std::string_view interleave = "mqtt-interleave";
constexpr std::array kinds{Kind{"mqtt-duplicate", duplicate}, Kind{"mqtt-reorder", reorder},
                           Kind{"mqtt-lost", lose}, Kind{"mqtt-late", come_late},
                           Kind{interleave, nullptr}};

struct Running {
    std::uint64_t action{0};
    const Kind* kind{nullptr};
    FaultSpec spec;
    std::set<std::size_t> clients;
    std::map<std::size_t, ClientMemory> memory;
    Uploads moment; ///< of an interleaving one: what came at this moment so far
};

bool ends_record(const std::string& payload) {
    return payload.find("\"isend\":\"0\"") == std::string::npos;
}

/// The first message of each client, then the second of each …
Uploads in_turns(const Uploads& all) {
    std::map<std::size_t, Uploads> of_client;
    std::vector<std::size_t> order;
    for (const UploadOnWay& message : all) {
        if (!of_client.contains(message.client))
            order.push_back(message.client);
        of_client[message.client].push_back(message);
    }
    Uploads out;
    for (std::size_t n = 0; out.size() < all.size(); ++n)
        for (const std::size_t client : order)
            if (n < of_client[client].size())
                out.push_back(of_client[client][n]);
    return out;
}

} // namespace

struct UploadFaults::Parts {
    std::vector<Running> running;
    Uploads later; ///< by their moments

    void through(std::size_t n, UploadOnWay message, LineTime now, Uploads& out) {
        for (; n < running.size(); ++n)
            if (running[n].clients.contains(message.client))
                break;
        if (n == running.size())
            return leave(std::move(message), now, out);
        Running& fault = running[n];
        ClientMemory& memory = fault.memory[message.client];
        const std::uint64_t number = ++memory.messages;
        memory.packet = message.topic == memory.topic ? memory.packet + 1 : 1;
        memory.topic = ends_record(message.payload) ? "" : message.topic;
        const FaultSpec& spec = fault.spec;
        const bool hit =
            number >= spec.first && number <= spec.last &&
            (spec.toxicity >= 1 ||
             Random{spec.stream.bits(message.client), ""}.uniform(number) < spec.toxicity);
        if (fault.kind->act == nullptr) {
            if (hit)
                fault.moment.push_back(std::move(message));
            else
                through(n + 1, std::move(message), now, out);
            return;
        }
        Uploads onward;
        Turn turn{spec, memory, hit, onward};
        fault.kind->act(std::move(message), turn);
        for (UploadOnWay& each : onward)
            through(n + 1, std::move(each), now, out);
    }

    void leave(UploadOnWay message, LineTime now, Uploads& out) {
        if (message.at <= now) {
            out.push_back(std::move(message));
            return;
        }
        const auto after =
            std::upper_bound(later.begin(), later.end(), message.at,
                             [](LineTime at, const UploadOnWay& one) { return at < one.at; });
        later.insert(after, std::move(message));
    }

    /// What was collected at moments that are over.
    void close_moments(LineTime before, LineTime now, Uploads& out) {
        for (std::size_t n = 0; n < running.size(); ++n)
            if (!running[n].moment.empty() && running[n].moment.front().at < before)
                for (UploadOnWay& each : in_turns(std::exchange(running[n].moment, {})))
                    through(n + 1, std::move(each), now, out);
    }

    void send_due(LineTime to, Uploads& out) {
        const auto due = std::find_if(later.begin(), later.end(),
                                      [&](const UploadOnWay& one) { return one.at > to; });
        std::move(later.begin(), due, std::back_inserter(out));
        later.erase(later.begin(), due);
    }
};

bool is_upload_fault(std::string_view name) {
    return std::any_of(
        kinds.begin(), kinds.end(), [&](const Kind& kind) { return kind.name == name; });
}

UploadFaults::UploadFaults() : parts_{std::make_unique<Parts>()} {}
UploadFaults::~UploadFaults() = default;

void UploadFaults::begin(std::uint64_t action, std::string_view name, const FaultSpec& spec,
                         std::set<std::size_t> clients) {
    const auto kind =
        std::find_if(kinds.begin(), kinds.end(), [&](const Kind& one) { return one.name == name; });
    if (kind != kinds.end())
        parts_->running.push_back({action, &*kind, spec, std::move(clients), {}, {}});
}

void UploadFaults::end(std::uint64_t action) {
    for (Running& fault : parts_->running) {
        if (fault.action != action)
            continue;
        for (auto& [client, memory] : fault.memory)
            if (memory.held)
                parts_->later.insert(parts_->later.begin(), std::move(*memory.held));
        for (UploadOnWay& each : in_turns(fault.moment))
            parts_->later.insert(parts_->later.begin(), std::move(each));
    }
    std::stable_sort(
        parts_->later.begin(), parts_->later.end(),
        [](const UploadOnWay& a, const UploadOnWay& b) { return a.at < b.at; });
    std::erase_if(parts_->running, [&](const Running& one) { return one.action == action; });
}

bool UploadFaults::idle() const { return parts_->running.empty() && parts_->later.empty(); }

void UploadFaults::take(UploadOnWay message, std::vector<UploadOnWay>& out) {
    const LineTime now = message.at;
    parts_->close_moments(now, now, out);
    parts_->send_due(now, out);
    parts_->through(0, std::move(message), now, out);
}

void UploadFaults::advance(LineTime to, std::vector<UploadOnWay>& out) {
    parts_->close_moments(to + LineTime{1}, to, out);
    parts_->send_due(to, out);
}

std::optional<LineTime> UploadFaults::next_event() const {
    std::optional<LineTime> next;
    const auto sooner = [&](LineTime at) { next = std::min(next.value_or(at), at); };
    if (!parts_->later.empty())
        sooner(parts_->later.front().at);
    for (const Running& fault : parts_->running)
        if (!fault.moment.empty())
            sooner(fault.moment.front().at);
    return next;
}

} // namespace kpmsim

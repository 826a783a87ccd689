#pragma once

#include "scenarios/play/conductor.hpp"
#include "scenarios/verdict/poll_watch.hpp"
#include "servers/line/wire_tap.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace kpmsim {

/// What went over the wires of a run and what its clients made of it, for people: the newest of it, where it is much.
struct RunTrace {
    struct Wire {
        std::string name;
        bool rtu{false}; ///< else Modbus-TCP
    };
    std::vector<Wire> wires; ///< as WireBytes::wire counts them
    WireLog bytes;
    std::deque<Message> messages;
    std::deque<Noted> noted;
    PollWatch polls;
    std::map<std::pair<std::string, std::string>, PolledLine>
        lines; ///< by client and meter, where it is RTU

    std::size_t most_messages{100'000};
    std::size_t most_noted{200'000};
};

/// From here on the trace, which outlives the conductor, keeps what that hears.
void follow(Conductor& conductor, RunTrace& trace);

/// A capture of the wires for network analysers; empty where nothing was heard. RTU frames are of link type USER0 (147),
/// Modbus-TCP of USER1 (148), a packet what one end sent in one go.
std::string capture_of(const RunTrace& trace, CivilTime start);
/// A line of JSON for each message.
std::string message_log(const RunTrace& trace, const FarmPlan& farm);
/// A line for each thing that a client noted.
std::string client_log(const RunTrace& trace);
/// Who polled what, and how long that takes on their lines.
std::vector<PollSeen> polls_of(const RunTrace& trace, const FarmPlan& farm);

} // namespace kpmsim

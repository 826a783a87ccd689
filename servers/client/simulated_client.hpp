#pragma once

#include "servers/client/client_log.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// What clients of the field get wrong; a client of ours does it when told to.
enum class ClientMistake : std::uint8_t {
    join_by_topic,  ///< packets of several meters become one record
    ignore_isend,   ///< a packet is a record
    take_late,      ///< whatever comes is the answer
    swap_words,     ///< of a value of two words
    trust_counter,  ///< one that went backwards is booked as it is
    book_gap_twice, ///< what an outage hid is estimated, and is in the next reading, too
    never_stale,    ///< a reading that stands still is as good as any
};
std::string_view name_of(ClientMistake mistake);
std::vector<std::string> client_mistakes(); ///< their names
std::optional<ClientMistake> find_client_mistake(std::string_view name);

using ClientMistakes = std::set<ClientMistake>;

/// A user's system in simulated time: no socket, no clock, no thread. Whoever steps the farm brings it
/// up to each moment that it names, with the farm as it then is.
class SimulatedClient {
public:
    SimulatedClient() = default;
    virtual ~SimulatedClient() = default;
    SimulatedClient(const SimulatedClient&) = delete;
    SimulatedClient& operator=(const SimulatedClient&) = delete;

    virtual const std::string& name() const = 0;
    /// When it does something next; SimTime::max() for never, and never before what was advanced to.
    virtual SimTime next_event() const = 0;
    /// Does all that falls on moments up to this one.
    virtual void advance(SimTime to) = 0;
    /// A message of a broker; nothing to those who listen to none.
    virtual void hear(SimTime /*at*/, const std::string& /*topic*/,
                      const std::string& /*payload*/) {}
    virtual const ClientLog& log() const = 0;
};

} // namespace kpmsim

#pragma once

#include "scenarios/farm/running_meter.hpp"
#include "sim/clock.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// The name under which real clients are noted: of the command that runs beside a farm, and whoever else comes.
inline constexpr std::string_view outside_client = "exec";

/// Something that a client did or came to, in nobody's own words.
struct Noted {
    SimTime at{};
    std::string client;
    std::string event; ///< request, answer, failure, value, record, booked, alarm
    std::string meter; ///< empty where it is not known
    std::string what;  ///< a request's words, a point, a topic
    double value{0};
    std::string text;
    int circuit{0}; ///< of the meter, 0-based
};
std::string to_text(const Noted& noted);

/// Clients in simulated time, which live beside a scenario's farm.
class Companions {
public:
    virtual ~Companions() = default;
    /// SimTime::max() for never.
    virtual SimTime next_event() const = 0;
    /// A message of the farm, in its order.
    virtual void hear(const Message& message) = 0;
    /// All that falls on moments up to this one, to which the farm has gone; what was noted by it.
    virtual std::vector<Noted> advance(SimTime to) = 0;
};

/// What came of the clients so far, as the values that formulas know: counts of events, and of each point the last
/// value that a client took it to have.
class ClientValues {
public:
    void take(const Noted& noted);
    /// CLIENT.KEY; 0 of a count that has none, not-a-number of a point that was never read.
    double value(const std::string& name) const;

private:
    std::map<std::string, double> counts_, values_;
};

/// The counts: requests, answers, …
struct ClientCount {
    std::string_view key, event, title;
};
std::span<const ClientCount> client_counts();

} // namespace kpmsim

#pragma once

#include "files/event_kinds.hpp"
#include "servers/api/message.hpp"
#include "sim/clock.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// Points of readings, where nobody names any.
std::vector<std::string> usual_readings();

/// Who listens, and what for.
struct Listener {
    std::shared_ptr<EventSink> sink;
    std::set<std::string, std::less<>> kinds;
    std::string meter;              ///< a pattern of names; empty: all
    std::vector<std::string> names; ///< of points, for readings
    SimDuration every{};            ///< of readings and of time, in simulated time
    SimTime next{};                 ///< when they are due
    bool gone{false};
};

/// Hands what happens to whoever listens (server-sent events). A listener that does not take what it is sent is
/// left behind: nobody waits for it.
class EventHub {
public:
    void add(Listener listener);
    /// Whether anybody wants the kind: what nobody wants need not be put into words.
    bool wanted(std::string_view kind) const;
    /// `meter` may be empty.
    void tell(std::string_view kind, std::string_view meter, std::string_view json);
    /// Of several meters, or of none: what is no single meter's matter is everybody's.
    void tell(std::string_view kind, const std::vector<std::string>& meters, std::string_view json);
    /// Those for whom readings or time are due at `now`.
    std::vector<Listener*> due(SimTime now);
    /// To one of them.
    void tell(Listener& listener, std::string_view kind, std::string_view json);
    std::size_t size() const { return listeners_.size(); }
    void close() { listeners_.clear(); }

private:
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::uint64_t last_{0};
};

} // namespace kpmsim

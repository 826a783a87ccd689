#pragma once

#include "cli/serve/farm_server.hpp"
#include "scenarios/farm/farm.hpp"
#include "scenarios/farm/overload_watch.hpp"
#include "scenarios/play/actions.hpp"
#include "servers/api/events.hpp"
#include "servers/api/hook.hpp"
#include "servers/api/journal.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace kpmsim {

/// What happens in a running farm, for those who listen: the control API and the file's hooks. Keeps the
/// journal of requests and uploads.
class FarmEvents {
public:
    FarmEvents(Farm& farm, FarmServer& server);
    ~FarmEvents();
    FarmEvents(const FarmEvents&) = delete;
    FarmEvents& operator=(const FarmEvents&) = delete;

    /// Posts what the hook asks for from here on.
    void add(EventLoop& loop, const HookPlan& hook);
    std::uint64_t posted() const; ///< by all hooks
    std::uint64_t lost() const;
    std::size_t waiting() const;

    Journal& journal() { return journal_; }
    /// To be called with each request that stands in it.
    void on_request(std::function<void(const JournalEntry&)> tell) {
        tell_request_ = std::move(tell);
    }
    EventHub& hub() { return hub_; }

    /// Tells of what they do from here on.
    void follow(const Actions& actions) { actions_ = &actions; }
    /// Of those that were told, have begun or are over since it was last called: each once, at its moment.
    void tell_actions();

    /// For the runner's hooks of these names.
    void upload(const UnitEndpoints& unit, const Message& message);
    void published();

private:
    void asked(const std::string& line, int unit, const Circuit* circuit,
               std::span<const std::uint8_t> request, std::span<const std::uint8_t> answer);
    std::string unit_elsewhere(int unit) const;
    void tell_of_time();
    void tell_readings(Listener& who);
    void tell_relays();
    void tell_overloads();
    /// What somebody has heard of an action.
    enum class Heard : std::uint8_t { nothing, planned, started, ended };
    std::shared_ptr<const MeterSpec> spec_of(const Meter& meter);
    Heard stage_of(const ToldAction& told) const;
    void tell_action(const ToldAction& told, Heard what);

    Farm& farm_;
    FarmServer& server_;
    const Actions* actions_{nullptr};
    std::vector<Heard> heard_;  ///< by action
    std::uint64_t restored_{0}; ///< … of these
    Journal journal_;
    std::map<const Meter*, std::shared_ptr<const MeterSpec>> specs_; ///< of who was asked …
    std::uint64_t specs_of_{0}; ///< … as of FarmServer::followed()
    std::function<void(const JournalEntry&)> tell_request_;
    EventHub hub_;
    std::vector<std::shared_ptr<Hook>> hooks_;
    OverloadWatch overloads_;
};

} // namespace kpmsim

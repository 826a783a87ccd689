#pragma once

#include "cli/serve/wire_place.hpp"
#include "scenarios/play/actions.hpp"
#include "servers/faults/fault_place.hpp"
#include "servers/faults/upload_faults.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace kpmsim {

/// Where a farm's actions on lines and brokers act: at the seats in front of its meters, and on their
/// messages. A fault begins and ends when look() finds it so; who needs it to the moment calls at
/// next_change().
class FarmFaults {
public:
    /// `actions` and `farm` outlive it. Nothing is anywhere before follow().
    FarmFaults(const Actions& actions, const Farm& farm);
    /// The ways to the meters as they are, and the number of each circuit by meter; again when meters have
    /// come or gone, and before look().
    void follow(std::vector<WirePlace> places, std::vector<std::vector<std::size_t>> circuits);

    struct Hooks { ///< by the number of a circuit
        std::function<void(std::size_t circuit)> disconnect;
        std::function<void(std::size_t circuit, const std::string& topic,
                           const std::string& payload)>
            leave_retained;
        std::function<void(std::size_t circuit, bool held)> hold; ///< from its broker
        /// … behind what its meter has said: its supply is away
        std::function<void(std::size_t circuit)> lose_supply;
    };
    void set(Hooks hooks) { hooks_ = std::move(hooks); }

    /// What holds at this moment is what goes wrong from now on, and meters whose supply is back go to
    /// their brokers again.
    void look(SimTime now);
    /// The meter has said something since the last sent(): it had its supply then, whatever it has since.
    void let_go(std::size_t meter);
    /// What was said up to this moment has been handed on: meters without their supply leave their brokers.
    void sent();
    /// The next moment at which look() has something to do; SimTime::max() for never.
    SimTime next_change(SimTime after) const;

    /// Whether an action keeps it from its broker.
    bool is_down(std::size_t circuit) const;
    UploadFaults& uploads() { return uploads_; }

private:
    struct Place {
        WirePlace wire;
        std::shared_ptr<FaultPlace> faults; ///< null until the first
    };
    struct Running {
        std::uint64_t id{0};
        int nth{0}; ///< of its times
        std::string written;
        bool operator==(const Running&) const = default;
    };

    void begin(const ToldAction& told);
    void end(std::uint64_t id);
    void begin_on_lines(const FarmAction& action, std::uint64_t id);
    void begin_on_messages(const FarmAction& action, std::uint64_t id);
    void put(Place& place, const FarmAction& action, std::uint64_t id, const std::string& name,
             const FaultPlace::Concerns& concerns);
    void hold(std::size_t circuit, bool held);
    void follow_brokers();
    std::set<std::size_t> circuits_of(const FarmAction& action) const;

    const Actions& actions_;
    const Farm& farm_;
    std::vector<Place> places_;
    UploadFaults uploads_;
    Hooks hooks_;
    std::vector<Running> running_;
    std::vector<std::vector<std::size_t>> circuits_; ///< their numbers, by meter
    std::map<std::size_t, std::set<std::uint64_t>>
        down_; ///< actions that keep a circuit from its broker
    std::map<std::size_t, bool> held_;
    SimTime looked_; ///< what was at an instant before that is over …
    std::set<std::pair<std::uint64_t, int>> happened_; ///< … and so are these
};

} // namespace kpmsim

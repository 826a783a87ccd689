#pragma once

#include "files/toml.hpp"
#include "scenarios/farm/farm.hpp"
#include "scenarios/play/action.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kpmsim {

/// An action that was told, as those who told it see it.
struct ToldAction {
    std::uint64_t id{0};
    std::string kind;
    std::string written; ///< as JSON
    SimTime told{};
    SimTime from{};
    std::optional<SimTime> until; ///< nothing = until it is ended
    bool ended{false};            ///< by hand
    KPMSIM_FIELDS(id, kind, written, told, from, until, ended);

    bool over(SimTime now) const { return until && *until <= now; }
};

/// What is done to a farm: takes actions, hands what they do over to it, and ends them. Belongs to
/// whoever steps the farm, and not while advance() runs.
class Actions {
public:
    /// Starts the actions of the farm's file. Throws FileError with their mistakes.
    explicit Actions(Farm& farm);

    /// Starts one at the farm's promised time, or at its own `at`. Nothing, and `mistakes`, when it
    /// cannot be.
    std::optional<std::uint64_t> start(const TomlNode& written, std::vector<Mistake>& mistakes);
    /// Everything is as before from the promised time on; false when there is no such action, or it is
    /// over.
    bool end(std::uint64_t id);
    void end_all();

    /// Called whenever one was started or ended, or all of them are others.
    void on_change(std::function<void()> tell) { changed_ = std::move(tell); }
    /// What was told, as it was read then. It must be one of all().
    FarmAction read(const ToldAction& told) const;

    const std::vector<ToldAction>& all() const { return told_; }
    const ToldAction* find(std::uint64_t id) const;

    /// The farm and what was done to it.
    Bytes save();
    /// Goes on, to the bit, where a farm of the same plan was saved. Throws BadState; the farm is then
    /// of no more use until a restore() that does not.
    void restore(std::span<const std::uint8_t> saved);

private:
    /// What a supply was told to be, by the actions that hold until they are ended.
    struct SetPoints {
        std::uint64_t action{0}; ///< 0 = as written
        double u_v{0};
        double f_hz{0};
        std::array<double, 3> magnitude{1, 1, 1};
    };

    /// The order in which actions were started and ended.
    struct Event {
        std::uint64_t id{0};
        SimTime at{};
        bool end{false};
        KPMSIM_FIELDS(id, at, end);
    };

    void add(const FarmAction& action, std::uint64_t id);
    void disturb(const FarmAction& action, std::uint64_t id);
    void set_supply(const FarmAction& action, std::uint64_t id);
    void move(std::size_t supply, const SetPoints& from, const SetPoints& to, const FarmAction& how,
              std::uint64_t id);
    void change_loads(const FarmAction& action, std::uint64_t id);
    void change_wiring(const FarmAction& action, std::uint64_t id);
    void command(const FarmAction& action, std::uint64_t id);
    void put_back(const ToldAction& told, SimTime at);
    void begin_set_points();
    void do_again(const std::vector<ToldAction>& told, const std::vector<Event>& events);
    void forget(std::uint64_t id, SimTime at);

    Farm& farm_;
    std::vector<ToldAction> told_;
    std::vector<Event> events_;
    std::vector<std::vector<SetPoints>> set_; ///< by supply; the last one holds
    std::function<void()> changed_;
    bool again_{false}; ///< while what was done to a saved farm is done to this one
};

/// The mistakes of a plan's actions, without a farm. Throws FileError.
void check_actions(const FarmPlan& plan);

} // namespace kpmsim

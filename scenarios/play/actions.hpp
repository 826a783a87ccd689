#pragma once

#include "files/toml.hpp"
#include "scenarios/farm/farm.hpp"
#include "scenarios/play/action.hpp"
#include "scenarios/play/deed.hpp"
#include "sim/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
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
    SimDuration length{};         ///< of one time; 0: it happens at an instant
    SimDuration every{};          ///< from one begin to the next …
    int times{1};                 ///< … so often in all
    KPMSIM_FIELDS(id, kind, written, told, from, until, ended, length, every, times);

    bool valid() const {
        return times >= 1 && length >= SimDuration::zero() &&
               (times == 1 || every > SimDuration::zero());
    }
    bool over(SimTime now) const { return until && *until <= now; }
    /// How often it has begun, and when the nth time (from 1) does.
    int begun(SimTime now) const;
    SimTime began(int nth) const { return from + (nth - 1) * every; }
    /// One of its times has begun and is not over.
    bool holds(SimTime now) const;
    /// When the next of its times begins or is over; SimTime::max() for never.
    SimTime next_change(SimTime after) const;
};

/// Why a meter is not taken away.
struct MeterStays {
    bool unknown{false}; ///< there is none of that name; else others need it
    Fault why;
};

/// What is done to a farm: takes actions, hands what they do over to it, and ends them; adds meters to
/// it and takes them away. Belongs to whoever steps the farm, and not while advance() runs.
class Actions {
public:
    /// Starts the actions of the farm's file. Throws FileError with their mistakes.
    explicit Actions(Farm& farm);

    /// Starts one at the farm's promised time, or at its own `at`. Nothing, and `mistakes`, when it
    /// cannot be.
    std::optional<std::uint64_t> start(const TomlNode& written, std::vector<Mistake>& mistakes);
    /// Everything is as before from the promised time on; false when there is no such action, or it is
    /// over, or something is in the way.
    bool end(std::uint64_t id);
    void end_all();

    /// Called whenever one was started or ended by hand.
    void on_change(std::function<void()> tell) { changed_ = std::move(tell); }
    /// Asked before anything is done; whatever it finds in the way, and nothing is. An action's or the
    /// meters' whole text is in the deed.
    void ask(std::function<std::optional<Fault>(const Deed&)> may) { may_ = std::move(may); }
    /// What was told, as it was read then; nothing when those that it was on are gone.
    std::optional<FarmAction> read(const ToldAction& told) const;

    /// Meters as one [[meter]] has them, from the promised time on. How many; nothing, and `mistakes`, when
    /// they cannot be.
    std::optional<std::size_t> add_meters(const TomlNode& written, std::vector<Mistake>& mistakes);
    /// Those from this place on, which the last add_meters() has added, were never there.
    void take_back_meters(std::size_t from);
    /// Its name is free then, and what was done to it is forgotten with it.
    Result<std::monostate, MeterStays> remove_meter(const std::string& name);

    const std::vector<ToldAction>& all() const { return told_; }
    /// How often restore() has put others in their place.
    std::uint64_t restored() const { return restored_; }
    const ToldAction* find(std::uint64_t id) const;

    /// The farm and what was done to it.
    Bytes save();
    /// As Farm::save_metered() does it; nothing is done meanwhile.
    Bytes save_metered(SimTime to) const;
    /// Goes on, to the bit, where a farm of the same plan was saved. Throws BadState; the farm is then
    /// of no more use until a restore() that does not.
    /// Of another farm file it is refused, before anything is changed, unless `file` says that the file
    /// may have been changed since.
    enum class OfFile : std::uint8_t { this_one, changed_since };
    void restore(std::span<const std::uint8_t> saved, OfFile file = OfFile::this_one);

private:
    /// What a supply was told to be, by the actions that hold until they are ended.
    struct SetPoints {
        std::uint64_t action{0}; ///< 0 = as written
        SimTime from{};
        SimDuration edge{};
        double u_v{0};
        double f_hz{0};
        std::array<double, 3> magnitude{1, 1, 1};
    };

    void add(FarmAction action, std::uint64_t id);
    void add_once(const FarmAction& action, std::uint64_t id);
    void disturb(const FarmAction& action, std::uint64_t id);
    void set_supply(const FarmAction& action, std::uint64_t id);
    void set_voltage(std::size_t supply, const SetPoints& to, const FarmAction& how);
    void add_hertz(std::size_t supply, const SetPoints& to, double hz, SimTime from,
                   SimDuration length, SimDuration edge);
    void carry(std::size_t supply, std::size_t above, double hz, SimTime at, SimDuration edge);
    void change_loads(const FarmAction& action, std::uint64_t id);
    void change_wiring(const FarmAction& action, std::uint64_t id);
    void command(const FarmAction& action, std::uint64_t id);
    void begin_set_points();
    std::optional<Fault> in_the_way(const Deed& deed) const {
        return may_ ? may_(deed) : std::nullopt;
    }
    void finish(std::uint64_t id);
    void stand(std::vector<MeterPlan> more, const std::string& written, SimTime at);
    Bytes with(const Bytes& farm) const;
    std::optional<std::size_t> place_of(const std::string& meter) const;
    void do_again();
    void begin_again(const ToldAction& told, std::vector<Mistake>& mistakes);
    void forget(std::uint64_t id, SimTime at);

    Farm& farm_;
    std::vector<ToldAction> told_;
    std::vector<Deed> deeds_;                 ///< in their order; of an action without its text
    std::vector<std::vector<SetPoints>> set_; ///< by supply, as they begin; the last one holds
    std::function<void()> changed_;
    std::function<std::optional<Fault>(const Deed&)> may_;
    std::uint64_t restored_{0};
};

/// The mistakes of a plan's actions, without a farm. Throws FileError.
void check_actions(const FarmPlan& plan);

} // namespace kpmsim

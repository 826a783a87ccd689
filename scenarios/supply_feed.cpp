#include "scenarios/supply_feed.hpp"

#include "waveforms/terminals.hpp"

#include <algorithm>

namespace kpmsim {
namespace {

using namespace std::chrono_literals;

/// Twenty nominal windows: the lock needs six to settle.
constexpr SimDuration head_start = 4s;

/// A minute's worth: the meters of a farm take runs in turn and share what a window's samples cost,
/// so that none should run far ahead.
constexpr std::int64_t most_in_a_run = 300;

Random stream_of(const FarmPlan& farm, const SupplyPlan& plan) {
    return Random{farm.seed, "supply/" + plan.name};
}

std::variant<Supply, RecordedSupply> player_of(const FarmPlan& farm, const SupplyPlan& plan) {
    if (plan.recording)
        return RecordedSupply{*plan.recording};
    return Supply{settled(plan, farm.start), stream_of(farm, plan)};
}

} // namespace

SupplyFeed::SupplyFeed(const FarmPlan& farm, const SupplyPlan& plan, Fidelity fidelity)
    : nominal_hz_{plan.spec.f_hz < 55.0 ? 50.0 : 60.0},
      // Room for a peak of four times the sine's; the inputs of the lock do not clip.
      full_scale_v_{4.0 * 1.5 * std::max(1.0, plan.spec.u_v)}, fidelity_{fidelity},
      supply_{player_of(farm, plan)}, stream_{stream_of(farm, plan)}, lock_{plan.recording
                                                                                ? plan.spec.f_hz
                                                                                : nominal_hz_},
      samples_(3 * max_samples_per_window) {
    lock_.start_at(SimTime{} - (plan.recording ? lock_.next().length : head_start));
    while (lock_.next().start < SimTime{})
        step();
    repeats_ = find_repeats();
}

void SupplyFeed::step() {
    const Window before = last_.window;
    const bool was_coherent = last_.coherent();
    last_ = std::visit([&](auto& supply) { return supply.through(lock_.next()); }, supply_);
    calm_ = was_coherent && last_.coherent() && last_.window.length == before.length &&
            last_.window.cycles == before.cycles;
    const WiringSpec straight;
    const TerminalSpectra terminals = wire(straight, last_, {});
    const std::array<AdcChannel, 3> inputs{AdcChannel{full_scale_v_}, AdcChannel{full_scale_v_},
                                           AdcChannel{full_scale_v_}};
    SampleBlock block;
    block.data = samples_;
    sample(terminals, last_, stream_, straight, inputs, block);
    lock_.push(block);
    if (std::holds_alternative<RecordedSupply>(supply_))
        last_.f_hz = lock_.f_hz(); // as it is measured: nobody knows better
}

std::int64_t SupplyFeed::find_repeats() const {
    const Window next = lock_.next();
    const Supply* const supply = std::get_if<Supply>(&supply_); // a recording never stands still
    if (supply == nullptr || fidelity_ == Fidelity::sample || !calm_ ||
        next.length != last_.window.length || next.cycles != last_.window.cycles)
        return 0;
    const SimTime until = steady_until(supply->spec(), last_.window.start);
    return std::max<std::int64_t>((until - next.start) / next.length, 0);
}

std::optional<SupplyRun> SupplyFeed::next(SimTime to) {
    if (said_ == repeats_) {
        if (repeats_ > 0)
            lock_.pass(repeats_, static_cast<double>(last_.slip) * 0x1p-64);
        said_ = repeats_ = 0;
        if (lock_.next().end() > to)
            return std::nullopt;
        step();
        repeats_ = find_repeats();
        return SupplyRun{last_, 1, false, repeats_};
    }
    const SimDuration left = to - lock_.next().start - said_ * lock_.next().length;
    const std::int64_t windows =
        std::min({repeats_ - said_, left / lock_.next().length, most_in_a_run});
    if (windows <= 0)
        return std::nullopt;
    SupplyRun run{later(last_, said_ + 1), windows, true, repeats_ - said_ - 1};
    said_ += windows;
    return run;
}

} // namespace kpmsim

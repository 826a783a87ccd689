#include "scenarios/supply_feed.hpp"

#include "waveforms/terminals.hpp"

#include <algorithm>

namespace kpmsim {
namespace {

using namespace std::chrono_literals;

/// Twenty nominal windows: the lock needs six to settle.
constexpr SimDuration head_start = 4s;

Random stream_of(const FarmPlan& farm, const SupplyPlan& plan) {
    return Random{farm.seed, "supply/" + plan.name};
}

std::variant<Supply, RecordedSupply> player_of(const FarmPlan& farm, const SupplyPlan& plan) {
    if (plan.recording)
        return RecordedSupply{*plan.recording};
    return Supply{settled(plan, farm.start), stream_of(farm, plan)};
}

} // namespace

SupplyFeed::SupplyFeed(const FarmPlan& farm, const SupplyPlan& plan)
    : nominal_hz_{plan.spec.f_hz < 55.0 ? 50.0 : 60.0},
      // Room for a peak of four times the sine's; the inputs of the lock do not clip.
      full_scale_v_{4.0 * 1.5 * std::max(1.0, plan.spec.u_v)}, supply_{player_of(farm, plan)},
      stream_{stream_of(farm, plan)}, lock_{plan.recording ? plan.spec.f_hz : nominal_hz_},
      samples_(3 * max_samples_per_window) {
    lock_.start_at(SimTime{} - (plan.recording ? lock_.next().length : head_start));
    while (lock_.next().start < SimTime{})
        step();
}

void SupplyFeed::step() {
    last_ = std::visit([&](auto& supply) { return supply.through(lock_.next()); }, supply_);
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

std::optional<SupplyWindow> SupplyFeed::next(SimTime to) {
    if (lock_.next().end() > to)
        return std::nullopt;
    step();
    return last_;
}

} // namespace kpmsim

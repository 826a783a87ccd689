#include "scenarios/supply_feed.hpp"

#include "waveforms/terminals.hpp"

#include <algorithm>

namespace kpmsim {
namespace {

using namespace std::chrono_literals;

/// Twenty nominal windows: the lock needs six to settle.
constexpr SimDuration head_start = 4s;

} // namespace

SupplyFeed::SupplyFeed(const FarmPlan& farm, const SupplyPlan& plan)
    : nominal_hz_{plan.spec.f_hz < 55.0 ? 50.0 : 60.0},
      // Room for a peak of four times the sine's; the inputs of the lock do not clip.
      full_scale_v_{4.0 * 1.5 * std::max(1.0, plan.spec.u_v)},
      supply_{settled(plan, farm.start), Random{farm.seed, "supply/" + plan.name}},
      lock_{nominal_hz_}, samples_(3 * max_samples_per_window) {
    lock_.start_at(SimTime{} - head_start);
    while (lock_.next().start < SimTime{})
        step();
}

void SupplyFeed::step() {
    last_ = supply_.through(lock_.next());
    const WiringSpec straight;
    const TerminalSpectra terminals = wire(straight, last_, {});
    const std::array<AdcChannel, 3> inputs{AdcChannel{full_scale_v_}, AdcChannel{full_scale_v_},
                                           AdcChannel{full_scale_v_}};
    SampleBlock block;
    block.data = samples_;
    sample(terminals, last_, supply_.stream(), straight, inputs, block);
    lock_.push(block);
}

std::optional<SupplyWindow> SupplyFeed::next(SimTime to) {
    if (lock_.next().end() > to)
        return std::nullopt;
    step();
    return last_;
}

} // namespace kpmsim

#include "scenarios/farm/supply_source.hpp"

#include "sim/archive.hpp"
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
    return Supply{scheduled(plan, farm.start), stream_of(farm, plan)};
}

} // namespace

SupplySource::SupplySource(const FarmPlan& farm, const SupplyPlan& plan, Fidelity fidelity)
    : nominal_hz_{plan.spec.f_hz < 55.0 ? 50.0 : 60.0},
      // Room for a peak of four times the sine's; the inputs of the lock do not clip.
      full_scale_v_{4.0 * 1.5 * std::max(1.0, plan.spec.u_v)}, fidelity_{fidelity},
      supply_{player_of(farm, plan)}, stream_{stream_of(farm, plan)},
      samples_(3 * max_samples_per_window) {
    clock_.lock = SampleLock{plan.recording ? plan.spec.f_hz : nominal_hz_};
    clock_.lock.start_at(SimTime{} - (plan.recording ? clock_.lock.next().length : head_start));
    while (clock_.lock.next().start < SimTime{})
        step();
    clock_.repeats = find_repeats();
}

void SupplySource::step() {
    const Window before = clock_.last.window;
    const bool was_coherent = clock_.last.coherent();
    clock_.last =
        std::visit([&](auto& supply) { return supply.through(clock_.lock.next()); }, supply_);
    clock_.calm = was_coherent && clock_.last.coherent() &&
                  clock_.last.window.length == before.length &&
                  clock_.last.window.cycles == before.cycles;
    const WiringSpec straight;
    const TerminalSpectra terminals = wire(straight, clock_.last, {});
    const std::array<AdcChannel, 3> inputs{AdcChannel{full_scale_v_}, AdcChannel{full_scale_v_},
                                           AdcChannel{full_scale_v_}};
    SampleBlock block;
    block.data = samples_;
    sample(terminals, clock_.last, stream_, straight, inputs, block);
    clock_.lock.push(block);
    if (std::holds_alternative<RecordedSupply>(supply_))
        clock_.last.f_hz = clock_.lock.f_hz(); // as it is measured: nobody knows better
}

std::int64_t SupplySource::find_repeats() const {
    const Window next = clock_.lock.next();
    const Supply* const supply = std::get_if<Supply>(&supply_); // a recording never stands still
    if (supply == nullptr || fidelity_ == Fidelity::sample || !clock_.calm ||
        next.length != clock_.last.window.length || next.cycles != clock_.last.window.cycles)
        return 0;
    const SimTime until = steady_until(supply->spec(), clock_.last.window.start);
    return std::max<std::int64_t>((until - next.start) / next.length, 0);
}

const SupplySpec* SupplySource::spec() const {
    const Supply* const supply = std::get_if<Supply>(&supply_);
    return supply == nullptr ? nullptr : &supply->spec();
}

void SupplySource::disturb(Disturbance what) {
    std::get<Supply>(supply_).disturb(std::move(what));
    look_again();
}

void SupplySource::end(std::uint64_t action, SimTime at) {
    if (Supply* const supply = std::get_if<Supply>(&supply_)) {
        supply->end(action, at);
        look_again();
    }
}

void SupplySource::forget_changes(const FarmPlan& farm, const SupplyPlan& plan) {
    if (Supply* const supply = std::get_if<Supply>(&supply_))
        supply->undisturb(scheduled(plan, farm.start).disturbances);
}

/// Of the windows that were to repeat the last one, those stay that end before something happens.
void SupplySource::look_again() {
    if (clock_.repeats == clock_.said)
        return;
    const Window next = clock_.lock.next();
    const SimTime said = next.start + clock_.said * next.length;
    // From within the last window that was said: what begins or ends with the next one is a change.
    const SimTime until = steady_until(*spec(), said - SimDuration{1});
    clock_.repeats = std::min(
        clock_.repeats, clock_.said + std::max<std::int64_t>((until - said) / next.length, 0));
}

SupplySourceState SupplySource::state() const {
    const auto state_of = [](const auto& supply) {
        return decltype(SupplySourceState::supply){supply.state()};
    };
    return {std::visit(state_of, supply_), clock_};
}

void SupplySource::restore(SupplySourceState state) {
    if (state.supply.index() != supply_.index())
        throw BadState{"supply.index()", "of another supply: one of the two is a recording"};
    if (auto* const written = std::get_if<Supply>(&supply_))
        written->restore(std::get<SupplyState>(state.supply));
    else
        std::get<RecordedSupply>(supply_).restore(std::get<SampledSupply>(state.supply));
    clock_ = std::move(state.clock);
}

bool SupplySourceState::Clock::valid() const {
    const Window next = lock.next();
    const std::int64_t most = (SimTime::max() - std::max(next.start, SimTime{})) / next.length;
    return last.window.cycles > 0 && last.window.length > SimDuration::zero() && said >= 0 &&
           said <= repeats && repeats <= most;
}

std::optional<SupplyRun> SupplySource::next(SimTime to) {
    if (clock_.said == clock_.repeats) {
        if (clock_.repeats > 0)
            clock_.lock.pass(clock_.repeats, static_cast<double>(clock_.last.slip) * 0x1p-64);
        clock_.said = clock_.repeats = 0;
        if (clock_.lock.next().end() > to)
            return std::nullopt;
        step();
        clock_.repeats = find_repeats();
        return SupplyRun{clock_.last, 1, false, clock_.repeats};
    }
    const SimDuration left =
        to - clock_.lock.next().start - clock_.said * clock_.lock.next().length;
    const std::int64_t windows =
        std::min({clock_.repeats - clock_.said, left / clock_.lock.next().length, most_in_a_run});
    if (windows <= 0)
        return std::nullopt;
    SupplyRun run{later(clock_.last, clock_.said + 1), windows, true,
                  clock_.repeats - clock_.said - 1};
    clock_.said += windows;
    return run;
}

} // namespace kpmsim

#include "scenarios/farm/leak.hpp"

#include "waveforms/load_currents.hpp"

#include <array>

namespace kpmsim {
namespace {

LoadSpec resistance(double leak_a, double u_v) {
    LoadSpec spec;
    spec.kind = LoadKind::resistive;
    spec.nominal_u_v = u_v;
    spec.p_w = {leak_a * u_v, 0, 0};
    return spec;
}

} // namespace

Leak::Leak(double u_v, Random noise, double error)
    : u_v_{u_v}, load_{resistance(0, u_v)}, noise_{noise},
      samples_(std::size_t{2} * max_samples_per_window) {
    wiring_.mode = Wiring::one_phase; // the voltage, and one current
    input_.adc.gain_error = error;
}

void Leak::set(double leak_a) {
    if (leak_a != leak_a_)
        load_ = Load{resistance(leak_a, u_v_)};
    leak_a_ = leak_a;
}

void Leak::see(const SupplyWindow& supply, const Random& supply_noise, ResidualProgress& progress) {
    const WindowCurrents drawn = currents_of(load_, supply);
    const TerminalSpectra terminals = wire_drawn(wiring_, supply, {&drawn, 1});
    // The voltage is not measured here; its scale is of no account.
    const std::array<AdcChannel, 2> inputs{
        AdcChannel{.full_scale = 1e4},
        AdcChannel{.full_scale = input_.full_primary_a(), .gain_error = input_.adc.gain_error}};
    SampleBlock block;
    block.data = samples_;
    sample(terminals, supply, supply_noise, wiring_, inputs, block);
    ResidualMeter meter{input_, noise_};
    meter.restore(progress.meter);
    progress.shown_a = meter.push(block, 1);
    progress.meter = meter.state();
    progress.truth_a = truth(terminals, supply, wiring_, 0)[Slot::i_a];
}

} // namespace kpmsim

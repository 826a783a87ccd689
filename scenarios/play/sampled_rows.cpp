#include "scenarios/play/sampled_rows.hpp"

#include "waveforms/terminals.hpp"

namespace kpmsim {
namespace {

constexpr std::size_t phases = 3;

/// What `take` puts into a block, each channel in its unit; a coherent block's cycle as often as the window has it.
template <class Take>
SampledRows rows_taken(double full_scale, std::size_t channels, const Take& take) {
    const std::vector<AdcChannel> inputs(channels, AdcChannel{full_scale});
    std::vector<double> samples(channels * max_samples_per_window);
    SampleBlock block;
    block.data = samples;
    take(std::span{inputs}, block);
    const auto all = static_cast<std::size_t>(block.window.samples());
    SampledRows rows(channels, std::vector<double>(all));
    for (std::size_t c = 0; c < channels; ++c) {
        const auto channel = block.channel(static_cast<int>(c));
        for (std::size_t n = 0; n < all; ++n)
            rows[c][n] = full_scale * channel[n % static_cast<std::size_t>(block.rows)];
    }
    return rows;
}

std::vector<double> times(double factor, std::vector<double> rows) {
    for (double& x : rows)
        x *= factor;
    return rows;
}

} // namespace

std::optional<CircuitTerminals> terminals_of(const FarmPlan& farm, std::size_t meter, int circuit) {
    const MeterPlan& plan = farm.meters[meter];
    if (plan.wiring.mode != Wiring::p4l)
        return std::nullopt;
    return CircuitTerminals{meter, circuit, plan.wiring.pt_ratio,
                            plan.wiring.ct_ratio[static_cast<std::size_t>(circuit)],
                            plan.wiring.channels(plan.spec.type->circuits)};
}

SampledRows rows_of(const SupplyWindow& window, const Random& noise, double u_v) {
    const WiringSpec straight;
    return rows_taken(6 * u_v, phases, [&](std::span<const AdcChannel> inputs, SampleBlock& block) {
        sample(wire(straight, window, {}), window, noise, straight, inputs, block);
    });
}

SampledRows rows_of(const TerminalRun& run, const CircuitTerminals& at, double u_v) {
    SampledRows all = rows_taken(6 * u_v / at.pt, static_cast<std::size_t>(at.channels.size()),
                                 [&](std::span<const AdcChannel> inputs, SampleBlock& block) {
                                     run.window.sample(run.noise, inputs, block);
                                 });
    SampledRows rows;
    for (std::size_t phase = 0; phase < phases; ++phase)
        rows.push_back(times(at.pt, std::move(all[phase])));
    for (int phase = 0; phase < 3; ++phase)
        rows.push_back(times(
            at.ct,
            std::move(all[static_cast<std::size_t>(at.channels.current(at.circuit, phase))])));
    return rows;
}

} // namespace kpmsim

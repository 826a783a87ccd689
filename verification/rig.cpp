#include "verification/rig.hpp"

#include <numbers>

namespace kpmsim {

MeteringConfig converter(const WiringSpec& wiring, double f_hz, Mode mode, double u_v, double i_a) {
    MeteringConfig config;
    config.wiring = wiring.mode;
    config.nominal_hz = f_hz < 55 ? 50 : 60;
    config.neutral = wiring.neutral;
    const double line = metered_phases(wiring.mode) > 0 ? 1 : std::numbers::sqrt3;
    const ChannelList channels = wiring.channels(max_circuits);
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels.size()); ++c) {
        const MeteredChannel of = channels[static_cast<int>(c)];
        const double rms = of.is_current()
                               ? i_a / wiring.ct_ratio[static_cast<std::size_t>(of.circuit)]
                               : line * u_v / wiring.pt_ratio;
        config.adc[c].full_scale = rms * std::numbers::sqrt2;
        config.adc[c].noise_rms = noise_of(mode);
    }
    return config;
}

MeteringSettings told(const WiringSpec& leads) {
    MeteringSettings s;
    s.pt = leads.pt_ratio;
    s.ct = leads.ct_ratio;
    return s;
}

Rig::Rig(const SupplySpec& spec, const WiringSpec& leads, const MeteringConfig& config,
         const MeteringSettings& settings, const Draw& draw, std::string_view noise)
    : supply{spec, draw.stream("supply")}, wiring{leads}, lock{config.nominal_hz},
      metering{config, settings, draw.stream(noise)},
      data(static_cast<std::size_t>(max_channels) * max_samples_per_window) {
    block.data = data;
}

void Rig::open() { window = supply.through(lock.next()); }

void Rig::close(std::span<const PhaseSpectra> circuit_currents, const MeteringMoment& moment) {
    terminals = wire(wiring, window, circuit_currents);
    sample(terminals, window, supply.stream(), wiring, metering.config().adc, block);
    metering.push(block, moment);
    lock.push(block);
}

SampleBlock unfolded(const SampleBlock& block, std::vector<double>& data) {
    SampleBlock out = block;
    out.rows = block.window.samples();
    data.assign(static_cast<std::size_t>(block.channels) * static_cast<std::size_t>(block.stride),
                0);
    out.data = data;
    for (int c = 0; c < block.channels; ++c) {
        const std::span<double> from = block.channel(c);
        const std::span<double> to = out.channel(c);
        for (std::size_t n = 0; n < to.size(); ++n)
            to[n] = from[n % from.size()];
    }
    return out;
}

} // namespace kpmsim

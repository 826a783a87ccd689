#pragma once

#include "sim/adc.hpp"
#include "waveforms/channels.hpp"
#include "waveforms/leads.hpp"
#include "waveforms/supply.hpp"

#include <span>

namespace kpmsim {

/// Adds the supply's interharmonics to the three voltage channels, window.samples() rows.
void add_tones(const SupplyWindow& supply, const Leads& leads, double pt_ratio,
               std::span<const AdcChannel> adc, const ThreeChannels& out);

/// Adds the supply's noise, the same for every meter on it: `stream` is the supply's.
void add_supply_noise(const SupplyWindow& supply, const Random& stream, const Leads& leads,
                      double pt_ratio, std::span<const AdcChannel> adc, const ThreeChannels& out);

} // namespace kpmsim

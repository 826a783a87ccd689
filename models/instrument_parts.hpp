#pragma once

#include "models/device.hpp"

#include <map>

namespace kpmsim {

/// What an Instrument keeps; for device.cpp and instrument.cpp only.
struct Instrument::Parts {
    std::vector<std::vector<std::int64_t>> kept; ///< per setting, one number or one per loop
    std::vector<bool> relays, inputs;
    std::vector<std::map<std::uint16_t, std::vector<std::uint16_t>>>
        spare; ///< per loop: words written to spare rows, by address
    std::vector<EnergyHistory> history;
    CivilTime site{};
    MeterClock clock;
    std::vector<std::uint16_t> wireless; ///< per loop
    std::size_t address{0};              ///< its place in `kept`: asked for by every request
    Changes changes;

    void perform(CommandAction action, Instrument& of);
};

} // namespace kpmsim

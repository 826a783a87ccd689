#pragma once

#include "models/engine/extras.hpp"
#include "models/engine/memory.hpp"
#include "models/engine/meter_spec.hpp"
#include "sim/meter_state.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace kpmsim {

/// Everything a meter shows at one moment; what all protocols serve.
struct MeterImage {
    MeterMemory memory;
    std::vector<MeterState> metered;  ///< per circuit
    std::vector<std::uint16_t> radio; ///< per circuit, of the one radio: word MSTA
    CivilTime site{};                 ///< the site's time
    Extras extras;

    CivilTime rtc() const { return memory.clock.shown(site); }
};

/// A meter at one moment, for those who only look.
struct MeterView {
    const MeterSpec* spec{nullptr};
    const MeterMemory* memory{nullptr};
    std::span<const MeterState> metered;  ///< per circuit
    std::span<const std::uint16_t> radio; ///< per circuit
    CivilTime site{};
    std::span<const CircuitExtras> extras{}; ///< per circuit, where the type asks for any
};
MeterView view(const MeterSpec& spec, const MeterImage& image);

/// The serial number of a circuit (0-based) as it shows it.
std::string serial_of(const MeterView& meter, int circuit);
/// The value of a point of a circuit as it shows it, in the point's unit; not for texts.
double number(const MeterView& meter, PointId point, int circuit);
/// Whether it means anything: nothing has a power factor without an apparent power. Of a point
/// without a value number() gives what the meter's arithmetic leaves, mostly 0.
bool has_value(const MeterView& meter, PointId point, int circuit);
/// The text of a point that is one.
std::string text(const MeterView& meter, PointId point, int circuit);

} // namespace kpmsim

#include "verification/kind.hpp"

#include <array>
#include <cmath>
#include <numbers>

namespace kpmsim {

std::string_view name_of(Mode mode) { return mode == Mode::clean ? "clean" : "adc"; }

double noise_of(Mode mode) {
    // ADE9000 data sheet: 101 dB; a full-scale sine has the rms 1/sqrt 2 of full scale.
    static const double ade9000 = std::pow(10.0, -101.0 / 20) / std::numbers::sqrt2;
    return mode == Mode::clean ? 0.0 : ade9000;
}

std::span<const Kind> kinds() {
    static constexpr std::array all{
        Kind{"readings", readings_kind},
        Kind{"catalogue", catalogue_kind},
        Kind{"registers", registers_kind},
        Kind{"clipping", clipping_kind},
        Kind{"converter", converter_kind},
        Kind{"noise", noise_kind},
        Kind{"wiring", wiring_kind},
        Kind{"energy", energy_kind},
        Kind{"starting", starting_kind},
        Kind{"demand", demand_kind},
        Kind{"powers", powers_kind},
        Kind{"burst", burst_kind},
        Kind{"loads", loads_kind},
        Kind{"disturbances", disturbances_kind},
        Kind{"frequency", frequency_kind},
        Kind{"window-frequency", window_frequency_kind},
        Kind{"groups", groups_kind},
        Kind{"events", events_kind},
        Kind{"flicker", flicker_kind},
        Kind{"aggregation", aggregation_kind},
        Kind{"clock", clock_kind},
        Kind{"extremes", extremes_kind},
        Kind{"overload", overload_kind},
        Kind{"prepayment", prepayment_kind},
        Kind{"pulses", pulses_kind},
        Kind{"ntc", ntc_kind},
        Kind{"residual", residual_kind},
        Kind{"calibration", calibration_kind},
        Kind{"class", class_kind},
        Kind{"synchrophasor", synchrophasor_kind},
        Kind{"recording", recording_kind},
        Kind{"metamorphic", metamorphic_kind},
        Kind{"edge", edge_kind},
        Kind{"course", course_kind},
        Kind{"arctangent", arctangent_kind},
        Kind{"dates", dates_kind},
    };
    return all;
}

} // namespace kpmsim

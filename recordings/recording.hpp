#pragma once

#include "sim/clock.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kpmsim {

/// A waveform that was recorded somewhere: what every file format here is read into and written from.
struct RecordedChannel {
    std::string name;  ///< "UA", as the file has it
    std::string phase; ///< "A", "AB", "" when the file does not say
    std::string unit;  ///< "V", "A", "kV"
    double scale{1.0}; ///< value = scale * raw + offset
    double offset{0.0};
    double skew_s{0.0};  ///< this channel was sampled so much later than the stamp says
    double primary{1.0}; ///< ratio numbers of the transformer
    double secondary{1.0};
    bool values_are_primary{true};
    std::vector<std::int32_t> raw; ///< codes of an integer format …
    std::vector<float> values; ///< … or the values of a floating-point one; the other is empty
};

/// A stretch of samples with one rate; it ends before sample `end`.
struct RecordedRate {
    double hz{0.0};
    std::int64_t end{0};
};

struct RecordedDigital {
    std::string name;
    std::vector<bool> state;
};

struct Recording {
    std::string station, device;
    double nominal_hz{50.0};
    CivilTime start{};        ///< of the first sample, whole seconds …
    std::int64_t start_ns{0}; ///< … and the rest
    CivilTime trigger{};
    std::int64_t trigger_ns{0};
    std::vector<RecordedRate> rates;     ///< empty when the stamps rule
    std::vector<std::int64_t> stamps_ns; ///< of each sample, when there are no rates
    std::vector<RecordedChannel> channels;
    std::vector<RecordedDigital> digitals;

    std::int64_t samples() const;
};

} // namespace kpmsim

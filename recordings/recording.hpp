#pragma once

#include "sim/clock.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace kpmsim {

/// A code that stands for "not recorded"; among floating-point values it is a NaN.
inline constexpr std::int32_t missing_code = std::numeric_limits<std::int32_t>::min();

/// One analog channel of a recording: what the file stores, and what makes a value of it.
struct RecordedChannel {
    std::string name;      ///< "UA", the file's own bytes whatever their encoding
    std::string phase;     ///< "A", "AB", "" when the file does not say
    std::string component; ///< the circuit it was taken from
    std::string unit;      ///< "V", "A", "kV"
    double scale{1.0};     ///< value in `unit` = scale * stored + offset
    double offset{0.0};
    double skew_us{0.0};  ///< the channel was sampled so much later than the stamp says
    double stored_min{0}; ///< range of the stored numbers; both 0 when the file does not say
    double stored_max{0};
    double primary{1.0}; ///< ratio numbers of the transformer
    double secondary{1.0};
    bool values_are_primary{true};
    bool side_is_told{true};         ///< false: the file leaves open which side they are of
    std::vector<std::int32_t> codes; ///< stored numbers of an integer format …
    std::vector<double> values;      ///< … or of a floating-point one; the other is empty
};

/// A stretch of samples with one rate; it ends before sample `end`, counted from 0.
struct RecordedRate {
    double hz{0.0};
    std::int64_t end{0};
};

struct RecordedDigital {
    std::string name, phase, component;
    bool normal{false};
    std::vector<bool> state;
};

/// A waveform that was recorded somewhere: what every file format here is read into and written
/// from. All channels have the same number of samples.
struct Recording {
    std::string station, device;
    double nominal_hz{50.0};  ///< 0 when the file does not say
    CivilTime start{};        ///< of the first sample, whole seconds …
    std::int64_t start_ns{0}; ///< … and the rest
    CivilTime trigger{};
    std::int64_t trigger_ns{0};
    std::string time_code{"x"}, local_code{"x"}; ///< "+10h30": offset from UTC; x: does not apply
    std::string clock_quality{"0"}, leap_second{"3"}; ///< COMTRADE 2013: 0 locked; 3 cannot tell
    std::vector<RecordedRate> rates;                  ///< empty when the stamps rule
    std::vector<std::int64_t> stamps_ns;              ///< of each sample, if all have one
    std::vector<RecordedChannel> channels;
    std::vector<RecordedDigital> digitals;
    /// What was odd in the file and has been taken all the same, each with its place.
    std::vector<std::string> remarks;

    std::int64_t samples() const;
};

/// Value of a sample in the channel's unit, on the side that the channel was recorded on; a NaN
/// when it is missing.
double value(const RecordedChannel& channel, std::int64_t sample);
/// How many samples are missing.
std::int64_t missing_samples(const RecordedChannel& channel);
/// How many samples lie at or beyond an end of the stored range: the recorder clipped there. 0 when
/// the file does not say the range.
std::int64_t clipped_samples(const RecordedChannel& channel);

/// Turns floating-point values into 31-bit codes, so that an integer format can hold them.
/// error   half of the new scale, 2.3e-10 of the largest value
void to_codes(RecordedChannel& channel);

} // namespace kpmsim

#pragma once

#include "farms.hpp"
#include "folder.hpp"

#include "recordings/comtrade.hpp"
#include "recordings/csv_recording.hpp"
#include "recordings/wav.hpp"
#include "scenarios/measure/measure.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <numbers>
#include <string>
#include <vector>

namespace kpmsim::test {

struct Tone {
    std::string name, unit;
    double rms{0};
    double angle_deg{0};
};

/// Sines of one frequency, in floating point.
inline Recording sines(double f_hz, double rate_hz, double length_s,
                       const std::vector<Tone>& tones) {
    Recording r;
    const auto count = static_cast<std::int64_t>(rate_hz * length_s);
    r.rates = {{rate_hz, count}};
    for (const Tone& tone : tones) {
        RecordedChannel channel;
        channel.name = tone.name;
        channel.unit = tone.unit;
        for (std::int64_t n = 0; n < count; ++n) {
            channel.values.push_back(
                std::numbers::sqrt2 * tone.rms *
                std::sin(2 * std::numbers::pi *
                         (f_hz * static_cast<double>(n) / rate_hz + tone.angle_deg / 360)));
        }
        r.channels.push_back(channel);
    }
    return r;
}

inline const std::vector<Tone> three_phases{{"VA", "V", 230, 0},   {"VB", "V", 230, -120},
                                            {"VC", "V", 230, 120}, {"IA", "A", 5, -30},
                                            {"IB", "A", 5, -150},  {"IC", "A", 5, 90}};

inline std::string written(const Recording& recording, const std::string& path) {
    std::vector<Mistake> mistakes;
    const bool done =
        path.ends_with(".csv") ? write_csv_recording(recording, path, mistakes)
        : path.ends_with(".wav")
            ? write_wav(recording, path,
                        recording.channels[0].codes.empty() ? WavType::float32 : WavType::pcm16,
                        mistakes)
            : write_comtrade(recording, path,
                             {2013, recording.channels[0].codes.empty() ? ComtradeType::float32
                                                                        : ComtradeType::binary32},
                             mistakes);
    REQUIRE(done);
    return path;
}

inline MeasureSpec with(const std::string& model) {
    MeasureSpec spec;
    spec.type = types().find(model);
    REQUIRE(spec.type != nullptr);
    return spec;
}

inline Measurement measured(const std::string& path, const MeasureSpec& spec) {
    std::vector<Mistake> mistakes;
    auto result = measure(path, spec, mistakes);
    for (const Mistake& m : mistakes)
        FAIL(to_text(m));
    REQUIRE(result);
    return *result;
}

/// The mistakes, one a line, without the folder.
inline std::string measuring_mistakes(const std::string& path, const MeasureSpec& spec) {
    std::vector<Mistake> mistakes;
    CHECK_FALSE(measure(path, spec, mistakes));
    std::string text;
    for (Mistake& m : mistakes) {
        if (m.place.file == path)
            m.place.file = std::filesystem::path{path}.filename();
        text += to_text(m) + '\n';
    }
    return text;
}

inline double reading(const Measurement& m, std::size_t window, Slot slot,
                      std::size_t circuit = 0) {
    return m.windows.at(window).circuits.at(circuit).readings[slot];
}

} // namespace kpmsim::test

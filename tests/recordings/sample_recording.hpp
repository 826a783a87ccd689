#pragma once

#include "files/mistake.hpp"
#include "recordings/recording.hpp"
#include "sim/random.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace kpmsim::test {

/// Analog channels with random codes of so many bits, and status channels with random states.
inline Recording random_codes(std::uint64_t seed, int analogs, int digitals, std::int64_t samples,
                              int bits) {
    const Random random{seed, "recording"};
    std::uint64_t n = 0;
    Recording r;
    r.station = "Nord";
    r.device = "KPM 53";
    from_fields({2024, 2, 29, 23, 59, 58}, r.start);
    r.start_ns = 123'456'000;
    r.trigger = r.start + std::chrono::seconds{1};
    r.trigger_ns = 7'000;
    r.rates = {{6400.0, samples}};
    for (int c = 0; c < analogs; ++c) {
        RecordedChannel channel;
        channel.name = "CH" + std::to_string(c + 1);
        channel.phase = std::string{"ABCN"[c % 4]};
        channel.component = "line 1";
        channel.unit = c % 2 == 0 ? "V" : "A";
        channel.scale = random.uniform(n++) * 1e-3 + 1e-9;
        channel.offset = random.uniform(n++) - 0.5;
        channel.skew_us = c * 13.25;
        channel.primary = 1100.0 + c;
        channel.secondary = 0.1;
        channel.values_are_primary = c % 3 != 0;
        const auto half = std::int64_t{1} << (bits - 1);
        for (std::int64_t i = 0; i < samples; ++i) {
            const auto code =
                static_cast<std::int64_t>(random.uniform(n++) * static_cast<double>(2 * half)) -
                half;
            channel.codes.push_back(static_cast<std::int32_t>(std::max(code, 1 - half)));
        }
        channel.stored_min = static_cast<double>(1 - half);
        channel.stored_max = static_cast<double>(half - 1);
        r.channels.push_back(channel);
    }
    for (int d = 0; d < digitals; ++d) {
        RecordedDigital digital;
        digital.name = "IN" + std::to_string(d + 1);
        digital.normal = d % 5 == 0;
        for (std::int64_t i = 0; i < samples; ++i)
            digital.state.push_back((random.bits(n++) & 1) != 0);
        r.digitals.push_back(digital);
    }
    return r;
}

/// The same with random finite 32-bit floats of every size.
inline Recording random_floats(std::uint64_t seed, int analogs, int digitals,
                               std::int64_t samples) {
    Recording r = random_codes(seed, analogs, digitals, samples, 24);
    const Random random{seed, "floats"};
    std::uint64_t n = 0;
    for (RecordedChannel& c : r.channels) {
        c.codes.clear();
        c.stored_min = c.stored_max = 0.0;
        for (std::int64_t i = 0; i < samples; ++i) {
            const double size = std::ldexp(1.0, static_cast<int>(random.bits(n++) % 250) - 125);
            c.values.push_back(static_cast<float>((random.uniform(n++) - 0.5) * size));
        }
    }
    return r;
}

inline bool same_samples(const Recording& a, const Recording& b) {
    bool same = a.channels.size() == b.channels.size() && a.digitals.size() == b.digitals.size();
    for (std::size_t i = 0; same && i < a.channels.size(); ++i) {
        same = a.channels[i].codes == b.channels[i].codes &&
               a.channels[i].values == b.channels[i].values;
    }
    for (std::size_t i = 0; same && i < a.digitals.size(); ++i)
        same = a.digitals[i].state == b.digitals[i].state;
    return same;
}

/// Everything but samples, rates and stamps.
inline bool same_description(const Recording& a, const Recording& b) {
    bool same = a.station == b.station && a.device == b.device && a.nominal_hz == b.nominal_hz &&
                a.start == b.start && a.start_ns == b.start_ns && a.trigger == b.trigger &&
                a.trigger_ns == b.trigger_ns && a.channels.size() == b.channels.size();
    for (std::size_t i = 0; same && i < a.channels.size(); ++i) {
        const RecordedChannel& x = a.channels[i];
        const RecordedChannel& y = b.channels[i];
        same = x.name == y.name && x.phase == y.phase && x.component == y.component &&
               x.unit == y.unit && x.scale == y.scale && x.offset == y.offset &&
               x.skew_us == y.skew_us && x.primary == y.primary && x.secondary == y.secondary &&
               x.values_are_primary == y.values_are_primary;
    }
    for (std::size_t i = 0; same && i < a.digitals.size(); ++i) {
        same = a.digitals[i].name == b.digitals[i].name &&
               a.digitals[i].normal == b.digitals[i].normal;
    }
    return same;
}

inline std::string all_texts(const std::vector<Mistake>& mistakes) {
    std::string text;
    for (const Mistake& m : mistakes)
        text += to_text(m) + '\n';
    return text;
}

} // namespace kpmsim::test

#pragma once

#include "scenarios/farm/farm.hpp"

#include <cstring>
#include <string>

namespace kpmsim::test {

inline const TypeLibrary& types() {
    static const TypeLibrary library = TypeLibrary::builtin();
    return library;
}

inline std::string source(const std::string& path) {
    return std::string{KPMSIM_SOURCE_DIR} + '/' + path;
}

/// One line per mistake, as `kpmsim validate` shows them.
inline std::string mistakes_of(const std::string& text) {
    try {
        parse_farm(text, "f.toml", types());
        return "";
    } catch (const FileError& error) {
        return error.what();
    }
}

/// A file with one supply, one load and one meter, and room for more.
inline std::string with_meter(const std::string& keys) {
    return "[supply.main]\n[load.x]\np = \"3 kW\"\n[bus.line1]\n[[meter]]\nname = \"m-{n}\"\n" +
           keys;
}

/// A truth may be not-a-number.
inline bool same_bits(const Readings& a, const Readings& b) {
    return std::memcmp(&a, &b, sizeof a) == 0;
}

/// Whether all that the farms' clients could see is the same to the bit, and the truths too.
inline bool same_states(Farm& a, Farm& b) {
    for (std::size_t m = 0; m < a.meters().size(); ++m) {
        auto& left = a.meters()[m].circuits();
        auto& right = b.meters()[m].circuits();
        for (std::size_t circuit = 0; circuit < left.size(); ++circuit) {
            const MeterState& x = left[circuit].state();
            const MeterState& y = right[circuit].state();
            const MeterState of_x = a.truth(m, static_cast<int>(circuit));
            const MeterState of_y = b.truth(m, static_cast<int>(circuit));
            if (x.at != y.at || x.window != y.window || x.readings.value != y.readings.value ||
                x.energy.count != y.energy.count || x.demand.value != y.demand.value ||
                x.clip != y.clip || !same_bits(of_x.readings, of_y.readings) ||
                of_x.energy.count != of_y.energy.count)
                return false;
        }
    }
    return true;
}

} // namespace kpmsim::test

#pragma once

#include "models/engine/image.hpp"
#include "models/engine/override.hpp"
#include "models/engine/stimulus.hpp"

#include <cstdint>
#include <string>

namespace kpmsim {

struct Effects;

enum class InterventionKind : std::uint8_t {
    cut_power,   ///< its auxiliary supply is away, or (value 1) what it works with
    clock_set,   ///< shows `value`, civil seconds since 1970
    clock_jump,  ///< shows `value` seconds more
    clock_drift, ///< runs fast by the fraction `value`
    clear,       ///< energies, months and maxima
    show, ///< an override of `point` by `form`; a value that is no number: where it stands, or
          ///< (add) as much less
    swap, ///< another unit stands in its place: it has the serial number `text`, and nothing counted
    habit,     ///< its firmware has the UploadHabit of number `value`
    stimulate, ///< its inputs of the kind `stimulus` meet `value`: the one of number `input`
    end,       ///< what `action` holds is over; where that was a swap, nothing is counted
    message,   ///< a platform's comes for a circuit: `text` is its command, a space, its payload
    broker, ///< a platform sends it elsewhere: to the maintenance platform (`value` 1), or by `text`
    factory, ///< every setting is what it was when it left the factory, its address and its broker too
    keys,    ///< somebody enters the password `text` at its keys, and writes `value` to `point`
};

constexpr bool valid(InterventionKind kind) { return kind <= InterventionKind::keys; }

/// What somebody does to a meter who has no right to by any protocol.
struct Intervention {
    InterventionKind kind{};
    std::uint64_t action{0}; ///< whose it is
    PointId point{};
    int circuit{-1}; ///< -1 = all
    OverrideForm form{};
    double value{0};
    std::string text;
    StimulusKind stimulus{};
    int input{0}; ///< 0-based, of each circuit that is meant; -1 = all
    KPMSIM_FIELDS(kind, action, point, circuit, form, value, text, stimulus, input);
};

/// Whether a meter of this type has what it is about.
bool fits(const MeterType& type, const Intervention& what);

/// Does it to a meter's memory; `meter` is what it shows at that moment, `site` the site's time.
Effects intervene(const MeterView& meter, MeterMemory& memory, CivilTime site,
                  const Intervention& what);

} // namespace kpmsim

#pragma once

#include "sim/fields.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace kpmsim {

/// Simulated time: whole nanoseconds since the farm was started. Nobody can ask what time it is;
/// they are told, so now() does not exist.
struct SimClock {
    using rep = std::int64_t;
    using period = std::nano;
    using duration = std::chrono::duration<rep, period>;
    using time_point = std::chrono::time_point<SimClock>;
    static constexpr bool is_steady = true;
    static time_point now() = delete;
};
using SimDuration = SimClock::duration;
using SimTime = SimClock::time_point;

constexpr double seconds(SimDuration d) { return static_cast<double>(d.count()) * 1e-9; }

/// Within 73 years of SimTime{}: sums and differences of such times hold.
constexpr bool within_reach(SimTime t) {
    constexpr SimDuration most{std::int64_t{1} << 61};
    return t >= SimTime{-most} && t <= SimTime{most};
}

/// What a clock on the wall of the simulated site shows: local time without a zone, as the meters
/// keep it.
using CivilTime = std::chrono::local_time<std::chrono::seconds>;
/// Its beginning.
inline CivilTime minute_of(CivilTime t) { return std::chrono::floor<std::chrono::minutes>(t); }

/// The civil time at `at`, whole seconds, rounded down; `start` is that of SimTime{}.
CivilTime civil_time(CivilTime start, SimTime at);

/// 2026-01-12T16:39:00
std::string iso_text(CivilTime t);
/// 20260112163900, as in the meters' MQTT packets
std::string compact_text(CivilTime t);
/// Reads 2026-01-12T16:39:00 (a blank instead of the T will do); false when it is no such time.
bool parse_iso(const std::string& text, CivilTime& out);

/// Year, month, … second of a civil time, for registers and schedules.
struct CivilFields {
    int year{}, month{}, day{}, hour{}, minute{}, second{};
};
CivilFields fields_of(CivilTime t);
/// The inverse; false when there is no such date or time.
bool from_fields(const CivilFields& f, CivilTime& out);

/// Phase as a fraction of a turn: 2^63 is 180 degrees, overflow is the wrap, nothing drifts.
struct Turn {
    std::uint64_t raw{0};
    KPMSIM_FIELDS(raw);

    constexpr Turn operator+(Turn o) const { return {raw + o.raw}; }
    constexpr Turn operator-(Turn o) const { return {raw - o.raw}; }
    constexpr bool operator==(const Turn&) const = default;
    /// In [0, 1).
    constexpr double turns() const { return static_cast<double>(raw) * 0x1p-64; }
    /// In [-0.5, 0.5).
    constexpr double signed_turns() const {
        return static_cast<double>(static_cast<std::int64_t>(raw)) * 0x1p-64;
    }
};

} // namespace kpmsim

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace kpmsim {

/// Where events begin, as fractions of the reference voltage, and how much further back they end.
struct EventLimits {
    double dip{0.90};
    double swell{1.10};
    double interruption{0.05};
    double hysteresis{0.02};
};

enum class VoltageEventKind { dip, swell, interruption };

/// A dip, swell or interruption; `begin` and `end` count half cycles, `end` is the first one after.
struct VoltageEvent {
    VoltageEventKind kind{VoltageEventKind::dip};
    std::int64_t begin{0};
    std::int64_t end{0};
    double extreme{0};         // residual voltage, or the greatest of a swell
    int extreme_channel{0};    // where that was
    std::uint32_t channels{0}; // bit c: channel c crossed the threshold

    std::int64_t half_cycles() const { return end - begin; }
};

/// Finds dips, swells and interruptions in Urms(1/2).
///
/// A dip begins when any channel is below its threshold and ends when all are at or above threshold
/// plus hysteresis; a swell the other way up; an interruption begins when all are below and ends when
/// any is at or above. A dip that deepens into an interruption is both.
///
/// shape   one value a channel each half cycle, 1 to 3 channels
/// unit    fractions of the reference: Udin, or the sliding reference
/// error   none: comparisons
/// source  IEC 61000-4-30, 5.4 and 5.5
class VoltageEvents {
public:
    explicit VoltageEvents(EventLimits limits = {}) : limits_{limits} {}

    /// Appends to `finished` what ends with this half cycle.
    void push(std::span<const double> u, std::vector<VoltageEvent>& finished);

    /// What is measured in this half cycle is to be flagged.
    bool active() const noexcept;
    const std::optional<VoltageEvent>& open(VoltageEventKind kind) const noexcept {
        return open_[static_cast<std::size_t>(kind)];
    }

private:
    EventLimits limits_;
    std::int64_t half_cycle_{0};
    std::array<std::optional<VoltageEvent>, 3> open_;
};

/// The sliding reference voltage: 10/12-cycle values through a first-order filter of about a minute,
/// held while they are flagged.
///
/// unit    out = in
/// source  IEC 61000-4-30, 5.4.4: Usr(n) = 0.9967 Usr(n-1) + 0.0033 U(n)
class SlidingReference {
public:
    explicit SlidingReference(double u_din) noexcept : value_{u_din} {}

    double push(double u, bool flagged) noexcept {
        if (!flagged)
            value_ = 0.9967 * value_ + 0.0033 * u;
        return value_;
    }
    double value() const noexcept { return value_; }

private:
    double value_;
};

} // namespace kpmsim

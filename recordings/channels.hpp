#pragma once

#include "recordings/recording.hpp"

#include <optional>
#include <string>

namespace kpmsim {

enum class Measured { voltage, current, other };
enum class Side { primary, secondary };

/// What a channel measures, by its unit: V kV mV MV uV, A kA mA uA (small or large letters; the
/// prefixes m and M are told apart).
Measured measured(const RecordedChannel& channel);

/// What a channel's value must be multiplied by to be in volts or amperes on this side of the
/// transformer. Nothing when the unit is neither, or when the side differs and the file gives no
/// usable ratio; `why` is then a sentence.
std::optional<double> si_factor(const RecordedChannel& channel, Side side, std::string& why);

/// Index of a channel: by its name as written; else by its name without regard to case, blanks and
/// signs ("u_a" finds "U-A"); else by quantity and phase: "ua", "ub", "uc", "un", "uab", "ia", …
/// find the one channel of that unit (or, lacking one, of that first letter, V or U or I) whose
/// phase, or else the rest of whose name, is A, AN, L1, R or 1. Nothing when there is none or more
/// than one; `why` then lists the channels.
std::optional<std::size_t> find_channel(const Recording& recording, const std::string& wanted,
                                        std::string& why);

/// From the first sample to the last, seconds; 0 with fewer than two samples.
double duration_s(const Recording& recording);

/// A name as UTF-8: bytes that are not, are read as Latin-1; control characters become blanks.
std::string printable(const std::string& name);

} // namespace kpmsim

#pragma once

#include "recordings/recording.hpp"
#include "recordings/written_unit.hpp"

#include <optional>
#include <string>

namespace kpmsim {

enum class Side { primary, secondary };

/// What a channel measures, by its unit (written_unit.hpp).
Measured measured(const RecordedChannel& channel);

/// What a channel's value must be multiplied by to be in volts or amperes, on the side it was
/// recorded on. Nothing when the unit is neither; `why` is then a sentence.
std::optional<double> unit_factor(const RecordedChannel& channel, std::string& why);
/// The same on this side of the transformer. Nothing, too, when the side differs and the file gives
/// no usable ratio, or does not say which side its values are of.
std::optional<double> si_factor(const RecordedChannel& channel, Side side, std::string& why);

/// Makes it one of volts or amperes, as who names it says, where its unit is none that is known. A
/// known unit that stands in it counts with its prefix: "kV L1" is kV. Returns what was made of it:
/// "is taken as volts, as ua says; its unit is "abc"".
std::string take_as(RecordedChannel& channel, Measured kind, const std::string& who);

/// How to name this one: its name, or by its number, "#3", where others have the same name or it has none.
std::string label(const Recording& recording, std::size_t channel);

/// Index of a channel: by its name, in the file's bytes or as readable() shows it, or by its number, "#1" the first; else by its name without regard to case, blanks and
/// signs ("u_a" finds "U-A"); else by quantity and phase: "ua", "ub", "uc", "un", "uab", "ia", …
/// find the one channel of that unit (or, lacking one, of that first letter, V or U or I) whose
/// phase, or else the rest of whose name, is A, AN, L1, R or 1. Nothing when there is none or more
/// than one; `why` then lists the channels.
std::optional<std::size_t> find_channel(const Recording& recording, const std::string& wanted,
                                        std::string& why);

/// From the first sample to the last, seconds; 0 with fewer than two samples.
double duration_s(const Recording& recording);

/// A text of a recording for people: what is no UTF-8 is read as Latin-1, and all of it is printable.
std::string readable(const std::string& text);

} // namespace kpmsim

#pragma once

#include "files/mistake.hpp"
#include "recordings/recording.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// Reads samples from CSV: a header of time_s and the channels, "UA [V]" or "ua_v", then a row per
/// sample. Rows that begin with # are left out.
///
/// unit    the one in brackets or behind the last underscore (v kv mv a ka ma), as it stands
/// error   none in the values; the rate is a whole number of hertz where the times, as they are
///         rounded in the file, allow one, else their mean
/// Steps that change by less than 0.5 % between stretches of 96 samples and more, as those of a clock
/// that follows a grid, are stamps (to a nanosecond), and no rate is told.
/// Other times that do not rise evenly, empty cells and what is no finite number are mistakes.
std::optional<Recording> read_csv_recording(const std::string& path,
                                            std::vector<Mistake>& mistakes);
std::optional<Recording> parse_csv_recording(const std::string& file, std::string_view text,
                                             std::vector<Mistake>& mistakes);

/// Writes one; times and values have as many digits as they need to read back the same. Several
/// rates, skews and missing samples are mistakes.
bool write_csv_recording(const Recording& recording, const std::string& path,
                         std::vector<Mistake>& mistakes);
std::optional<std::string> csv_recording_text(const Recording& recording, const std::string& file,
                                              std::vector<Mistake>& mistakes);

} // namespace kpmsim

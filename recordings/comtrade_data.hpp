#pragma once

#include "recordings/comtrade_config.hpp"

namespace kpmsim {

/// Fills the recording with the samples of a .dat; false when a mistake was noted.
bool read_samples(const ComtradeConfig& config, const ComtradePiece& dat, Recording& recording,
                  std::vector<Mistake>& mistakes);

/// Whether the bytes are such as writers fill a file up with, and text ends with: 1AH, 00H, CR, LF.
bool is_padding(std::string_view bytes);
/// Says that what stands behind the last record of a file's data is cut off.
void tell_of_padding(std::string_view padding, const std::string& file, Recording& recording);

/// Settles the number of samples: as many as the .cfg promises, or one more (recorders that count
/// their last sample from 0). `what_ended` says where the data ends, for the message.
bool settle_count(const ComtradeConfig& config, std::int64_t found, const std::string& what_ended,
                  Recording& recording, const ComtradePiece& dat, std::vector<Mistake>& mistakes);

/// The lowest 16 bits that a BINARY file, and the float that a FLOAT32 file has for "missing".
inline constexpr std::int32_t missing_code16 = -32768;
inline constexpr float missing_float = -std::numeric_limits<float>::max();
/// What an ASCII file has, if the channel's range leaves the number free (an empty cell always).
inline constexpr std::int32_t missing_ascii = 99999;

} // namespace kpmsim

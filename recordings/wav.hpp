#pragma once

#include "files/mistake.hpp"
#include "recordings/recording.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// What a WAV file does not say about a channel.
struct WavChannel {
    std::string name;       ///< "UA"
    std::string unit;       ///< "V", "A"
    double full_scale{1.0}; ///< of PCM: the value in `unit` at code 2^(bits-1); floats need none
};

/// Reads a RIFF/WAVE file: PCM of 16, 24 or 32 bits, which stay codes with a scale, or 32-bit floats,
/// which are the values themselves in `unit`.
///
/// shape   `channels` describes the file's channels in order; empty: ch1, ch2, … without units
/// error   none: codes and floats are exact
std::optional<Recording> read_wav(const std::string& path, const std::vector<WavChannel>& channels,
                                  std::vector<Mistake>& mistakes);
std::optional<Recording> parse_wav(const std::string& file, std::string_view bytes,
                                   const std::vector<WavChannel>& channels,
                                   std::vector<Mistake>& mistakes);

enum class WavType { pcm16, pcm24, pcm32, float32 };

/// Writes one. PCM stores the channels' codes as they are (their scales go into nobody's file, so
/// keep them), floats the values in the channels' units, rounded to 24 bits. Names, dates and the
/// rest have no place in a WAV. Codes that do not fit, several or fractional rates, skews and
/// missing samples are mistakes, and nothing is written.
bool write_wav(const Recording& recording, const std::string& path, WavType type,
               std::vector<Mistake>& mistakes);
std::optional<std::string> wav_bytes(const Recording& recording, const std::string& file,
                                     WavType type, std::vector<Mistake>& mistakes);

} // namespace kpmsim

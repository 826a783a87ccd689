#pragma once

#include "files/mistake.hpp"
#include "recordings/recording.hpp"
#include "recordings/wav.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kpmsim {

/// Reads a recording of the format that its name ends in: .cfg, .dat, .cff, .wav, .csv.
/// `wav_channels` says what a WAV does not; the other formats say it themselves.
std::optional<Recording> read_recording(const std::string& path,
                                        const std::vector<WavChannel>& wav_channels,
                                        std::vector<Mistake>& mistakes);

} // namespace kpmsim

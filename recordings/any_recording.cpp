#include "recordings/any_recording.hpp"

#include "recordings/comtrade.hpp"
#include "recordings/csv_recording.hpp"
#include "recordings/note.hpp"

#include <filesystem>

namespace kpmsim {

std::optional<Recording> read_recording(const std::string& path,
                                        const std::vector<WavChannel>& wav_channels,
                                        std::vector<Mistake>& mistakes) {
    std::string extension = std::filesystem::path{path}.extension().string();
    for (char& c : extension)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    if (extension == ".cfg" || extension == ".dat" || extension == ".cff")
        return read_comtrade(path, mistakes);
    if (extension == ".wav")
        return read_wav(path, wav_channels, mistakes);
    if (extension == ".csv")
        return read_csv_recording(path, mistakes);
    note(mistakes, path, 0, "is no recording by its name",
         "known: .cfg with .dat and .cff (COMTRADE), .wav, .csv");
    return std::nullopt;
}

} // namespace kpmsim

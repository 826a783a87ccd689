#include "files/text_file.hpp"
#include "recordings/comtrade_config.hpp"
#include "recordings/comtrade_data.hpp"
#include "recordings/note.hpp"

#include <algorithm>
#include <filesystem>

namespace kpmsim {
namespace {

namespace fs = std::filesystem;

std::string small(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    return text;
}

/// The file beside `path` with this extension, in small letters or large.
std::string beside(const fs::path& path, const std::string& extension) {
    std::error_code error;
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path{"."};
    for (fs::directory_iterator entry{folder, error}, end; !error && entry != end;
         entry.increment(error)) {
        const fs::path& other = entry->path();
        if (other.stem() == path.stem() && small(other.extension().string()) == extension)
            return (path.parent_path() / other.filename()).string();
    }
    return fs::path{path}.replace_extension(extension).string();
}

} // namespace

std::optional<Recording> parse_comtrade(const ComtradePiece& cfg, const ComtradePiece& dat,
                                        std::vector<Mistake>& mistakes) {
    auto config = parse_config(cfg, mistakes);
    if (!config)
        return std::nullopt;
    Recording recording = std::move(config->recording);
    if (!read_samples(*config, dat, recording, mistakes))
        return std::nullopt;
    return recording;
}

std::optional<Recording> read_comtrade(const std::string& path, std::vector<Mistake>& mistakes) {
    const std::string extension = small(fs::path{path}.extension().string());
    if (extension == ".cff") {
        const auto bytes = read_file(path, mistakes);
        return bytes ? parse_cff({path, *bytes}, mistakes) : std::nullopt;
    }
    if (extension != ".cfg" && extension != ".dat") {
        note(mistakes, path, 0, "is no COMTRADE recording by its name",
             "it ends in .cfg (with a .dat beside it) or in .cff");
        return std::nullopt;
    }
    const std::string cfg_path = extension == ".cfg" ? path : beside(path, ".cfg");
    const std::string dat_path = extension == ".dat" ? path : beside(path, ".dat");
    const auto cfg = read_file(cfg_path, mistakes);
    const auto dat = read_file(dat_path, mistakes);
    if (!cfg || !dat)
        return std::nullopt;
    return parse_comtrade({cfg_path, *cfg}, {dat_path, *dat}, mistakes);
}

} // namespace kpmsim

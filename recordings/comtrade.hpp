#pragma once

#include "files/mistake.hpp"
#include "recordings/recording.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// How the samples of a COMTRADE recording are stored.
enum class ComtradeType { ascii, binary, binary32, float32 };
std::string name_of(ComtradeType type); ///< "BINARY32"

/// Reads a COMTRADE recording (IEEE C37.111-1991, -1999, -2013): a .cfg with the .dat beside it
/// (either of the two may be named), or a .cff.
///
/// unit    channels keep their stored numbers with scale and offset; stamps in ns
/// error   none: codes, 32-bit floats and stamps are exact
/// What is wrong is told with file and line, or file and byte; nothing is returned then.
std::optional<Recording> read_comtrade(const std::string& path, std::vector<Mistake>& mistakes);

/// What a COMTRADE recording is to be written as.
struct ComtradeFormat {
    int revision{2013}; ///< or 1999, which has ASCII and BINARY only
    ComtradeType type{ComtradeType::binary32};
};

/// Writes NAME.cfg and NAME.dat, or NAME.cff (2013 only), as the path ends.
///
/// error   none for codes, 32-bit floats, rates, skews and stamps; other numbers are rounded to the
///         24 bits of FLOAT32; a recording without stamps gets some, rounded to the microsecond
/// What the format cannot hold is a mistake, and nothing is written.
bool write_comtrade(const Recording& recording, const std::string& path,
                    const ComtradeFormat& format, std::vector<Mistake>& mistakes);

// The same in memory.

/// A piece of a file, and where in the file it begins, for messages.
struct ComtradePiece {
    std::string file;
    std::string_view bytes;
    int line{1};
    std::size_t byte{0};
};
std::optional<Recording> parse_comtrade(const ComtradePiece& cfg, const ComtradePiece& dat,
                                        std::vector<Mistake>& mistakes);
std::optional<Recording> parse_cff(const ComtradePiece& cff, std::vector<Mistake>& mistakes);

struct ComtradeText {
    std::string cfg, dat;
};
/// `file` names the recording in messages.
std::optional<ComtradeText> comtrade_text(const Recording& recording, const std::string& file,
                                          const ComtradeFormat& format,
                                          std::vector<Mistake>& mistakes);
/// The two as one .cff.
std::string cff_text(const ComtradeText& text, ComtradeType type);

} // namespace kpmsim

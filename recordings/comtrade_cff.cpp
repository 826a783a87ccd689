// A .cff is the other files one after the other, each behind a line such as
//
//   --- file type: CFG ---
//   --- file type: DAT ASCII ---
//   --- file type: DAT BINARY: 1280 ---
//
// The bytes of binary data begin right after that line; there are as many as it says. Writers differ
// in the case of the letters and in the words after DAT, so the .cfg decides the type.

#include "recordings/channels.hpp"
#include "recordings/comtrade_config.hpp"
#include "recordings/comtrade_data.hpp"
#include "recordings/note.hpp"
#include "recordings/numbers.hpp"

#include <algorithm>

namespace kpmsim {
namespace {

/// What a separator line names ("CFG", "DAT BINARY: 1280"), in large letters; "" for other lines.
std::string section_of(std::string_view line) {
    std::string text;
    for (const char c : trimmed(line))
        text += c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c;
    constexpr std::string_view head = "--- FILE TYPE:";
    if (!text.starts_with(head))
        return {};
    std::string_view name = std::string_view{text}.substr(head.size());
    while (name.ends_with('-'))
        name.remove_suffix(1);
    return std::string{trimmed(name)};
}

struct Sections {
    std::optional<ComtradePiece> cfg, dat;
    std::string dat_name;
};

/// Cuts at the separator lines. After the DAT line only text is looked through for another one.
Sections cut(const ComtradePiece& cff) {
    Sections found;
    ComtradePiece* open = nullptr;
    std::size_t at = 0;
    int line = cff.line;
    while (at < cff.bytes.size()) {
        const std::size_t end = std::min(cff.bytes.find('\n', at), cff.bytes.size() - 1) + 1;
        const std::string section =
            section_of(cff.bytes.substr(at, std::min(end - at, std::size_t{200})));
        ++line;
        if (!section.empty()) {
            if (open != nullptr) {
                const std::size_t begin = open->byte - cff.byte;
                open->bytes = cff.bytes.substr(begin, at - begin);
                open = nullptr;
            }
            const ComtradePiece piece{cff.file, cff.bytes.substr(end), line, cff.byte + end};
            if (section == "CFG" && !found.cfg) {
                open = &found.cfg.emplace(piece);
            } else if (section.starts_with("DAT") && !found.dat) {
                open = &found.dat.emplace(piece);
                found.dat_name = section;
                if (section.find("BINARY") != std::string::npos ||
                    section.find("FLOAT32") != std::string::npos)
                    return found;
            }
        }
        at = end;
    }
    return found;
}

/// Holds the number of bytes in the DAT line against the bytes that are there.
bool check_size(const Sections& sections, ComtradePiece& dat, std::vector<Mistake>& mistakes) {
    const std::size_t colon = sections.dat_name.find(':');
    if (colon == std::string::npos)
        return true;
    const auto wrong = [&](std::string what, std::string cure) {
        note(mistakes, dat.file, dat.line - 1, std::move(what), std::move(cure));
        return false;
    };
    const auto size = read_whole(std::string_view{sections.dat_name}.substr(colon + 1));
    if (!size || *size < 0) {
        return wrong("the line does not say how many bytes follow",
                     "write --- file type: DAT BINARY: 1280 ---");
    }
    const auto announced = static_cast<std::uint64_t>(*size);
    const std::string_view rest =
        announced <= dat.bytes.size() ? trimmed(dat.bytes.substr(announced)) : std::string_view{};
    if (announced > dat.bytes.size() ||
        (!rest.empty() && section_of(rest.substr(0, 200)).empty())) {
        return wrong(std::to_string(announced) + " bytes are announced and " +
                         std::to_string(dat.bytes.size()) + " follow, from byte " +
                         std::to_string(dat.byte) + " on",
                     "the file is damaged; get it again from its source");
    }
    dat.bytes = dat.bytes.substr(0, announced);
    return true;
}

/// What fills the file up behind the bytes that the DAT line announces; a line's end does not.
std::string_view padding_behind(const ComtradePiece& dat, const ComtradePiece& cff) {
    const std::string_view behind = cff.bytes.substr(dat.byte - cff.byte + dat.bytes.size());
    const bool line_ends = behind.find_first_not_of("\r\n") == std::string_view::npos;
    return !line_ends && is_padding(behind) ? behind : std::string_view{};
}

} // namespace

std::optional<Recording> parse_cff(const ComtradePiece& file, std::vector<Mistake>& mistakes) {
    const ComtradePiece cff = without_byte_order_mark(file);
    Sections sections = cut(cff);
    if (!sections.cfg || !sections.dat) {
        note(mistakes, cff.file, 0, sections.cfg ? "has no DAT section" : "has no CFG section",
             "a .cff has a line --- file type: CFG --- and a line --- file type: DAT "
             "ASCII --- or DAT BINARY: and the number of bytes");
        return std::nullopt;
    }
    const auto config = parse_config(*sections.cfg, mistakes);
    if (!config)
        return std::nullopt;
    // A text would end at the next separator; bytes may look like one, and end where the file does.
    if (config->type != ComtradeType::ascii) {
        sections.dat->bytes = cff.bytes.substr(sections.dat->byte - cff.byte);
        if (!check_size(sections, *sections.dat, mistakes))
            return std::nullopt;
    }
    Recording recording = config->recording;
    if (config->type != ComtradeType::ascii)
        tell_of_padding(padding_behind(*sections.dat, cff), cff.file, recording);
    if (!read_samples(*config, *sections.dat, recording, mistakes))
        return std::nullopt;
    return recording;
}

std::string cff_text(const ComtradeText& text, ComtradeType type) {
    std::string out = "--- file type: CFG ---\r\n" + text.cfg;
    out += "--- file type: INF ---\r\n\r\n--- file type: HDR ---\r\n\r\n";
    out += type == ComtradeType::ascii
               ? "--- file type: DAT ASCII ---\r\n"
               : "--- file type: DAT BINARY: " + std::to_string(text.dat.size()) + " ---\r\n";
    return out + text.dat;
}

} // namespace kpmsim

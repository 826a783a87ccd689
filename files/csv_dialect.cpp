#include "files/csv_dialect.hpp"

#include "files/csv_rows.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace kpmsim {
namespace {

/// What one cell says about the decimal mark.
struct Evidence {
    char mark{0};     ///< the only . or , of a number; 0 when there is none, or more
    bool sure{false}; ///< it parts no thousands
};

Evidence evidence_of(std::string_view cell) {
    if (cell.starts_with('+') || cell.starts_with('-'))
        cell.remove_prefix(1);
    const std::size_t exponent = std::min(cell.find_first_of("eE"), cell.size());
    const std::string_view digits = cell.substr(0, exponent);
    const std::size_t mark = digits.find_first_of(".,");
    if (mark == std::string_view::npos ||
        digits.find_first_of(".,", mark + 1) != std::string_view::npos)
        return {};
    const auto are_digits = [](std::string_view text) {
        return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    const std::string_view whole = digits.substr(0, mark);
    const std::string_view part = digits.substr(mark + 1);
    if (!are_digits(whole) || !are_digits(part) || whole.size() + part.size() == 0)
        return {};
    const bool thousands = exponent == cell.size() && part.size() == 3 && !whole.empty() &&
                           whole.size() <= 3 && whole.front() != '0';
    return {digits[mark], !thousands};
}

/// By the header; what stands in quotes does not count.
std::optional<char> separator_of(const CsvRows& header, const std::string& file,
                                 std::vector<Mistake>& mistakes) {
    bool quoted = false, comma = false, semicolon = false, tab = false;
    for (const char c : header.row()) {
        quoted = quoted != (c == '"');
        comma = comma || (c == ',' && !quoted);
        semicolon = semicolon || (c == ';' && !quoted);
        tab = tab || (c == '\t' && !quoted);
    }
    if (tab && !comma && !semicolon) {
        note(mistakes, {file, header.line(), 0}, "the header has tabs between its names",
             "part the columns with , or ;");
        return std::nullopt;
    }
    if (comma && semicolon) {
        note(mistakes, {file, header.line(), 0}, "the header has , and ; between its names",
             "part the columns with one of them, and put a name that holds the other in quotes");
        return std::nullopt;
    }
    return semicolon ? ';' : ',';
}

} // namespace

std::optional<CsvDialect> csv_dialect(std::string_view text, const std::string& file,
                                      std::vector<Mistake>& mistakes) {
    std::vector<Mistake> ignored; // whoever reads the table tells them
    CsvRows header{text, file, '\0', ignored};
    auto separator = named_separator(text);
    if (separator && *separator != ',' && *separator != ';') {
        note(mistakes, {file, 1, 0}, "the line names a separator that is not taken",
             "part the columns with , or ; and leave the line out");
        return std::nullopt;
    }
    if (!separator)
        separator = header.next() ? separator_of(header, file, mistakes) : ',';
    if (!separator)
        return std::nullopt;
    CsvDialect dialect{*separator, '.'};
    // A comma between commas can be a decimal mark in quotes only.
    const bool commas = *separator == ',';
    if (commas && text.find('"') == std::string_view::npos)
        return dialect;
    CsvRows rows{text, file, *separator, ignored};
    rows.next(); // the header
    int unsure_line = 0;
    std::string unsure;
    while (rows.next()) {
        for (const std::string_view cell : rows.cells()) {
            const Evidence evidence = evidence_of(cell);
            if (evidence.sure) {
                dialect.decimal = evidence.mark;
                return dialect;
            }
            const bool usual = commas && evidence.mark == '.';
            if (evidence.mark != 0 && !usual && unsure.empty()) {
                unsure_line = rows.line();
                unsure = cell;
            }
        }
    }
    if (unsure.empty())
        return dialect;
    const std::size_t mark = unsure.find_first_of(".,");
    std::string whole = unsure;
    whole.erase(mark, 1);
    std::string fraction = unsure;
    fraction[mark] = '.';
    note(mistakes, {file, unsure_line, 0},
         fmt::format("\"{}\" may be {} or {}, and no number of the file tells which", unsure, whole,
                     fraction),
         fmt::format("write {}, or {}0", whole, unsure));
    return std::nullopt;
}

std::string told(const CsvDialect& dialect) {
    if (dialect == CsvDialect{})
        return {};
    return fmt::format("read with {} between columns and a decimal {}", dialect.separator,
                       dialect.decimal == ',' ? "comma" : "point");
}

} // namespace kpmsim

#include "cli/terminal/table.hpp"

#include "files/printable.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace kpmsim {

namespace {

/// Characters on the screen: UTF-8 continuation bytes take no place.
std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

} // namespace

TextTable::TextTable(std::vector<Column> columns) : columns_{std::move(columns)} {}

void TextTable::row(std::vector<std::string> cells) {
    cells.resize(columns_.size());
    for (std::string& cell : cells)
        cell = printable(cell);
    rows_.push_back(std::move(cells));
}

std::string TextTable::text() const {
    std::vector<std::size_t> width;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        std::size_t widest = width_of(columns_[c].title);
        for (const auto& row : rows_)
            widest = std::max(widest, width_of(row[c]));
        width.push_back(widest);
    }
    std::string out;
    const auto line = [&](auto cell_of) {
        std::string text;
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            const std::string& cell = cell_of(c);
            const std::string pad(width[c] - width_of(cell), ' ');
            text += (columns_[c].right ? pad + cell : cell + pad) + "  ";
        }
        text.erase(text.find_last_not_of(' ') + 1);
        out += text + "\n";
    };
    line([&](std::size_t c) -> const std::string& { return columns_[c].title; });
    for (const auto& row : rows_)
        line([&](std::size_t c) -> const std::string& { return row[c]; });
    return out;
}

std::string two_digits(double value) { return fmt::format("{:.2g}", value); }

} // namespace kpmsim

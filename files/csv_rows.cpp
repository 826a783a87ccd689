#include "files/csv_rows.hpp"

#include <algorithm>

namespace kpmsim {
namespace {

constexpr std::string_view blanks{" \t\r"};
constexpr std::size_t most_cells = 10'000;

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

} // namespace

std::optional<char> named_separator(std::string_view text) {
    std::string_view line = trimmed(text.substr(0, text.find('\n')));
    if (line.size() > 2 && line.starts_with('"') && line.ends_with('"'))
        line = line.substr(1, line.size() - 2);
    const bool names = line.starts_with("sep=") || line.starts_with("SEP=");
    if (names && line.size() == 4)
        return '\t'; // it stood at the line's end
    return names && line.size() == 5 ? std::optional{line.back()} : std::nullopt;
}

CsvRows::CsvRows(std::string_view text, std::string file, char separator,
                 std::vector<Mistake>& mistakes)
    : text_{text}, file_{std::move(file)}, separator_{separator}, mistakes_{mistakes} {
    if (named_separator(text))
        skip_line();
}

bool CsvRows::is_left_out() const {
    const auto ink = text_.find_first_not_of(blanks, at_);
    return ink == std::string_view::npos || text_[ink] == '\n' || text_[ink] == '#';
}

void CsvRows::skip_line() {
    at_ = std::min(text_.find('\n', at_), text_.size() - 1) + 1;
    ++line_;
}

bool CsvRows::next() {
    while (at_ < text_.size() && is_left_out())
        skip_line();
    if (at_ >= text_.size())
        return false;
    row_line_ = line_;
    const std::size_t begin = at_;
    cells_.clear();
    unquoted_.clear();
    for (;;) {
        if (cells_.size() == most_cells) {
            note(mistakes_, {file_, row_line_, 0},
                 "has more than " + std::to_string(most_cells) + " cells",
                 "is it the file that was meant?");
            at_ = text_.size();
            return false;
        }
        cells_.push_back(cell());
        const bool row_ends = at_ >= text_.size() || text_[at_] == '\n';
        row_ = text_.substr(begin, at_ - begin);
        ++at_; // the separator, or the line's end
        if (row_ends) {
            ++line_;
            return true;
        }
    }
}

std::size_t CsvRows::cell_end(std::size_t from) const {
    const char ends[]{separator_, '\n'};
    return std::min(text_.find_first_of(std::string_view{ends, 2}, from), text_.size());
}

std::string_view CsvRows::cell() {
    const auto ink = text_.find_first_not_of(" \t", at_);
    if (ink != std::string_view::npos && text_[ink] == '"') {
        at_ = ink + 1;
        return quoted_cell();
    }
    const std::size_t begin = at_;
    at_ = cell_end(begin);
    return trimmed(text_.substr(begin, at_ - begin));
}

std::string_view CsvRows::quoted_cell() {
    const int begun = line_;
    const std::size_t begin = at_;
    std::string* doubled = nullptr; // the cell, once a quote in it was written twice
    for (; at_ < text_.size(); ++at_) {
        const char c = text_[at_];
        if (c == '\n')
            ++line_;
        if (c != '"') {
            if (doubled != nullptr)
                *doubled += c;
        } else if (text_.compare(at_, 2, "\"\"") == 0) {
            if (doubled == nullptr)
                doubled = &unquoted_.emplace_back(text_.substr(begin, at_ - begin));
            *doubled += c;
            ++at_;
        } else {
            const std::size_t end = at_;
            at_ = cell_end(end + 1);
            if (text_.find_first_not_of(blanks, end + 1) < at_) {
                note(mistakes_, {file_, line_, 0}, "there is text after a closing quote",
                     "write a quote inside a quoted cell twice: \"\"");
            }
            return doubled != nullptr ? std::string_view{*doubled}
                                      : text_.substr(begin, end - begin);
        }
    }
    note(mistakes_, {file_, begun, 0}, "a quoted cell is not closed", "end it with a quote");
    return text_.substr(begin);
}

} // namespace kpmsim

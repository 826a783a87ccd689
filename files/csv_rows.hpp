#pragma once

#include "files/mistake.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// The rows of a CSV text, one after the other (RFC 4180). Lines that begin with #, after blanks too,
/// are comments; they and blank lines are left out. A quoted cell keeps its blanks, separators and
/// line ends; blanks around any other cell are dropped. A first line sep=; as spreadsheets write it is
/// none of the rows.
class CsvRows {
public:
    /// The text must stay; wrong quotes are noted, and a row of more than 10,000 cells, which ends
    /// the reading.
    CsvRows(std::string_view text, std::string file, char separator,
            std::vector<Mistake>& mistakes);

    /// Goes to the next row; false at the end.
    bool next();
    /// Of the row: where it begins, its cells, until the next one is read, and it all as it stands.
    int line() const { return row_line_; }
    const std::vector<std::string_view>& cells() const { return cells_; }
    std::string_view row() const { return row_; }

private:
    bool is_left_out() const;
    void skip_line();
    std::size_t cell_end(std::size_t from) const;
    std::string_view cell();
    std::string_view quoted_cell();

    std::string_view text_;
    std::string file_;
    char separator_;
    std::vector<Mistake>& mistakes_;
    std::size_t at_{0};
    int line_{1};
    int row_line_{0};
    std::string_view row_;
    std::vector<std::string_view> cells_;
    std::deque<std::string> unquoted_; ///< cells that are not as they stand in the text
};

/// What a first line sep=; says parts the columns; nothing where there is none.
std::optional<char> named_separator(std::string_view text);

} // namespace kpmsim

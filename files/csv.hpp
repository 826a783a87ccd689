#pragma once

#include "files/csv_dialect.hpp"
#include "files/mistake.hpp"

#include <string>
#include <vector>

namespace kpmsim {

/// A table of texts with a header row.
struct CsvTable {
    std::string file;
    CsvDialect dialect;
    std::vector<std::string> header;
    int header_line{0};
    struct Row {
        int line{0};
        std::vector<std::string> cell;
    };
    std::vector<Row> rows;

    /// Index of a column, -1 when there is none.
    int column(const std::string& name) const;
};

/// Of one table: more of them only repeat.
inline constexpr std::size_t enough_mistakes = 100;

/// A file that cannot be read, or a row with too few or too many cells, is a mistake with its line;
/// after enough of them no more is read.
CsvTable load_csv(const std::string& path, std::vector<Mistake>& mistakes);

/// One line of CSV, quoted where it must be.
std::string csv_line(const std::vector<std::string>& cells);

} // namespace kpmsim

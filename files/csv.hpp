#pragma once

#include "files/mistake.hpp"

#include <string>
#include <vector>

namespace kpmsim {

/// A table of texts with a header row (RFC 4180; comment lines begin with #).
struct CsvTable {
    std::string file;
    std::vector<std::string> header;
    struct Row {
        int line{0};
        std::vector<std::string> cell;
    };
    std::vector<Row> rows;

    /// Index of a column, -1 when there is none.
    int column(const std::string& name) const;
};

/// A file that cannot be read, or a row with too few or too many cells, is a mistake with its line.
CsvTable load_csv(const std::string& path, std::vector<Mistake>& mistakes);

/// One line of CSV, quoted where it must be.
std::string csv_line(const std::vector<std::string>& cells);

} // namespace kpmsim

#pragma once

#include <string>
#include <vector>

namespace kpmsim {

/// A table for people: columns as wide as their widest cell, numbers to the right when `right` says
/// so. Cells are shown printable.
class TextTable {
public:
    struct Column {
        std::string title;
        bool right{false};
    };
    explicit TextTable(std::vector<Column> columns);

    void row(std::vector<std::string> cells);
    std::string text() const;

private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

/// A number with two digits that count, for such a table.
std::string two_digits(double value);

} // namespace kpmsim

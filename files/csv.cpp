#include "files/csv.hpp"

#include "files/text_file.hpp"

#include <algorithm>

namespace kpmsim {
namespace {

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Cuts a text into rows of cells. A quoted cell keeps its blanks, commas and line ends; blanks
/// around any other cell are dropped.
class Cutter {
public:
    Cutter(const std::string& text, const std::string& file, std::vector<Mistake>& mistakes)
        : text_{text}, file_{file}, mistakes_{mistakes} {}

    /// The next row that is no comment and not empty; false at the end.
    bool next(CsvTable::Row& row) {
        while (at_ < text_.size()) {
            if (text_[at_] == '#' || blank_line()) {
                skip_line();
                continue;
            }
            cut(row);
            return true;
        }
        return false;
    }

private:
    bool blank_line() const {
        const auto ink = text_.find_first_not_of(" \t\r", at_);
        return ink == std::string::npos || text_[ink] == '\n';
    }
    void skip_line() {
        at_ = std::min(text_.find('\n', at_), text_.size() - 1) + 1;
        ++line_;
    }
    bool at_line_end() const { return at_ >= text_.size() || text_[at_] == '\n'; }

    void cut(CsvTable::Row& row) {
        row = {line_, {}};
        for (;;) {
            row.cell.push_back(cell());
            if (at_line_end()) {
                ++at_;
                ++line_;
                return;
            }
            ++at_; // the comma
        }
    }

    std::string cell() {
        const auto ink = text_.find_first_not_of(" \t", at_);
        if (ink != std::string::npos && text_[ink] == '"') {
            at_ = ink + 1;
            return quoted_cell();
        }
        const std::size_t end = std::min(text_.find_first_of(",\n", at_), text_.size());
        std::string cell = text_.substr(at_, end - at_);
        at_ = end;
        if (cell.ends_with('\r'))
            cell.pop_back();
        return trimmed(cell);
    }

    std::string quoted_cell() {
        const int begun = line_;
        std::string cell;
        for (; at_ < text_.size(); ++at_) {
            if (text_[at_] == '\n')
                ++line_;
            if (text_[at_] != '"') {
                cell += text_[at_];
            } else if (text_.compare(at_, 2, "\"\"") == 0) {
                cell += '"';
                ++at_;
            } else {
                const std::size_t after = at_ + 1;
                at_ = std::min(text_.find_first_of(",\n", after), text_.size());
                if (text_.find_first_not_of(" \t\r", after) < at_) {
                    note(mistakes_, {file_, line_, 0}, "there is text after a closing quote",
                         "write a quote inside a quoted cell twice: \"\"");
                }
                return cell;
            }
        }
        note(mistakes_, {file_, begun, 0}, "a quoted cell is not closed", "end it with a quote");
        return cell;
    }

    const std::string& text_;
    const std::string& file_;
    std::vector<Mistake>& mistakes_;
    std::size_t at_{0};
    int line_{1};
};

} // namespace

int CsvTable::column(const std::string& name) const {
    const auto at = std::find(header.begin(), header.end(), name);
    return at == header.end() ? -1 : static_cast<int>(at - header.begin());
}

CsvTable load_csv(const std::string& path, std::vector<Mistake>& mistakes) {
    const auto wrong = [&](int line, std::string what, std::string cure) {
        note(mistakes, {path, line, 0}, std::move(what), std::move(cure));
    };
    CsvTable table;
    table.file = path;
    const auto text = read_text(path, mistakes);
    if (!text)
        return table;
    Cutter cutter{*text, path, mistakes};
    CsvTable::Row row;
    if (!cutter.next(row)) {
        wrong(1, "has no header row",
              "begin with the names of the "
              "columns, with commas between them");
        return table;
    }
    const int header_line = row.line;
    table.header = row.cell;
    for (std::size_t i = 0; i < table.header.size(); ++i) {
        if (std::find(table.header.begin(), table.header.begin() + static_cast<std::ptrdiff_t>(i),
                      table.header[i]) != table.header.begin() + static_cast<std::ptrdiff_t>(i)) {
            wrong(header_line, "has two columns \"" + table.header[i] + '"',
                  "give every column a name of its own");
        }
    }
    while (cutter.next(row)) {
        if (row.cell.size() != table.header.size()) {
            wrong(row.line, "has " + std::to_string(row.cell.size()) + " cells",
                  "the header names " + std::to_string(table.header.size()));
            continue;
        }
        table.rows.push_back(row);
    }
    return table;
}

std::string csv_line(const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0)
            line += ',';
        const std::string& cell = cells[i];
        const bool bare = cell.find_first_of(",\"\r\n") == std::string::npos &&
                          !cell.starts_with(' ') && !cell.ends_with(' ') && !cell.starts_with('#');
        if (bare) {
            line += cell;
            continue;
        }
        line += '"';
        for (const char c : cell) {
            line += c;
            if (c == '"')
                line += '"';
        }
        line += '"';
    }
    return line + '\n';
}

} // namespace kpmsim

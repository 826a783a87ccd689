#include "files/csv.hpp"

#include "files/counted.hpp"
#include "files/csv_rows.hpp"
#include "files/text_file.hpp"

#include <algorithm>
#include <set>

namespace kpmsim {
namespace {

constexpr std::size_t largest_table = 100'000'000;

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
    const auto text = read_text(path, mistakes, largest_table);
    const auto dialect = text ? csv_dialect(*text, path, mistakes) : std::nullopt;
    if (!dialect)
        return table;
    table.dialect = *dialect;
    const std::size_t before = mistakes.size();
    CsvRows rows{*text, path, dialect->separator, mistakes};
    if (!rows.next()) {
        if (mistakes.size() == before)
            wrong(1, "has no header row",
                  "begin with the names of the columns, with commas between them");
        return table;
    }
    table.header_line = rows.line();
    table.header.assign(rows.cells().begin(), rows.cells().end());
    std::set<std::string> names;
    for (const std::string& name : table.header) {
        if (!names.insert(name).second)
            wrong(rows.line(), "has two columns \"" + name + '"',
                  "give every column a name of its own");
    }
    const std::size_t enough = mistakes.size() + enough_mistakes;
    while (mistakes.size() < enough && rows.next()) {
        const std::size_t cells = rows.cells().size();
        if (cells != table.header.size()) {
            const bool more = cells > table.header.size() && dialect->separator == ',';
            wrong(rows.line(), "has " + counted(cells, "cell"),
                  "the header names " + std::to_string(table.header.size()) +
                      (more ? "; where decimals have a comma, columns are parted by ;" : ""));
            continue;
        }
        table.rows.push_back({rows.line(), {rows.cells().begin(), rows.cells().end()}});
    }
    if (mistakes.size() >= enough)
        wrong(0, "has further mistakes", "mend these first");
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

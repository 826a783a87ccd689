#include "models/type/map_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace kpmsim {

namespace {

/// "hr_u_a_{2..31}" as its thirty names; any other name as itself.
std::vector<std::string> unrolled(const std::string& name) {
    const auto open = name.find('{');
    const auto dots = name.find("..", open);
    const auto shut = name.find('}', dots);
    if (open == std::string::npos || dots == std::string::npos || shut == std::string::npos)
        return {name};
    int first = 0, last = 0;
    const char* const text = name.data();
    if (std::from_chars(text + open + 1, text + dots, first).ptr != text + dots ||
        std::from_chars(text + dots + 2, text + shut, last).ptr != text + shut || first > last ||
        last - first > 99)
        return {name};
    std::vector<std::string> names;
    for (int n = first; n <= last; ++n)
        names.push_back(name.substr(0, open) + std::to_string(n) + name.substr(shut + 1));
    return names;
}

} // namespace

void MapReader::read() {
    TomlTable table{file_, "the register map", mistakes_};
    type_.map_source = required_text(table, "reference", "reference = \"user manual, chapter 6\"");
    if (table.node("source") == nullptr)
        table.missing("source", "source = \"ours\" (or \"vendor\"), for rows that do not say");
    vendor_ = vendor(table);
    if (table.choice("word_order", {"abcd", "cdab"}).value_or("abcd") == "cdab")
        type_.registers.word_order = WordOrder::cdab;
    read_spaces(table);
    each_table(
        table, "register", mistakes_, [&](const TomlNode& node) { read_single(node); });
    each_table(
        table, "block", mistakes_, [&](const TomlNode& node) { read_block(node, false); });
    each_table(table, "history", mistakes_, [&](const TomlNode& node) { read_block(node, true); });
    check_functions(table);
    table.finish();
    check_order();
}

void MapReader::read_spaces(TomlTable& table) {
    RegisterMap& map = type_.registers;
    map.separate = table.choice("spaces", {"mirrored", "separate"}) == "separate";
    const TomlNode* holes = table.table("holes");
    if (holes == nullptr)
        return;
    TomlTable t{*holes, "holes", mistakes_};
    for (const RegisterSpace space : {RegisterSpace::holding, RegisterSpace::input}) {
        const std::string key{name_of(space)};
        if (t.choice(key, {"refuse", "zero"}) == "zero")
            map.holes[static_cast<std::size_t>(space)] = HolePolicy::zero;
        if (space == RegisterSpace::input && !map.separate && t.node(key) != nullptr)
            t.wrong(key, "this meter has no input registers of its own",
                    "write spaces = \"separate\" before [holes], or holding alone");
    }
    t.finish();
}

/// A space that no function reaches.
void MapReader::check_functions(TomlTable& table) {
    const auto answers = [&](int code) {
        return std::find(type_.functions.begin(), type_.functions.end(), code) !=
               type_.functions.end();
    };
    const auto any = [&](RegisterSpace space) {
        return std::any_of(rows_.begin(), rows_.end(),
                           [&](const auto& row) { return row.first.space == space; });
    };
    if (!type_.registers.separate)
        return;
    for (const auto& [space, code] :
         {std::pair{RegisterSpace::holding, 3}, std::pair{RegisterSpace::input, 4}})
        if (any(space) && !answers(code))
            table.wrong("spaces", fmt::format("nobody can read the {} registers", name_of(space)),
                        fmt::format("add {} to functions in meter.toml", code));
}

void MapReader::add(RegisterRow row, const Place& place) {
    if (row.end() > 0x10000)
        mistakes_.push_back({place, fmt::format("\"{}\" ends beyond FFFFH", row.name),
                             "move it to a lower address"});
    else
        rows_.emplace_back(std::move(row), place);
}

void MapReader::read_block(const TomlNode& node, bool history) {
    TomlTable t{node, history ? "history" : "block", mistakes_};
    RegisterRow row;
    int address = static_cast<int>(required_integer(t, "at", 0, 0xFFFF, "at = 0x0030"));
    read_common(row, t);
    if (!history)
        read_access(row, t);
    const auto words = t.integer("words", 1, 4);
    if (row.type == RegisterType::bcd)
        row.words = static_cast<std::uint16_t>(words.value_or(2));
    else if (words && *words != row.words)
        t.wrong("words", fmt::format("{} takes {} words", name_of(row.type), row.words),
                "leave words out");
    read_none(row, t);
    const int months =
        history ? static_cast<int>(required_integer(t, "months", 1, most_months, "months = 13"))
                : 1;
    if (row.type == RegisterType::ascii || row.type == RegisterType::clock)
        t.wrong("type", fmt::format("a run of points is no {}", name_of(row.type)),
                "give what is no number a [[register]] of its own");
    if (t.node("points") == nullptr)
        t.missing("points", "points = [\"u_a\", \"u_b\"]");
    const TomlNode* list = t.array("points");
    if (list != nullptr && std::get<TomlArray>(list->value).empty())
        t.wrong("points", "points names nothing", "write points = [\"u_a\", \"u_b\"]");
    const auto written = t.texts("points").value_or(std::vector<std::string>{});
    for (std::size_t n = 0; n < written.size(); ++n) {
        const Place place = std::get<TomlArray>(list->value)[n].place;
        for (const std::string& name : unrolled(written[n])) {
            const auto found = point(name, place);
            for (int month = 0; month < months; ++month, address += row.words) {
                if (!found)
                    continue;
                if (address > 0xFFFF) {
                    mistakes_.push_back({place, fmt::format("\"{}\" ends beyond FFFFH", name),
                                         "begin the block at a lower address"});
                    return t.finish();
                }
                const auto held = history ? month_point(type_, *found, month) : found;
                if (!held) {
                    mistakes_.push_back({place, fmt::format("{} is no energy", name),
                                         "only energies have a history"});
                    break;
                }
                const Point& of = type_.points[*held];
                if (of.text || of.kind == PointKind::clock) {
                    mistakes_.push_back({place, fmt::format("{} is no number", name),
                                         "give it a [[register]] of its own"});
                    break;
                }
                if (row.writable() && !may_write(of.rights)) {
                    mistakes_.push_back(
                        {place, fmt::format("{} is read only", name), "leave access out"});
                    break;
                }
                RegisterRow one = row;
                one.address = static_cast<std::uint16_t>(address);
                one.point = *held;
                one.unit = of.unit;
                one.name = of.name;
                one.title = of.title;
                add(std::move(one), place);
            }
        }
    }
    t.finish();
}

/// Sorts the rows; two on one address, and a name that comes twice, are mistakes.
void MapReader::check_order() {
    std::stable_sort(rows_.begin(), rows_.end(), [](const auto& a, const auto& b) {
        return std::pair{a.first.space, a.first.address} <
               std::pair{b.first.space, b.first.address};
    });
    std::map<std::pair<RegisterSpace, std::string>, Place> seen;
    const RegisterRow* last = nullptr;
    for (const auto& [row, place] : rows_) {
        if (last != nullptr && row.space == last->space && row.address < last->end())
            mistakes_.push_back({place,
                                 fmt::format("\"{}\" at {:04X}H overlaps \"{}\", which ends at "
                                             "{:04X}H",
                                             row.name, row.address, last->name, last->end() - 1),
                                 "move one of them"});
        else
            last = &row;
        const auto [first, fresh] = seen.emplace(std::pair{row.space, row.name}, place);
        if (!fresh)
            mistakes_.push_back({place, fmt::format("\"{}\" comes twice", row.name),
                                 "it is also at " + to_text(first->second) +
                                     "; give one of them another name, and its point"});
    }
    for (auto& [row, place] : rows_)
        type_.registers.rows.push_back(std::move(row));
}

void read_registers(const TomlNode& file, MeterType& type, std::vector<Mistake>& mistakes) {
    MapReader{file, type, mistakes}.read();
}

} // namespace kpmsim

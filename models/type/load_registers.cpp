#include "models/type/load_type.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace kpmsim {

namespace {

constexpr std::array all_types{RegisterType::u16,   RegisterType::i16,  RegisterType::u32,
                               RegisterType::i32,   RegisterType::f32,  RegisterType::bcd,
                               RegisterType::ascii, RegisterType::clock};
constexpr std::array all_rights{Rights::read, Rights::write, Rights::read_write};
/// The running month and the twelve before it.
constexpr int most_months = 13;

/// The one of `all` whose name stands at the key; the fallback when the key is absent or wrong.
template <class All>
auto one_of(TomlTable& t, const std::string& key, const All& all,
            typename All::value_type fallback) {
    std::vector<std::string> names;
    names.reserve(all.size());
    for (const auto each : all)
        names.emplace_back(name_of(each));
    const auto chosen = t.choice(key, names);
    for (std::size_t n = 0; chosen && n < names.size(); ++n)
        if (names[n] == *chosen)
            return all[n];
    return fallback;
}

int words_of(RegisterType type) {
    switch (type) {
    case RegisterType::u16:
    case RegisterType::i16:
    case RegisterType::bcd:
    case RegisterType::ascii:
        return 1;
    case RegisterType::u32:
    case RegisterType::i32:
    case RegisterType::f32:
        return 2;
    case RegisterType::clock:
        return 3;
    }
    return 1;
}

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

/// The greatest number of 32 bits.
constexpr std::int64_t far = 4'294'967'295;

/// One registers.toml being read.
class MapReader {
public:
    MapReader(const TomlNode& file, MeterType& type, std::vector<Mistake>& mistakes)
        : file_{file}, type_{type}, mistakes_{mistakes} {}

    void read();

private:
    void read_single(const TomlNode& node);
    void read_block(const TomlNode& node, bool history);
    void read_packed(const TomlNode& list, RegisterRow& row);
    void read_actions(const TomlNode& actions, RegisterRow& row, TomlTable& t);
    void read_spare(RegisterRow& row, TomlTable& t);
    void read_point(RegisterRow& row, TomlTable& t);
    bool fits(const RegisterRow& row, TomlTable& t);
    std::optional<PointId> point(const std::string& name, const Place& place);
    bool vendor(TomlTable& t);
    void add(RegisterRow row, const Place& place);
    void check_order();

    const TomlNode& file_;
    MeterType& type_;
    std::vector<Mistake>& mistakes_;
    bool vendor_{false};
    std::vector<std::pair<RegisterRow, Place>> rows_;
};

void MapReader::read() {
    TomlTable table{file_, "the register map", mistakes_};
    type_.map_source = required_text(table, "reference", "reference = \"user manual, chapter 6\"");
    if (table.node("source") == nullptr)
        table.missing("source", "source = \"ours\" (or \"vendor\"), for rows that do not say");
    vendor_ = vendor(table);
    if (table.choice("word_order", {"abcd", "cdab"}).value_or("abcd") == "cdab")
        type_.registers.word_order = WordOrder::cdab;
    each_table(
        table, "register", mistakes_, [&](const TomlNode& node) { read_single(node); });
    each_table(
        table, "block", mistakes_, [&](const TomlNode& node) { read_block(node, false); });
    each_table(table, "history", mistakes_, [&](const TomlNode& node) { read_block(node, true); });
    table.finish();
    check_order();
}

bool MapReader::vendor(TomlTable& t) {
    const auto source = t.choice("source", {"vendor", "ours"});
    return source ? *source == "vendor" : vendor_;
}

void MapReader::add(RegisterRow row, const Place& place) {
    if (row.end() > 0x10000)
        mistakes_.push_back({place, fmt::format("\"{}\" ends beyond FFFFH", row.name),
                             "move it to a lower address"});
    else
        rows_.emplace_back(std::move(row), place);
}

void MapReader::read_single(const TomlNode& node) {
    TomlTable t{node, "register", mistakes_};
    RegisterRow row;
    row.address = static_cast<std::uint16_t>(required_integer(t, "at", 0, 0xFFFF, "at = 0x0030"));
    row.name = required_text(t, "name", "name = \"u_a\"");
    row.type = one_of(t, "type", all_types, RegisterType::f32);
    row.access = one_of(t, "access", all_rights, Rights::read);
    row.words = static_cast<std::uint16_t>(t.integer("words", 1, 32).value_or(words_of(row.type)));
    row.scale = t.node("scale") == nullptr ? 1.0 : required_positive(t, "scale", "scale = 0.1");
    row.unit = t.text("unit").value_or("");
    row.title = t.text("title").value_or("");
    row.vendor = vendor(t);
    row.codes = integers(t, "codes", 0, far, mistakes_).value_or(row.codes);
    const std::size_t before = mistakes_.size();
    const TomlNode* const packed = t.array("packed");
    const TomlNode* const actions = t.table("actions");
    if (packed != nullptr)
        read_packed(*packed, row);
    else if (actions != nullptr)
        read_actions(*actions, row, t);
    else if (t.boolean("spare").value_or(false))
        read_spare(row, t);
    else
        read_point(row, t);
    const bool good = mistakes_.size() == before && fits(row, t);
    t.finish();
    if (good)
        add(std::move(row), node.place);
}

std::optional<PointId> MapReader::point(const std::string& name, const Place& place) {
    return named_point(type_, name, place, mistakes_);
}

void MapReader::read_packed(const TomlNode& list, RegisterRow& row) {
    row.holds = RegisterHolds::packed;
    int bit = 0;
    for (const TomlNode& item : std::get<TomlArray>(list.value)) {
        if (!item.is_table()) {
            mistakes_.push_back(
                {item.place, "a packed field is a table", "write { point = \"baud\", bits = 8 }"});
            continue;
        }
        TomlTable t{item, "packed field", mistakes_};
        PackedField field;
        const std::string name = required_text(t, "point", "point = \"relay_1\"");
        field.bit = static_cast<int>(t.integer("bit", 0, 15).value_or(bit));
        field.bits = static_cast<int>(t.integer("bits", 1, 16).value_or(1));
        field.codes = integers(t, "codes", 0, far, mistakes_).value_or(field.codes);
        bit = field.bit + field.bits;
        if (bit > 16)
            t.wrong("bits", fmt::format("\"{}\" ends at bit {}", name, bit - 1),
                    "a word has the bits 0 to 15");
        if (const auto found = point(name, t.place_of("point"))) {
            field.point = *found;
            if (type_.points[*found].text)
                t.wrong("point", fmt::format("\"{}\" is a text", name), "name a number");
            row.fields.push_back(std::move(field));
        }
        t.finish();
    }
}

void MapReader::read_actions(const TomlNode& actions, RegisterRow& row, TomlTable& t) {
    row.holds = RegisterHolds::command;
    for (const auto& [key, value] : std::get<TomlEntries>(actions.value)) {
        unsigned number = 0;
        const bool hex = key.starts_with("0x");
        const char* const from = key.data() + (hex ? 2 : 0);
        const char* const to = key.data() + key.size();
        const auto parsed = std::from_chars(from, to, number, hex ? 16 : 10);
        if (from == to || parsed.ptr != to || number > 0xFFFF) {
            t.wrong("actions", fmt::format("\"{}\" is no word", key), "write e.g. 0x5578");
            continue;
        }
        RegisterCommand command{static_cast<std::uint16_t>(number), {}, 1};
        const auto* name = std::get_if<std::string>(&value.value);
        const auto found = name == nullptr ? std::nullopt : point(*name, value.place);
        if (name == nullptr)
            mistakes_.push_back({value.place, "an action is named", "write \"clear_energy\""});
        else if (found && type_.points[*found].kind != PointKind::action)
            mistakes_.push_back({value.place, fmt::format("\"{}\" is no action", *name),
                                 "known: clear_energy, clear_prepaid, clear_demand_maxima"});
        else if (found) {
            command.point = *found;
            row.commands.push_back(command);
        }
    }
}

/// A spare register keeps what is written: a setting that nothing hangs on.
void MapReader::read_spare(RegisterRow& row, TomlTable& t) {
    if (row.type != RegisterType::u16) {
        t.wrong("spare", fmt::format("a spare register is no {}", name_of(row.type)),
                "write type = \"u16\"");
        return;
    }
    SettingRow setting;
    setting.name = row.name;
    setting.title = row.title;
    setting.per_circuit = true;
    if (type_.points.find(row.name)) {
        t.wrong("name", fmt::format("the meter has a point \"{}\"", row.name), "take another name");
        return;
    }
    row.point = add_setting(type_, std::move(setting));
}

void MapReader::read_point(RegisterRow& row, TomlTable& t) {
    const auto found = point(row.name, t.place_of("name"));
    if (!found)
        return;
    const Point& of = type_.points[*found];
    row.point = *found;
    if (row.title.empty())
        row.title = of.title;
    if (!row.unit.empty() && row.unit != of.unit)
        t.wrong("unit", fmt::format("{} is in {}, not {}", row.name, of.unit, row.unit),
                "leave unit out and give a scale: register = value / scale");
    row.unit = of.unit;
}

/// Whether the words can hold what the row says.
bool MapReader::fits(const RegisterRow& row, TomlTable& t) {
    const std::size_t before = mistakes_.size();
    const auto needs = [&](bool good, const std::string& key, const std::string& cure) {
        if (!good)
            t.wrong(key,
                    fmt::format("\"{}\" cannot be {} of {} words, {}", row.name, name_of(row.type),
                                row.words, name_of(row.access)),
                    cure);
    };
    if (row.type != RegisterType::ascii && row.type != RegisterType::bcd)
        needs(row.words == words_of(row.type), "words",
              fmt::format("{} takes {} words", name_of(row.type), words_of(row.type)));
    if (row.holds == RegisterHolds::packed)
        needs(row.type == RegisterType::u16, "type", "fields are packed into a u16");
    if (row.holds == RegisterHolds::command) {
        needs(row.type == RegisterType::u16, "type", "a command is a u16");
        needs(row.writable(), "access", "write access = \"read_write\" or \"write\"");
    }
    if (row.holds == RegisterHolds::point) {
        const Point& of = type_.points[row.point];
        needs(may_write(of.rights) || !row.writable(), "access",
              fmt::format("a {} is read only", name_of(of.kind)));
        needs(may_read(of.rights) || !row.readable(), "access",
              fmt::format("a {} is not read", name_of(of.kind)));
        if (of.kind == PointKind::clock)
            needs(row.type == RegisterType::clock, "type", "write type = \"clock\"");
        else if (of.kind == PointKind::serial)
            needs(row.type == RegisterType::ascii && row.words >= 7, "type",
                  "the id takes type = \"ascii\", words = 7");
        else if (of.text)
            needs(row.type == RegisterType::ascii, "type", "a text takes type = \"ascii\"");
        else
            needs(row.type != RegisterType::ascii && row.type != RegisterType::clock, "type",
                  fmt::format("a {} is a number", name_of(of.kind)));
    }
    return mistakes_.size() == before;
}

void MapReader::read_block(const TomlNode& node, bool history) {
    TomlTable t{node, history ? "history" : "block", mistakes_};
    RegisterRow row;
    int address = static_cast<int>(required_integer(t, "at", 0, 0xFFFF, "at = 0x0030"));
    row.type = one_of(t, "type", all_types, RegisterType::f32);
    row.words = static_cast<std::uint16_t>(
        row.type == RegisterType::bcd ? t.integer("words", 1, 4).value_or(2) : words_of(row.type));
    row.scale = t.node("scale") == nullptr ? 1.0 : required_positive(t, "scale", "scale = 0.1");
    row.vendor = vendor(t);
    const int months =
        history ? static_cast<int>(required_integer(t, "months", 1, most_months, "months = 13"))
                : 1;
    if (t.node("points") == nullptr)
        t.missing("points", "points = [\"u_a\", \"u_b\"]");
    const TomlNode* list = t.array("points");
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
        return a.first.address < b.first.address;
    });
    std::map<std::string, Place> seen;
    const RegisterRow* last = nullptr;
    for (const auto& [row, place] : rows_) {
        if (last != nullptr && row.address < last->end())
            mistakes_.push_back({place,
                                 fmt::format("\"{}\" at {:04X}H overlaps \"{}\", which ends at "
                                             "{:04X}H",
                                             row.name, row.address, last->name, last->end() - 1),
                                 "move one of them"});
        else
            last = &row;
        const auto [first, fresh] = seen.emplace(row.name, place);
        if (!fresh)
            mistakes_.push_back({place, fmt::format("\"{}\" comes twice", row.name),
                                 "it is also at " + to_text(first->second)});
    }
    for (auto& [row, place] : rows_)
        type_.registers.rows.push_back(std::move(row));
}

} // namespace

void read_registers(const TomlNode& file, MeterType& type, std::vector<Mistake>& mistakes) {
    MapReader{file, type, mistakes}.read();
}

} // namespace kpmsim

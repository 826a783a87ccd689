#include "models/energy_history.hpp"
#include "models/load_type.hpp"

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
constexpr std::array all_accesses{RegisterAccess::read, RegisterAccess::write,
                                  RegisterAccess::read_write};
constexpr std::array all_sources{RegisterSource::quantity, RegisterSource::setting,
                                 RegisterSource::serial,   RegisterSource::clock,
                                 RegisterSource::command,  RegisterSource::status,
                                 RegisterSource::line,     RegisterSource::spare};
const std::vector<std::pair<std::string, CommandAction>>& all_actions() {
    static const std::vector<std::pair<std::string, CommandAction>> actions{
        {"clear_energy", CommandAction::clear_energy},
        {"clear_prepaid", CommandAction::clear_prepaid},
        {"clear_demand_maxima", CommandAction::clear_demand_maxima}};
    return actions;
}

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

/// One registers.toml being read.
class MapReader {
public:
    MapReader(const TomlNode& file, DeviceType& type, std::vector<Mistake>& mistakes)
        : file_{file}, type_{type}, mistakes_{mistakes} {}

    void read();

private:
    void read_single(const TomlNode& node);
    void read_block(const TomlNode& node, bool history);
    void read_actions(const TomlNode* actions, RegisterRow& row, TomlTable& t);
    bool fits(RegisterRow& row, TomlTable& t);
    bool vendor(TomlTable& t);
    void add(RegisterRow row, const Place& place);
    void check_order();

    const TomlNode& file_;
    DeviceType& type_;
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
    row.source = one_of(t, "holds", all_sources, RegisterSource::quantity);
    row.name = required_text(t, "name", "name = \"u_a\"");
    row.type = one_of(t, "type", all_types, RegisterType::f32);
    row.access = one_of(t, "access", all_accesses, RegisterAccess::read);
    row.words = static_cast<std::uint16_t>(t.integer("words", 1, 32).value_or(words_of(row.type)));
    row.scale = t.node("scale") == nullptr ? 1.0 : required_positive(t, "scale", "scale = 0.1");
    row.unit = t.text("unit").value_or("");
    row.title = t.text("title").value_or("");
    row.vendor = vendor(t);
    read_actions(t.table("actions"), row, t);
    const bool good = fits(row, t);
    t.finish();
    if (good)
        add(std::move(row), node.place);
}

void MapReader::read_actions(const TomlNode* actions, RegisterRow& row, TomlTable& t) {
    if (row.source == RegisterSource::command && actions == nullptr)
        return t.missing("actions", "actions = { 0x5578 = \"clear_energy\" }");
    if (actions == nullptr)
        return;
    if (row.source != RegisterSource::command)
        return t.wrong("actions", "only a command has actions", "write holds = \"command\"");
    for (const auto& [key, value] : std::get<TomlEntries>(actions->value)) {
        unsigned number = 0;
        const bool hex = key.starts_with("0x");
        const char* const from = key.data() + (hex ? 2 : 0);
        const char* const to = key.data() + key.size();
        const auto parsed = std::from_chars(from, to, number, hex ? 16 : 10);
        if (from == to || parsed.ptr != to || number > 0xFFFF) {
            t.wrong("actions", fmt::format("\"{}\" is no word", key), "write e.g. 0x5578");
            continue;
        }
        const auto* text = std::get_if<std::string>(&value.value);
        bool known = false;
        for (const auto& [name, action] : all_actions())
            if (text != nullptr && *text == name) {
                row.actions.push_back({static_cast<std::uint16_t>(number), action});
                known = true;
            }
        if (!known)
            mistakes_.push_back({value.place, "unknown action",
                                 "known: clear_energy, clear_prepaid, clear_demand_maxima"});
    }
}

/// Whether the row can be served; fills in what follows from its source.
bool MapReader::fits(RegisterRow& row, TomlTable& t) {
    const std::size_t before = mistakes_.size();
    const auto needs = [&](bool good, const std::string& key, const std::string& cure) {
        if (!good)
            t.wrong(key,
                    fmt::format("\"{}\" cannot be {} of {} words, {}", row.name, name_of(row.type),
                                row.words, name_of(row.access)),
                    cure);
    };
    const bool text = row.type == RegisterType::ascii;
    const bool number = !text && row.type != RegisterType::clock;
    if (row.type != RegisterType::ascii && row.type != RegisterType::bcd)
        needs(row.words == words_of(row.type), "words",
              fmt::format("{} takes {} words", name_of(row.type), words_of(row.type)));
    switch (row.source) {
    case RegisterSource::quantity:
    case RegisterSource::history:
        needs(number, "type", "a quantity is a number");
        needs(!row.writable(), "access", "a quantity is read only");
        if (const auto found = named_quantity(row.name, t.place_of("name"), mistakes_)) {
            const QuantityInfo& about = info(*found);
            row.quantity = *found;
            if (row.title.empty())
                row.title = about.title;
            if (!row.unit.empty() && row.unit != about.unit)
                t.wrong("unit", fmt::format("{} is in {}, not {}", row.name, about.unit, row.unit),
                        "leave unit out and give a scale: register = value / scale");
            row.unit = about.unit;
        }
        break;
    case RegisterSource::setting:
        needs(number, "type", "a setting is a number");
        if (const SettingRow* setting = type_.setting(row.name)) {
            if (row.title.empty())
                row.title = setting->title;
            row.unit = setting->unit;
        } else {
            std::vector<std::string> known;
            for (const SettingRow& each : type_.settings)
                known.push_back(each.name);
            const std::string near = nearest(row.name, known);
            t.wrong("name", fmt::format("device.toml has no setting \"{}\"", row.name),
                    near.empty() ? "add it there" : "nearest: " + near);
        }
        break;
    case RegisterSource::serial:
        needs(text && row.words >= 7, "type", "the id takes type = \"ascii\", words = 7");
        needs(!row.writable(), "access", "the id is read only");
        break;
    case RegisterSource::clock:
        needs(row.type == RegisterType::clock, "type", "write type = \"clock\"");
        break;
    case RegisterSource::command:
        needs(row.type == RegisterType::u16, "type", "a command is a u16");
        needs(row.writable(), "access", "write access = \"read_write\" or \"write\"");
        break;
    case RegisterSource::status:
        needs(row.type == RegisterType::u16 && !row.writable(), "type", "a status is a u16, read");
        if (row.name != "wireless" && row.name != "relays" && row.name != "inputs")
            t.wrong("name", fmt::format("unknown status \"{}\"", row.name),
                    "known: wireless, relays, inputs");
        break;
    case RegisterSource::line:
        needs(row.type == RegisterType::u16, "type", "the line's word is a u16");
        if (type_.setting("baud") == nullptr || type_.setting("format") == nullptr)
            t.wrong("holds", "device.toml lacks the settings baud and format", "add them there");
        break;
    case RegisterSource::spare:
        break;
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
    row.source = history ? RegisterSource::history : RegisterSource::quantity;
    const int months = history ? static_cast<int>(required_integer(
                                     t, "months", 1, EnergyHistory::months, "months = 13"))
                               : 1;
    if (t.node("quantities") == nullptr)
        t.missing("quantities", "quantities = [\"u_a\", \"u_b\"]");
    const TomlNode* list = t.array("quantities");
    const auto written = t.texts("quantities").value_or(std::vector<std::string>{});
    for (std::size_t n = 0; n < written.size(); ++n) {
        const Place place = std::get<TomlArray>(list->value)[n].place;
        for (const std::string& name : unrolled(written[n])) {
            const auto found = named_quantity(name, place, mistakes_);
            for (int month = 0; month < months; ++month, address += row.words) {
                if (!found)
                    continue;
                if (address > 0xFFFF) {
                    mistakes_.push_back({place, fmt::format("\"{}\" ends beyond FFFFH", name),
                                         "begin the block at a lower address"});
                    return t.finish();
                }
                const QuantityInfo& about = info(*found);
                RegisterRow one = row;
                one.address = static_cast<std::uint16_t>(address);
                one.quantity = *found;
                one.unit = about.unit;
                one.month = month;
                one.name = history ? fmt::format("{}_month_{}", name, month) : name;
                one.title = !history     ? about.title
                            : month == 0 ? about.title + ", this month"
                                         : fmt::format("{}, {} month{} ago", about.title, month,
                                                       month == 1 ? "" : "s");
                if (history && about.kind != QuantityKind::energy) {
                    mistakes_.push_back({place, fmt::format("{} is no energy", name),
                                         "only energies have a history"});
                    break;
                }
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

void read_registers(const TomlNode& file, DeviceType& type, std::vector<Mistake>& mistakes) {
    MapReader{file, type, mistakes}.read();
}

} // namespace kpmsim

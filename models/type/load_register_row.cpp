#include "models/type/map_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace kpmsim {

namespace {

constexpr std::array all_types{RegisterType::u16,  RegisterType::i16, RegisterType::u32,
                               RegisterType::i32,  RegisterType::u64, RegisterType::i64,
                               RegisterType::f32,  RegisterType::bcd, RegisterType::ascii,
                               RegisterType::clock};
constexpr std::array all_rights{Rights::read, Rights::write, Rights::read_write};
constexpr std::array all_spaces{RegisterSpace::holding, RegisterSpace::input};

/// The greatest number of 32 bits.
constexpr std::int64_t far = 4'294'967'295;

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

/// Codes that there is no room for.
void keep_codes_within(TomlTable& t, const std::vector<Code>& codes, std::int64_t most) {
    for (const Code& each : codes)
        if (each.code > most)
            t.wrong("codes", fmt::format("the code {} does not fit", each.code),
                    fmt::format("there is room for 0 to {}", most));
}

/// Every value that the setting can take needs a code: without one a client would see another's. Of
/// a range the first value without a code is told.
void all_have_codes(TomlTable& t, const SettingRow& setting, const std::vector<Code>& codes) {
    const auto lacks = [&](std::int64_t kept) {
        const double value = setting.shown(kept);
        return std::none_of(
            codes.begin(), codes.end(),
            [&](const Code& each) { return static_cast<double>(each.value) == value; });
    };
    const auto tell = [&](std::int64_t kept, const char* cure) {
        t.wrong("codes",
                fmt::format("{} can be {}, which has no code", setting.name, setting.shown(kept)),
                cure);
    };
    for (const std::int64_t choice : setting.choices)
        if (lacks(choice))
            tell(choice,
                 "give every choice of the setting a code; in a table the code comes first: "
                 "{ 4 = 57600 }");
    if (!setting.choices.empty())
        return;
    std::int64_t kept = setting.least;
    while (kept <= setting.most && !lacks(kept))
        ++kept;
    if (kept <= setting.most)
        tell(kept, "give every value from the setting's least to its most a code, or give the "
                   "setting choices");
}

/// The greatest whole number that the words hold.
std::int64_t most_of(const RegisterRow& row) {
    switch (row.type) {
    case RegisterType::u16:
        return 0xFFFF;
    case RegisterType::i16:
        return 0x7FFF;
    case RegisterType::i32:
        return 0x7FFF'FFFF;
    case RegisterType::f32:
        return std::int64_t{1} << 24;
    case RegisterType::bcd:
        return row.words > 4 ? far : std::llround(std::pow(10.0, 4.0 * row.words)) - 1;
    default:
        return far;
    }
}

/// "a relay", "an extreme".
std::string with_article(std::string_view noun) {
    const bool vowel = std::string_view{"aeiou"}.find(noun.front()) != std::string_view::npos;
    return fmt::format("{} {}", vowel ? "an" : "a", noun);
}

bool is_ascii(std::string_view text) {
    return std::all_of(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Seconds since 1970 of the meter's clock, of something that happened.
bool is_moment(const Point& of) {
    constexpr std::array kinds{PointKind::quantity, PointKind::extreme, PointKind::mark,
                               PointKind::frozen, PointKind::freeze_time};
    return of.unit == "s" && std::find(kinds.begin(), kinds.end(), of.kind) != kinds.end();
}

/// Whether a number type has room for a whole number of so many digits.
bool has_digits(const RegisterRow& row, std::size_t digits) {
    switch (row.type) {
    case RegisterType::u16:
        return digits <= 4;
    case RegisterType::u32:
        return digits <= 9;
    case RegisterType::u64:
        return digits <= 15; // as many as a double has
    case RegisterType::bcd:
        return digits <= std::size_t{4} * row.words && digits <= 15;
    default:
        return false;
    }
}

} // namespace

bool MapReader::vendor(TomlTable& t) {
    const auto source = t.choice("source", {"vendor", "ours"});
    return source ? *source == "vendor" : vendor_;
}

void MapReader::read_common(RegisterRow& row, TomlTable& t) {
    row.space = one_of(t, "space", all_spaces, RegisterSpace::holding);
    if (t.node("space") != nullptr && !type_.registers.separate)
        t.wrong("space", "functions 03 and 04 read the same registers of this meter",
                "leave space out, or write spaces = \"separate\" at the top of the file");
    row.type = one_of(t, "type", all_types, RegisterType::f32);
    row.words = static_cast<std::uint16_t>(words_of(row.type));
    row.scale = t.node("scale") == nullptr ? 1.0 : required_positive(t, "scale", "scale = 0.1");
    if (const auto factor = t.text("scale_factor")) {
        const auto found = point(*factor, t.place_of("scale_factor"));
        const Point* of = found ? &type_.points[*found] : nullptr;
        const bool constant = of != nullptr && of->kind == PointKind::constant && !of->text;
        const double power = constant ? type_.constants[of->index].number : 0;
        if (of != nullptr && (!constant || std::trunc(power) != power || std::abs(power) > 10))
            t.wrong("scale_factor", fmt::format("\"{}\" is no power of ten", *factor),
                    "name a constant from -10 to 10: register = value / (scale * 10^constant)");
        row.scale *= std::pow(10.0, power);
    }
    row.vendor = vendor(t);
}

void MapReader::read_access(RegisterRow& row, TomlTable& t) {
    row.access = one_of(t, "access", all_rights, Rights::read);
}

void MapReader::read_single(const TomlNode& node) {
    TomlTable t{node, "register", mistakes_};
    RegisterRow row;
    row.address = static_cast<std::uint16_t>(required_integer(t, "at", 0, 0xFFFF, "at = 0x0030"));
    row.name = required_text(t, "name", "name = \"u_a\"");
    const std::size_t before = mistakes_.size();
    read_common(row, t);
    read_access(row, t);
    row.words = static_cast<std::uint16_t>(t.integer("words", 1, 32).value_or(row.words));
    read_none(row, t);
    row.unit = t.text("unit").value_or("");
    row.title = t.text("title").value_or("");
    for (const char* key : {"point", "codes"})
        t.node(key);
    const TomlNode* const packed = t.array("packed");
    const TomlNode* const actions = t.table("actions");
    if (t.node("point") != nullptr || packed != nullptr || actions != nullptr)
        check_name(t, "name", row.name); // else it is a point's
    if (packed != nullptr)
        not_empty(t, "packed", *packed, "packed = [{ point = \"relay_1\" }]");
    if (actions != nullptr)
        not_empty(t, "actions", *actions, "actions = { 0x5578 = \"clear_energy\" }");
    const bool spare = t.boolean("spare").value_or(false);
    if (t.node("codes") != nullptr && (packed != nullptr || actions != nullptr || spare))
        t.wrong(
            "codes",
            fmt::format("\"{}\" is no row of one point, whose values could have codes", row.name),
            packed != nullptr ? "give each packed field its codes" : "leave codes out");
    if (packed != nullptr)
        read_packed(*packed, row, t);
    else if (actions != nullptr)
        read_actions(*actions, row, t);
    else if (spare)
        read_spare(row, t);
    else
        read_point(row, t);
    const bool good = mistakes_.size() == before && fits(row, t);
    t.finish();
    if (good)
        add(std::move(row), node.place);
}

/// `codes`: a list, whose places are the codes, or a table of code = value.
std::vector<Code> MapReader::read_codes(TomlTable& t, PointId id) {
    const TomlNode* const node = t.node("codes");
    if (node == nullptr)
        return {};
    const Point& of = type_.points[id];
    const SettingRow* const setting =
        of.kind == PointKind::setting ? &type_.settings[of.index] : nullptr;
    const auto names = setting != nullptr && setting->role ? value_names(type_, *setting->role)
                                                           : std::vector<std::string>{};
    std::vector<Code> codes;
    const auto add = [&](std::int64_t code, const TomlNode& value) {
        if (const auto read = named_value(value, "codes", 0, far, names, mistakes_))
            codes.push_back({code, *read});
    };
    if (node->is_array()) {
        for (const TomlNode& item : std::get<TomlArray>(node->value))
            add(static_cast<std::int64_t>(codes.size()), item);
    } else if (node->is_table()) {
        for (const auto& [key, value] : std::get<TomlEntries>(node->value)) {
            const auto code = key_number(key);
            if (code && *code >= 0 && *code <= far)
                add(*code, value);
            else
                mistakes_.push_back({value.place, fmt::format("\"{}\" is no code", key),
                                     "write whole numbers: { 0 = 2400, 5 = 1200 }"});
        }
    } else {
        t.wrong("codes", "codes are a list or a table",
                "write [1200, 2400] or { 0 = 2400, 5 = 1200 }");
    }
    not_empty(t, "codes", *node, "codes = [1200, 2400] or { 0 = 2400, 5 = 1200 }");
    for (std::size_t n = 0; n < codes.size(); ++n)
        for (std::size_t m = 0; m < n; ++m)
            if (codes[m].code == codes[n].code)
                t.wrong("codes", fmt::format("the code {} comes twice", codes[n].code),
                        "give each value a code of its own");
    if (setting != nullptr && !codes.empty())
        all_have_codes(t, *setting, codes);
    return codes;
}

/// `none`: what the words are without a value.
void MapReader::read_none(RegisterRow& row, TomlTable& t) {
    const TomlNode* const node = t.node("none");
    if (node == nullptr)
        return;
    const int bits = 16 * row.words;
    const auto* number = std::get_if<std::int64_t>(&node->value);
    const auto* text = std::get_if<std::string>(&node->value);
    const bool whole =
        row.type != RegisterType::ascii && row.type != RegisterType::clock && bits <= 64;
    if (row.type == RegisterType::f32 && text != nullptr && *text == "nan")
        row.none = 0x7FC00000;
    else if (number != nullptr && whole && bits == 64)
        row.none = static_cast<std::uint64_t>(*number);
    else if (number != nullptr && whole && *number < (std::int64_t{1} << bits) &&
             *number >= -(std::int64_t{1} << (bits - 1)))
        row.none = static_cast<std::uint64_t>(*number) & ((std::uint64_t{1} << bits) - 1);
    else
        t.wrong("none", fmt::format("these are no words of {}", name_of(row.type)),
                row.type == RegisterType::f32
                    ? "write \"nan\", or the bits as a whole number: 0x7FC00000"
                    : "write the bits as a whole number: 0x8000");
}

void MapReader::read_packed(const TomlNode& list, RegisterRow& row, TomlTable& of_row) {
    row.holds = RegisterHolds::packed;
    if (row.type != RegisterType::u16)
        of_row.wrong("type",
                     fmt::format("\"{}\" is {}, and fields are packed into a u16", row.name,
                                 name_of(row.type)),
                     "write type = \"u16\"");
    int bit = 0;
    unsigned taken = 0; // of the word's bits
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
        t.node("codes");
        bit = field.bit + field.bits;
        if (bit > 16)
            t.wrong("bits", fmt::format("\"{}\" ends at bit {}", name, bit - 1),
                    "a word has the bits 0 to 15");
        if ((taken >> field.bit & ((1u << field.bits) - 1)) != 0)
            t.wrong("bit", fmt::format("\"{}\" has bits that another field has", name),
                    "let the fields follow each other");
        taken |= ((1u << field.bits) - 1) << field.bit;
        if (const auto found = point(name, t.place_of("point"))) {
            field.point = *found;
            if (type_.points[*found].text)
                t.wrong("point", fmt::format("\"{}\" is a text", name), "name a number");
            field.codes = read_codes(t, *found);
            keep_codes_within(t, field.codes, (std::int64_t{1} << field.bits) - 1);
            row.fields.push_back(std::move(field));
        }
        t.finish();
    }
}

void MapReader::read_actions(const TomlNode& actions, RegisterRow& row, TomlTable& t) {
    row.holds = RegisterHolds::command;
    if (row.type != RegisterType::u16)
        t.wrong("type",
                fmt::format("\"{}\" is {}, and a command is a u16", row.name, name_of(row.type)),
                "write type = \"u16\"");
    for (const auto& [key, value] : std::get<TomlEntries>(actions.value)) {
        const auto number = key_number(key);
        if (!number || *number < 0 || *number > 0xFFFF) {
            t.wrong("actions", fmt::format("\"{}\" is no word", key), "write e.g. 0x5578");
            continue;
        }
        RegisterCommand command{static_cast<std::uint16_t>(*number), {}, 1};
        const auto* name = std::get_if<std::string>(&value.value);
        const auto found = name == nullptr ? std::nullopt : point(*name, value.place);
        if (name == nullptr)
            mistakes_.push_back({value.place, "an action is named", "write \"clear_energy\""});
        else if (found && type_.points[*found].kind != PointKind::action)
            mistakes_.push_back({value.place, fmt::format("\"{}\" is no action", *name),
                                 "known: clear_energy, clear_prepaid, clear_demand_maxima, "
                                 "clear_extremes, and those of menu_actions"});
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
    check_name(t, "name", row.name);
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
    const std::string key = t.node("point") != nullptr ? "point" : "name";
    const auto found = point(t.text(key).value_or(row.name), t.place_of(key));
    if (!found)
        return;
    const Point& of = type_.points[*found];
    row.point = *found;
    row.codes = read_codes(t, *found);
    keep_codes_within(t, row.codes, most_of(row));
    if (row.title.empty())
        row.title = of.title;
    if (!row.unit.empty() && row.unit != of.unit)
        t.wrong("unit", fmt::format("{} is in {}, not {}", row.name, of.unit, row.unit),
                "leave unit out and give a scale: register = value / scale");
    row.unit = of.unit;
}

/// Why a row's type cannot hold its point, as the cure; empty when it can.
std::string MapReader::misfit(const RegisterRow& row, const Point& of) const {
    if (of.kind == PointKind::clock)
        return row.type == RegisterType::clock || row.type == RegisterType::u32 ||
                       row.type == RegisterType::u64 || row.type == RegisterType::i64
                   ? ""
                   : "write type = \"clock\", or u32, u64 or i64 for seconds since 1970";
    if (!of.text)
        return row.type != RegisterType::ascii && row.type != RegisterType::clock ? ""
               : is_moment(of)
                   ? "it is a number, seconds since 1970: write u32, u64 or i64; the point clock "
                     "alone can be a clock"
                   : "it is a number: write f32, u16, i16, u32, i32, u64, i64 or bcd";
    const bool serial = of.kind == PointKind::serial;
    const std::size_t length =
        serial ? type_.serial.length() : type_.constants[of.index].text.size();
    if (row.type == RegisterType::ascii && !serial && !is_ascii(type_.constants[of.index].text))
        return "its text has characters that are no ASCII: write it without accents";
    if (row.type == RegisterType::ascii)
        return std::size_t{2} * row.words >= length
                   ? ""
                   : fmt::format("{} characters take words = {}", length, (length + 1) / 2);
    if (serial && type_.serial.all_digits())
        return has_digits(row, length)
                   ? ""
                   : fmt::format("{} digits take ascii, or another number type", length);
    return fmt::format("the {} takes type = \"ascii\", words = {}", serial ? "id" : "text",
                       (length + 1) / 2);
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
    needs(row.space == RegisterSpace::holding || !row.writable(), "access",
          "nothing is written to input registers");
    if (row.type != RegisterType::ascii && row.type != RegisterType::bcd)
        needs(row.words == words_of(row.type), "words",
              fmt::format("{} takes {} words", name_of(row.type), words_of(row.type)));
    if (row.type == RegisterType::bcd)
        needs(row.words <= 4, "words", "bcd takes 1 to 4 words, four digits each");
    const bool number = row.holds == RegisterHolds::point && row.type != RegisterType::ascii &&
                        row.type != RegisterType::clock;
    for (const char* key : {"scale", "scale_factor"})
        if (!number && t.node(key) != nullptr)
            t.wrong(key, fmt::format("\"{}\" is no number that could be scaled", row.name),
                    "leave " + std::string{key} + " out");
    if (row.holds == RegisterHolds::command)
        needs(row.writable(), "access", "write access = \"read_write\" or \"write\"");
    if (row.holds == RegisterHolds::point) {
        const Point& of = type_.points[row.point];
        needs(may_write(of.rights) || !row.writable(), "access",
              fmt::format("{} is read only: leave access out", with_article(name_of(of.kind))));
        needs(may_read(of.rights) || !row.readable(), "access",
              fmt::format("{} is not read: write actions = {{ 0x5578 = \"{}\" }}",
                          with_article(name_of(of.kind)), of.name));
        const std::string cure = misfit(row, of);
        needs(cure.empty(), "type", cure);
    } else {
        needs(!row.none, "none", "only a row of one point can be without a value");
    }
    return mistakes_.size() == before;
}

} // namespace kpmsim

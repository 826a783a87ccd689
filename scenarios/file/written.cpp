#include "scenarios/file/written.hpp"

#include "files/toml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string_view>

namespace kpmsim {
namespace {

namespace fs = std::filesystem;

/// By table: keys that say where and how fast, and those that the plan answers for.
struct Aside {
    std::string_view table, key;
};
constexpr std::array asides{
    Aside{"farm", "seed"},
    Aside{"farm", "fidelity"},
    Aside{"farm", "start"},
    Aside{"farm", "clock"},
    Aside{"farm", "bind"},
    Aside{"farm", "api"},
    Aside{"farm", "broker"},
    Aside{"farm", "mqtt_qos"},
    Aside{"farm", "mqtt_retain"},
    Aside{"farm", "mqtt_ca"},
    Aside{"farm", "mqtt_certificate"},
    Aside{"farm", "mqtt_key"},
    Aside{"farm", "mqtt_keepalive"},
    Aside{"farm", "mqtt_check_name"},
    Aside{"farm", "mqtt_client_id"},
    Aside{"farm", "mqtt_maintenance"},
    Aside{"farm", "state"},
    Aside{"farm", "state_every"},
    Aside{"farm", "state_resume"},
    Aside{"bus", "pty"},
    Aside{"bus", "rtu_tcp"},
    Aside{"meter", "modbus_tcp"},
    Aside{"meter", "rtu_tcp"},
    Aside{"meter", "unit"},
};

bool is_aside(std::string_view table, std::string_view key) {
    return std::any_of(
        asides.begin(), asides.end(),
        [&](const Aside& one) { return one.table == table && one.key == key; });
}

/// FNV-1a of what the file holds; 0 when there is none.
std::uint64_t content_of(const fs::path& path) {
    std::ifstream in{path, std::ios::binary};
    if (!in)
        return 0;
    std::uint64_t hash = 14695981039346656037u;
    std::array<char, 1 << 16> part{};
    while (in.read(part.data(), part.size()), in.gcount() > 0)
        for (std::streamsize n = 0; n < in.gcount(); ++n)
            hash = (hash ^ static_cast<unsigned char>(part[static_cast<std::size_t>(n)])) *
                   1099511628211u;
    return hash;
}

/// With what stands in it, and in the data file beside a COMTRADE's .cfg.
std::string file_text(const std::string& written, const std::string& farm_file) {
    const fs::path path = fs::path{farm_file}.parent_path() / written;
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored))
        return written;
    std::uint64_t content = content_of(path);
    for (const char* data : {".dat", ".DAT"})
        content ^= content_of(fs::path{path}.replace_extension(data)) * 3;
    return fmt::format("{} (content {:016x})", written, content);
}

std::string text_of(const TomlNode& node) {
    if (const auto* text = std::get_if<std::string>(&node.value))
        return *text;
    if (const auto* flag = std::get_if<bool>(&node.value))
        return *flag ? "true" : "false";
    if (const auto* whole = std::get_if<std::int64_t>(&node.value))
        return fmt::to_string(*whole);
    if (const auto* number = std::get_if<double>(&node.value))
        return fmt::format("{}", *number);
    return {};
}

class Values {
public:
    explicit Values(std::string file) : file_{std::move(file)} {}

    void add(const std::string& what, const std::string& path, const TomlNode& node) {
        if (const auto* entries = std::get_if<TomlEntries>(&node.value)) {
            for (const TomlEntry& entry : *entries)
                add(what, path.empty() ? entry.key : path + '.' + entry.key, entry.value);
        } else if (const auto* list = std::get_if<TomlArray>(&node.value)) {
            for (std::size_t n = 0; n < list->size(); ++n)
                add(what, fmt::format("{}[{}]", path, n + 1), (*list)[n]);
        } else {
            const bool is_file = path == "profile" || path == "recording";
            all.push_back({what + ": " + path,
                           is_file ? file_text(text_of(node), file_) : text_of(node), is_file});
        }
    }

    void table(std::string_view kind, const std::string& what, const TomlNode& node) {
        const auto* entries = std::get_if<TomlEntries>(&node.value);
        if (entries == nullptr)
            return;
        for (const TomlEntry& entry : *entries) {
            if (is_aside(kind, entry.key))
                continue;
            if (kind == "meter" && entry.key == "mqtt") // that it uploads counts, not where to
                all.push_back(
                    {what + ": mqtt", text_of(entry.value) == "false" ? "false" : "true", false});
            else
                add(what, entry.key, entry.value);
        }
    }

    std::vector<WrittenValue> all;

private:
    std::string file_;
};

std::string name_of(const TomlNode& node) {
    const TomlNode* name = node.find("name");
    return name == nullptr ? std::string{} : text_of(*name);
}

/// [key.NAME] each.
void add_named(Values& values, const TomlNode& root, const std::string& key) {
    const TomlNode* all = root.find(key);
    if (all == nullptr || !all->is_table())
        return;
    std::string names;
    for (const TomlEntry& one : std::get<TomlEntries>(all->value))
        names += (names.empty() ? "" : ", ") + one.key;
    values.all.push_back({"the list of [" + key + ".NAME]", names, false});
    for (const TomlEntry& one : std::get<TomlEntries>(all->value))
        values.table(key, fmt::format("{} {}", key, one.key), one.value);
}

std::string without_blanks(const std::string& text) {
    std::string out;
    std::copy_if(text.begin(), text.end(), std::back_inserter(out),
                 [](char c) { return c != ' ' && c != '\t'; });
    return out;
}

std::string shown(const std::string* value) {
    if (value == nullptr)
        return "not written";
    return value->empty() ? "\"\"" : *value;
}

std::string sentence(const std::string& place, const std::string* here, const std::string* there) {
    return fmt::format("{} is {} here, {} there", place, shown(here), shown(there));
}

std::map<std::string, const std::string*> by_place(const std::vector<WrittenValue>& all) {
    std::map<std::string, const std::string*> out;
    for (const WrittenValue& one : all)
        out.emplace(one.place, &one.value);
    return out;
}

} // namespace

std::vector<WrittenValue> written_values(const TomlNode& root, const std::string& file) {
    Values values{file};
    if (const TomlNode* farm = root.find("farm"))
        values.table("farm", "farm", *farm);
    for (const char* key : {"supply", "load", "bus"})
        add_named(values, root, key);
    if (const TomlNode* meters = root.find("meter"); meters != nullptr && meters->is_array()) {
        const TomlArray& list = std::get<TomlArray>(meters->value);
        std::string names;
        for (const TomlNode& one : list)
            names += (names.empty() ? "" : ", ") + name_of(one);
        values.all.push_back({"the list of [[meter]]", names, false});
        for (const TomlNode& one : list)
            values.table("meter", "meter " + name_of(one), one);
    }
    if (const TomlNode* actions = root.find("do"); actions != nullptr && actions->is_array()) {
        const TomlArray& list = std::get<TomlArray>(actions->value);
        for (std::size_t n = 0; n < list.size(); ++n)
            values.table("do", fmt::format("[[do]] number {}", n + 1), list[n]);
    }
    return std::move(values.all);
}

std::string difference(const std::vector<WrittenValue>& here,
                       const std::vector<WrittenValue>& there) {
    const auto theirs = by_place(there);
    for (const WrittenValue& mine : here) {
        const auto other = theirs.find(mine.place);
        if (other == theirs.end())
            return sentence(mine.place, &mine.value, nullptr);
        if (without_blanks(*other->second) != without_blanks(mine.value))
            return sentence(mine.place, &mine.value, other->second);
    }
    const auto ours = by_place(here);
    for (const WrittenValue& other : there)
        if (!ours.contains(other.place))
            return sentence(other.place, nullptr, &other.value);
    return {};
}

} // namespace kpmsim

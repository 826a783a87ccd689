#include "scenarios/file/scenario_tree.hpp"

#include "files/path.hpp"
#include "scenarios/file/shelf_files.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace kpmsim {
namespace {

bool on_shelf(std::string_view path) { return path.starts_with(shelf_prefix); }

TomlNode load_from_shelf(const std::string& path, Place place, std::vector<Mistake>& mistakes) {
    const std::string name = path.substr(shelf_prefix.size());
    std::vector<std::string> known;
    for (const EmbeddedFile& file : shelf_files()) {
        const std::string stem{file.name.substr(0, file.name.size() - 5)}; // .toml
        if (stem == name)
            return parse_toml(std::string{file.text}, path, mistakes);
        known.push_back(stem);
    }
    const std::string near = nearest(name, known);
    note(mistakes, std::move(place), fmt::format("the shelf has no scenario \"{}\"", name),
         near.empty() ? "`kpmsim scenarios` lists them" : "did you mean " + near + '?');
    return {{path, 0, 0}, TomlEntries{}, {}};
}

/// Follows the files that one names.
class TreeLoader {
public:
    explicit TreeLoader(std::vector<Mistake>& mistakes) : mistakes_{mistakes} {}

    TomlNode load(const std::string& path, const Place& named_at) {
        chain_.push_back(id(path));
        seen_.push_back(chain_.back());
        TomlNode root = on_shelf(path) ? load_from_shelf(path, named_at, mistakes_)
                                       : load_toml(path, mistakes_);
        TomlEntries all;
        if (const TomlNode* scenario = root.find("scenario"); scenario && scenario->is_table())
            for (const TomlEntry& entry : entries_of(*scenario))
                if (entry.key == "farm" || entry.key == "include")
                    include(entry.value, path, all);
        merge(all, entries_of(root));
        root.value = std::move(all);
        chain_.pop_back();
        return root;
    }

private:
    static std::string id(const std::string& path) {
        return on_shelf(path) ? path : canonical_path(path);
    }

    void include(const TomlNode& named, const std::string& from, TomlEntries& all) {
        if (const auto* list = std::get_if<TomlArray>(&named.value)) {
            for (const TomlNode& one : *list)
                include(one, from, all);
            return;
        }
        const auto* text = std::get_if<std::string>(&named.value);
        if (text == nullptr)
            return; // whoever reads [scenario] says so
        Fault fault;
        if (!is_path(*text, fault)) {
            note(mistakes_, named.place, "the path " + fault.what, fault.cure);
            return;
        }
        const std::string path = resolved(*text, from);
        if (std::find(chain_.begin(), chain_.end(), id(path)) != chain_.end()) {
            note(mistakes_, named.place,
                 id(path) == id(from) ? fmt::format("{} includes itself", from)
                                      : fmt::format("{} is what includes this file", path),
                 "put what both need into a file of its own");
            return;
        }
        if (std::find(seen_.begin(), seen_.end(), id(path)) != seen_.end())
            return;
        const std::size_t before = mistakes_.size();
        const TomlNode part = load(path, named.place);
        for (std::size_t n = before; n < mistakes_.size(); ++n)
            if (mistakes_[n].place.file == path && mistakes_[n].place.line == 0) {
                // It cannot be read: that is told where it is named.
                mistakes_[n].place = named.place;
                mistakes_[n].what = fmt::format("\"{}\" {}", *text, mistakes_[n].what);
                mistakes_[n].cure = "the path counts from the folder of the file that names it";
            }
        TomlEntries under = entries_of(part);
        merge(all, under);
    }

    static std::string resolved(const std::string& text, const std::string& from) {
        if (on_shelf(text))
            return text;
        if (on_shelf(from))
            return std::string{shelf_prefix} + std::filesystem::path{text}.stem().string();
        return (std::filesystem::path{from}.parent_path() / text).lexically_normal().string();
    }

    std::vector<Mistake>& mistakes_;
    std::vector<std::string> chain_; ///< files that are open
    std::vector<std::string> seen_;
};

bool is_list_of_tables(const TomlNode& node) {
    const auto* list = std::get_if<TomlArray>(&node.value);
    return list != nullptr && std::all_of(list->begin(), list->end(),
                                          [](const TomlNode& one) { return one.is_table(); });
}

} // namespace

TomlNode* find(TomlEntries& entries, std::string_view key) {
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [&](const TomlEntry& entry) { return entry.key == key; });
    return found == entries.end() ? nullptr : &found->value;
}

const TomlEntries& entries_of(const TomlNode& node) {
    static const TomlEntries none;
    const auto* entries = std::get_if<TomlEntries>(&node.value);
    return entries != nullptr ? *entries : none;
}

void merge(TomlEntries& below, const TomlEntries& above) {
    for (const TomlEntry& entry : above) {
        TomlNode* there = find(below, entry.key);
        if (there == nullptr) {
            below.push_back(entry);
        } else if (there->is_table() && entry.value.is_table()) {
            merge(std::get<TomlEntries>(there->value), entries_of(entry.value));
            there->place = entry.value.place;
        } else if (is_list_of_tables(*there) && is_list_of_tables(entry.value)) {
            auto& list = std::get<TomlArray>(there->value);
            const auto& more = std::get<TomlArray>(entry.value.value);
            list.insert(list.end(), more.begin(), more.end());
        } else {
            *there = entry.value;
        }
    }
}

TomlNode load_scenario_tree(const std::string& path, std::vector<Mistake>& mistakes) {
    return TreeLoader{mistakes}.load(path, {path, 0, 0});
}

} // namespace kpmsim

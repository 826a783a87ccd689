#include "files/json_node.hpp"
#include "models/type/builtin_files.hpp"
#include "models/type/load_type.hpp"
#include "sim/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>

namespace kpmsim {

namespace {

/// Parses "meter.toml" of a type; nothing when there is no such file.
using ReadFile = std::function<std::optional<TomlNode>(const std::string& file)>;

/// What is written about a meter for people hangs on nothing, and nothing on it.
std::uint64_t sum_of(const TomlNode& meter, const TomlNode& registers,
                     const std::optional<TomlNode>& mqtt) {
    std::string text;
    for (const TomlEntry& entry : std::get<TomlEntries>(meter.value))
        if (entry.key != "notes" && entry.key != "title" && entry.key != "summary")
            text += fmt::format("{} {}\n", entry.key, json_text(entry.value));
    text += json_text(registers);
    if (mqtt)
        text += json_text(*mqtt);
    return hash_name(text);
}

MeterType read_type(const std::string& name, const Place& where, const ReadFile& file,
                    std::vector<Mistake>& mistakes) {
    MeterType type;
    type.name = name;
    const std::size_t before = mistakes.size();
    const auto circuit = file("meter.toml");
    const auto registers = file("registers.toml");
    const auto mqtt = file("mqtt.toml");
    for (const auto& [found, needed] : {std::pair{circuit.has_value(), "meter.toml"},
                                        std::pair{registers.has_value(), "registers.toml"}})
        if (!found)
            mistakes.push_back({where, fmt::format("model {} has no {}", name, needed),
                                "add it; `kpmsim models` lists those that are built in"});
    // A file that could not be parsed has nothing to add, and a map is only checked against a
    // meter that is whole.
    if (mistakes.size() != before)
        return type;
    type.sum = sum_of(*circuit, *registers, mqtt);
    read_device(*circuit, type, mistakes);
    read_registers(*registers, type, mistakes);
    if (mqtt)
        read_uploads(*mqtt, type, mistakes);
    find_keys_alone(type);
    constexpr std::size_t most_points = 0xFFFF; // what a PointId counts
    if (type.points.all().size() > most_points)
        mistakes.push_back({where, fmt::format("model {} has too many points", name),
                            fmt::format("keep to {} settings, constants, derived points and "
                                        "quantities",
                                        most_points)});
    return type;
}

std::map<std::string, MeterType> read_builtin(std::vector<Mistake>& mistakes) {
    std::set<std::string> names;
    for (const EmbeddedFile& file : builtin_files())
        names.emplace(file.name.substr(0, file.name.find('/')));
    std::map<std::string, MeterType> types;
    for (const std::string& name : names) {
        const auto embedded = [&](const std::string& file) -> std::optional<TomlNode> {
            const std::string path = fmt::format("{}/{}", name, file);
            for (const EmbeddedFile& each : builtin_files())
                if (each.name == path)
                    return parse_toml(std::string{each.text}, "models/" + path, mistakes);
            return {};
        };
        types[name] = read_type(name, {"models/" + name, 0, 0}, embedded, mistakes);
    }
    return types;
}

/// The folders of DIR, sorted; hidden ones are no models.
std::vector<std::filesystem::path> folders_of(const std::string& dir,
                                              std::vector<Mistake>& mistakes) {
    std::vector<std::filesystem::path> folders;
    const Place place{dir, 0, 0};
    std::error_code why;
    for (std::filesystem::directory_iterator at{dir, why}, end; !why && at != end;
         at.increment(why))
        if (at->is_directory(why) && at->path().filename().string().front() != '.')
            folders.push_back(at->path());
    if (why)
        mistakes.push_back({place, fmt::format("cannot read this folder: {}", why.message()),
                            "give --models a folder with one folder per model"});
    else if (folders.empty())
        mistakes.push_back({place, "no model is in this folder",
                            "give --models a folder with one folder per model"});
    std::sort(folders.begin(), folders.end());
    return folders;
}

} // namespace

TypeLibrary TypeLibrary::builtin() {
    std::vector<Mistake> mistakes;
    TypeLibrary library;
    library.types_ = read_builtin(mistakes);
    if (!mistakes.empty())
        throw FileError{std::move(mistakes)};
    return library;
}

TypeLibrary TypeLibrary::with_folder(const std::string& folder) {
    TypeLibrary library = builtin();
    std::vector<Mistake> mistakes;
    for (const std::filesystem::path& path : folders_of(folder, mistakes)) {
        const auto on_disk = [&](const std::string& file) -> std::optional<TomlNode> {
            std::error_code none;
            if (!std::filesystem::exists(path / file, none))
                return {};
            return load_toml((path / file).string(), mistakes);
        };
        const std::string name = path.filename().string();
        library.types_[name] = read_type(name, {path.string(), 0, 0}, on_disk, mistakes);
    }
    if (!mistakes.empty())
        throw FileError{std::move(mistakes)};
    return library;
}

const MeterType* TypeLibrary::find(const std::string& name) const {
    const auto found = types_.find(name);
    return found == types_.end() ? nullptr : &found->second;
}

std::vector<std::string> TypeLibrary::names() const {
    std::vector<std::string> all;
    for (const auto& [name, type] : types_)
        all.push_back(name);
    return all;
}

} // namespace kpmsim

#include "files/path.hpp"

#include <algorithm>
#include <climits>
#include <filesystem>
#include <fmt/format.h>

namespace kpmsim {
namespace {

namespace fs = std::filesystem;

/// What is made aside for a moment has a longer name.
constexpr std::size_t longest_name = NAME_MAX - 32;
constexpr std::size_t longest_path = PATH_MAX - 64;

} // namespace

bool is_path(std::string_view text, Fault& fault) {
    const bool control = std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    });
    if (text.empty())
        fault = {"\"\" is no path", "write a name"};
    else if (control)
        fault = {"holds a control character", "leave it out"};
    else if (text.starts_with('~'))
        fault = {fmt::format("\"{}\" begins with a ~, which only a shell follows", text),
                 "write the whole path, or \"./~\" for a name that begins so"};
    else
        return true;
    return false;
}

bool is_new_name(std::string_view text, Fault& fault) {
    if (!is_path(text, fault))
        return false;
    const std::string name = fs::path{text}.filename().string();
    if (name.empty() || name == "." || name == "..")
        fault = {fmt::format("\"{}\" names a folder", text), "add a name: \"run/line1\""};
    else if (name.size() > longest_name || absolute_path(std::string{text}).size() > longest_path)
        fault = {fmt::format("has {} characters", text.size()),
                 fmt::format("a name has room for {}, the whole path for {}", longest_name,
                             longest_path)};
    else
        return true;
    return false;
}

std::string absolute_path(const std::string& path) {
    std::error_code error; // of a folder that has gone while this program stood in it
    const fs::path whole = fs::absolute(path, error);
    return (error ? fs::path{path} : whole).lexically_normal().string();
}

std::string canonical_path(const std::string& path) {
    const fs::path whole = absolute_path(path);
    std::error_code error;
    const fs::path folder = fs::weakly_canonical(whole.parent_path(), error);
    return error ? whole.string() : (folder / whole.filename()).string();
}

} // namespace kpmsim

#include "cli/play/scenario_targets.hpp"

#include "cli/terminal/report.hpp"
#include "files/name_pattern.hpp"
#include "scenarios/file/scenario_tree.hpp"
#include "scenarios/file/shelf_files.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fmt/format.h>
#include <thread>

namespace kpmsim {
namespace {

namespace fs = std::filesystem;

/// All of the shelf that fit.
void add_from_shelf(const std::string& pattern, std::vector<std::string>& files) {
    std::vector<std::string> known;
    bool any = false;
    for (const EmbeddedFile& file : shelf_files()) {
        const std::string name{file.name.substr(0, file.name.size() - 5)}; // .toml
        known.push_back(name);
        if (!fits(name, pattern))
            continue;
        any = true;
        files.push_back(std::string{shelf_prefix} + name);
    }
    if (any)
        return;
    const std::string near = nearest(pattern, known);
    wrong_flag(std::string{shelf_prefix} + pattern, "the shelf has no such scenario",
               near.empty() ? "`kpmsim scenarios` lists them" : "did you mean " + near + '?');
}

void add_from_folder(const std::string& folder, std::vector<std::string>& files) {
    std::vector<std::string> found;
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator{folder, error})
        if (entry.path().extension() == ".toml")
            found.push_back(entry.path().string());
    std::sort(found.begin(), found.end());
    bool any = false;
    for (const std::string& path : found) {
        std::vector<Mistake> mistakes;
        const TomlNode root = load_toml(path, mistakes);
        if (mistakes.empty() && root.find("scenario") == nullptr)
            continue; // a part of one
        files.push_back(path);
        any = true;
    }
    if (!any)
        wrong_flag(folder, "no file in it is a scenario",
                   "a scenario is a .toml file with a [scenario]");
}

} // namespace

std::vector<std::string> scenario_files(const std::vector<std::string>& targets) {
    std::vector<std::string> files;
    for (const std::string& target : targets)
        if (target == "shelf")
            add_from_shelf("*", files);
        else if (target.starts_with(shelf_prefix))
            add_from_shelf(target.substr(shelf_prefix.size()), files);
        else if (std::error_code error; fs::is_directory(target, error))
            add_from_folder(target, files);
        else
            files.push_back(target);
    return files;
}

void in_parallel(std::size_t count, int workers, const std::function<void(std::size_t)>& work,
                 const std::function<bool()>& stop) {
    std::atomic<std::size_t> next{0};
    const auto serve = [&] {
        for (std::size_t n = next++; n < count && !stop(); n = next++)
            work(n);
    };
    std::vector<std::thread> threads;
    for (int n = 1; n < workers; ++n)
        threads.emplace_back(serve);
    serve();
    for (std::thread& thread : threads)
        thread.join();
}

} // namespace kpmsim

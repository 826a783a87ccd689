#include "cli/terminal/usage_mistake.hpp"

#include "files/mistake.hpp"
#include "files/printable.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace kpmsim {
namespace {

constexpr std::size_t few = 12; ///< so many names fit a line

/// The last verb that was understood.
const CLI::App& deepest(const CLI::App& app) {
    const auto chosen = app.get_subcommands();
    return chosen.empty() ? app : deepest(*chosen.front());
}

std::string path_of(const CLI::App& app) {
    return app.get_parent() == nullptr ? "kpmsim"
                                       : path_of(*app.get_parent()) + ' ' + app.get_name();
}

} // namespace

std::string usage_mistake(const CLI::App& app, const CLI::ParseError& error) {
    if (error.get_name() != "RequiredError")
        return "";
    const CLI::App& verb = deepest(app);
    const auto rest = app.remaining(true);
    std::vector<std::string> known;
    for (const CLI::App* each : verb.get_subcommands([](const CLI::App*) { return true; }))
        known.push_back(each->get_name());
    if (rest.empty())
        return "";
    if (rest.front().starts_with('-'))
        return fmt::format("{}: there is no option \"{}\"; see {} --help\n", path_of(verb),
                           printable(rest.front()), path_of(verb));
    if (known.empty())
        return "";
    const std::string near = nearest(rest.front(), known);
    const std::string cure = !near.empty()        ? "nearest: " + near
                             : known.size() < few ? fmt::format("known: {}", fmt::join(known, ", "))
                                                  : fmt::format("see {} --help", path_of(verb));
    return fmt::format("{}: there is no \"{}\"; {}\n", path_of(verb), printable(rest.front()),
                       cure);
}

} // namespace kpmsim

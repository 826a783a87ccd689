#include "cli/terminal/flag_checks.hpp"

#include "files/number.hpp"
#include "files/path.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace kpmsim {

std::string path_fault(const std::string& text) {
    Fault fault;
    return is_path(text, fault) ? "" : fault.what + "; " + fault.cure;
}

std::string seed_fault(const std::string& text) {
    const auto seed = whole_number(text);
    return seed && *seed >= 0 ? ""
                              : fmt::format("\"{}\" is no seed; write a whole number from 0 to {}",
                                            text, std::numeric_limits<std::int64_t>::max());
}

std::string empty_option(const CLI::App& app) {
    for (const CLI::Option* option : app.get_options()) {
        const auto& given = option->results();
        if (option->count() > 0 && std::find(given.begin(), given.end(), "") != given.end())
            return fmt::format("{}: \"\" says nothing; write a value{}\n", option->get_name(),
                               option->get_required() ? "" : ", or leave it out");
    }
    for (const CLI::App* verb : app.get_subcommands())
        if (auto mistake = empty_option(*verb); !mistake.empty())
            return mistake;
    return "";
}

} // namespace kpmsim

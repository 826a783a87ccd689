#include "scenarios/keep/hold_to_shown.hpp"

#include "scenarios/keep/state_fault.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <variant>

namespace kpmsim {
namespace {

bool holds_bytes(const std::string& path) {
    std::error_code none;
    const auto size = std::filesystem::file_size(path, none);
    return !none && size > 0;
}

std::string seconds_text(SimTime t) {
    return fmt::format("{:.3f} s", 1e-9 * static_cast<double>(t.time_since_epoch().count()));
}

std::string text_of(const Promised& promised) {
    return fmt::format("line {} of the journal and moment {} ({} after the farm's start)",
                       promised.line, promised.turn, seconds_text(promised.shown));
}

} // namespace

std::string hold_to_what_was_shown(const ShownRecord& record, const Promised& reached,
                                   const std::string& path) {
    const std::string log = path + "-wal";
    const auto wrong = [&](std::string what) {
        return StateFault{StateFault::Kind::of_content,
                          {std::move(what),
                           fmt::format("put a copy of the whole folder back; to go on with what is "
                                       "there, and without the rest: echo forget > {}",
                                       record.path())}};
    };
    const auto found = record.read();
    if (std::holds_alternative<ShownRecord::Nothing>(found))
        throw wrong(fmt::format("{} is here without {}, in which stands what clients were shown",
                                path, record.path()));
    if (const auto* const bad = std::get_if<ShownRecord::Damaged>(&found))
        throw wrong(fmt::format("{} is damaged: {}", record.path(), bad->why));
    if (std::holds_alternative<ShownRecord::Forgotten>(found))
        return fmt::format("{} says \"forget\": what clients were shown behind {} is lost",
                           record.path(), text_of(reached));
    const Promised& was = std::get<Promised>(found);
    if (reached.line >= was.line && reached.turn >= was.turn)
        return {};
    const std::string ends =
        fmt::format("it ends with {}, and clients were shown {}", text_of(reached), text_of(was));
    if (!holds_bytes(log))
        throw wrong(fmt::format("{} is here without state.db-wal, in which what came last stands, "
                                "or was written to: {}",
                                path, ends));
    if (was.boot == reached.boot)
        throw wrong(fmt::format("{} is damaged or cut: {}", log, ends));
    return fmt::format("the machine was started anew since, and what its disk did not have is "
                       "lost: {} is here, and {}",
                       log, ends);
}

void check_that_nothing_is_left(const ShownRecord& record, const std::string& log) {
    const auto found = record.read();
    const auto* const was = std::get_if<Promised>(&found);
    const bool shown = std::holds_alternative<ShownRecord::Damaged>(found) ||
                       (was != nullptr && (was->line > 0 || was->turn > 0));
    if (shown || holds_bytes(log))
        throw StateFault{
            StateFault::Kind::of_content,
            {fmt::format("state.db is missing, and {} that belongs to it is here",
                         shown ? record.path() : log),
             "put a copy of the whole folder back, or take another one to begin anew"}};
}

} // namespace kpmsim

#include "scenarios/file/farm_reader.hpp"
#include "scenarios/file/wrong_resume.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace kpmsim {

std::optional<StateResume> read_state_resume(std::string_view text) {
    if (text == "stored")
        return StateResume::stored;
    if (text == "wall")
        return StateResume::wall;
    return std::nullopt;
}

std::optional<Fault> wrong_resume(StateResume resume, const Pace& pace) {
    const bool by_the_wall = pace.mode == Pace::Mode::realtime || pace.mode == Pace::Mode::scaled;
    if (resume == StateResume::stored || by_the_wall)
        return std::nullopt;
    return Fault{fmt::format("clock {} does not follow the wall's, by which the farm is to go on",
                             to_text(pace)),
                 "take realtime or x60, or resume as stored"};
}

std::optional<StatePlan> read_state(TomlTable& table, const Pace& pace) {
    using namespace std::chrono_literals;
    StatePlan plan;
    const auto folder = read_path(table, "state");
    plan.folder = folder.value_or("");
    plan.place = table.place_of("state");
    if (const auto every = table.duration("state_every")) {
        if (*every < 1s || *every > 24h)
            table.wrong("state_every", "state_every is out of range", "write \"1 s\" to \"1 d\"");
        plan.every = std::clamp<SimDuration>(*every, 1s, 24h);
        if (!folder)
            table.wrong("state_every", "state_every stands without the folder",
                        "add state = \"kept\"");
    }
    if (const auto resume = table.choice("state_resume", {"stored", "wall"})) {
        plan.resume = *read_state_resume(*resume);
        if (!folder)
            table.wrong("state_resume", "state_resume stands without the folder",
                        "add state = \"kept\"");
        if (const auto fault = wrong_resume(plan.resume, pace))
            table.wrong("state_resume", fault->what, fault->cure);
    }
    return folder ? std::optional{std::move(plan)} : std::nullopt;
}

} // namespace kpmsim

#include "scenarios/file/farm_reader.hpp"

#include <algorithm>

namespace kpmsim {

std::optional<StateResume> read_state_resume(std::string_view text) {
    if (text == "stored")
        return StateResume::stored;
    if (text == "wall")
        return StateResume::wall;
    return std::nullopt;
}

std::optional<StatePlan> read_state(TomlTable& table) {
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
    }
    return folder ? std::optional{std::move(plan)} : std::nullopt;
}

} // namespace kpmsim

#include "cli/control/farm_actions.hpp"

#include "files/json_node.hpp"
#include "scenarios/play/action_pages.hpp"
#include "sim/iso_time.hpp"

#include <charconv>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace kpmsim {
namespace {

using Json = nlohmann::ordered_json;

/// "a3" is the third.
std::uint64_t number_of(const std::string& id) {
    std::uint64_t number = 0;
    const char* const last = id.data() + id.size();
    if (id.size() < 2 || id.front() != 'a')
        return 0;
    const auto [end, error] = std::from_chars(id.data() + 1, last, number);
    return error == std::errc{} && end == last ? number : 0;
}

} // namespace

std::string id_text(const ToldAction& told) { return fmt::format("a{}", told.id); }

std::string FarmActions::kinds() const { return action_kinds_json(); }

std::string FarmActions::list() const {
    const SimTime now = farm_.promised();
    const auto text = [&](SimTime at) { return moment_text(farm_.plan().start, at); };
    Json all = Json::array();
    for (const ToldAction& told : actions_.all())
        if (!told.over(now))
            all.push_back({{"id", id_text(told)},
                           {"kind", told.kind},
                           {"from", text(told.from)},
                           {"until", told.until ? Json(text(*told.until)) : Json(nullptr)},
                           {"state", told.from > now ? "planned" : "running"},
                           {"action", Json::parse(told.written)}});
    return all.dump();
}

Result<StartedAction, std::vector<Mistake>> FarmActions::start(std::string_view json) {
    std::vector<Mistake> mistakes;
    const TomlNode written = parse_json(std::string{json}, "body", mistakes);
    std::optional<std::uint64_t> id;
    if (mistakes.empty())
        id = actions_.start(written, mistakes);
    if (!id)
        return Unexpected{std::move(mistakes)};
    const ToldAction& told = *actions_.find(*id);
    tell_();
    return StartedAction{id_text(told), told.from, told.until};
}

bool FarmActions::end(const std::string& id) {
    const bool ended = actions_.end(number_of(id));
    if (ended)
        tell_();
    return ended;
}

std::size_t FarmActions::end_all() {
    const SimTime now = farm_.promised();
    std::size_t ended = 0;
    for (const ToldAction& told : actions_.all())
        ended += told.over(now) ? 0 : 1;
    actions_.end_all();
    tell_();
    return ended;
}

} // namespace kpmsim

#include "servers/mqtt/command_remarks.hpp"

#include <fmt/format.h>

namespace kpmsim {
namespace {

/// The reason without what the client wrote: quoted texts and numbers.
std::string kind_of(std::string_view why) {
    std::string kind;
    bool quoted = false;
    for (const char c : why)
        if (c == '"')
            quoted = !quoted;
        else if (!quoted && !(c >= '0' && c <= '9'))
            kind += c;
    return kind;
}

} // namespace

std::string CommandRemarks::say(const std::string& who, std::string_view topic,
                                std::string_view outcome, std::string_view why) {
    std::set<std::string>& kinds = said_[who];
    if (kinds.size() > most_of_one ||
        !kinds.insert(fmt::format("{} {}", topic, kind_of(why))).second)
        return {};
    if (kinds.size() > most_of_one)
        return fmt::format("{}: more commands over MQTT were not taken; no more of its own is said",
                           who);
    return fmt::format("{}: {} {}: {}", who, topic, outcome, why);
}

} // namespace kpmsim

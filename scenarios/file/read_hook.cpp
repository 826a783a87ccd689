#include "files/duration.hpp"
#include "files/event_kinds.hpp"
#include "scenarios/file/farm_reader.hpp"

#include <algorithm>
#include <iterator>

namespace kpmsim {
namespace {

constexpr const char* url_cure = "write \"http://127.0.0.1:9000/events\"";

/// http://HOST[:PORT][/PATH], without an account: it would be shown.
std::optional<HookUrl> read_url(const std::string& text, Fault& fault) {
    constexpr std::string_view scheme = "http://";
    if (!text.starts_with(scheme)) {
        fault = {"\"" + text + "\" is no http:// URL", url_cure};
        return std::nullopt;
    }
    const std::string_view rest = std::string_view{text}.substr(scheme.size());
    const std::size_t slash = std::min(rest.find_first_of("/?"), rest.size());
    HookUrl url;
    url.host = rest.substr(0, slash);
    url.path = rest.substr(slash);
    if (!url.path.starts_with('/'))
        url.path.insert(0, 1, '/');
    const bool odd = std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) <= 32 || static_cast<unsigned char>(c) >= 127;
    });
    if (odd || url.path.find('#') != std::string::npos || url.host.find('@') != std::string::npos) {
        fault = {
            "this URL has what none has here: an account, a #, a blank or another odd character",
            url_cure};
        return std::nullopt;
    }
    const std::string with_port =
        url.host + (url.host.find(':', url.host.rfind(']') + 1) == std::string::npos ? ":80" : "");
    const auto server = parse_server(with_port, fault);
    if (!server)
        return std::nullopt;
    url.server = *server;
    return url;
}

} // namespace

HookPlan read_hook(const TomlNode& node, FarmReading& reading) {
    HookPlan plan;
    TomlTable table{node, "hook", reading.mistakes};
    Fault fault;
    if (const auto written = table.text("url", url_cure))
        if (const auto url = read_url(*written, fault))
            plan.url = *url;
        else
            table.wrong("url", fault);
    else if (node.find("url") == nullptr)
        table.missing("url", "url = \"http://127.0.0.1:9000/events\"");
    const std::vector<std::string> known{std::begin(event_kinds), std::end(event_kinds)};
    if (const auto kinds = table.texts("kinds"))
        plan.kinds = *kinds;
    if (plan.kinds.empty())
        table.wrong("kinds", "kinds names none", "write some of: " + listed(known));
    for (const std::string& kind : plan.kinds)
        if (!is_among(kind, known))
            table.wrong("kinds", "unknown kind of event \"" + kind + '"',
                        "known: " + listed(known));
    plan.meter = table.text("meter").value_or(plan.meter);
    if (const auto names = table.texts("names"))
        plan.names = *names;
    if (const auto every = table.duration("every")) {
        plan.every = *every;
        if (*every <= SimDuration::zero())
            table.wrong("every", "every is no time that can pass", "write \"10 s\"");
    }
    table.finish();
    return plan;
}

} // namespace kpmsim

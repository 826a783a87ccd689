#include "files/duration.hpp"
#include "files/event_kinds.hpp"
#include "files/name_pattern.hpp"
#include "models/engine/lacking.hpp"
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
        fault = {"has what no URL has here: an account, a #, a blank or another odd character",
                 url_cure};
        return std::nullopt;
    }
    const std::string with_port =
        url.host + (url.host.find(':', url.host.rfind(']') + 1) == std::string::npos ? ":80" : "");
    const auto server = parse_server(with_port, fault);
    if (!server) {
        fault.cure = url_cure; // an endpoint alone is no URL
        return std::nullopt;
    }
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
    if (const TomlNode* meter = node.find("meter"))
        plan.meter_place = meter->place;
    if (const auto names = table.texts("names"))
        plan.names = *names;
    if (const TomlNode* names = node.find("names"))
        plan.names_place = names->place;
    if (const auto every = table.duration("every")) {
        plan.every = *every;
        if (*every <= SimDuration::zero())
            table.wrong("every", "every is no time that can pass", "write \"10 s\"");
    }
    table.finish();
    return plan;
}

void check_hooks(const std::vector<HookPlan>& hooks, const std::vector<MeterDraft>& meters,
                 std::vector<Mistake>& mistakes) {
    if (meters.empty())
        return;
    std::vector<std::string> names;
    for (const MeterDraft& meter : meters)
        names.push_back(meter.plan.spec.name);
    for (const HookPlan& hook : hooks) {
        std::vector<const MeterSpec*> heard;
        for (const MeterDraft& meter : meters)
            if (hook.meter.empty() || fits(meter.plan.spec.name, hook.meter))
                heard.push_back(&meter.plan.spec);
        if (heard.empty()) {
            const std::string near = nearest(hook.meter, names);
            note(mistakes, hook.meter_place, "no meter is called \"" + hook.meter + '"',
                 near.empty() ? "write a name, or a pattern such as \"shop-*\""
                              : "did you mean " + near + '?');
            continue;
        }
        for (const std::string& point : hook.names)
            if (const auto fault = lacking(heard, point,
                                           {"no meter of this hook has a point \"" + point + '"',
                                            "kpmsim map MODEL lists those of a model"}))
                note(mistakes, hook.names_place, fault->what, fault->cure);
    }
}

} // namespace kpmsim

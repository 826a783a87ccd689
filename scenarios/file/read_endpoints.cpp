#include "scenarios/file/farm_reader.hpp"

#include <algorithm>

namespace kpmsim {
namespace {

constexpr const char* port_cure =
    "write a port as a whole number, such as 1502, or \"127.0.0.1:1502\"";

/// One of them; nothing when it is wrong, which has been noted.
std::optional<EndpointPlan> read_one(const TomlNode& node, const std::string& key,
                                     const EndpointRules& rules, std::vector<Mistake>& mistakes) {
    EndpointPlan plan;
    plan.protocol = rules.protocol;
    plan.place = node.place;
    Fault fault;
    std::optional<Endpoint> at;
    if (node.is_table()) {
        TomlTable table{node, key, mistakes};
        plan.connects = true;
        const auto written = table.text("connect", "write \"127.0.0.1:4001\"");
        if (node.find("connect") == nullptr)
            table.missing("connect", "connect = \"127.0.0.1:4001\"");
        table.finish();
        const auto text = written ? rules.fill_in(*written) : std::nullopt;
        if (text)
            at = parse_server(*text, fault);
        if (text && !at)
            table.wrong("connect", fault);
    } else {
        std::optional<std::string> text;
        if (const auto* port = std::get_if<std::int64_t>(&node.value))
            text = std::to_string(*port);
        else if (const auto* pattern = std::get_if<std::string>(&node.value))
            text = rules.fill_in(*pattern);
        else
            note(mistakes, node.place, "this is no endpoint of " + key,
                 std::string{port_cure} + ", or { connect = \"127.0.0.1:4001\" }");
        if (text)
            at = parse_listener(*text, rules.bind, fault);
        if (text && !at)
            note(mistakes, node.place, key + ' ' + fault.what, fault.cure);
    }
    if (!at)
        return std::nullopt;
    plan.at = *at;
    return plan;
}

/// Of port 0 there are as many as one likes.
bool is_among(const std::vector<EndpointPlan>& plans, const EndpointPlan& one) {
    return one.at.port != 0 && std::any_of(
                                   plans.begin(), plans.end(),
                                   [&](const auto& other) {
                                       return other.connects == one.connects && other.at == one.at;
                                   });
}

} // namespace

std::optional<std::vector<EndpointPlan>> read_endpoints(TomlTable& table, const std::string& key,
                                                        const EndpointRules& rules,
                                                        std::vector<Mistake>& mistakes) {
    const TomlNode* node = table.node(key);
    std::vector<EndpointPlan> plans;
    if (node == nullptr)
        return plans;
    const bool is_none =
        std::holds_alternative<bool>(node->value) || std::holds_alternative<double>(node->value);
    if (is_none) {
        table.text(key, port_cure);
        return std::nullopt;
    }
    const std::size_t before = mistakes.size();
    bool all_read = true;
    const auto read = [&](const TomlNode& one) {
        auto plan = read_one(one, key, rules, mistakes);
        all_read = all_read && plan;
        if (!plan)
            return;
        if (is_among(plans, *plan))
            note(mistakes, one.place, key + " names " + to_text(plan->at) + " twice",
                 "leave one of them out");
        plans.push_back(std::move(*plan));
    };
    if (const auto* list = std::get_if<TomlArray>(&node->value))
        for (const TomlNode& one : *list)
            read(one);
    else
        read(*node);
    if (!all_read || mistakes.size() != before)
        return std::nullopt;
    return plans;
}

} // namespace kpmsim

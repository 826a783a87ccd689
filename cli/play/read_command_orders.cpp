#include "cli/play/client_plan.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace kpmsim {
namespace {

/// One of `commands` while it is read.
class OrderReader {
public:
    OrderReader(const TomlNode& node, std::size_t number, const ClientPlan& client,
                const FarmPlan& farm, std::vector<Mistake>& mistakes)
        : number_{number}, client_{client}, farm_{farm}, mistakes_{mistakes}, table_{node,
                                                                                     "a command",
                                                                                     mistakes} {}

    CommandPlan read() {
        order_.at = SimTime{} + table_.duration("at").value_or(SimDuration{});
        if (table_.node("at") == nullptr)
            table_.missing("at", "at = \"10 min\", after the farm's start");
        read_meter();
        if (const auto command = table_.text("command"))
            order_.command = *command;
        else if (table_.node("command") == nullptr)
            table_.missing("command", "command = \"SYS_CFG\"");
        read_keys();
        table_.finish();
        return std::move(order_);
    }

private:
    /// The one that is named, or the client's only one.
    void read_meter() {
        const auto name = table_.text("meter");
        const auto of_client = [&](std::size_t n) { return farm_.meters[n].spec.name == name; };
        const auto found = std::find_if(client_.meters.begin(), client_.meters.end(), of_client);
        if (name && found != client_.meters.end())
            order_.meter = *found;
        else if (name)
            table_.wrong("meter", fmt::format("the client has no meter \"{}\"", *name),
                         "name one that uploads by MQTT");
        else if (client_.meters.size() == 1)
            order_.meter = client_.meters.front();
        else if (!client_.meters.empty())
            table_.missing("meter", "meter = …, by name");
        const int most =
            client_.meters.empty() ? 1 : farm_.meters[order_.meter].spec.type->circuits;
        order_.circuit = static_cast<int>(table_.integer("circuit", 1, most).value_or(1)) - 1;
    }

    /// All of them are texts, as in V1.9; an oprid of its own where none is written.
    void read_keys() {
        nlohmann::ordered_json payload;
        payload["oprid"] = fmt::format("{:032x}", number_ + 1);
        const TomlNode* const keys = table_.table("keys");
        for (const TomlEntry& entry :
             keys != nullptr ? std::get<TomlEntries>(keys->value) : TomlEntries{}) {
            if (const auto* text = std::get_if<std::string>(&entry.value.value))
                payload[entry.key] = *text;
            else
                note(mistakes_, entry.value.place, fmt::format("{} is no text", entry.key),
                     "all values of a command are texts: addr = \"0006\"");
        }
        order_.payload =
            payload.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    }

    std::size_t number_;
    const ClientPlan& client_;
    const FarmPlan& farm_;
    std::vector<Mistake>& mistakes_;
    TomlTable table_;
    CommandPlan order_;
};

} // namespace

std::vector<CommandPlan> read_command_orders(TomlTable& table, const ClientPlan& client,
                                             const FarmPlan& farm, std::vector<Mistake>& mistakes) {
    std::vector<CommandPlan> orders;
    const TomlNode* const list = table.array("commands");
    if (list == nullptr)
        return orders;
    for (const TomlNode& node : std::get<TomlArray>(list->value))
        if (node.is_table())
            orders.push_back(OrderReader{node, orders.size(), client, farm, mistakes}.read());
        else
            note(mistakes, node.place, "a command is a table",
                 "write { at = \"10 min\", command = \"SYS_CFG\", keys = { addr = \"0006\", … } }");
    std::stable_sort(orders.begin(), orders.end(),
                     [](const CommandPlan& a, const CommandPlan& b) { return a.at < b.at; });
    return orders;
}

} // namespace kpmsim

#pragma once

#include "files/toml.hpp"
#include "scenarios/file/farm_plan.hpp"
#include "servers/client/poll_plan.hpp"
#include "servers/client/simulated_client.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace kpmsim {

/// A command over MQTT that a commander sends.
struct CommandPlan {
    SimTime at{};
    std::size_t meter{0};
    int circuit{0};
    std::string command; ///< "SYS_CFG", as it stands in the topic
    std::string payload;
};

/// A `[[client]]` as it is written, checked against the farm.
struct ClientPlan {
    std::string name;
    bool mqtt{false};                ///< it listens to messages, or commands; else it polls
    bool commands{false};            ///< it sends commands, and does not listen
    std::vector<CommandPlan> orders; ///< by time
    std::optional<std::size_t> line; ///< it polls over this bus; else each meter by its own way
    std::vector<std::size_t> meters; ///< ascending
    std::vector<std::string> points;
    std::vector<RegisterBlock> blocks;
    SimTime from{};
    SimDuration every{};
    SimDuration timeout{};
    int retries{0};
    std::string books; ///< the point whose differences it books
    ClientMistakes mistakes;
};

/// Notes every mistake; nothing when there is one.
std::optional<ClientPlan> read_client(const TomlNode& node, const FarmPlan& farm,
                                      std::vector<Mistake>& mistakes);

/// `commands` of a client whose meters have been read.
std::vector<CommandPlan> read_command_orders(TomlTable& table, const ClientPlan& client,
                                             const FarmPlan& farm, std::vector<Mistake>& mistakes);

/// The keys of a `[[client]]`, for pages and schemas.
struct ClientKey {
    std::string_view name, title, example;
};
std::span<const ClientKey> client_keys();

} // namespace kpmsim

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

/// A `[[client]]` as it is written, checked against the farm.
struct ClientPlan {
    std::string name;
    bool mqtt{false};                ///< it listens to messages; else it polls
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

/// The keys of a `[[client]]`, for pages and schemas.
struct ClientKey {
    std::string_view name, title, example;
};
std::span<const ClientKey> client_keys();

} // namespace kpmsim

#pragma once

#include "cli/serve/farm_server.hpp"
#include "scenarios/file/farm_plan.hpp"

#include <optional>
#include <string>

namespace kpmsim {

/// Takes an older one away, which must not be taken for ours. Throws CouldNotStart where the name is
/// that of a folder or a device.
void remove_old_ready_file(const std::string& path);

/// Says where everything is, as JSON; the file appears whole or not at all.
/// {"seed", "fidelity", "broker", "api", "meters": [{"name", "model", "circuit", "serial", "unit", "modbus_tcp", "pty",
/// "mqtt_id", "endpoints": [{"protocol", "listens" or "connects" or "pty"}]}]}, absent endpoints are null.
void write_ready_file(const std::string& path, const FarmPlan& plan, const FarmServer& server,
                      const std::optional<std::string>& api);

} // namespace kpmsim

#include "cli/serve/descriptor_limit.hpp"

#include "cli/terminal/report.hpp"

#include <fmt/format.h>
#include <set>
#include <sys/resource.h>

namespace kpmsim {

namespace {

/// The loop, its timers and watches, the embedded broker's files, a recording, the standard streams
/// and what a shell left open; some for files and name look-ups of a moment.
constexpr std::size_t program = 40;
constexpr std::size_t a_port = 2; ///< the listener and a client
constexpr std::size_t a_pty = 3;  ///< both ends of the pty and its name
constexpr std::size_t a_client = 1;

} // namespace

std::size_t descriptors_needed(const FarmPlan& plan) {
    std::set<Endpoint> shared;
    std::size_t ports = 0;
    std::size_t clients = 0; // of ours
    std::size_t ptys = 0;
    const auto count = [&](const EndpointPlan& endpoint) {
        if (endpoint.connects)
            ++clients;
        else if (endpoint.at.port == 0 || shared.insert(endpoint.at).second)
            ++ports;
    };
    for (const MeterPlan& meter : plan.meters) {
        for (const EndpointPlan& endpoint : meter.endpoints)
            count(endpoint);
        if (meter.mqtt)
            clients += static_cast<std::size_t>(meter.spec.type->circuits);
    }
    for (const BusPlan& bus : plan.buses) {
        for (const EndpointPlan& endpoint : bus.endpoints)
            count(endpoint);
        ptys += bus.pty ? 1 : 0;
    }
    return program + a_port * ports + a_pty * ptys + a_client * clients;
}

void make_room_for_descriptors(std::size_t needed) {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    if (limit.rlim_max < needed) { // only root is let beyond it
        rlimit more{needed, needed};
        if (setrlimit(RLIMIT_NOFILE, &more) == 0)
            return;
        throw CouldNotStart{fmt::format(
            "this farm needs {} open descriptors and may have {}; raise the limit with "
            "`ulimit -n {}` in the shell that starts it (`ulimit -Hn` shows how far that goes), or "
            "run fewer meters in one process",
            needed, limit.rlim_max, needed)};
    }
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace kpmsim

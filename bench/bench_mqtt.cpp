// What an MQTT client costs: CPU time of the serving thread per message and per connection, and
// memory per client, with an embedded broker at the other end.
#include "servers/mqtt/embedded_broker.hpp"
#include "servers/mqtt/mqtt_fleet.hpp"
#include "servers/net/asio.hpp"

#include <benchmark/benchmark.h>

#include <fstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace {

using namespace kpmsim;
using namespace std::chrono_literals;

constexpr std::size_t payload_bytes = 1500; // a packet of a KPM33B

double resident_kib() {
    long total = 0;
    long resident = 0;
    std::ifstream{"/proc/self/statm"} >> total >> resident;
    return static_cast<double>(resident * ::sysconf(_SC_PAGESIZE)) / 1024.0;
}

double slab_kib() {
    std::ifstream file{"/proc/meminfo"};
    for (std::string name, rest; file >> name; std::getline(file, rest))
        if (double kib = 0.0; name == "Slab:" && file >> kib)
            return kib;
    return 0.0;
}

void connect_all(EventLoop& loop, MqttFleet& fleet, std::size_t clients, unsigned short port) {
    rlimit descriptors{}; // three per client
    ::getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &descriptors);
    for (std::size_t i = 0; i < clients; ++i)
        fleet.add("meter-" + std::to_string(i), {"127.0.0.1", port, "", ""});
    while (fleet.connected() < clients)
        loop.run_one_for(1s);
}

// A farm's start: all connected. The counters are per client, after a thousand messages of each;
// kernel_KiB is both ends of the connection, and as noisy as the machine is busy.
void mqtt_connect(benchmark::State& state) {
    const auto clients = static_cast<std::size_t>(state.range(0));
    const EmbeddedBroker broker;
    const std::string payload(payload_bytes, 'x');
    double resident = 0.0;
    double slab = 0.0;
    for ([[maybe_unused]] auto _ : state) {
        const double resident_before = resident_kib();
        const double slab_before = slab_kib();
        EventLoop loop;
        MqttFleet fleet{loop};
        connect_all(loop, fleet, clients, broker.endpoint().port);
        state.PauseTiming();
        for (int n = 0; n < 1000; ++n)
            for (std::size_t i = 0; i < clients; ++i)
                fleet.publish(i, "MQTT_RT_DATA", payload);
        while (fleet.traffic().published + fleet.traffic().dropped < 1000 * clients)
            loop.run_one_for(1s);
        resident = resident_kib() - resident_before;
        slab = slab_kib() - slab_before;
        state.ResumeTiming();
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
    state.counters["user_KiB"] = resident / static_cast<double>(clients);
    state.counters["kernel_KiB"] = slab / static_cast<double>(clients);
}
BENCHMARK(mqtt_connect)->Arg(1000)->Iterations(1)->Unit(benchmark::kMillisecond);

// One message of every client, until the broker has taken them all. Arguments: clients, QoS.
void mqtt_publish(benchmark::State& state) {
    const auto clients = static_cast<std::size_t>(state.range(0));
    const EmbeddedBroker broker;
    EventLoop loop;
    MqttOptions options;
    options.qos = static_cast<int>(state.range(1));
    MqttFleet fleet{loop, options};
    connect_all(loop, fleet, clients, broker.endpoint().port);
    const std::string payload(payload_bytes, 'x');
    for ([[maybe_unused]] auto _ : state) {
        const auto target = fleet.traffic().published + clients;
        for (std::size_t i = 0; i < clients; ++i)
            fleet.publish(i, "MQTT_RT_DATA", payload);
        while (fleet.traffic().published < target)
            loop.run_one_for(1s);
    }
    if (fleet.traffic().dropped > 0)
        state.SkipWithError("messages were dropped");
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(mqtt_publish)
    ->Args({100, 0})
    ->Args({1000, 0})
    ->Args({100, 1})
    ->Args({1000, 1})
    ->Unit(benchmark::kMillisecond);

} // namespace

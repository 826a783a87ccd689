#pragma once

#include "files/mistake.hpp"
#include "models/engine/meter.hpp"
#include "servers/api/actions_port.hpp"
#include "servers/api/expectations_port.hpp"
#include "sim/archive.hpp"
#include "sim/pacing.hpp"
#include "sim/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// Where one circuit can be reached, as texts.
struct ApiEndpoint {
    std::string protocol; ///< "Modbus-TCP", "Modbus-RTU"
    std::string how;      ///< listens, connects, pty
    std::string where;
};
struct ApiUnit {
    Circuit* circuit{nullptr};
    int unit{0}; ///< Modbus unit id or address
    std::optional<std::string> modbus_tcp, pty, mqtt_id;
    std::vector<ApiEndpoint> endpoints; ///< all of them
};

struct ApiMeter {
    std::string name, model, supply;
    std::vector<std::string> loads; ///< by circuit; empty = none
    std::vector<ApiUnit> units;     ///< by circuit
};

struct ApiLine {
    std::string name;
    std::optional<std::string> pty; ///< path of its link
    int baud{0};
    std::string format;
    std::vector<std::string> meters;
};

/// What a farm is, as long as no meters come or go.
struct ApiFarm {
    std::string version, commit, file, fidelity;
    std::uint64_t seed{0};
    CivilTime start{}; ///< at SimTime{}
    std::vector<std::string> supplies, loads;
    std::vector<ApiLine> lines;
    std::optional<std::string> broker;
    double cycle_hz{50}; ///< of the first supply: how long a cycle is in what people write
};

/// A plain counter or gauge for /metrics.
struct ApiMetric {
    std::string name, help;
    bool counter{true};
    double value{0};
};

struct ApiAdvance {
    SimTime to{};
    std::function<bool()> reached; ///< empty: none
};
struct ApiAdvanced {
    SimTime from{}, to{};
    bool reached{true};
    bool stopped{false}; ///< the farm ended meanwhile
    std::uint64_t undelivered{0};
};

/// Why something is not done, as an answer's status and all that is wrong.
struct ApiRefusal {
    int status{422};
    std::vector<Mistake> mistakes;
};

/// The farm as its control API sees it. All calls, and what they call back, on the loop's thread.
class Control {
public:
    virtual ~Control() = default;

    virtual const ApiFarm& farm() const = 0;
    virtual std::vector<ApiMeter> meters() const = 0;
    virtual std::optional<ApiMeter> meter(const std::string& name) const = 0;
    virtual std::size_t meter_count() const = 0;
    virtual std::vector<std::string> meter_names() const = 0;
    virtual bool ready() const = 0;
    /// Why its time stands, and it takes no writes: its state cannot be kept; nothing: it can, or need not.
    virtual std::optional<Fault> stands_still() const { return std::nullopt; }
    virtual std::vector<ApiMetric> metrics() const = 0;
    /// Of a meter's circuit at its last window; only between steps.
    virtual MeterState truth(const std::string& meter, int circuit) const = 0;
    /// Calls `work` when nothing is metered: at once, or when the step under way is done.
    virtual void between_steps(std::function<void()> work) = 0;

    virtual SimTime now() const = 0;
    virtual Pace pace() const = 0;
    /// `done` when it holds: time stands then, unless the pace moves it. A pause ends an advance.
    virtual void set_pace(const Pace& pace, std::function<void()> done) = 0;
    virtual bool advancing() const = 0;
    /// Not while advancing().
    virtual void advance(ApiAdvance what, std::function<void(const ApiAdvanced&)> done) = 0;
    /// What is asked while time goes on, from a text.
    virtual Result<std::function<bool()>, Fault> condition(std::string_view text) = 0;

    /// Only between steps.
    virtual Bytes save() = 0;
    /// In place, and on from there; says what is wrong with the bytes, and has changed nothing then.
    virtual std::optional<Fault> restore(std::span<const std::uint8_t> saved) = 0;
    /// Back to how it was at its start. What is in the way: a port that it had then and another program
    /// has now; nothing has changed then.
    virtual std::optional<Fault> reset() = 0;

    /// Meters as one [[meter]] of the file has them, written as JSON; what came of them, with their
    /// endpoints. All or nothing: `body/…` are the places of what is wrong. Only between steps.
    virtual Result<std::vector<ApiMeter>, ApiRefusal> add_meters(const std::string& json) = 0;
    virtual std::optional<ApiRefusal> remove_meter(const std::string& name) = 0;
    /// Soon, and after the answer.
    virtual void shut_down() = 0;

    virtual ActionsPort* actions() = 0;                          ///< null: there are none
    virtual ExpectationsPort* expectations() { return nullptr; } ///< null: nobody judges
};

} // namespace kpmsim

#pragma once

#include "models/engine/image.hpp"
#include "models/engine/intervention.hpp"
#include "sim/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// Why a meter does not do what it is asked. A protocol's room turns it into the protocol's own code.
enum class Refusal : std::uint8_t {
    unknown,        ///< it has no such point, or not for those who ask
    read_only,      ///< … and none that is written
    out_of_range,   ///< the point takes no such value
    not_authorised, ///< not by the wire, or not with this password
    busy,           ///< not now
};
std::string_view name_of(Refusal refusal); ///< "out of range"

/// Years that a meter's clock shows: two digits.
inline constexpr int first_clock_year{2000};
inline constexpr int last_clock_year{2099};
bool on_meter_clock(CivilTime t);

/// Who writes.
enum class Access : std::uint8_t {
    wire,  ///< a client, with the point's rights: not to what is written at the keys alone
    keys,  ///< whoever stands at the keys, the menu being open: opens_menu()
    local, ///< whoever stands at the meter: what is connected to its inputs, too
};

/// What a point holds.
struct PointValue {
    double number{0};
    std::string text; ///< where the point is one
    bool is_text{false};
};

/// One point of one circuit gets a value; all that can be written are numbers.
struct Assignment {
    PointId point{};
    int circuit{0};
    double value{0};
    KPMSIM_FIELDS(point, circuit, value);
};

/// Assignments that were acknowledged together, and what else is done to the meter. They act from the
/// first window boundary at or after `at`.
struct Command {
    SimTime at{};
    std::vector<Assignment> what;
    std::vector<Intervention> also{};
    KPMSIM_FIELDS(at, what, also);
};

/// Why the meter would refuse it; nothing when it takes it.
std::optional<Refusal> refusal(const MeterSpec& spec, const Assignment& what, Access access);
/// Why it refuses, as it stands, what refusal() lets through: alarms move the relay; the output does not
/// have the quantity in this wiring.
std::optional<Refusal> refusal_now(const MeterSpec& spec, const MeterMemory& memory,
                                   const Assignment& what);
/// Why it refuses one of them, each as those before it leave the meter; `site` is the site's time.
std::optional<Refusal> refusal(const MeterSpec& spec, const MeterMemory& memory, CivilTime site,
                               const std::vector<Assignment>& what, Access access);

/// Whether the password entered at the keys is the meter's as it stands; a meter that has none asks for none.
bool opens_menu(const MeterType& type, const MeterMemory& memory, std::optional<int> entered);
/// What an InterventionKind::keys writes, to each circuit that is meant, or why it writes nothing: without
/// supply the meter is busy.
Result<std::vector<Assignment>, Refusal> written_at_keys(const MeterSpec& spec,
                                                         const MeterMemory& memory, CivilTime site,
                                                         const Intervention& what);
/// The command's own assignments, and behind them what is written at the keys by what is `also` done; whoever
/// is refused there is told of.
std::vector<Assignment> assignments(const MeterSpec& spec, const MeterMemory& memory,
                                    CivilTime site, const Command& command,
                                    const std::function<void(const Intervention&, Refusal)>& told);

/// What must follow from a change of a meter's memory.
struct Effects {
    bool metering{false}; ///< metering_settings() are others
    bool clock{false};    ///< the clock, or a grid that goes by it
    bool relays{false};
    bool power{false};   ///< it went, or came
    bool tariffs{false}; ///< their tables are others
    bool clear_energy{false};
    bool clear_demand_maxima{false};
    bool clear_extremes{false};
    bool replaced{false}; ///< another unit stands there

    Effects& operator|=(const Effects& o);
    bool any() const {
        return metering || clock || relays || power || tariffs || clear_energy ||
               clear_demand_maxima || clear_extremes || replaced;
    }
};

/// Does what refusal() has allowed to a meter's memory; `site` is the site's time when it was told.
Effects assign(const MeterSpec& spec, MeterMemory& memory, CivilTime site, const Assignment& what);
/// The same to everything that it shows, so that who has written reads the new value.
void show(const MeterSpec& spec, MeterImage& image, CivilTime site, const Assignment& what);
void show(const MeterSpec& spec, MeterImage& image, CivilTime site, const Intervention& what);

} // namespace kpmsim

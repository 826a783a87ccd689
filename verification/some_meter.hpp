#pragma once

#include "models/engine/meter_spec.hpp"
#include "verification/parameter.hpp"
#include "waveforms/terminals.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace kpmsim {

/// A unit of a built-in model: serial number, address, ratings, menu and clock drawn.
struct SomeMeter {
    MeterSpec spec;
    Wiring wiring{Wiring::p4l};
    bool gsm{false};          ///< packets of the 4G plan
    TariffCalendar tariffs{}; ///< that its tables hold; without a table the first tariff counts
    TariffEntries tables{};   ///< … as entries, where they are not the factory's
    /// Settings that were written since it runs, as shown, and of which circuit.
    std::map<std::pair<std::string, int>, double> written{};

    const MeterType& type() const { return *spec.type; }
    /// What its menu shows of a setting, from what it was given and the model's data; `without` when the
    /// model has none.
    double shown_setting(const std::string& name, int circuit, double without) const;
    /// The transformers that its menu is set to.
    WiringSpec leads() const;
    /// At the primary.
    double rated_v() const;
    double rated_a(int circuit) const;
    /// The current that the menu's start current is of: 5 A where the transformer is part of the meter.
    double start_level_a() const;
    /// Active pulses for a kWh at the primary.
    double pulses_per_kwh(int circuit) const;
};

/// `start`: its start current, of rated.
SomeMeter some_meter(const MeterType& type, Wiring wiring, bool gsm, double start, Draw& draw);

/// Registers that do not begin at 0, and what of them was used in the months before.
void draw_past(SomeMeter& meter, Draw& draw);

/// Thresholds of its alarms, contacts at its inputs, and what its analogue output tells: drawn, too.
void draw_watches(SomeMeter& meter, Draw& draw);

/// Numbers of the readings that its analogue output can tell in this wiring.
std::vector<int> offered_outputs(const SomeMeter& meter);

/// Fills the tables of a model that takes any, with as much of `calendar` as these can hold, and begins with
/// them; another model's tariffs are the factory's.
void set_tariffs(SomeMeter& meter, const TariffCalendar& calendar);

} // namespace kpmsim

#include "models/engine/command.hpp"

#include "models/engine/analog_output.hpp"
#include "models/engine/prepayment.hpp"
#include "models/engine/reboot.hpp"
#include "models/engine/relays.hpp"
#include "sim/demand.hpp"
#include "sim/guard.hpp"

#include <array>
#include <cmath>

namespace kpmsim {

namespace {

/// The kept number that a written value means; nothing when it is no number.
std::optional<std::int64_t> kept_number(const SettingRow& setting, double shown) {
    const double kept = std::round(shown * setting.scale);
    if (!(std::abs(kept) < 9e15)) // also not-a-number
        return {};
    return static_cast<std::int64_t>(kept);
}

bool is_whole(double value, double least, double most) {
    return value >= least && value <= most && std::trunc(value) == value;
}

Effects perform(Action action, const MeterSpec& spec, MeterMemory& memory) {
    Effects effects;
    switch (action) {
    case Action::clear_energy:
        for (EnergyHistory& months : memory.months)
            months.clear();
        memory.prepaid.from = {};
        memory.records.clear_energies();
        effects.clear_energy = true;
        break;
    case Action::clear_prepaid:
        if (const SettingRow* row = spec.type->setting(Role::prepaid_energy))
            memory.setting(*row) = 0;
        memory.prepaid.left_uj = 0;
        break;
    case Action::clear_demand_maxima:
        effects.clear_demand_maxima = true;
        break;
    case Action::clear_extremes:
        effects.clear_extremes = true;
        break;
    case Action::reboot:
        return begin_reboot(*spec.type, memory);
    case Action::reconfigure:
        memory.broker = {true, {}};
        break;
    }
    return effects;
}

/// True when it was another.
bool set_entry(const MeterType& type, TariffEntries& entries, std::uint16_t place, double value) {
    std::vector<std::uint32_t> numbers =
        entries ? *entries : factory_entries(type.tariff_tables, type.tariff);
    const auto told = static_cast<std::uint32_t>(value);
    if (numbers[place] == told)
        return false;
    numbers[place] = told;
    entries = TariffEntries{std::move(numbers)};
    return true;
}

Effects effects_of(std::optional<Role> role) {
    Effects effects;
    if (!role)
        return effects;
    switch (*role) {
    case Role::metering_pt:
    case Role::metering_ct:
    case Role::metering_start_current:
    case Role::demand_minutes:
    case Role::metering_wiring:
    case Role::metering_direction:
    case Role::pulse_constant:
        effects.metering = true;
        break;
    case Role::history_day:
        effects.clock = effects.metering = true; // the months', and the demand's
        break;
    case Role::upload_seconds:
    case Role::upload_minutes:
        effects.clock = true;
        break;
    case Role::line_address:
    case Role::line_baud:
    case Role::line_format:
    case Role::metering_rated_current:
    case Role::prepaid_energy:
    case Role::radio_kind:
    case Role::metering_rated_voltage:
    case Role::relay_alarm:
    case Role::relay_pulse:
    case Role::relay_pulse_ms:
    case Role::alarm_select:
    case Role::prepaid_overdraft:
    case Role::control_mode:
    case Role::control_forced:
    case Role::control_minutes:
    case Role::load_limit:
    case Role::load_seconds:
    case Role::output_quantity:
    case Role::menu_password:
    case Role::count:
        break;
    }
    return effects;
}

} // namespace

std::string_view name_of(Refusal refusal) {
    constexpr std::array<std::string_view, 5> names{"unknown", "read only", "out of range",
                                                    "not authorised", "busy"};
    return names[static_cast<std::size_t>(refusal)];
}

bool on_meter_clock(CivilTime t) {
    const int year = fields_of(t).year;
    return first_clock_year <= year && year <= last_clock_year;
}

std::optional<Refusal> refusal(const MeterSpec& spec, const Assignment& what, Access access) {
    const MeterType& type = *spec.type;
    if (what.point.place >= type.points.all().size() || what.circuit < 0 ||
        what.circuit >= type.circuits)
        return Refusal::unknown;
    const Point& point = type.points[what.point];
    if (!fitted(spec, point))
        return Refusal::unknown;
    const bool stimulus = point.kind == PointKind::input && access == Access::local;
    if (!may_write(point.rights) && !stimulus)
        return Refusal::read_only;
    if (access == Access::wire && point.keys_alone)
        return Refusal::not_authorised;
    bool good = false;
    switch (point.kind) {
    case PointKind::setting: {
        const SettingRow& row = type.settings[point.index];
        const auto kept = kept_number(row, what.value);
        good = kept && takes(spec, row, *kept);
        break;
    }
    case PointKind::clock:
        good = is_whole(what.value, -1e12, 1e12) &&
               on_meter_clock(CivilTime{std::chrono::seconds{std::llround(what.value)}});
        break;
    case PointKind::relay:
    case PointKind::input:
        good = is_whole(what.value, 0, 1);
        break;
    case PointKind::action:
        good = what.value == 1;
        break;
    case PointKind::tariff:
        good = allows_entry(type.tariff_tables, point.index, what.value);
        break;
    default: // what a meter measures, counts or is: read only
        break;
    }
    return good ? std::nullopt : std::optional{Refusal::out_of_range};
}

std::optional<Refusal> refusal_now(const MeterSpec& spec, const MeterMemory& memory,
                                   const Assignment& what) {
    const MeterType& type = *spec.type;
    const Point& point = type.points[what.point];
    if (point.kind == PointKind::relay &&
        (by_alarm(type, memory, what.circuit, point.index) || moves_own_relay(type, memory)))
        return Refusal::busy;
    if (point.kind == PointKind::setting &&
        type.settings[point.index].role == Role::output_quantity &&
        !offers(type, wiring_of(spec, memory), std::llround(what.value)))
        return Refusal::out_of_range;
    return std::nullopt;
}

std::optional<Refusal> refusal(const MeterSpec& spec, const MeterMemory& memory, CivilTime site,
                               const std::vector<Assignment>& what, Access access) {
    std::optional<MeterMemory> after; // one alone needs none
    for (const Assignment& each : what) {
        if (const auto why = refusal(spec, each, access))
            return why;
        if (const auto now = refusal_now(spec, after ? *after : memory, each))
            return now;
        if (what.size() < 2)
            break;
        if (!after)
            after = memory;
        assign(spec, *after, site, each);
    }
    return std::nullopt;
}

Effects& Effects::operator|=(const Effects& o) {
    metering |= o.metering;
    clock |= o.clock;
    relays |= o.relays;
    power |= o.power;
    tariffs |= o.tariffs;
    clear_energy |= o.clear_energy;
    clear_demand_maxima |= o.clear_demand_maxima;
    clear_extremes |= o.clear_extremes;
    replaced |= o.replaced;
    return *this;
}

Effects assign(const MeterSpec& spec, MeterMemory& memory, CivilTime site, const Assignment& what) {
    const MeterType& type = *spec.type;
    const Point& point = type.points[what.point];
    const double value = what.value;
    Effects effects;
    switch (point.kind) {
    case PointKind::setting: {
        const SettingRow& row = type.settings[point.index];
        std::int64_t& kept = memory.setting(row, what.circuit);
        const std::int64_t told = *kept_number(row, value);
        if (kept != told)
            effects = effects_of(row.role);
        kept = told;
        take_payment(row, memory);
        if (row.role == Role::metering_wiring)
            keep_offered(spec, memory);
        break;
    }
    case PointKind::clock: {
        const CivilTime told{std::chrono::seconds{static_cast<std::int64_t>(value)}};
        memory.clock.offset_s = (told - site).count();
        memory.clock.since = site;
        effects.clock = true;
        break;
    }
    case PointKind::relay:
        memory
            .relays[static_cast<std::size_t>(what.circuit * type.coils_per_unit() + point.index)] =
            value != 0;
        effects.relays = true;
        break;
    case PointKind::input:
        // A contact that has been so for longer than the debounce time.
        for (auto* bits : {&memory.inputs, &memory.contacts})
            (*bits)[static_cast<std::size_t>(what.circuit * type.inputs_per_unit() + point.index)] =
                value != 0;
        break;
    case PointKind::action:
        effects = perform(static_cast<Action>(point.index), spec, memory);
        break;
    case PointKind::tariff:
        effects.tariffs = set_entry(type, memory.tariffs, point.index, value);
        break;
    default:
        guard(false); // refusal() lets none of these through
        break;
    }
    return effects;
}

namespace {

void show(const MeterSpec& spec, const Effects& effects, MeterImage& image) {
    for (MeterState& state : image.metered) {
        if (effects.clear_energy)
            state.energy = {};
        if (effects.clear_demand_maxima)
            DemandMeter::clear_maxima(state.demand);
    }
    if (effects.clear_energy)
        begin_energy({}, image.extras);
    if (effects.clear_extremes)
        clear_extremes(spec, image.memory, image.metered, image.rtc(), image.extras);
    if (effects.replaced)
        forget_overload(image.extras);
}

} // namespace

void show(const MeterSpec& spec, MeterImage& image, CivilTime site, const Assignment& what) {
    carry_over(*spec.type, image.memory, image.metered);
    show(spec, assign(spec, image.memory, site, what), image);
}

void show(const MeterSpec& spec, MeterImage& image, CivilTime site, const Intervention& what) {
    if (what.kind == InterventionKind::keys) {
        if (const auto written = written_at_keys(spec, image.memory, site, what))
            for (const Assignment& each : *written)
                show(spec, image, site, each);
        return;
    }
    carry_over(*spec.type, image.memory, image.metered);
    show(spec, intervene(view(spec, image), image.memory, site, what), image);
}

} // namespace kpmsim

#include "models/instrument_parts.hpp"
#include "models/serial.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace kpmsim {

namespace {

/// The level that the menu's starting current refers to: with a CT that belongs to the meter, the
/// setting is scaled up by rating / 5 A.
constexpr double start_current_level_a = 5.0;

std::size_t place(int n) { return static_cast<std::size_t>(n); }

const CurrentRating& rating_of(const InstrumentSpec& spec, int loop) {
    const DeviceType& type = *spec.type;
    if (place(loop) < spec.ratings.size())
        if (const CurrentRating* found = type.current(spec.ratings[place(loop)]))
            return *found;
    return type.currents.front();
}

} // namespace

std::vector<AccuracyClass> accuracy_of(const InstrumentSpec& spec) {
    std::vector<AccuracyClass> classes;
    for (int loop = 0; loop < spec.type->loops; ++loop) {
        const AccuracyRow* row = spec.type->accuracy_of(rating_of(spec, loop).code);
        if (row == nullptr)
            return {};
        classes.push_back(row->limits);
    }
    return classes;
}

Instrument::Instrument(InstrumentSpec spec)
    : spec_{std::move(spec)}, parts_{std::make_unique<Parts>()} {
    const DeviceType& t = type();
    for (const SettingRow& row : t.settings)
        parts_->kept.emplace_back(row.per_loop ? place(t.loops) : 1, row.factory);
    parts_->relays.assign(place(t.coils), t.coils_closed);
    parts_->inputs.assign(place(t.inputs), false);
    parts_->spare.resize(place(t.loops));
    parts_->history.resize(place(t.loops));
    parts_->clock = {spec_.clock_offset_s, spec_.clock_error, spec_.clock_since};
    const Carrier carrier = carrier_of(spec_.serial);
    parts_->wireless.assign(place(t.loops), // fitted, not connected yet
                            carrier != Carrier::rs485 && !t.upload.empty() ? 0x0001 : 0);
    assert(t.setting_index("address") >= 0);
    parts_->address = place(t.setting_index("address"));

    const auto preset = [&](const std::string& name, std::int64_t value, int loop) {
        const int n = t.setting_index(name);
        if (n >= 0)
            parts_->kept[place(n)][t.settings[place(n)].per_loop ? place(loop) : 0] = value;
    };
    preset("address", spec_.address, 0);
    if (carrier == Carrier::wifi || carrier == Carrier::gsm)
        preset("radio", carrier == Carrier::wifi ? 1 : 2, 0);
    preset("wiring", std::max(0, t.wiring_index(spec_.wiring)), 0);
    for (int loop = 0; loop < t.loops; ++loop)
        preset("rated_current_a", std::llround(rating_of(spec_, loop).rated_a), loop);
    for (const auto& [name, value] : spec_.settings)
        for (int loop = 0; loop < t.loops; ++loop)
            preset(name, value, loop);

    for (int loop = 0; loop < t.loops; ++loop)
        loops_.emplace_back(*this, loop);
}

Instrument::~Instrument() = default;

MeteringConfig Instrument::metering_config() const {
    const DeviceType& t = type();
    MeteringConfig config;
    [[maybe_unused]] const bool known =
        wiring_from(t.wirings[place(std::max(0, t.wiring_index(spec_.wiring)))], config.wiring);
    assert(known);
    config.loops = t.loops;
    config.nominal_hz = 50;
    for (int c = 0; c < 3; ++c)
        config.adc[place(c)].full_scale = t.u_full_scale_v;
    for (int loop = 0; loop < t.loops; ++loop) {
        const CurrentRating& rating = rating_of(spec_, loop);
        config.rated_a[place(loop)] = rating.rated_a;
        for (int c = 0; c < 3; ++c)
            config.adc[place(3 + 3 * loop + c)].full_scale = rating.full_scale_a;
        if (t.open_temperature_c)
            config.temperature_c[place(loop)] =
                spec_.temperature_c[place(loop)].value_or(*t.open_temperature_c);
    }
    return config;
}

MeteringSettings Instrument::metering_settings() const {
    const DeviceType& t = type();
    const auto shown = [&](const std::string& name, int loop, double without) {
        const SettingRow* row = t.setting(name);
        return row == nullptr ? without : row->shown(setting(name, loop));
    };
    MeteringSettings s;
    s.pt = shown("pt", 0, 1.0);
    for (int loop = 0; loop < t.loops; ++loop) {
        const CurrentRating& rating = rating_of(spec_, loop);
        const double level = rating.ct_included ? rating.rated_a / start_current_level_a : 1.0;
        s.ct[place(loop)] = shown("ct", loop, 1.0);
        s.start_current_a[place(loop)] = shown("start_current_ma", loop, 0.0) * 1e-3 * level;
    }
    // A window of 0 minutes (the menu allows it) is the shortest there is.
    s.demand_minutes = std::max(1, static_cast<int>(shown("demand_minutes", 0, 15)));
    return s;
}

void Instrument::publish(std::span<const MeterState* const> states, CivilTime site) {
    assert(states.size() == loops_.size());
    parts_->site = site;
    const bool has_day = type().setting("settlement_day") != nullptr;
    const int day = has_day ? static_cast<int>(setting("settlement_day")) : 1;
    for (std::size_t n = 0; n < loops_.size(); ++n) {
        loops_[n].state_ = states[n];
        parts_->history[n].update(states[n]->energy, rtc(), day);
    }
}

CivilTime Instrument::rtc() const { return parts_->clock.shown(parts_->site); }

const MeterClock& Instrument::clock() const { return parts_->clock; }

std::int64_t Instrument::clock_offset_s() const { return parts_->clock.offset_at(parts_->site); }

std::int64_t Instrument::setting(const std::string& name, int loop) const {
    const int n = type().setting_index(name);
    assert(n >= 0);
    const std::vector<std::int64_t>& kept = parts_->kept[place(n)];
    return kept[kept.size() == 1 ? 0 : place(loop)];
}

bool Instrument::set(const std::string& name, std::int64_t value, int loop) {
    const int n = type().setting_index(name);
    if (n < 0 || loop < 0 || loop >= type().loops || !type().settings[place(n)].allows(value))
        return false;
    std::vector<std::int64_t>& kept = parts_->kept[place(n)];
    std::int64_t& mine = kept[kept.size() == 1 ? 0 : place(loop)];
    if (mine != value && type().settings[place(n)].effect == "metering")
        parts_->changes.settings = true;
    mine = value;
    return true;
}

bool Instrument::relay(int n) const { return parts_->relays.at(place(n)); }
void Instrument::set_relay(int n, bool closed) { parts_->relays.at(place(n)) = closed; }
bool Instrument::input(int n) const { return parts_->inputs.at(place(n)); }
void Instrument::set_input(int n, bool closed) { parts_->inputs.at(place(n)) = closed; }
void Instrument::set_wireless(std::uint16_t word, int loop) {
    parts_->wireless.at(place(loop)) = word;
}

Instrument::Changes Instrument::take_changes() { return std::exchange(parts_->changes, Changes{}); }

void Instrument::Parts::perform(CommandAction action, Instrument& of) {
    switch (action) {
    case CommandAction::clear_energy:
        changes.clear_energy = true;
        for (EnergyHistory& months : history)
            months.clear();
        return;
    case CommandAction::clear_prepaid:
        of.set("prepaid_energy", 0);
        return;
    case CommandAction::clear_demand_maxima:
        changes.clear_demand_maxima = true;
        return;
    }
}

} // namespace kpmsim

#include "verification/some_meter.hpp"

#include "models/type/serial.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace kpmsim {

SomeMeter some_meter(const MeterType& type, Wiring wiring, bool gsm, double start, Draw& draw) {
    SomeMeter meter;
    meter.wiring = wiring;
    meter.gsm = gsm;
    MeterSpec& spec = meter.spec;
    spec.name = "verified";
    spec.type = &type;
    spec.serial = serial_number(type.serial, gsm ? Carrier::gsm : Carrier::wifi, 2025, 9,
                                static_cast<int>(draw.between(1, 9000)));
    spec.address = static_cast<int>(draw.between(1, 200));
    for (int circuit = 0; circuit < type.circuits; ++circuit) {
        const auto& ratings = type.currents;
        spec.ratings.push_back(
            ratings[static_cast<std::size_t>(draw.between(0, static_cast<double>(ratings.size())))]
                .code);
        spec.temperature_c[static_cast<std::size_t>(circuit)] = draw.between(-20, 80);
    }
    for (const std::string& name : type.wirings) {
        Wiring named{};
        if (wiring_from(name, named) && named == wiring)
            spec.wiring = name;
    }
    for (const auto& [name, most] : {std::pair{"pt", 100.0}, std::pair{"ct", 40.0}})
        if (const SettingRow* row = type.setting(name))
            spec.settings.push_back({name, {}, std::llround(draw.between(1, most) * row->scale)});
    if (type.setting("demand_minutes") != nullptr)
        spec.settings.push_back({"demand_minutes", {}, 3});
    if (type.setting("settlement_day") != nullptr)
        spec.settings.push_back({"settlement_day", {}, static_cast<int>(draw.between(1, 29))});
    if (type.setting("start_current_ma") != nullptr)
        spec.settings.push_back(
            {"start_current_ma", {}, std::llround(1000 * start * meter.start_level_a())});
    spec.clock_offset_s = static_cast<std::int64_t>(draw.between(-10'000, 10'000));
    return meter;
}

void draw_watches(SomeMeter& meter, Draw& draw) {
    const MeterType& type = meter.type();
    for (const AlarmRow& row : type.alarms) {
        if (row.threshold < 0)
            continue;
        const SettingRow& setting = type.settings[static_cast<std::size_t>(row.threshold)];
        const bool never = draw.between(0, 8) < 1; // a threshold of 0 above never alarms
        const auto percent =
            never ? 0 : std::int64_t{setting.scale} * static_cast<int>(draw.between(5, 100));
        meter.spec.settings.push_back(
            {setting.name, {}, std::clamp(percent, setting.least, setting.most)});
    }
    for (int contact = 0; contact < type.inputs; ++contact)
        if (draw.between(0, 2) < 1)
            meter.spec.closed_contacts.push_back(contact);
    // Few uploads in many days.
    for (const char* interval : {"second_interval_s", "minute_interval_min"})
        if (const SettingRow* row = type.setting(interval); row != nullptr && !row->choices.empty())
            meter.spec.settings.push_back({interval, {}, row->choices.back()});
    if (const std::vector<int> offered = offered_outputs(meter); !offered.empty())
        meter.spec.settings.push_back({"transmitting",
                                       {},
                                       offered[static_cast<std::size_t>(
                                           draw.between(0, static_cast<double>(offered.size())))]});
}

std::vector<int> offered_outputs(const SomeMeter& meter) {
    std::vector<int> offered;
    const bool star = metered_phases(meter.wiring) > 0;
    const auto& choices = meter.type().output.choices;
    for (std::size_t n = 0; n < choices.size(); ++n)
        if (star ? choices[n].star : choices[n].delta)
            offered.push_back(static_cast<int>(n));
    return offered;
}

void draw_past(SomeMeter& meter, Draw& draw) {
    MeterSpec& spec = meter.spec;
    const int months = static_cast<int>(draw.between(0, 5));
    spec.start_months.resize(static_cast<std::size_t>(months));
    for (std::size_t n = 0; n < energy_slots; ++n) {
        const double all = draw.between(0, 1e6);
        spec.start_energy.count[n].wh = static_cast<std::int64_t>(all);
        for (EnergyRegisters& month : spec.start_months)
            month.count[n].wh = static_cast<std::int64_t>(draw.between(0, all / 5));
    }
}

void set_tariffs(SomeMeter& meter, const TariffCalendar& calendar) {
    const MeterType& type = meter.type();
    const TariffTables& tables = type.tariff_tables;
    if (!tables.settable()) {
        if (type.tariff_calendar)
            meter.tariffs = *type.tariff_calendar;
        return;
    }
    meter.tariffs = calendar;
    if (tables.sets < 2)
        meter.tariffs.second_from = CivilTime::max();
    std::vector<std::uint32_t> entries(static_cast<std::size_t>(tables.entries()));
    const auto a_set = static_cast<std::size_t>(tables.zones + tables.days * tables.periods);
    for (std::size_t set = 0; set < static_cast<std::size_t>(tables.sets); ++set) {
        TariffYear& year = meter.tariffs.years[set];
        const std::size_t first = set * a_set;
        // A table's entries stand in any order: from its last place on, the earliest first.
        std::size_t place = first + static_cast<std::size_t>(tables.zones);
        for (const TariffZone& zone : year.zones)
            entries.at(--place) =
                static_cast<std::uint32_t>((zone.day + 1) * 10'000 + zone.from_date);
        // Of two that begin at once, the one at the later place counts.
        if (place > first && !year.zones.empty()) {
            const TariffZone& last = year.zones.back();
            entries[place - 1] =
                static_cast<std::uint32_t>((last.day + 1) % tables.days + 1) * 10'000 +
                static_cast<std::uint32_t>(last.from_date);
        }
        for (std::size_t day = 0; day < year.days.size(); ++day) {
            const std::size_t of_day = first + static_cast<std::size_t>(tables.zones) +
                                       day * static_cast<std::size_t>(tables.periods);
            place = of_day + static_cast<std::size_t>(tables.periods);
            for (TariffPeriod& period : year.days[day].periods) {
                period.tariff %= tables.rates;
                const int clock = period.from_minute / 60 * 100 + period.from_minute % 60;
                entries.at(--place) =
                    static_cast<std::uint32_t>((period.tariff + 1) * 10'000 + clock);
            }
            if (place > of_day && place < of_day + static_cast<std::size_t>(tables.periods)) {
                const std::uint32_t last = entries[place];
                entries[place - 1] =
                    (last / 10'000 % static_cast<std::uint32_t>(tables.rates) + 1) * 10'000 +
                    last % 10'000;
            }
        }
    }
    if (meter.tariffs.second_from != CivilTime::max()) {
        const std::chrono::year_month_day date{
            std::chrono::floor<std::chrono::days>(meter.tariffs.second_from)};
        entries.back() = static_cast<std::uint32_t>(static_cast<int>(date.year())) * 10'000 +
                         static_cast<unsigned>(date.month()) * 100 +
                         static_cast<unsigned>(date.day());
    }
    meter.tables = TariffEntries{std::move(entries)};
    meter.spec.tariffs = meter.tables;
}

double SomeMeter::shown_setting(const std::string& name, int circuit, double without) const {
    const SettingRow* row = type().setting(name);
    if (row == nullptr)
        return without;
    const auto since = written.find({name, row->per_circuit ? circuit : 0});
    if (since != written.end())
        return since->second;
    double value = static_cast<double>(row->factory);
    if (name == "rated_current_a")
        value = type().current(spec.ratings[static_cast<std::size_t>(circuit)])->rated_a;
    if (name == "address")
        value = spec.address;
    if (name == "radio")
        value = gsm ? 2 : 1;
    if (name == "wiring")
        value = static_cast<double>(
            std::find(type().wirings.begin(), type().wirings.end(), spec.wiring) -
            type().wirings.begin());
    if (name == "transmitting" && wiring != Wiring::p4l)
        value = 3; // the manual's list for delta begins with Ia
    for (const Preset& preset : spec.settings)
        if (preset.name == name)
            value = static_cast<double>(preset.value);
    return value / row->scale;
}

WiringSpec SomeMeter::leads() const {
    WiringSpec leads;
    leads.mode = wiring;
    leads.pt_ratio = shown_setting("pt", 0, 1);
    for (int circuit = 0; circuit < type().circuits; ++circuit)
        leads.ct_ratio[static_cast<std::size_t>(circuit)] = shown_setting("ct", circuit, 1);
    return leads;
}

double SomeMeter::rated_v() const {
    return shown_setting("rated_voltage_v", 0, type().nominal_u_v) * shown_setting("pt", 0, 1);
}

double SomeMeter::rated_a(int circuit) const {
    return type().current(spec.ratings[static_cast<std::size_t>(circuit)])->rated_a *
           shown_setting("ct", circuit, 1);
}

double SomeMeter::start_level_a() const {
    const CurrentRating& rating = *type().current(spec.ratings.front());
    return rating.ct_included ? 5 : rating.rated_a;
}

double SomeMeter::pulses_per_kwh(int circuit) const {
    const double rating =
        type().current(spec.ratings[static_cast<std::size_t>(circuit)])->pulse_constant;
    return shown_setting("pulse_constant", circuit, rating) /
           (shown_setting("pt", 0, 1) * shown_setting("ct", circuit, 1));
}

} // namespace kpmsim

#include "models/type/load_type.hpp"
#include "sim/meter_state.hpp"

#include <fmt/format.h>

#include <array>

// Points of tariff tables, and of what a meter wrote down of the past.

namespace kpmsim {

namespace {

constexpr std::array directions{Energy::p_import, Energy::p_export, Energy::q_import,
                                Energy::q_export};

/// The point of a quantity, under a longer name.
void add_copy(MeterType& type, Quantity of, const std::string& after, const std::string& when,
              PointKind kind, std::uint8_t ago = 0) {
    const QuantityInfo& about = info(of);
    if (!type.points.find(about.name))
        return; // not in its wirings
    Point point = plain_point(about.name + after, about.title + when, kind, Rights::read);
    point.unit = about.unit;
    point.index = of.index;
    point.month = ago;
    type.points.add(std::move(point));
}

void add_freeze(MeterType& type) {
    const auto add = [&](Quantity of) {
        add_copy(type, of, "_frozen", ", at the last freeze", PointKind::frozen);
    };
    for (std::size_t n = 0; n < static_cast<std::size_t>(Energy::all); ++n)
        add(quantity(static_cast<Energy>(n)));
    for (std::size_t n = DemandReadings::first_maximum; n < demand_slots; ++n)
        add(quantity(static_cast<Demand>(n)));
    Point time = plain_point("freeze_time", "When the last freeze was, 0 = there was none",
                             PointKind::freeze_time, Rights::read);
    time.unit = "s";
    time.per_circuit = false;
    type.points.add(std::move(time));
}

void add_days(MeterType& type) {
    constexpr std::array when{", today", ", yesterday", ", the day before yesterday"};
    for (const Energy direction : directions)
        for (std::uint8_t ago = 0; ago < std::uint8_t{when.size()}; ++ago)
            add_copy(type, quantity(direction), fmt::format("_day_{}", ago), when[ago],
                     PointKind::day, ago);
}

void add_month_statistics(MeterType& type) {
    constexpr std::array when{", this month", ", 1 month ago", ", 2 months ago", ", 3 months ago"};
    const auto add = [&](const char* name, const char* title, PointKind kind, std::uint16_t index) {
        for (std::uint8_t ago = 0; ago < std::uint8_t{when.size()}; ++ago) {
            Point point = plain_point(fmt::format("{}_month_{}", name, ago),
                                      std::string{title} + when[ago], kind, Rights::read);
            point.unit = kind == PointKind::month_hours ? "h" : "";
            point.index = index;
            point.month = ago;
            type.points.add(std::move(point));
        }
    };
    add("pf", "Mean power factor, active over apparent energy", PointKind::month_pf, 0);
    add("run_time", "Running time", PointKind::month_hours, 0);
    add("load_time", "Load time", PointKind::month_hours, 1);
}

} // namespace

void add_tariff_points(MeterType& type) {
    const TariffTables& tables = type.tariff_tables;
    for (int place = 0; place < tables.entries(); ++place) {
        Point point = plain_point(entry_name(tables, place), entry_title(tables, place),
                                  PointKind::tariff, Rights::read_write);
        point.per_circuit = false;
        point.least = 0;
        point.most = greatest_entry(tables, place);
        point.index = static_cast<std::uint16_t>(place);
        type.points.add(std::move(point));
    }
}

void add_record_points(MeterType& type) {
    if (type.freeze)
        add_freeze(type);
    if (type.days)
        add_days(type);
    if (type.month_statistics)
        add_month_statistics(type);
}

} // namespace kpmsim

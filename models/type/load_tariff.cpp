#include "models/type/load_type.hpp"
#include "models/type/tariff_tables.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kpmsim {

namespace {

void read_periods(TomlTable& t, MeterType& type) {
    const auto periods = t.texts("periods").value_or(std::vector<std::string>{});
    if (periods.empty())
        t.missing("periods", "periods = [\"00:00 flat\"]");
    int last = -1;
    for (const std::string& text : periods) {
        const auto period = parse_tariff_period(text);
        if (!period)
            t.wrong("periods", fmt::format("\"{}\" is no tariff period", text),
                    "write e.g. \"07:00 flat\"; tariffs: sharp, peak, flat, valley, deep valley, "
                    "sixth");
        else if (period->from_minute <= last)
            t.wrong("periods", fmt::format("\"{}\" does not come after the one before", text),
                    "sort the periods by time, each time once");
        else
            type.tariff.periods.push_back(*period);
        if (period)
            last = std::max(last, period->from_minute);
    }
}

/// What a user may set of them.
void read_tables(TomlTable& t, MeterType& type) {
    TariffTables& tables = type.tariff_tables;
    const auto whole = [&](const char* key, int most, int otherwise) {
        return static_cast<int>(t.integer(key, 1, most).value_or(otherwise));
    };
    tables.rates = whole("rates", 6, 6);
    tables.days = whole("day_tables", 8, 0);
    tables.periods = whole("day_periods", 48, 0);
    tables.zones = whole("zones", 14, 0);
    tables.sets = whole("sets", 2, 1);
    for (const TariffPeriod& period : type.tariff.periods)
        if (period.tariff >= tables.rates)
            t.wrong("rates", fmt::format("the factory's day has tariff {}", period.tariff + 1),
                    "raise rates, or leave it out");
    if (!tables.settable()) {
        for (const char* key : {"day_periods", "zones", "sets"})
            if (t.node(key) != nullptr)
                t.wrong(key, fmt::format("there is no table that could have {}", key),
                        "write day_tables = 1, or more");
        tables = {.rates = tables.rates};
        return;
    }
    if (tables.periods < static_cast<int>(type.tariff.periods.size())) {
        t.wrong("day_periods",
                fmt::format("the factory's day has {} periods", type.tariff.periods.size()),
                "write day_periods = so many, or more");
        tables.periods = static_cast<int>(type.tariff.periods.size());
    }
}

} // namespace

void read_tariff(const TomlNode& node, MeterType& type, std::vector<Mistake>& mistakes) {
    TomlTable t{node, "tariff", mistakes};
    read_periods(t, type);
    read_tables(t, type);
    t.finish();
    TariffYear& year = type.tariff_calendar.emplace().years[0];
    year.days.push_back(type.tariff);
}

} // namespace kpmsim

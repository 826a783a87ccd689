#include "scenarios/file/farm_reader.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace kpmsim {
namespace {

constexpr std::uint32_t unused = 0;

/// One `tariff` of a meter while it is read: tables that a user would set.
class TariffReader {
public:
    TariffReader(const MeterType& type, std::vector<Mistake>& mistakes)
        : tables_{type.tariff_tables}, type_{type}, mistakes_{mistakes}, entries_{factory_entries(
                                                                             type.tariff_tables,
                                                                             type.tariff)} {}

    std::vector<std::uint32_t> read(const TomlNode& node) {
        TomlTable t{node, "tariff", mistakes_};
        read_set(t, 0);
        if (const TomlNode* second = t.table("second")) {
            TomlTable s{*second, "tariff.second", mistakes_};
            if (has_second(t, "second"))
                read_set(s, 1);
            else
                for (const char* key : {"zones", "days"})
                    s.node(key);
            s.finish();
        }
        if (t.node("switch") != nullptr && has_second(t, "switch"))
            read_switch(t);
        t.finish();
        return std::move(entries_);
    }

private:
    std::uint32_t& entry(int place) { return entries_[static_cast<std::size_t>(place)]; }

    bool has_second(TomlTable& t, const std::string& key) {
        if (tables_.sets > 1)
            return true;
        t.wrong(key, fmt::format("a {} has one set of tariff tables", type_.name), "leave it out");
        return false;
    }

    /// Notes a list that is longer than the table.
    bool fits(TomlTable& t, const std::string& key, std::size_t size, int most,
              const std::string& what) {
        if (size <= static_cast<std::size_t>(most))
            return true;
        t.wrong(key, fmt::format("{} {}, and a {} has {}", size, what, type_.name, most),
                fmt::format("write at most {}", most));
        return false;
    }

    void read_set(TomlTable& t, int set) {
        const TomlNode* const days_list = t.array("days");
        const TomlNode* const zones_list = t.array("zones");
        int days = tables_.days;
        if (days_list != nullptr) {
            const auto& tables = std::get<TomlArray>(days_list->value);
            if (!fits(t, "days", tables.size(), tables_.days, "day tables"))
                return;
            days = static_cast<int>(tables.size());
            read_days(tables, set);
        }
        if (zones_list != nullptr) {
            const auto& zones = std::get<TomlArray>(zones_list->value);
            if (fits(t, "zones", zones.size(), tables_.zones, "zones"))
                read_zones(zones, set, days);
        }
    }

    void read_days(const TomlArray& tables, int set) {
        for (int day = 0; day < tables_.days; ++day)
            for (int n = 0; n < tables_.periods; ++n)
                entry(tables_.period(set, day, n)) = unused;
        for (std::size_t day = 0; day < tables.size(); ++day)
            read_day(tables[day], set, static_cast<int>(day));
    }

    void read_day(const TomlNode& table, int set, int day) {
        const auto* periods = std::get_if<TomlArray>(&table.value);
        if (periods == nullptr || periods->empty()) {
            note(mistakes_, table.place, "a day's table is a list of periods",
                 "write [\"07:00 flat\", \"23:00 valley\"]");
            return;
        }
        if (periods->size() > static_cast<std::size_t>(tables_.periods)) {
            note(mistakes_, table.place,
                 fmt::format("a day of {} periods, and a {} has {}", periods->size(), type_.name,
                             tables_.periods),
                 fmt::format("write at most {}", tables_.periods));
            return;
        }
        int last = -1;
        for (std::size_t n = 0; n < periods->size(); ++n)
            if (const auto period = read_period((*periods)[n], last))
                entry(tables_.period(set, day, static_cast<int>(n))) = period_entry(*period);
    }

    std::optional<TariffPeriod> read_period(const TomlNode& node, int& last) {
        const auto* text = std::get_if<std::string>(&node.value);
        const auto period = text == nullptr ? std::nullopt : parse_tariff_period(*text);
        const auto wrong = [&](const std::string& what, const std::string& cure) {
            note(mistakes_, node.place, what, cure);
            return std::nullopt;
        };
        const auto known = [&] {
            std::string names;
            for (int n = 0; n < tables_.rates; ++n)
                names += fmt::format("{}{}", n == 0 ? "" : ", ",
                                     tariff_names()[static_cast<std::size_t>(n)]);
            return names;
        };
        if (!period)
            return wrong(text == nullptr ? "a period is a text"
                                         : fmt::format("\"{}\" is no tariff period", *text),
                         "write e.g. \"07:00 flat\"; tariffs: " + known());
        if (period->tariff >= tables_.rates)
            return wrong(fmt::format("a {} has {} tariffs, and no {}", type_.name, tables_.rates,
                                     tariff_names()[static_cast<std::size_t>(period->tariff)]),
                         "tariffs: " + known());
        if (period->from_minute <= last)
            return wrong(fmt::format("\"{}\" does not come after the one before", *text),
                         "sort the periods by time, each time once");
        last = period->from_minute;
        return period;
    }

    void read_zones(const TomlArray& zones, int set, int days) {
        for (int n = 0; n < tables_.zones; ++n)
            entry(tables_.zone(set, n)) = unused;
        int last = 0;
        for (std::size_t n = 0; n < zones.size(); ++n) {
            const auto* text = std::get_if<std::string>(&zones[n].value);
            unsigned month = 0, day = 0, table = 0;
            char more = 0;
            const bool read = text != nullptr && std::sscanf(text->c_str(), "%2u-%2u day %1u%c",
                                                             &month, &day, &table, &more) == 3;
            const TariffZone zone{static_cast<int>(month * 100 + day), static_cast<int>(table) - 1};
            const int place = tables_.zone(set, static_cast<int>(n));
            if (!read || table == 0 || !allows_entry(tables_, place, zone_entry(zone)))
                note(mistakes_, zones[n].place,
                     text == nullptr ? "a zone is a text"
                                     : fmt::format("\"{}\" is no zone of a year", *text),
                     fmt::format("write e.g. \"04-01 day 2\": month, day, and day table 1 to {}",
                                 tables_.days));
            else if (zone.day >= days)
                note(mistakes_, zones[n].place, fmt::format("there is no day {}", table),
                     fmt::format("days holds {}", days));
            else if (zone.from_date <= last)
                note(mistakes_, zones[n].place,
                     fmt::format("\"{}\" does not come after the one before", *text),
                     "sort the zones by date, each date once");
            else
                entry(place) = zone_entry(zone);
            last = std::max(last, zone.from_date);
        }
    }

    void read_switch(TomlTable& t) {
        const auto text = t.text("switch");
        unsigned year = 0, month = 0, day = 0;
        char more = 0;
        if (!text)
            return;
        const bool read =
            std::sscanf(text->c_str(), "%4u-%2u-%2u%c", &year, &month, &day, &more) == 3;
        const std::uint32_t number = year * 10'000 + month * 100 + day;
        if (!read || !entry_date(number))
            t.wrong("switch", fmt::format("\"{}\" is no date of 2000 to 2099", *text),
                    "write e.g. \"2028-07-01\"");
        else
            entry(tables_.second_from()) = number;
    }

    const TariffTables& tables_;
    const MeterType& type_;
    std::vector<Mistake>& mistakes_;
    std::vector<std::uint32_t> entries_;
};

} // namespace

void read_tariff(TomlTable& table, MeterPlan& plan, std::vector<Mistake>& mistakes) {
    const TomlNode* node = table.table("tariff");
    const MeterType* type = plan.spec.type;
    if (node == nullptr || type == nullptr)
        return;
    if (!type->tariff_tables.settable()) {
        table.wrong("tariff", "nobody sets the tariffs of a " + type->name,
                    "leave tariff out, or copy the model and change its [tariff]");
        return;
    }
    plan.spec.tariffs = TariffEntries{TariffReader{*type, mistakes}.read(*node)};
}

} // namespace kpmsim

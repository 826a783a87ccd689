#pragma once

#include "sim/shared.hpp"
#include "sim/tariff.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// The tariffs' names, in their order: sharp, peak, flat, valley, deep valley, sixth.
std::span<const std::string_view> tariff_names();
/// "07:00 flat"; nothing when it is no period of a day.
std::optional<TariffPeriod> parse_tariff_period(const std::string& text);

/// The tables of tariffs that a user sets, each a row of entries that stand in any order and may be
/// unused. A meter of two sets goes over to the second one at 0:00 of a date.
struct TariffTables {
    int rates{6};   ///< t1 to …
    int zones{0};   ///< of a year; where none is used, the first day's table counts all year
    int days{0};    ///< tables of a day's periods; 0 = no table is set, the factory's counts
    int periods{0}; ///< of each
    int sets{1};

    bool settable() const { return days > 0; }
    int of_a_set() const { return zones + days * periods; }
    int entries() const { return !settable() ? 0 : sets * of_a_set() + (sets > 1 ? 1 : 0); }
    /// Places of entries; sets, zones, days and slots count from 0.
    int zone(int set, int n) const { return set * of_a_set() + n; }
    int period(int set, int day, int n) const {
        return set * of_a_set() + zones + day * periods + n;
    }
    int second_from() const { return sets * of_a_set(); }
};

/// The numbers of all entries, by place, as points show them; none = the factory's. 0 is an entry
/// that is not used; else
///
/// a zone       day table (from 1) * 10000 + month * 100 + day:  20401, from 1 April the second
/// a period     tariff (from 1) * 10000 + hour * 100 + minute:   42300, from 23:00 valley
/// the date from which the second set counts                     20280701
using TariffEntries = Shared<std::vector<std::uint32_t>>;

std::uint32_t zone_entry(const TariffZone& zone);
std::uint32_t period_entry(const TariffPeriod& period);
/// YYYYMMDD; nothing when there is no such day in a meter's years.
std::optional<CivilTime> entry_date(std::uint32_t number);

/// Whether the entry at the place takes the number.
bool allows_entry(const TariffTables& tables, int place, double number);
/// The greatest number that the entry takes.
double greatest_entry(const TariffTables& tables, int place);
/// tariff_zone_1, tariff_day_1_1, tariff_switch; of the second set tariff2_zone_1, …
std::string entry_name(const TariffTables& tables, int place);
std::string entry_title(const TariffTables& tables, int place);

/// The factory's: its day is the first table, and nothing else is used.
std::uint32_t factory_entry(const TariffTables& tables, const TariffTable& factory, int place);
std::vector<std::uint32_t> factory_entries(const TariffTables& tables, const TariffTable& factory);
/// What the entries mean; of two that begin at one moment the later one in its table counts.
TariffCalendar calendar_of(const TariffTables& tables, std::span<const std::uint32_t> entries);

} // namespace kpmsim

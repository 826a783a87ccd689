#pragma once

#include "sim/tariff.hpp"
#include "verification/parameter.hpp"

namespace kpmsim {

/// The tariff in force, from the definition: the latest of the past rules, round the day and round the
/// year; without zones the first table does, and a table without periods knows the first tariff alone.
int paper_tariff(const TariffCalendar& calendar, CivilTime t);

/// Periods begin so many minutes apart, or fewer.
inline constexpr int minutes_apart = 6;

/// One table all the year: six periods within half an hour after `start`'s time of day; the rest of the
/// day belongs to the last of them.
TariffCalendar some_day(CivilTime start, Draw& draw);
/// Two sets of three such tables, the second one within two months after `start`; four zones of the
/// year, or none, and now and then a table without a period.
TariffCalendar some_calendar(CivilTime start, Draw& draw, int apart = minutes_apart);
/// The second in which one of the calendar's sets, zones of this year or periods of this day begins, or
/// the one before.
CivilTime some_change(const TariffCalendar& calendar, CivilTime now, Draw& draw);

} // namespace kpmsim

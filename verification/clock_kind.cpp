// A meter's clock that runs fast or slow by 0.5 s a day, and more, over days and months.
//
//   seconds   shown less the site's time and the whole seconds of drift, counted in integers: a
//             clock that gains n nanoseconds a second has gained n t / 1e9 whole seconds after t
//   due       the moment at which a clock comes to show a time: then it does, and not a second before
//   set       … shown after a client set a meter's clock, twice: by what it has drifted since the last time; and
//             after its crystal came to run at another speed, from where it stood
//   years     … of a clock whose two digits of a year have run over, once or twice, or back
//   century   kWh of the days and months before, over the turn of a century
#include "models/engine/image.hpp"
#include "models/engine/program.hpp"
#include "sim/meter_clock.hpp"
#include "verification/kind.hpp"
#include "verification/point_name.hpp"
#include "verification/program_watch.hpp"
#include "verification/tested_meter.hpp"

#include <array>
#include <cmath>

namespace kpmsim {

namespace {

/// A meter whose clock is set while it drifts.
void check_set(CivilTime start, std::int64_t parts_per_billion, Draw& draw, Errors& errors) {
    MeterSpec spec = some_meter(*tested_types().find("kpm53"), Wiring::p4l, false, 0, draw).spec;
    spec.clock_error = static_cast<double>(parts_per_billion) * 1e-9;
    spec.clock_since = start;
    MeterProgram program{spec, start, false};
    ProgramWatch port;
    port.states.resize(1);
    const PointId clock = *spec.type->points.find("clock");
    SimTime at{};
    for (int n = 0; n < 2; ++n) {
        at += std::chrono::seconds{static_cast<std::int64_t>(draw.between(1e5, 5e6))};
        const CivilTime told =
            civil_time(start, at) +
            std::chrono::seconds{static_cast<std::int64_t>(draw.between(-1e5, 1e5))};
        program.carry_out({at, {{clock, 0, static_cast<double>(told.time_since_epoch().count())}}},
                          at, port);
        const auto after_s = static_cast<std::int64_t>(draw.between(0, 5e6));
        const CivilTime shown = program.rtc(at + std::chrono::seconds{after_s});
        const std::int64_t drift_s = parts_per_billion * after_s / 1'000'000'000;
        errors.add("set", static_cast<double>((shown - told).count() - after_s - drift_s));

        at += std::chrono::seconds{after_s};
        parts_per_billion = static_cast<std::int64_t>(draw.between(-1e5, 1e5));
        Intervention drift;
        drift.kind = InterventionKind::clock_drift;
        drift.value = static_cast<double>(parts_per_billion) * 1e-9;
        program.carry_out({at, {}, {drift}}, at, port);
        errors.add("set", static_cast<double>((program.rtc(at) - shown).count()));
        const auto later_s = static_cast<std::int64_t>(draw.between(1e5, 5e6));
        at += std::chrono::seconds{later_s};
        const std::int64_t later_drift_s = parts_per_billion * later_s / 1'000'000'000;
        errors.add("set", static_cast<double>((program.rtc(at) - shown).count() - later_s -
                                              later_drift_s));
    }
}

/// Four days of a meter, to whose clock 2000 comes after 2099.
void check_century(Draw& draw, Errors& errors) {
    const CivilTime start{std::chrono::seconds{4'102'315'200}}; // noon of 30 December 2099
    MeterSpec spec = some_meter(*tested_types().find("kpm53"), Wiring::p4l, false, 0, draw).spec;
    spec.settings.push_back({"settlement_day", {}, 1});
    MeterProgram program{spec, start, false};
    ProgramWatch port;
    port.states.resize(1);
    const std::array<std::uint16_t, max_circuits> no_radio{};
    std::array<double, 4> wh{};
    for (std::size_t day = 0; day < wh.size(); ++day) {
        const SimTime noon = SimTime{} + static_cast<std::int64_t>(day) * std::chrono::days{1};
        while (program.due() <= noon)
            program.run(port);
        wh[day] = std::floor(draw.between(1, 1000));
        port.states[0].energy[Energy::p_import].wh += static_cast<std::int64_t>(wh[day]);
        const MeterView view{&spec, &program.memory(), port.states, no_radio,
                             civil_time(start, noon)};
        for (std::size_t place = 0; place < spec.type->points.all().size(); ++place) {
            const PointId id{static_cast<std::uint16_t>(place)};
            const Point& point = spec.type->points[id];
            if (point.kind != PointKind::day && point.kind != PointKind::month)
                continue;
            const PointName name = point_name(point.name);
            if (name.of != "e_p_import")
                continue;
            const auto ago = static_cast<std::size_t>(name.ago);
            double paper = 0;
            if (point.kind == PointKind::day)
                paper = ago <= day ? wh[day - ago] : 0;
            else if (day < 2) // January begins between the second noon and the third
                paper = ago == 0 ? wh[0] + wh[1] : 0;
            else
                paper = ago == 0 ? wh[2] + wh[3] : ago == 1 ? wh[0] + wh[1] : 0;
            errors.add("century", number(view, id, 0) - paper / 1000);
        }
    }
}

} // namespace

Run clock_kind(TomlTable& signal) {
    Parameter ppm{5.787};
    Parameter days{1.0};
    take(signal, "ppm", ppm);
    take(signal, "days", days);
    return [=](Draw draw, Mode, Errors& errors) {
        const auto parts_per_billion = std::llround(1000 * draw(ppm));
        const auto elapsed_s = static_cast<std::int64_t>(86'400 * draw(days));
        const CivilTime start{std::chrono::seconds{1'768'000'000}};
        MeterClock clock;
        clock.error = static_cast<double>(parts_per_billion) * 1e-9;
        clock.since = start;
        const CivilTime site = start + std::chrono::seconds{elapsed_s};
        const std::int64_t drift_s = parts_per_billion * elapsed_s / 1'000'000'000;
        MeterClock away = clock;
        away.offset_s = static_cast<std::int64_t>(draw.between(-5000, 5000));
        for (int n = 0; n < 20; ++n) {
            const CivilTime time =
                start + std::chrono::seconds{static_cast<std::int64_t>(draw.between(1e4, 4e6))};
            const CivilTime due = start + std::chrono::floor<std::chrono::seconds>(
                                              when_shown(away, start, time).time_since_epoch());
            errors.add("due", away.shown(due) >= time ? 0 : 1);
            errors.add("due", away.shown(due - std::chrono::seconds{1}) < time ? 0 : 1);
        }
        errors.add("due", when_shown(away, start, CivilTime::max()) == SimTime::max() ? 0 : 1);
        // From 2000 to 2099 there are 100 * 365 + 25 days.
        for (const int centuries : {-1, 0, 1, 2}) {
            MeterClock other = clock;
            other.offset_s = centuries * std::int64_t{36'525} * 86'400;
            errors.add("years",
                       static_cast<double>((other.shown(site) - clock.shown(site)).count()));
            other.since = site + std::chrono::seconds{1}; // it has not drifted yet
            errors.add("years", static_cast<double>((other.shown(site) - site).count()));
        }
        // The last second of 2099, and the next one; the first of 2000, and the one before.
        const CivilTime last{std::chrono::seconds{4'102'444'799}};
        const CivilTime first{std::chrono::seconds{946'684'800}};
        const MeterClock right;
        const auto shows = [&](CivilTime is, CivilTime shown) {
            errors.add("years", static_cast<double>((right.shown(is) - shown).count()));
        };
        shows(last, last);
        shows(last + std::chrono::seconds{1}, first);
        shows(first, first);
        shows(first - std::chrono::seconds{1}, last);
        check_set(start, parts_per_billion, draw, errors);
        check_century(draw, errors);
        errors.add("seconds", static_cast<double>((clock.shown(site) - site).count() - drift_s));
    };
}

} // namespace kpmsim

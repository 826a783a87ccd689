#include "fixture.hpp"

#include "models/engine/energy_history.hpp"

using namespace kpmsim;
using test::civil;

namespace {

EnergyRegisters imported(std::int64_t wh) {
    EnergyRegisters e;
    e[Energy::p_import] = {wh, 0};
    return e;
}

/// A history that is told the registers now and then, as a program tells it.
struct Told {
    EnergyHistory months;
    EnergyRegisters now;
    std::optional<CivilTime> next;

    void update(const EnergyRegisters& registers, CivilTime rtc, int day) {
        now = registers;
        if (next && rtc >= *next)
            months.close(now);
        next = settlement_after(rtc, day);
    }
    void clear() {
        now = {};
        months.clear();
    }
    double kilo(Energy e, int month) const { return months.kilo(e, month, now); }
};

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("A month is closed at 0:00 of the settlement day, and twelve are kept") {
        Told h;
        h.update(imported(0), civil("2026-01-12T00:00:00"), 1);
        h.update(imported(5000), civil("2026-01-31T23:59:59"), 1);
        CHECK(h.kilo(Energy::p_import, 0) == 5);
        CHECK(h.kilo(Energy::p_import, 1) == 0);
        h.update(imported(5000), civil("2026-02-01T00:00:00"), 1);
        CHECK(h.kilo(Energy::p_import, 0) == 0);
        CHECK(h.kilo(Energy::p_import, 1) == 5);
        // 1 kWh more each month, for a year and a half.
        std::int64_t wh = 5000;
        CivilFields f = fields_of(civil("2026-02-01T00:00:00"));
        for (int month = 1; month <= 18; ++month) {
            wh += 1000 * month;
            f.month = f.month == 12 ? 1 : f.month + 1;
            f.year += f.month == 1 ? 1 : 0;
            CivilTime t;
            REQUIRE(from_fields(f, t));
            h.update(imported(wh), t, 1);
        }
        for (int back = 1; back <= 12; ++back)
            CHECK(h.kilo(Energy::p_import, back) == 19 - back);
        CHECK(h.kilo(Energy::p_total, 3) == 16);
    }

    TEST_CASE(
        "A leap day, another settlement day and a clock set back close nothing by themselves") {
        Told h;
        h.update(imported(0), civil("2028-02-28T12:00:00"), 28);
        h.update(imported(1000), civil("2028-02-29T12:00:00"), 28); // next: 28 March
        CHECK(h.kilo(Energy::p_import, 0) == 1);
        h.update(imported(2000), civil("2028-03-10T12:00:00"), 5); // next: 5 April
        h.update(imported(3000), civil("2028-03-29T12:00:00"), 5);
        CHECK(h.kilo(Energy::p_import, 0) == 3);
        h.update(imported(3000), civil("2005-01-13T00:00:00"), 5);
        CHECK(h.kilo(Energy::p_import, 0) == 3);
        h.update(imported(4000), civil("2005-02-05T00:00:00"), 5);
        CHECK(h.kilo(Energy::p_import, 1) == 4);
        // Forward over many months: one month is closed, with all that was used.
        h.update(imported(9000), civil("2028-03-29T12:00:00"), 5);
        CHECK(h.kilo(Energy::p_import, 1) == 5);
        CHECK(h.kilo(Energy::p_import, 2) == 4);
        CHECK(h.kilo(Energy::p_import, 3) == 0);
    }

    TEST_CASE("Cleared registers leave no negative month behind") {
        Told h;
        h.update(imported(0), civil("2026-01-31T00:00:00"), 1);
        h.update(imported(7000), civil("2026-02-01T00:00:00"), 1);
        h.update(imported(100), civil("2026-02-02T00:00:00"), 1);
        CHECK(h.kilo(Energy::p_import, 0) == 0);
        h.clear();
        h.update(imported(0), civil("2026-02-02T00:00:02"), 1);
        h.update(imported(250), civil("2026-02-03T00:00:00"), 1);
        CHECK(h.kilo(Energy::p_import, 0) == 0.25);
        CHECK(h.kilo(Energy::p_import, 1) == 0);
    }

    TEST_CASE("Net energy of a month is the month's own, not a difference of nets") {
        Told h;
        EnergyRegisters e;
        e[Energy::p_export] = {10000, 0};
        h.update(e, civil("2026-01-31T00:00:00"), 1);
        h.update(e, civil("2026-02-01T00:00:00"), 1);
        e[Energy::p_import] = {4000, 0};
        h.update(e, civil("2026-02-02T00:00:00"), 1);
        CHECK(h.kilo(Energy::p_net, 0) == 4); // the registers' nets are 10 and 6
        CHECK(h.kilo(Energy::p_net, 1) == 10);
    }

    TEST_CASE("A meter may begin with what it used before") {
        EnergyHistory h;
        h.begin_with(imported(9000), {imported(1000), imported(3000), imported(500)});
        CHECK(h.kilo(Energy::p_import, 0, imported(9250)) == 1.25);
        CHECK(h.kilo(Energy::p_import, 1, imported(9250)) == 3);
        CHECK(h.kilo(Energy::p_import, 2, imported(9250)) == 0.5);
        CHECK(h.kilo(Energy::p_import, 3, imported(9250)) == 0);
        h.close(imported(9500));
        CHECK(h.kilo(Energy::p_import, 0, imported(9600)) == 0.1);
        CHECK(h.kilo(Energy::p_import, 1, imported(9600)) == 1.5);
        CHECK(h.kilo(Energy::p_import, 2, imported(9600)) == 3);
    }

    TEST_CASE("What a meter begins with was used in no month, unless it is told which") {
        EnergyHistory h;
        h.begin_with(imported(9000), {});
        CHECK(h.kilo(Energy::p_import, 0, imported(9250)) == 0.25);
        CHECK(h.kilo(Energy::p_import, 1, imported(9250)) == 0);
        h.close(imported(9500));
        CHECK(h.kilo(Energy::p_import, 0, imported(9600)) == 0.1);
        CHECK(h.kilo(Energy::p_import, 1, imported(9600)) == 0.5);
    }
}

TEST_SUITE("exchange") {

    TEST_CASE("The history blocks of a KPM33B fill up month by month") {
        test::Bench b{"kpm33b"};
        b.states[0].energy[Energy::p_import] = {3000, 0};
        b.states[0].energy[Energy::p_import_t4] = {1000, 0};
        b.meter.image().memory.months[0].close(b.states[0].energy);
        b.states[0].energy[Energy::p_import] = {3500, 0};
        CHECK(b.value("e_p_total_month_0") == 0.5);
        CHECK(b.value("e_p_total_month_1") == 3);
        CHECK(b.value("e_p_total_t4_month_1") == 1);
        CHECK_FALSE(b.write(0x000C, {0x5578}));
        CHECK(b.value("e_p_total_month_1") == 0);
    }
}

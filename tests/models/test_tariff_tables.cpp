#include "fixture.hpp"

#include "models/faces/mqtt_commands.hpp"

using namespace kpmsim;
using test::civil;

namespace {

/// What a meter's tables make of a moment: t1 is 1.
int tariff(const test::Bench& bench, const std::string& when) {
    const auto calendar = tariff_calendar(bench.meter.type(), bench.meter.image().memory.tariffs);
    REQUIRE(calendar);
    return calendar->at(civil(when)) + 1;
}

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("An entry is a number that people read, and takes no other") {
        const TariffTables tables{4, 2, 3, 8, 2};
        CHECK(tables.entries() == 2 * (2 + 3 * 8) + 1);
        CHECK(zone_entry({401, 1}) == 20401);
        CHECK(period_entry({23 * 60 + 5, 3}) == 42305);
        const auto zone = [&](double number) {
            return allows_entry(tables, tables.zone(1, 1), number);
        };
        const auto period = [&](double number) {
            return allows_entry(tables, tables.period(1, 2, 7), number);
        };
        const auto date = [&](double number) {
            return allows_entry(tables, tables.second_from(), number);
        };
        for (const double good : {0.0, 10101.0, 30229.0, 31231.0})
            CHECK(zone(good));
        for (const double bad : {1.0, 101.0, 40101.0, 10001.0, 11301.0, 10100.0, 10132.0, 10431.0,
                                 10230.0, -10101.0, 10101.5, 1e9})
            CHECK_FALSE(zone(bad));
        for (const double good : {0.0, 10000.0, 42359.0, 30730.0})
            CHECK(period(good));
        for (const double bad : {1.0, 2359.0, 50000.0, 12400.0, 12360.0, 10060.0, -1.0, 10000.5})
            CHECK_FALSE(period(bad));
        for (const double good : {0.0, 20280229.0, 20000101.0, 20991231.0})
            CHECK(date(good));
        for (const double bad : {1.0, 20270229.0, 19991231.0, 21000101.0, 20281301.0, 20280100.0})
            CHECK_FALSE(date(bad));
        CHECK_FALSE(zone(std::nan("")));
        CHECK(greatest_entry(tables, tables.zone(0, 0)) == 31231);
        CHECK(greatest_entry(tables, tables.period(0, 0, 0)) == 42359);
    }

    TEST_CASE("Entries stand in any order; of two that begin together the later one counts") {
        const TariffTables tables{6, 3, 2, 4, 1};
        std::vector<std::uint32_t> entries(static_cast<std::size_t>(tables.entries()));
        const auto set = [&](int place, std::uint32_t number) {
            entries[static_cast<std::size_t>(place)] = number;
        };
        set(tables.zone(0, 0), 21001);
        set(tables.zone(0, 2), 10401);
        set(tables.period(0, 0, 0), 32200);
        set(tables.period(0, 0, 1), 10600);
        set(tables.period(0, 0, 3), 20600);
        set(tables.period(0, 1, 2), 40000);
        const TariffCalendar calendar = calendar_of(tables, entries);
        CHECK(calendar.at(civil("2026-05-01T05:59:59")) == 2);
        CHECK(calendar.at(civil("2026-05-01T06:00:00")) == 1);
        CHECK(calendar.at(civil("2026-05-01T22:00:00")) == 2);
        CHECK(calendar.at(civil("2026-10-01T00:00:00")) == 3);
        CHECK(calendar.at(civil("2026-03-31T12:00:00")) == 3);
    }

    TEST_CASE("The factory's tables are its one day, all year") {
        for (const char* model : {"kpm312", "kpm37"}) {
            const MeterType& type = *test::library().find(model);
            const TariffCalendar written =
                calendar_of(type.tariff_tables, factory_entries(type.tariff_tables, type.tariff));
            for (CivilTime t = civil("2027-12-31T00:00:00"); t < civil("2028-01-02T00:00:00");
                 t += std::chrono::minutes{1}) {
                REQUIRE(written.at(t) == type.tariff.at(t));
                REQUIRE(type.tariff_calendar->at(t) == type.tariff.at(t));
            }
        }
    }
}

TEST_SUITE("exchange") {

    TEST_CASE("A KPM312 is told its tariffs by registers: four zones, 24 periods a day") {
        test::Bench b{"kpm312"};
        CHECK(b.read(0x0900, 4) == std::vector<std::uint16_t>{0, 0, 0, 0});
        CHECK(b.read(0x0910, 9) == std::vector<std::uint16_t>{30700, 21000, 31400, 21700, 11800,
                                                              21900, 32100, 42300, 0});
        CHECK(tariff(b, "2026-07-01T18:30:00") == 1);
        // 24 periods of the second day: t1 in odd hours, t2 in even ones; in force from 1 July on.
        std::vector<std::uint16_t> day;
        for (int hour = 0; hour < 24; ++hour)
            day.push_back(static_cast<std::uint16_t>((hour % 2 == 1 ? 10000 : 20000) + 100 * hour));
        CHECK_FALSE(b.write(0x0910 + 24, day, 3)); // any circuit's address is the meter's
        CHECK_FALSE(b.write(0x0900, {10101, 20701}));
        CHECK(tariff(b, "2026-06-30T23:59:59") == 4);
        CHECK(tariff(b, "2026-07-01T00:00:00") == 2);
        CHECK(tariff(b, "2026-12-31T23:59:59") == 1);
        CHECK(tariff(b, "2027-01-01T00:00:00") == 4);
        CHECK(b.read(0x0910 + 24, 24, 1) == day);
        CHECK(b.value("tariff_day_2_24") == 12300);
        CHECK(b.setting("tariff_zone_2", 2) == 20701);
    }

    TEST_CASE("A write with one wrong entry changes none") {
        test::Bench b{"kpm312"};
        const auto before = b.read(0x0910, 96);
        CHECK(b.write(0x0910, {10000, 20800, 50900, 41000}) == Refusal::out_of_range); // t5
        CHECK(b.write(0x0910, {10000, 22400}) == Refusal::out_of_range);
        CHECK(b.write(0x0900, {10101, 50401}) == Refusal::out_of_range); // a fifth table
        CHECK(b.write(0x0900, {10101, 10230}) == Refusal::out_of_range);
        CHECK(b.write(0x0903, {10101, 10101}) == Refusal::unknown); // beyond the zones
        CHECK(b.read(0x0910, 96) == before);
        CHECK(b.read(0x0900, 4) == std::vector<std::uint16_t>{0, 0, 0, 0});
        CHECK_FALSE(b.meter.image().memory.tariffs);
    }

    TEST_CASE("A KPM37 goes over to its second set at 0:00 of a date, and has five tariffs") {
        test::Bench b{"kpm37"};
        CHECK(b.write(0x0910 + 56, {60000}) == Refusal::out_of_range); // V1.9 knows a sixth
        CHECK_FALSE(b.write(0x0910 + 56, {50000, 10600}));
        CHECK_FALSE(b.write(0x0904, {10101}));
        CHECK(b.write(0x0908, {0x0135}) == Refusal::unknown); // half a date
        CHECK(b.write(0x0908, {0, 1}) == Refusal::out_of_range);
        CHECK(tariff(b, "2030-01-01T03:00:00") == 4);
        CHECK_FALSE(b.write(0x0908, {20280701 >> 16, 20280701 & 0xFFFF}));
        CHECK(tariff(b, "2028-06-30T03:00:00") == 4);
        CHECK(tariff(b, "2028-06-30T23:59:59") == 4);
        CHECK(tariff(b, "2028-07-01T00:00:00") == 5);
        CHECK(tariff(b, "2028-07-01T06:00:00") == 1);
        CHECK(b.value("tariff_switch") == 20280701);
        CHECK_FALSE(b.write(0x0908, {0, 0}));
        CHECK(tariff(b, "2030-01-01T03:00:00") == 4);
    }

    TEST_CASE("The tunnel of MQTT writes the same entries") {
        test::Bench b{"kpm37"};
        const auto tell = [&](const std::string& keys) {
            return answer_command(b.circuit(), command_topics(b.circuit())[5],
                                  R"({"oprid":"0123456789abcdef0123456789abcdef",)" + keys + "}")
                .messages.at(0)
                .payload;
        };
        REQUIRE(command_topics(b.circuit())[5].starts_with("MQTT_SYS_CFG_"));
        CHECK(
            tell(R"("addr":"0910","value":"10000;51200","type":"1")").ends_with(R"("code":"01"})"));
        CHECK(tariff(b, "2026-07-01T11:59:00") == 1);
        CHECK(tariff(b, "2026-07-01T12:00:00") == 5);
        CHECK(
            tell(R"("addr":"0910","value":"20000;61200","type":"1")").ends_with(R"("code":"02"})"));
        CHECK(tariff(b, "2026-07-01T11:59:00") == 1);
    }

    TEST_CASE("A meter whose map has no tables takes none") {
        test::Bench b{"kpm33b"};
        CHECK(b.write(0x0900, {10101}) == Refusal::unknown);
        CHECK_FALSE(b.meter.type().points.find("tariff_zone_1"));
        CHECK(tariff(b, "2026-07-01T18:30:00") == 1);
    }
}

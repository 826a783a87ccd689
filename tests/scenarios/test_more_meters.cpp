#include "play_rig.hpp"
#include "tests/short_life.hpp"

using namespace kpmsim;
using namespace kpmsim::test;
using namespace std::chrono_literals;

namespace {

TomlNode json(std::string text) {
    std::replace(text.begin(), text.end(), '\'', '"');
    std::vector<Mistake> mistakes;
    TomlNode node = parse_json(text, "body", mistakes);
    REQUIRE(mistakes.empty());
    return node;
}

std::size_t add(Play& play, const std::string& text) {
    std::vector<Mistake> mistakes;
    const auto size = play.actions.add_meters(json(text), mistakes);
    for (const Mistake& mistake : mistakes)
        FAIL_CHECK(to_text(mistake));
    return size.value_or(0);
}

std::string refused(Play& play, const std::string& text) {
    const std::size_t before = play.farm.meters().size();
    std::vector<Mistake> mistakes;
    CHECK_FALSE(play.actions.add_meters(json(text), mistakes));
    CHECK(play.farm.meters().size() == before);
    std::string all;
    for (const Mistake& mistake : mistakes)
        all += to_text(mistake) + '\n';
    return all;
}

std::vector<std::string> names(Play& play) {
    std::vector<std::string> all;
    for (const Meter& meter : play.farm.meters())
        all.push_back(meter.spec().name);
    return all;
}

constexpr const char* flats = "{'name': 'flat-{n+1}', 'count': 2, 'model': 'kpm312', "
                              "'loads': ['heat', 'none', 'shop', 'none'], 'mqtt': true, "
                              "'tags': ['street'], 'clock_drift': '2 s'}";
constexpr const char* uploading = "[[meter]]\nname = \"up\"\nmodel = \"kpm33b\"\nload = \"shop\"\n"
                                  "mqtt = true\n";
constexpr const char* with_sum =
    "[[meter]]\nname = \"all\"\nmodel = \"kpm37\"\nsum_of = [\"shop-*\"]\n";

} // namespace

TEST_SUITE("scenario") {

    TEST_CASE(
        "A meter that comes later is the same however time is cut, for any threads, and changes "
        "no other") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            const auto wind = [](Play& play, bool in_steps) {
                const auto to = [&](SimDuration from, SimDuration end) {
                    if (in_steps)
                        for (SimDuration at = from + 310ms; at < end; at += 310ms)
                            play.to(at);
                    play.to(end);
                };
                to(0s, 70130ms);
                CHECK(add(play, flats) == 2);
                to(70130ms, 95s);
                play.act("{'kind': 'ct-reversed', 'meter': 'flat-*', 'phase': 'b', 'for': '20 s'}");
                to(95s, 200s);
                return play.seen();
            };
            Play once{uploading, fidelity, 1};
            Play often{uploading, fidelity, 2};
            const Seen a = wind(once, false);
            check_same(a, wind(often, true));
            CHECK((once.actions.save() == often.actions.save()));

            Play without{uploading, fidelity, 1};
            without.to(200s);
            const Seen b = without.seen();
            REQUIRE(a.registers.size() == b.registers.size() + 8);
            for (std::size_t unit = 0; unit < b.registers.size(); ++unit)
                CHECK((a.registers[unit] == b.registers[unit]));
            std::size_t uploads = 0;
            for (const std::string& message : a.messages)
                uploads += message.find(" 5 ") != std::string::npos ||
                           message.find(" 6 ") != std::string::npos;
            CHECK(uploads > 0);
            CHECK(a.messages.size() == b.messages.size() + uploads);
        }
    }

    TEST_CASE("It counts from when it comes, and shows what there is at once") {
        const std::chrono::minutes an_hour = life(60min, 6min);
        const double kwh = 6.0 * static_cast<double>(an_hour.count()) / 60;
        Play play;
        play.to(10s);
        CHECK(add(play, "{'name': 'late', 'model': 'kpm53', 'load': 'heat'}") == 1);
        CHECK(play.get("late", "u_a") == doctest::Approx(230).epsilon(1e-5));
        CHECK(play.get("late", "p") == doctest::Approx(6000).epsilon(1e-5));
        CHECK(play.get("late", "e_p_import") == 0);
        CHECK(play.farm.meters()[4].rtc() == play.farm.site_time());
        play.to(10s + an_hour);
        CHECK(play.get("late", "e_p_import") == doctest::Approx(kwh).epsilon(1e-3));
        CHECK(play.farm.truth(4, 0).energy.kilo(Energy::p_import) ==
              doctest::Approx(kwh).epsilon(1e-3));
    }

    TEST_CASE("A farm whose meters came and went is saved, and goes on elsewhere to the bit") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            const std::string more = std::string{uploading} + with_sum;
            const auto begin = [](Play& play) {
                play.to(20s);
                add(play, flats);
                play.act("{'kind': 'load-scale', 'load': 'shop', 'by': '130 %', 'for': '1000 s'}");
                play.act("{'kind': 'power-off', 'meter': 'flat-1', 'for': '1000 s'}");
                play.to(33700ms);
                CHECK(play.actions.remove_meter("heat"));
                CHECK(play.actions.remove_meter("flat-1"));
                add(play, "{'name': 'heat', 'model': 'kpm37', 'load': 'heat', 'tags': ['new']}");
                add(play, "{'name': 'sum', 'model': 'kpm53', 'sum_of': ['flat-*', 'all', 'four'], "
                          "'losses': '2 %'}");
                play.act("{'kind': 'ct-open', 'tag': 'new', 'phase': 'a'}");
                play.to(50s);
            };
            const auto go_on = [](Play& play) {
                play.act("{'kind': 'dip', 'residual': '10 %', 'for': '3 s'}");
                play.to(61s);
                play.actions.end_all();
                CHECK(play.actions.remove_meter("sum"));
                play.to(130s);
                return play.seen();
            };
            Play whole{more, fidelity};
            begin(whole);
            const Bytes saved = whole.actions.save();
            Play other{more, fidelity, 2};
            other.to(7s);
            other.actions.restore(saved);
            CHECK((other.actions.save() == saved));
            CHECK(names(other) == names(whole));
            CHECK(names(whole) == std::vector<std::string>{"shop-1", "shop-2", "four", "up", "all",
                                                           "flat-2", "heat", "sum"});
            CHECK(whole.actions.find(2)->ended); // it was on a meter that went
            CHECK_FALSE(whole.actions.find(1)->ended);
            check_same(go_on(whole), go_on(other));
            CHECK((other.actions.save() == whole.actions.save()));
        }
    }

    TEST_CASE("Back at the start the meters are the file's, and those who hold one keep it") {
        Play play{with_sum};
        const Bytes start = play.actions.save();
        Meter* const shop = &play.farm.meters()[1];
        play.to(5s);
        add(play, flats);
        Meter* const flat = &play.farm.meters()[5];
        const Bytes middle = play.actions.save();
        play.to(9s);
        CHECK(play.actions.remove_meter("heat"));
        play.to(12s);
        play.actions.restore(middle);
        CHECK(&play.farm.meters()[1] == shop);
        CHECK(&play.farm.meters()[5] == flat);
        play.actions.restore(start);
        CHECK(names(play) == std::vector<std::string>{"heat", "shop-1", "shop-2", "four", "all"});
        CHECK(&play.farm.meters()[1] == shop);
        CHECK((play.actions.save() == start));
        play.to(20s);
        Play fresh{with_sum};
        fresh.to(20s);
        check_same(play.seen(), fresh.seen());
        CHECK((play.actions.save() == fresh.actions.save()));
        CHECK_THROWS_AS(play.actions.restore(std::span{middle}.first(60)), BadState);
        play.actions.restore(middle);
        CHECK((play.actions.save() == middle));
    }

    TEST_CASE("What cannot be is refused with its place and cure, and changes nothing") {
        Play play{std::string{with_sum} + "[bus.line]\n[[meter]]\nname = \"on-line\"\n"
                                          "model = \"kpm312\"\nbus = \"line\"\n"
                                          "serial = \"31212257C0336\"\n"};
        play.to(2s);
        const Bytes before = play.actions.save();
        CHECK(refused(play, "{'name': 'x', 'model': 'kpm38'}")
                  .starts_with("body/model: unknown model \"kpm38\""));
        CHECK(refused(play, "{'name': 'heat', 'model': 'kpm37'}")
                  .starts_with("body/name: there are two meters \"heat\""));
        CHECK(refused(play, "{'name': 'x', 'model': 'kpm37', 'count': 3}")
                  .starts_with("body/name: 3 meters would be named \"x\"; write {n}"));
        CHECK(refused(play, "{'name': 'x', 'model': 'kpm37', 'bus': 'line', 'address': 4}")
                  .starts_with("body/address: x has address 4 on bus line, where on-line has"));
        CHECK(refused(play, "{'name': 'x', 'model': 'kpm312', 'serial': '31212257C0336'}")
                  .starts_with("body/serial: x has the serial 31212257C0336 of on-line"));
        CHECK(refused(play, "{'name': 'x', 'model': 'kpm37', 'load': 'hat', 'colour': 1}")
                  .find("body/load: ") == 0);
        CHECK(refused(play, "{'name': 'x', 'model': 'kpm37', 'sum_of': ['shp-*']}")
                  .starts_with("body/sum_of: no meter is named \"shp-*\""));
        CHECK(refused(play, "{}").starts_with("body: "));
        CHECK(play.actions.remove_meter("nobody").error().unknown);
        const auto stays = play.actions.remove_meter("shop-2");
        CHECK_FALSE(stays.error().unknown);
        CHECK(stays.error().why.what == "all sums shop-2, and would sum something else without it");
        CHECK((play.actions.save() == before));
        CHECK(play.actions.remove_meter("all"));
        CHECK(play.actions.remove_meter("shop-2"));
        CHECK(add(play, "{'name': 'shop-2', 'model': 'kpm53', 'load': 'shop'}") == 1);
        play.to(4s);
        CHECK(play.get("shop-2", "p") == doctest::Approx(3000).epsilon(1e-5));
    }

    TEST_CASE("Who comes later is in no sum that was there, and may be summed") {
        Play play{with_sum};
        play.to(1s);
        add(play, "{'name': 'shop-9', 'model': 'kpm37', 'load': 'shop'}");
        play.act("{'kind': 'load-scale', 'meter': 'shop-1', 'by': '50 %', 'for': '2500 ms'}");
        add(play, "{'name': 'more', 'model': 'kpm37', 'sum_of': ['shop-[19]']}");
        play.to(2s);
        CHECK(play.get("all", "p") == doctest::Approx(4500).epsilon(1e-5));
        CHECK(play.get("more", "p") == doctest::Approx(4500).epsilon(1e-5));
        play.act("{'kind': 'load-off', 'meter': 'shop-9'}");
        play.to(3s);
        CHECK(play.get("more", "p") == doctest::Approx(1500).epsilon(1e-5));
        play.to(5s);
        CHECK(play.get("more", "p") == doctest::Approx(3000).epsilon(1e-5));
    }
}

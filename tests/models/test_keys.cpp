// Whoever stands at a meter's keys: the password opens the menu, and what no wire writes is written there.
#include "fixture.hpp"
#include "own_model.hpp"

using namespace kpmsim;
using test::Bench;
using enum Refusal;

namespace {

std::vector<Assignment> these(Bench& b, const std::vector<std::pair<std::string, double>>& values,
                              int circuit = 0) {
    std::vector<Assignment> what;
    for (const auto& [name, value] : values)
        what.push_back({*b.meter.type().points.find(name), circuit, value});
    return what;
}

/// Nothing when it was written, else why not.
std::optional<Refusal> at_keys(Bench& b, std::optional<int> entered,
                               const std::vector<std::pair<std::string, double>>& values,
                               int circuit = 0) {
    const auto done = b.meter.set_at_keys(these(b, values, circuit), entered);
    return done ? std::nullopt : std::optional{done.error()};
}

std::vector<std::string> keys_alone(const MeterType& type) {
    std::vector<std::string> names;
    for (const Point& point : type.points.all())
        if (point.keys_alone)
            names.push_back(point.name);
    return names;
}

const std::vector<std::string> models{"kpm312", "kpm33b", "kpm37", "kpm53"};

} // namespace

TEST_SUITE("unit") {

    TEST_CASE(
        "6666 opens the menu of every model, and any other entry leads back to the measurements") {
        for (const std::string& model : models) {
            CAPTURE(model);
            Bench b{model};
            const double before = b.setting("demand_minutes");
            for (const auto& wrong : {std::optional{6665}, std::optional{6667}, std::optional{0},
                                      std::optional{666}, std::optional<int>{}}) {
                CHECK(at_keys(b, wrong, {{"demand_minutes", 7}}) == not_authorised);
                CHECK(b.setting("demand_minutes") == before);
            }
            CHECK(b.meter.take_commands().empty());
            CHECK_FALSE(at_keys(b, 6666, {{"demand_minutes", 7}}));
            CHECK(b.setting("demand_minutes") == 7);
            CHECK(b.meter.take_commands().size() == 1);
        }
    }

    TEST_CASE("A password that is changed at the keys opens the menu, and the old one does not") {
        for (const std::string& model : models) {
            CAPTURE(model);
            Bench b{model};
            CHECK_FALSE(at_keys(b, 6666, {{"password", 42}}));
            CHECK(b.setting("password") == 42);
            CHECK(at_keys(b, 6666, {{"demand_minutes", 7}}) == not_authorised);
            CHECK_FALSE(at_keys(b, 42, {{"demand_minutes", 7}}));
            CHECK(b.setting("demand_minutes") == 7);
        }
    }

    TEST_CASE("The menu stays open while the password is changed in it") {
        Bench b{"kpm37"};
        CHECK_FALSE(at_keys(b, 6666, {{"password", 1}, {"ct", 2.5}, {"demand_minutes", 3}}));
        CHECK(b.setting("password") == 1);
        CHECK(b.setting("ct") == 2.5);
        CHECK(b.setting("demand_minutes") == 3);
        CHECK(at_keys(b, 6666, {{"password", 6666}}) == not_authorised);
    }

    TEST_CASE("A password that register 0000H has got is the one that the keys ask for") {
        for (const std::string& model : models) {
            CAPTURE(model);
            Bench b{model};
            CHECK_FALSE(b.write(0x0000, {1234}));
            CHECK(at_keys(b, 6666, {{"demand_minutes", 7}}) == not_authorised);
            CHECK_FALSE(at_keys(b, 1234, {{"password", 9999}}));
            CHECK(b.read(0x0000, 1) == std::vector<std::uint16_t>{9999});
        }
    }

    TEST_CASE("Of what is written at the keys together nothing is, when one of it cannot be") {
        Bench b{"kpm312"};
        CHECK(at_keys(b, 6666, {{"demand_minutes", 7}, {"ct", 0}}) == out_of_range);
        CHECK(at_keys(b, 6666, {{"demand_minutes", 7}, {"password", 10000}}) == out_of_range);
        CHECK(at_keys(b, 6666, {{"demand_minutes", 7}, {"u_a", 230}}) == read_only);
        CHECK(at_keys(b, 6666, {{"demand_minutes", 7}, {"input_1", 1}}) == read_only);
        CHECK(b.setting("demand_minutes") == 5);
        CHECK(b.setting("password") == 6666);
        CHECK(b.meter.take_commands().empty());
        CHECK_FALSE(at_keys(b, 6666, {{"ct", 7}}, 2)); // Ct_U of loop 3
        CHECK(b.setting("ct", 1) == 1);
        CHECK(b.setting("ct", 2) == 7);
    }

    TEST_CASE("At the keys what else a menu has is done: energies are cleared, the clock is set") {
        Bench b{"kpm53"};
        b.states[0].energy.count[static_cast<std::size_t>(Energy::p_import)] = test::wh(5000);
        b.publish(test::civil("2026-01-12T16:39:00"));
        const auto clock =
            static_cast<double>(test::civil("2012-05-08T09:35:20").time_since_epoch().count());
        CHECK(at_keys(b, 6665, {{"clear_energy", 1}, {"clock", clock}}) == not_authorised);
        CHECK(b.circuit().get("e_p_import", Access::local)->number == 5);
        CHECK_FALSE(at_keys(b, 6666, {{"clear_energy", 1}, {"clock", clock}}));
        CHECK(b.circuit().get("e_p_import", Access::local)->number == 0);
        CHECK(b.meter.rtc() == test::civil("2012-05-08T09:35:20"));
    }

    TEST_CASE("Keys of a meter without supply do nothing, whatever is entered") {
        Bench b{"kpm37"};
        b.meter.image().memory.auxiliary.push_back({1, false});
        CHECK(at_keys(b, 6666, {{"demand_minutes", 7}}) == busy);
        CHECK(at_keys(b, 1, {{"demand_minutes", 7}}) == busy);
        b.meter.image().memory.auxiliary.clear();
        CHECK(b.setting("demand_minutes") == 15);
    }

    TEST_CASE(
        "What neither a register nor a coil nor a command reaches is written at the keys alone") {
        using Names = std::vector<std::string>;
        CHECK(keys_alone(*test::library().find("kpm312")) == Names{"wiring", "rated_current_a"});
        CHECK(keys_alone(*test::library().find("kpm33b")) ==
              Names{"settlement_day", "ct", "direction", "start_current_ma", "demand_minutes",
                    "clear_demand_maxima"});
        CHECK(keys_alone(*test::library().find("kpm37")).empty());
        CHECK(keys_alone(*test::library().find("kpm53")).empty());
        for (const std::string& model : models)
            for (const std::string& name : keys_alone(*test::library().find(model))) {
                CAPTURE(model);
                CAPTURE(name);
                Bench b{model};
                const double value = name == "clear_demand_maxima" ? 1
                                     : name == "rated_current_a"   ? 100
                                     : name == "wiring"            ? 0
                                                                   : 3;
                const PointId point = *b.meter.type().points.find(name);
                const auto done = b.circuit().set(name, value, Access::wire);
                REQUIRE_FALSE(done);
                CHECK(done.error() == not_authorised);
                CHECK(b.meter.take_commands().empty());
                CHECK_FALSE(at_keys(b, 6666, {{name, value}}));
                if (b.meter.type().points[point].kind == PointKind::setting)
                    CHECK(b.setting(name) == value);
            }
    }

    TEST_CASE("A wire is a function that writes, a coil or a command: without any of them the keys "
              "are left") {
        const std::string map =
            "register = [{ at = 1, name = \"spare_time\", type = \"u16\", access = "
            "\"read_write\" }]\n";
        const auto alone = [&](const std::string& functions, const std::string& more) {
            std::string keys = test::own_keys;
            const std::string all = "functions = [3, 4, 6, 16]";
            keys.replace(keys.find(all), all.size(), functions);
            const test::OwnModel own{keys + test::own_tables + more, test::own_map + map};
            return keys_alone(own.type());
        };
        using Names = std::vector<std::string>;
        const auto these = [](std::initializer_list<std::string> between) {
            Names all{"address", "baud", "format"};
            all.insert(all.end(), between);
            all.insert(all.end(), {"clear_energy", "clear_demand_maxima"});
            return all;
        };
        CHECK(alone("functions = [3, 6]", "") == these({"clock"}));
        CHECK(alone("functions = [3, 16]", "") == these({"clock"}));
        CHECK(alone("functions = [3]", "") == these({"spare_time", "clock"}));
        const std::string relay = "[relays]\ncount = 1\nfirst = 1\n";
        CHECK(alone("functions = [3, 5, 16]", relay) == these({"clock"}));
        CHECK(alone("functions = [3, 15, 16]", relay) == these({"clock"}));
        CHECK(alone("functions = [3, 16]", relay) == these({"clock", "relay_1"}));
    }

    TEST_CASE("A model without a password asks for none at its keys") {
        test::OwnMeter own{test::OwnModel::with("", "")};
        const Assignment what{*own.meter.type().points.find("spare_time"), 0, 9};
        CHECK(own.circuit().set("spare_time", 9, Access::wire).error() == not_authorised);
        CHECK(own.meter.set_at_keys({what}, std::nullopt));
        CHECK(own.circuit().get("spare_time", Access::local)->number == 9);
    }
}

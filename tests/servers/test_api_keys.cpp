// PATCH /v1/meters/{name}/points by whoever stands at the keys: requests in, answers out, over meters of paper.
#include "modbus_rig.hpp"

#include "servers/api/api.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <utility>

using namespace kpmsim;
using Json = nlohmann::json;

namespace {

/// One meter that nobody steps.
class OneMeter : public Control {
public:
    explicit OneMeter(const std::string& model) {
        MeterSpec spec;
        spec.name = "shop-1";
        spec.type = &rig::builtin(model);
        spec.serial = "33B1225950027";
        meter_ = std::make_unique<Meter>(spec);
        parse_iso("2026-01-01T00:00:00", facts_.start);
        meter_->keep_time([] { return SimTime{}; }, facts_.start);
    }
    Meter& held() { return *meter_; }

    const ApiFarm& farm() const override { return facts_; }
    std::vector<ApiMeter> meters() const override { return {*meter("shop-1")}; }
    std::optional<ApiMeter> meter(const std::string& name) const override {
        if (name != "shop-1")
            return std::nullopt;
        ApiMeter one;
        one.name = name;
        one.model = meter_->type().name;
        for (Circuit& circuit : meter_->circuits())
            one.units.push_back({&circuit, circuit.address(), {}, {}, {}, {}});
        return one;
    }
    std::size_t meter_count() const override { return 1; }
    std::vector<std::string> meter_names() const override { return {"shop-1"}; }
    bool ready() const override { return true; }
    std::vector<ApiMetric> metrics() const override { return {}; }
    MeterState truth(const std::string&, int) const override { return {}; }
    void between_steps(std::function<void()> work) override { work(); }
    SimTime now() const override { return {}; }
    Pace pace() const override { return {}; }
    void set_pace(const Pace&, std::function<void()> done) override { done(); }
    bool advancing() const override { return false; }
    void advance(ApiAdvance, std::function<void(const ApiAdvanced&)>) override {}
    Result<std::function<bool()>, Fault> condition(std::string_view) override {
        return Unexpected<Fault>{Fault{}};
    }
    Bytes save() override { return {}; }
    std::optional<Fault> restore(std::span<const std::uint8_t>) override { return std::nullopt; }
    std::optional<Fault> reset() override { return std::nullopt; }
    Result<std::vector<ApiMeter>, ApiRefusal> add_meters(const std::string&) override {
        return Unexpected{ApiRefusal{}};
    }
    std::optional<ApiRefusal> remove_meter(const std::string&) override { return std::nullopt; }
    void shut_down() override {}
    ActionsPort* actions() override { return nullptr; }

private:
    std::unique_ptr<Meter> meter_;
    ApiFarm facts_{};
};

struct Rig {
    OneMeter control;
    Journal journal;
    EventHub events;
    ApiRoom room{control, journal, events, 0};

    explicit Rig(const std::string& model) : control{model} {}

    /// "403 body/password: …; cure", or "200 {values}".
    std::string patch(std::string body) {
        std::replace(body.begin(), body.end(), '\'', '"');
        std::string told = "nothing";
        serve(room, {"PATCH", "/v1/meters/shop-1/points", body}, [&](const ApiAnswer& answer) {
            const Json json = Json::parse(answer.body);
            told =
                std::to_string(answer.status) + ' ' +
                (answer.status == 200
                     ? json["as"].get<std::string>() + ' ' + json["values"].dump()
                     : json["place"].get<std::string>() + ": " + json["detail"].get<std::string>() +
                           "; " + json["cure"].get<std::string>());
        });
        return told;
    }
    double shown(const std::string& point) {
        return control.held().circuits()[0].get(point, Access::local)->number;
    }
};

} // namespace

TEST_SUITE("exchange") {

    TEST_CASE("PATCH points at the keys: the right password writes, whatever else does not") {
        Rig rig{"kpm37"};
        const auto untouched = [&] {
            return rig.shown("demand_minutes") == 15 && rig.shown("password") == 6666 &&
                   rig.control.held().take_commands().empty();
        };
        const std::string cure = "the factory's is 6666; function 03 reads it at 0000H";
        CHECK(rig.patch("{'values': {'demand_minutes': 9}, 'as': 'keys'}") ==
              "400 body/password: the keys of a kpm37 ask for its password; add \"password\": its "
              "four "
              "digits; " +
                  cure);
        for (const auto& [entered, why] : {std::pair{"'6666'", "no whole number"},
                                           {"66.5", "no whole number"},
                                           {"null", "no whole number"},
                                           {"true", "no whole number"},
                                           {"-1", "out of range"},
                                           {"10000", "out of range"}}) {
            CAPTURE(entered);
            CHECK(rig.patch(std::string{"{'values': {'demand_minutes': 9}, 'as': 'keys', "
                                        "'password': "} +
                            entered + "}") == "400 body/password: password is " + std::string{why} +
                                                  "; write a whole number from 0 to 9999");
        }
        CHECK(rig.patch("{'values': {'demand_minutes': 9}, 'as': 'keys', 'password': 6665}") ==
              "403 body/password: 6665 is not the password of shop-1: it is back on its "
              "measurements; "
              "enter its own: " +
                  cure);
        CHECK(rig.patch("{'values': {'demand_minutes': 9}, 'as': 'keys', 'password': 7}")
                  .starts_with("403 body/password: 0007 is not the password of shop-1"));
        CHECK(rig.patch("{'values': {'demand_minutes': 9}, 'password': 6666}") ==
              "400 body/password: writing as \"wire\" asks for no password; write \"as\": "
              "\"keys\", or "
              "leave it out");
        CHECK(rig.patch("{'values': {'u_a': 9}, 'as': 'override', 'password': 6666}")
                  .starts_with("400 body/password: writing as \"override\" asks"));
        CHECK(rig.patch("{'values': {'demand_minutes': 9}, 'as': 'key', 'password': 6666}")
                  .starts_with("400 body/as: \"key\" is no way to write"));
        CHECK(rig.patch("{'values': {'demand_minute': 9}, 'as': 'keys', 'password': 6665}")
                  .starts_with("404 body/values/demand_minute: "));
        // The password comes before what is written.
        CHECK(rig.patch("{'values': {'demand_minutes': 999}, 'as': 'keys', 'password': 6665}")
                  .starts_with("403 "));
        CHECK(rig.patch("{'values': {'password': 1, 'demand_minutes': 999}, 'as': 'keys', "
                        "'password': 6666}") == "422 body/values/demand_minutes: demand_minutes "
                                                "takes no 999; write a whole number from 0 "
                                                "to 120");
        CHECK(rig.patch("{'values': {'u_a': 9}, 'as': 'keys', 'password': 6666}")
                  .starts_with("422 body/values/u_a: u_a cannot be written"));
        CHECK(untouched());
        CHECK(
            rig.patch("{'values': {'password': 12, 'demand_minutes': 9}, 'as': 'keys', 'password': "
                      "6666}") == "200 keys {\"demand_minutes\":9.0,\"password\":12.0}");
        CHECK(rig.patch("{'values': {'demand_minutes': 8}, 'as': 'keys', 'password': 6666}")
                  .starts_with("403 "));
        CHECK(rig.patch("{'values': {'demand_minutes': 8}, 'as': 'keys', 'password': 12}") ==
              "200 keys {\"demand_minutes\":8.0}");
    }

    TEST_CASE(
        "PATCH points at the keys of a meter without power is 409, before it asks for anything") {
        Rig rig{"kpm53"};
        rig.control.held().image().memory.auxiliary.push_back({1, false});
        for (const char* const password : {"6666", "1"})
            CHECK(rig.patch(std::string{"{'values': {'pt': 9}, 'as': 'keys', 'password': "} +
                            password + "}")
                      .starts_with("409 path: "));
        rig.control.held().image().memory.auxiliary.clear();
        CHECK(rig.shown("pt") == 1);
    }

    TEST_CASE("PATCH points by the wire is 422 for what a model has at its keys alone") {
        for (const auto& [model, point, value] : {std::tuple{"kpm312", "rated_current_a", "100"},
                                                  {"kpm33b", "settlement_day", "3"},
                                                  {"kpm33b", "direction", "1"}}) {
            CAPTURE(point);
            Rig rig{model};
            const std::string values = std::string{"{'values': {'"} + point + "': " + value + "}";
            for (const char* const as : {"}", ", 'as': 'wire'}"})
                CHECK(rig.patch(values + as) ==
                      std::string{"422 body/values/"} + point + ": " + point +
                          " is set at the keys alone; write \"as\": \"keys\" with \"password\"; "
                          "kpmsim set: --password");
            CHECK(
                rig.patch(values + ", 'as': 'keys', 'password': 6666}").starts_with("200 keys {"));
            CHECK(rig.shown(point) == std::stod(value));
        }
        Rig wired{"kpm33b"}; // by COMMOD_SET
        CHECK(wired.patch("{'values': {'second_interval_s': 60}}") ==
              "200 wire {\"second_interval_s\":60.0}");
    }
}

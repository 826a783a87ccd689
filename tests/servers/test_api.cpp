// The control API without sockets: requests in, answers out, over a farm that is only words.
#include "modbus_rig.hpp"
#include "servers/api/api.hpp"
#include "servers/api/api_files.hpp"
#include "servers/api/gate.hpp"
#include "servers/api/near_miss.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>

using namespace kpmsim;
using Json = nlohmann::json;

namespace {

/// A farm of one meter, whose clock goes where it is told.
class PaperFarm : public Control {
public:
    PaperFarm() {
        facts_.version = "1.2.3";
        parse_iso("2026-01-01T00:00:00", facts_.start);
    }

    const ApiFarm& farm() const override { return facts_; }
    std::vector<ApiMeter> meters() const override { return {}; }
    std::optional<ApiMeter> meter(const std::string&) const override { return std::nullopt; }
    std::size_t meter_count() const override { return 0; }
    std::vector<std::string> meter_names() const override { return {"shop-1"}; }
    bool ready() const override { return is_ready; }
    std::optional<Fault> stands_still() const override { return stands; }
    std::vector<ApiMetric> metrics() const override {
        return {{"meters", "Meters.", false, 3}, {"asked_total", "Asked.", true, 1e9}};
    }
    MeterState truth(const std::string&, int) const override { return {}; }
    void between_steps(std::function<void()> work) override { work(); }
    SimTime now() const override { return at; }
    Pace pace() const override { return clock; }
    void set_pace(const Pace& pace, std::function<void()> done) override {
        clock = pace;
        done();
    }
    bool advancing() const override { return static_cast<bool>(under_way); }
    void advance(ApiAdvance what, std::function<void(const ApiAdvanced&)> done) override {
        under_way = [this, what, done] {
            const SimTime from = std::exchange(at, what.to);
            under_way = nullptr;
            done({from, what.to, true, false, 2});
        };
        if (!slow)
            std::function{under_way}();
    }
    Result<std::function<bool()>, Fault> condition(std::string_view text) override {
        if (text == "true")
            return std::function<bool()>{[] { return true; }};
        return Unexpected<Fault>{Fault{"no condition", "write true"}};
    }
    Bytes save() override { return {1, 2, 3}; }
    std::optional<Fault> restore(std::span<const std::uint8_t> saved) override {
        return saved.size() == 3 ? std::nullopt : std::optional{Fault{"it differs", "save again"}};
    }
    std::optional<Fault> reset() override {
        at = {};
        return std::nullopt;
    }
    Result<std::vector<ApiMeter>, ApiRefusal> add_meters(const std::string& json) override {
        if (json != "{}")
            return Unexpected{ApiRefusal{409, {{{"body", 0, 0}, "it is taken", "use another"}}}};
        ApiMeter meter;
        meter.name = "shop 2";
        return std::vector{meter};
    }
    std::optional<ApiRefusal> remove_meter(const std::string& name) override {
        if (name == "shop-1")
            return std::nullopt;
        return ApiRefusal{404, {{{"path", 0, 0}, "there is none", "GET /v1/meters"}}};
    }
    void shut_down() override { over = true; }
    ActionsPort* actions() override { return port; }

    SimTime at{};
    Pace clock{Pace::Mode::stepped, 1};
    std::optional<Fault> stands;
    bool is_ready{true}, slow{false}, over{false};
    std::function<void()> under_way;
    ActionsPort* port{nullptr};

private:
    ApiFarm facts_{"", "abc", "f.toml", "sample", 7, CivilTime{}, {"main"}, {}, {}, {}};
};

struct Rig {
    PaperFarm farm;
    Journal journal;
    EventHub events;
    ApiRoom room{farm, journal, events, 0};

    std::optional<ApiAnswer> send(std::string method, std::string target, std::string body = "") {
        auto got = std::make_shared<std::optional<ApiAnswer>>();
        serve(room, {std::move(method), std::move(target), std::move(body)},
              [got](ApiAnswer answer) { *got = std::move(answer); });
        last = got;
        return *got;
    }
    /// "200 {…}"
    std::string ask(std::string method, std::string target, std::string body = "") {
        const auto answer = send(std::move(method), std::move(target), std::move(body));
        return answer ? std::to_string(answer->status) + ' ' +
                            (answer->body.starts_with('{') ? Json::parse(answer->body).dump()
                                                           : answer->body)
                      : "nothing yet";
    }
    Json problem(int status, std::string method, std::string target, std::string body = "") {
        const auto answer = send(std::move(method), std::move(target), std::move(body));
        REQUIRE(answer.has_value());
        CHECK(answer->status == status);
        CHECK(answer->type == "application/problem+json");
        return Json::parse(answer->body);
    }
    std::shared_ptr<std::optional<ApiAnswer>> last;
};

class OneAction : public ActionsPort {
public:
    std::string kinds() const override { return R"([{"kind":"dip"}])"; }
    std::string list() const override { return running ? R"([{"id":"a1"}])" : "[]"; }
    Result<StartedAction, std::vector<Mistake>> start(std::string_view json) override {
        if (json != "{}")
            return Unexpected{std::vector<Mistake>{{{"body/kind", 0, 0}, "unknown", "write dip"}}};
        running = true;
        return StartedAction{"a1", SimTime{}, SimTime{std::chrono::seconds{2}}};
    }
    bool end(const std::string& id) override { return id == "a1" && std::exchange(running, false); }
    std::size_t end_all() override { return std::exchange(running, false) ? 1 : 0; }
    bool running{false};
};

} // namespace

TEST_SUITE("exchange") {
    TEST_CASE("the table of routes and the document have the same operations, keys and bodies") {
        const Json document = Json::parse(api_files().front().text);
        std::set<std::string> written, known;
        for (const auto& [path, item] : document["paths"].items())
            for (const auto& [method, operation] : item.items()) {
                std::string upper = method;
                std::transform(upper.begin(), upper.end(), upper.begin(), ::toupper);
                std::set<std::string> keys;
                for (const Json& parameter : operation.value("parameters", Json::array()))
                    if (parameter["in"] == "query")
                        keys.insert(parameter["name"].get<std::string>());
                std::string row =
                    upper + ' ' + path + (operation.contains("requestBody") ? " body" : "");
                for (const std::string& key : keys)
                    row += ' ' + key;
                written.insert(row);
            }
        const std::set<std::string> without_body{"POST /v1/reset", "POST /v1/shutdown"};
        for (const ApiRoute& route : api_routes()) {
            std::istringstream words{std::string{route.query}};
            const std::set<std::string> keys{std::istream_iterator<std::string>{words}, {}};
            const std::string name = std::string{route.method} + ' ' + std::string{route.path};
            std::string row =
                name + (route.body > 0 && !without_body.contains(name) ? " body" : "");
            for (const std::string& key : keys)
                row += ' ' + key;
            known.insert(row);
        }
        CHECK(written == known);
    }

    TEST_CASE(
        "whatever changes something may find no room for the state, and the document says so") {
        const Json document = Json::parse(api_files().front().text);
        for (const auto& [path, operations] : document["paths"].items())
            for (const auto& [method, operation] : operations.items()) {
                const bool changes =
                    method == "post" || method == "put" || method == "patch" || method == "delete";
                CAPTURE(path);
                CAPTURE(method);
                if (path != "/readyz") // which says 503 for a reason of its own
                    CHECK(operation["responses"].contains("503") ==
                          (changes && path != "/v1/shutdown"));
            }
    }

    TEST_CASE("what is asked for is answered") {
        Rig rig;
        CHECK(rig.ask("GET", "/healthz") == R"(200 {"status":"ok"})");
        CHECK(rig.ask("GET", "/readyz") == R"(200 {"status":"ready"})");
        rig.farm.is_ready = false;
        CHECK(rig.ask("GET", "/readyz") == R"(503 {"status":"starting"})");
        rig.farm.is_ready = true;
        rig.farm.stands = Fault{"the disk is full", "make room"};
        CHECK(rig.ask("GET", "/readyz") ==
              R"(503 {"cure":"make room","detail":"the disk is full","status":"stands still"})");
        CHECK(rig.ask("GET", "/healthz") == R"(200 {"status":"ok"})"); // it lives
        CHECK(rig.ask("GET", "/version") ==
              R"(200 {"api":"v1","commit":"abc","name":"kpmsim","version":"1.2.3"})");
        CHECK(rig.ask("GET", "/v1/supplies") == "200 [\n  {\n    \"name\": \"main\"\n  }\n]\n");
        CHECK(rig.ask("GET", "/metrics")
                  .starts_with("200 # HELP kpmsim_meters Meters.\n"
                               "# TYPE kpmsim_meters gauge\n"
                               "kpmsim_meters 3\n"));
    }

    TEST_CASE("time is wound, and not twice at once") {
        Rig rig;
        CHECK(rig.send("POST", "/v1/time/advance", R"({"by": "15m"})")->status == 200);
        CHECK(rig.farm.at == SimTime{std::chrono::minutes{15}});
        const Json done = Json::parse(
            rig.send("POST", "/v1/time/advance", R"({"to": "2026-01-01T01:00:00"})")->body);
        CHECK(done["now"] == "2026-01-01T01:00:00.000");
        CHECK(done["advanced"] == 2700.0);
        CHECK(rig.problem(400, "POST", "/v1/time/advance",
                          R"({"to": "2026-01-01T00:59:59"})")["place"] == "body/to");
        CHECK(rig.problem(400, "POST", "/v1/time/advance",
                          R"({"by": "1 s", "to": "2026-01-01T02:00:00"})")["detail"] ==
              "by and to each say where it ends");
        const SimTime before = rig.farm.at;
        CHECK(rig.send("POST", "/v1/time/advance", R"({"by": "10 cycles"})")->status == 200);
        CHECK(rig.farm.at - before == std::chrono::milliseconds{200});
        rig.farm.slow = true;
        CHECK(rig.ask("POST", "/v1/time/advance", R"({"until": "true", "at_most": "1 s"})") ==
              "nothing yet");
        const auto answered = rig.last;
        CHECK(rig.problem(409, "POST", "/v1/time/advance", R"({"by": "1 s"})")["detail"] ==
              "another advance is under way");
        CHECK(rig.problem(409, "POST", "/v1/reset")["cure"] == "wait for its answer");
        std::function{rig.farm.under_way}();
        REQUIRE(answered->has_value());
        const Json late = Json::parse((*answered)->body);
        CHECK(late["advanced"] == 1.0);
        CHECK(late["undelivered"] == 2);
        rig.farm.clock.mode = Pace::Mode::realtime;
        CHECK(rig.problem(409, "POST", "/v1/time/advance", R"({"by": "1 s"})")["cure"] ==
              R"(PUT /v1/time/clock {"clock": "stepped"})");
        CHECK(rig.send("PUT", "/v1/time/clock", R"({"clock": "x60"})")->status == 200);
        CHECK(rig.farm.clock.factor == 60.0);
    }

    TEST_CASE("actions go through to those who act") {
        Rig rig;
        CHECK(rig.ask("GET", "/v1/action-kinds") == "200 []\n");
        CHECK(rig.problem(409, "POST", "/v1/actions", "{}")["detail"] ==
              "this farm takes no actions");
        OneAction actions;
        rig.farm.port = &actions;
        CHECK(rig.ask("GET", "/v1/action-kinds") == "200 [{\"kind\":\"dip\"}]\n");
        const auto started = rig.send("POST", "/v1/actions", "{}");
        CHECK(started->status == 201);
        CHECK(Json::parse(started->body)["until"] == "2026-01-01T00:00:02.000");
        CHECK(rig.problem(422, "POST", "/v1/actions", R"({"kind": "x"})")["place"] == "body/kind");
        CHECK(rig.problem(400, "POST", "/v1/actions", "x")["detail"] ==
              "this is no JSON: it goes wrong at byte 1");
        CHECK(rig.problem(400, "POST", "/v1/actions", R"({"kind": "x", "kind": "y"})")["place"] ==
              "body/kind");
        CHECK(rig.problem(400, "POST", "/v1/actions", R"({"a": {"b": 1, "b": 2}})")["detail"] ==
              "this key stands twice");
        CHECK(rig.ask("DELETE", "/v1/actions/a1") == R"(200 {"ended":1})");
        CHECK(rig.problem(404, "DELETE", "/v1/actions/a1")["place"] == "path");
        CHECK(rig.ask("DELETE", "/v1/actions") == R"(200 {"ended":0})");
    }

    TEST_CASE("state is taken and put back, and the end is told before it comes") {
        Rig rig;
        CHECK(rig.send("GET", "/v1/state")->body == std::string{"\1\2\3"});
        CHECK(rig.send("PUT", "/v1/state", "\1\2\3")->status == 200);
        CHECK(rig.problem(422, "PUT", "/v1/state", "x")["detail"] == "it differs");
        CHECK(rig.problem(400, "POST", "/v1/reset", R"({"hard": true})")["cure"] ==
              "this call takes none");
        CHECK(rig.problem(400, "POST", "/v1/shutdown", "now")["place"] == "body");
        CHECK_FALSE(rig.farm.over);
        CHECK(rig.send("POST", "/v1/reset", "{}")->status == 200);
        CHECK(rig.ask("POST", "/v1/shutdown") == R"(202 {"status":"stopping"})");
        CHECK(rig.farm.over);
    }

    TEST_CASE("what fits no route is told what is near") {
        Rig rig;
        CHECK(rig.problem(404, "GET", "/v1/meter")["cure"] == "did you mean /v1/meters?");
        CHECK(rig.problem(404, "GET", "/v1/meters/shop-2")["cure"] == "did you mean shop-1?");
        CHECK(rig.problem(404, "GET", "/")["cure"] == "GET /openapi.json lists all there is");
        CHECK(rig.problem(404, "GET", "/v1/farm/")["status"] == 404);
        CHECK(rig.problem(405, "DELETE", "/v1/farm")["cure"] == "allowed: GET, HEAD, OPTIONS");
        CHECK(rig.problem(400, "GET", "/v1/farm?x=1")["place"] == "query x");
        CHECK(rig.problem(400, "GET", "/v1/%4")["place"] == "path");
        CHECK(rig.send("OPTIONS", "/v1/time/clock")->status == 204);
        const Json broken = rig.problem(400, "PUT", "/v1/time/clock", R"({"clock" "free"})");
        CHECK(broken["detail"] == "this is no JSON: it goes wrong at byte 15");
        CHECK(broken["cure"] == R"(write an object such as {"clock": "stepped"})");
        CHECK(rig.problem(400, "PUT", "/v1/time/clock", "[")["detail"] ==
              "this is no JSON: it breaks off after byte 1");
        for (const char* const large : {R"({"clock": 1e400})", R"({"clock": [-1e400]})", "1e999"})
            CHECK(rig.problem(400, "PUT", "/v1/time/clock", large)["detail"] ==
                  "a number in this is too large");
        CHECK(rig.problem(400, "PUT", "/v1/time/clock", "{}")["cure"] ==
              R"(add "clock": "stepped")");
    }
}

TEST_SUITE("unit") {
    TEST_CASE("a target is taken apart") {
        const auto target = read_target("/v1/meters/a%20b%2Fc?names=u_a,p&x=a+b&y");
        REQUIRE(target);
        CHECK(target->path == std::vector<std::string>{"v1", "meters", "a b/c"});
        CHECK(target->query.at("names") == "u_a,p");
        CHECK(target->query.at("x") == "a b");
        CHECK(target->query.at("y").empty());
        CHECK_FALSE(read_target("/a%2"));
        CHECK_FALSE(read_target("/a%zz"));
        CHECK_FALSE(read_target("/a?x=1&x=2"));
        CHECK(percent_encoded("a b/ü") == "a%20b%2F%C3%BC");
    }

    TEST_CASE("who may come in") {
        const Endpoint here{"127.0.0.1", 8474};
        const auto status = [&](GateQuestion who, std::string_view token = {}) {
            const auto problem = refused_at_the_gate(who, here, token);
            return problem ? problem->status : 200;
        };
        CHECK(status({"/v1/farm", "127.0.0.1:8474", "", ""}) == 200);
        CHECK(status({"/v1/farm", "localhost:1", "", ""}) == 200);
        CHECK(status({"/v1/farm", "[::1]:8474", "", ""}) == 200);
        CHECK(status({"/v1/farm", "127.99.0.1", "", ""}) == 200);
        for (const char* other :
             {"evil.example", "127.0.0.1.evil.example", "127.evil.example", "127.0.0.1evil",
              "localhost.evil.example", "[::1].evil.example", "[::2]:8474", "128.0.0.1"}) {
            CAPTURE(other);
            CHECK(status({"/v1/farm", other, "", ""}) == 421);
        }
        CHECK(status({"/v1/farm", "127.0.0.1:8474", "", "", 2}) == 400);
        CHECK(status({"/v1/farm", "", "", ""}) == 421);
        CHECK(status({"/v1/farm", "127.0.0.1:8474", "http://127.0.0.1:8474", ""}) == 200);
        CHECK(status({"/v1/farm", "127.0.0.1:8474", "http://127.0.0.1:9", ""}) == 403);
        CHECK(status({"/v1/farm", "127.0.0.1:8474", "null", ""}) == 403);
        CHECK(status({"/v1/farm", "10.0.0.1", "", "Bearer abc"}, "abc") == 200);
        CHECK(status({"/v1/farm", "10.0.0.1", "", "Bearer abcd"}, "abc") == 401);
        CHECK(status({"/v1/farm", "10.0.0.1", "", "Bearer ab"}, "abc") == 401);
        CHECK(status({"/v1/farm", "10.0.0.1", "", "abc"}, "abc") == 401);
        CHECK(status({"/healthz", "10.0.0.1", "", ""}, "abc") == 200);
    }

    TEST_CASE("a journal keeps the last, and counts what it forgot") {
        Journal journal{3, 1 << 20};
        for (int n = 0; n < 5; ++n) {
            JournalEntry entry;
            entry.meter = n % 2 == 0 ? "a" : "b";
            entry.request = {3, 0, static_cast<std::uint8_t>(n), 0, 2};
            journal.add(std::move(entry));
        }
        CHECK(journal.forgotten() == 2);
        CHECK(journal.count({}) == 3);
        JournalFilter filter;
        filter.meter = "a";
        CHECK(journal.count(filter) == 2);
        filter.address = 4;
        REQUIRE(journal.find(filter, 9).size() == 1);
        CHECK(journal.find(filter, 9).front()->id == 5);
        CHECK(journal.find({}, 1).front()->id == 5); // the last
        filter = {};
        filter.since = 4;
        CHECK(journal.count(filter) == 1);
        filter.since = 0; // from the oldest that is left, so that one can go on
        REQUIRE(journal.find(filter, 2).size() == 2);
        CHECK(journal.find(filter, 2).front()->id == 3);
        CHECK(journal.find(filter, 2).back()->id == 4);
        Journal narrow{100, 1000};
        for (int n = 0; n < 10; ++n) {
            JournalEntry entry;
            entry.payload = std::string(400, 'x');
            narrow.add(std::move(entry));
        }
        CHECK(narrow.count({}) < 3);
    }

    TEST_CASE("a journal is read page by page, and says when more is left") {
        Rig rig;
        for (int n = 0; n < 20; ++n)
            rig.journal.add({});
        std::vector<int> ids;
        bool more = true;
        for (int since = 0; more; since = ids.back()) {
            const Json page = Json::parse(
                rig.send("GET", "/v1/journal?limit=7&since=" + std::to_string(since))->body);
            more = page["more"];
            CHECK(page["entries"].size() <= 7);
            for (const Json& entry : page["entries"])
                ids.push_back(entry["id"]);
        }
        REQUIRE(ids.size() == 20);
        for (int n = 0; n < 20; ++n)
            CHECK(ids[static_cast<std::size_t>(n)] == n + 1);
        const Json newest = Json::parse(rig.send("GET", "/v1/journal?limit=7")->body);
        CHECK(newest["entries"][0]["id"] == 14);
        CHECK(newest["more"] == true);
        CHECK(rig.problem(404, "GET", "/v1/journal?meter=shop-2")["cure"] ==
              "did you mean shop-1?");
        CHECK(rig.problem(404, "GET", "/v1/journal?line=line9")["place"] == "query line");
        CHECK(rig.problem(404, "POST", "/v1/journal/find", R"({"meter": "x"})")["place"] ==
              "body/meter");
        CHECK(rig.send("POST", "/v1/journal/find", R"({"address": "30H"})")->status == 200);
        CHECK(rig.problem(404, "GET", "/v1/events?meter=x")["place"] == "query meter");
    }

    TEST_CASE("what was probably meant is worked out from the map") {
        const MeterType& type = rig::builtin("kpm37");
        MeterSpec spec;
        spec.name = "m";
        spec.type = &type;
        const auto miss = [&](const std::string& request, const std::string& answer) {
            return near_miss(spec, rig::bytes(request), rig::bytes(answer));
        };
        // Two words from 0030H: u_a, and nothing to say.
        CHECK(miss("03 00 30 00 02", "03 04 43 66 00 00").empty());
        CHECK(miss("03 00 31 00 02", "03 04 00 00 43 66") ==
              "you read 0031H; u_a (Voltage, phase a) begins at 0030H; do you count from one?");
        CHECK(miss("03 00 30 00 01", "03 02 43 66") ==
              "you read 1 words from 0030H on, which cuts u_a (Voltage, phase a) at 0030H in two; "
              "it has 2");
        CHECK(miss("04 00 30 00 02", "84 01") ==
              "you asked with function 04; this meter answers 03");
        CHECK(miss("06 00 06 00 0A", "86 01") ==
              "you asked with function 06; this meter answers 16");
        CHECK(miss("10 00 30 00 02 04 00 00 00 00", "90 02") ==
              "you wrote 0030H; u_a (Voltage, phase a) can only be read");
        CHECK(miss("03 FF F0 00 01", "83 02").empty()); // nothing is near
        const auto ends = [](const std::string& text, const std::string& end) {
            return text.size() > end.size() && text.ends_with(end);
        };
        // Two words before a value in a hole, and two behind the begin of the last one.
        CHECK(
            miss("03 00 66 00 02", "83 02").starts_with("you read 0066H, where there is nothing"));
        CHECK(ends(miss("03 00 66 00 02", "83 02"), "begins at 0068H"));
        CHECK(ends(miss("03 04 68 00 02", "83 02"), "begins at 0466H"));
        CHECK(miss("03 04 69 00 02", "83 02").empty()); // three: that is another matter
        CHECK(miss("03 04 66 00 04", "83 02") ==
              "you read 4 words from 0466H on; there is nothing at 0468H");
        CHECK(miss("63 00", "E3 01").empty());
        REQUIRE(type.coil_base == 1);
        CHECK(miss("05 00 00 FF 00", "85 02").starts_with("you asked for 1 from 0000H on; relays"));
        // What this unit lacks is told, and never named in place of something else.
        CHECK(miss("03 04 FF 00 01", "83 02").ends_with("begins at 0500H"));
        spec.relays_fitted = false;
        spec.inputs_fitted = false;
        CHECK(miss("03 04 FF 00 01", "83 02").empty());
        CHECK(miss("03 05 00 00 01", "83 02") ==
              "you read 0500H; m has no relays, and so no relay_alarm");
        CHECK(miss("05 00 00 FF 00", "85 02") ==
              "you asked for coil 0000H; this meter has no relays");
        CHECK(miss("02 00 01 00 01", "82 02") ==
              "you asked for coil 0001H; this meter has no inputs");
        CHECK(near_unit(7, "shop-3", "127.0.0.1:1502") ==
              "nobody has unit 7 here; shop-3 has it at 127.0.0.1:1502");
    }
}

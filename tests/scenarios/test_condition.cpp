#include "farms.hpp"
#include "scenarios/file/condition.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <map>

using namespace kpmsim;

namespace {

const FarmPlan& plan() {
    static const FarmPlan farm = parse_farm(
        "[supply.main]\n[load.x]\np = \"3 kW\"\n"
        "[[meter]]\nname = \"shop\"\nmodel = \"kpm33b\"\nsupply = \"main\"\nload = \"x\"\n"
        "[[meter]]\nname = \"shop-3\"\nmodel = \"kpm33b\"\nsupply = \"main\"\nload = \"x\"\n"
        "[[meter]]\nname = \"feeder\"\nmodel = \"kpm312\"\nsupply = \"main\"\nloads = [\"x\", "
        "\"x\", \"x\", \"x\"]\n",
        "f.toml", test::types());
    return farm;
}

/// Whether it holds where every term has the value of its "meter.circuit.point", else 0.
bool holds(const char* text, const std::map<std::string, double>& values) {
    Fault fault;
    const auto condition = Condition::read(text, Vocabulary{plan().meters}, fault);
    REQUIRE_MESSAGE(condition.has_value(), fault.what);
    return condition->holds([&](const FormulaTerm& term) {
        const MeterSpec& spec = plan().meters[term.meter].spec;
        const auto found = values.find(spec.name + '.' + std::to_string(term.circuit + 1) + '.' +
                                       spec.type->points[term.point].name);
        return found == values.end() ? 0.0 : found->second;
    });
}

std::string complaint(const std::string& text) {
    Fault fault;
    CHECK_FALSE(Condition::read(text, Vocabulary{plan().meters}, fault).has_value());
    return fault.what + "; " + fault.cure;
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("a condition compares points, whatever their meters are called") {
        CHECK(holds("shop-3.p > 2000", {{"shop-3.1.p", 2000.5}}));
        CHECK_FALSE(holds("shop-3.p > 2000", {{"shop-3.1.p", 2000.0}}));
        CHECK(holds("shop-3.p>=2000", {{"shop-3.1.p", 2000.0}}));
        CHECK(holds("shop.p - shop-3.p == 1", {{"shop.1.p", 3.0}, {"shop-3.1.p", 2.0}}));
        CHECK(holds("feeder[3].u_a < 207", {{"feeder.3.u_a", 206.0}, {"feeder.1.u_a", 230.0}}));
        CHECK_FALSE(holds("feeder[3].u_a < 207", {{"feeder.3.u_a", 208.0}}));
        CHECK(holds("feeder.u_a != 0", {{"feeder.1.u_a", 1.0}})); // without a number: the first
        CHECK(holds("3-2 == 1 and shop.p < 1e-3", {}));
    }

    TEST_CASE("conditions are joined by and, or, not, and worked out by functions") {
        const std::map<std::string, double> values{{"shop.1.p", -5.0}, {"shop.1.u_a", 230.0}};
        CHECK(holds("shop.p < 0 and shop.u_a > 200", values));
        CHECK_FALSE(holds("shop.p < 0 and shop.u_a > 300", values));
        CHECK(holds("shop.p > 0 or shop.u_a > 200", values));
        CHECK(holds("not (shop.p > 0)", values));
        CHECK(holds("abs (shop.p) == 5", values));
        CHECK(holds("max(shop.p, shop.u_a, 7) == 230", values));
        CHECK(holds("sqrt(shop.p ^ 2 + 12 * 12) == 13", values));
    }

    TEST_CASE("what is no number makes no comparison true") {
        const std::map<std::string, double> values{
            {"shop.1.p", std::numeric_limits<double>::quiet_NaN()}};
        for (const char* text : {"shop.p > 0", "shop.p <= 0", "shop.p == shop.p"})
            CHECK_FALSE(holds(text, values));
    }

    TEST_CASE("what is no condition is told with a cure") {
        CHECK(complaint("shop-4.p > 1") ==
              "\"shop-4.p\" is no point of a meter; did you mean shop-3?");
        CHECK(complaint("shop-3.u_aa > 1") == "shop-3 (kpm33b) has no point \"u_aa\" that is a "
                                              "number; did you mean u_a or u_ab or u_ca?");
        CHECK(complaint("shop-3.serial > 1").find("\"serial\"") != std::string::npos);
        CHECK(complaint("feeder[5].p > 1") == "feeder has no such circuit; write feeder[1] to [4]");
        CHECK(complaint("feeder[x].p > 1").starts_with("feeder has no such circuit"));
        CHECK(complaint("feeder[1 > 1").starts_with("feeder has no such circuit"));
        CHECK(complaint("feeder[2] > 1") == "feeder stands without a point; write feeder[2].p");
        CHECK(complaint("shop.p = 1") == "= compares nothing; write == for equal");
        CHECK(complaint("shop.p >").starts_with("\"shop.p >\" is no condition; write"));
        CHECK(complaint("1 > 0").starts_with("\"1 > 0\" names no point of a meter; write"));
        CHECK(complaint("").starts_with("\"\" "));
        CHECK(complaint("shop.p").starts_with("\"shop.p\" compares nothing; write"));
        CHECK(complaint("shop.p + 2000").find("compares nothing") != std::string::npos);
        CHECK(complaint("max(shop.p > 1, 7)").find("compares nothing") != std::string::npos);
        CHECK(complaint("system(1)").starts_with("\"system\" is no point of a meter"));
        CHECK(complaint("12abc").starts_with("\"12abc\" is no point"));
        CHECK(complaint(std::string(1001, '(')).starts_with("the condition has more than 1000"));
    }
}

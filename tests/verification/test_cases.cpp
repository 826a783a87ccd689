#include "files/mistake.hpp"
#include "verification/builtin_cases.hpp"
#include "verification/verify.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <string>

using namespace kpmsim;

namespace {

const char* const good = R"(id = "1"
title = "Rms of a sine voltage"
clause = "IEC 61000-4-30, 5.2"
kind = "readings"
setups = 2

[signal]
u = [0.1, 1.0]

[[quantity]]
name = "U"
unit = "of reading"
standard = { limit = 1e-3, text = "class A" }
clean = { limit = 1e-6 }
no_adc = "its noise would be another row's"
)";

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), by);
}

std::vector<VerificationCase> load(const std::string& text) {
    const EmbeddedFile file{"01-x/case.toml", text};
    return load_cases({&file, 1});
}

/// The mistakes of a case, one a line.
std::string mistakes_of(const std::string& text) {
    try {
        load(text);
    } catch (const FileError& e) {
        std::string all;
        for (const Mistake& m : e.mistakes())
            all += to_text(m) + '\n';
        return all;
    }
    return {};
}

bool says(const std::string& text, const std::string& part) {
    const std::string all = mistakes_of(text);
    INFO("mistakes: ", all);
    const bool found = all.find(part) != std::string::npos;
    CHECK(found);
    return found;
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("a case that lacks something or has too much is a mistake with its place") {
        CHECK(mistakes_of(good).empty());
        CHECK(says(replaced(good, "id = \"1\"", ""), "case lacks \"id\""));
        CHECK(says(replaced(good, "kind = \"readings\"", ""), "case lacks \"kind\""));
        CHECK(says(replaced(good, "\"readings\"", "\"reading\""), "01-x/case.toml:4:8"));
        CHECK(says(replaced(good, "u = [0.1, 1.0]", "u = [1.0, 0.1]"), "01-x/case.toml:8:5"));
        CHECK(says(replaced(good, "u = [0.1, 1.0]", "uu = 1"), "uu"));
        CHECK(says(replaced(good, "clean = { limit = 1e-6 }", ""), "has no limit"));
        CHECK(says(replaced(good, "no_adc = \"its noise would be another row's\"", ""),
                   "has no limit in adc"));
        CHECK(says(replaced(good, "no_adc =", "no_clean = \"none\"\nno_adc ="),
                   "has a limit in clean"));
        CHECK(says(replaced(good, "limit = 1e-6", "limit = 1e-6, target = 1e-8"),
                   "without a reason"));
        CHECK(says(replaced(good, "setups = 2", "setups = 0"), "01-x/case.toml:5:10"));
        CHECK(says(replaced(good, "title", "titel"), "titel"));
        CHECK(says("id = ", "01-x/case.toml:1"));
    }

    TEST_CASE("a row fails above either limit, and when nobody measured it") {
        const auto pass = [](const std::string& text) {
            const std::vector<VerificationCase> cases = load(text);
            const std::vector<VerifiedRow> rows = verify(cases);
            REQUIRE(rows.size() == 1);
            return rows[0].pass;
        };
        CHECK(pass(good));
        CHECK_FALSE(pass(replaced(good, "limit = 1e-6", "limit = 1e-12")));
        CHECK_FALSE(pass(replaced(good, "limit = 1e-3", "limit = 1e-12")));
        CHECK_FALSE(pass(replaced(good, "name = \"U\"", "name = \"V\"")));
    }

    TEST_CASE("a quantity that covers others is their worst, and none may be left out") {
        const std::string covering =
            replaced(replaced(good, "\"readings\"", "\"catalogue\""), "name = \"U\"",
                     "name = \"voltages\"\ncovers = [\"u_?\", \"f\"]");
        const auto row_of = [](const std::string& text) {
            const std::vector<VerificationCase> cases = load(text);
            return verify(cases).front();
        };
        const std::vector<VerificationCase> cases = load(replaced(covering, "u = [0.1, 1.0]", ""));
        CHECK(cases[0].quantities[0].covers == std::vector<std::string>{"u_a", "u_b", "u_c", "f"});
        CHECK(cases[0].wiring == "p4l");
        const VerifiedRow row = row_of(replaced(covering, "u = [0.1, 1.0]", "f = [45, 65]"));
        CHECK(row.pass);
        CHECK(row.worst > 0);
        CHECK((row.worst_of == "f" || row.worst_of.starts_with("u_")));
        // A kind that knows none of them.
        const VerifiedRow none = row_of(replaced(covering, "\"catalogue\"", "\"readings\""));
        CHECK_FALSE(none.pass);
        CHECK(std::isnan(none.worst));
        CHECK(says(replaced(covering, "\"u_?\"", "\"v_?\""), "no quantity fits \"v_?\""));
    }

    TEST_CASE("the table does not depend on the number of threads") {
        const std::vector<VerificationCase> cases =
            load(replaced(good, "setups = 2", "setups = 9"));
        CHECK(verify(cases, 1)[0].worst == verify(cases, 3)[0].worst);
    }

    TEST_CASE("every case has a README and at least 20 set-ups a row") {
        std::map<std::string, int> setups;
        for (const VerificationCase& c : load_cases(builtin_cases())) {
            setups[c.id] += c.setups;
            CHECK(std::filesystem::exists(std::filesystem::path{KPMSIM_SOURCE_DIR} /
                                          "tests/validation" / c.name / "README.md"));
        }
        CHECK(setups.size() == 60); // 1 to 37, 39 to 53, M1 to M8
        for (const auto& row : setups) {
            CAPTURE(row.first);
            CHECK(row.second >= 20);
        }
    }
}

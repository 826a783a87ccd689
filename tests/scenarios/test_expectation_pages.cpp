#include "farms.hpp"
#include "scenarios/play/expectation_kind.hpp"
#include "scenarios/play/expectation_pages.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <set>
#include <sstream>

using namespace kpmsim;

TEST_SUITE("unit") {
    TEST_CASE("The reference page of the scenarios has the tables of the expectations") {
        std::ifstream in{test::source("docs/reference/scenarios.md")};
        std::ostringstream text;
        text << in.rdbuf();
        CHECK_MESSAGE(text.str().find(expectation_tables()) != std::string::npos,
                      "put this into docs/reference/scenarios.md:\n"
                          << expectation_tables());
        CHECK_MESSAGE(text.str().find(probe_table()) != std::string::npos,
                      "put this into docs/reference/scenarios.md:\n"
                          << probe_table());
    }

    TEST_CASE("Kinds of expectations and their keys have names of their own") {
        std::set<std::string_view> kinds;
        for (const ExpectationKind& kind : expectation_kinds()) {
            CAPTURE(kind.name);
            CHECK(kinds.insert(kind.name).second);
            CHECK(find_expectation_kind(kind.name) == &kind);
            std::set<std::string_view> names;
            const auto add = [&](std::span<const ExpectationKey> keys) {
                for (const ExpectationKey& key : keys) {
                    CAPTURE(key.name);
                    CHECK(names.insert(key.name).second);
                    CHECK_FALSE(key.title.empty());
                    CHECK_FALSE(key.example.empty());
                }
            };
            add(expectation_keys());
            add(kind.keys);
            if (kind.compares)
                add(comparison_keys());
            if (kind.timed)
                add(timing_keys());
        }
        CHECK(find_expectation_kind("vlaue") == nullptr);
    }
}

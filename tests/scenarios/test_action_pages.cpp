#include "scenarios/play/action_pages.hpp"

#include "scenarios/play/action.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

using namespace kpmsim;

namespace {

std::string file(const std::string& name) {
    std::ifstream in{KPMSIM_SOURCE_DIR "/" + name};
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("The reference page of the actions is the table's") {
        CHECK(file("docs/reference/actions.md") == actions_page());
    }

    TEST_CASE("Kinds and parameters have names of their own, titles and examples") {
        std::set<std::string_view> kinds;
        for (const ActionKind& kind : action_kinds()) {
            CAPTURE(kind.name);
            CHECK(kinds.insert(kind.name).second);
            CHECK(find_action_kind(kind.name) == &kind);
            CHECK_FALSE(kind.title.empty());
            std::set<std::string_view> names;
            for (const CommonKey& key : common_keys())
                names.insert(key.name);
            for (const ActionParameter& parameter : kind.parameters) {
                CAPTURE(parameter.name);
                CHECK(names.insert(parameter.name).second);
                CHECK_FALSE(parameter.title.empty());
                CHECK_FALSE(parameter.example.empty());
                CHECK(kind.find(parameter.name) == &parameter);
            }
        }
        CHECK(find_action_kind("dipp") == nullptr);
    }
}

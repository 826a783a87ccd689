// What of a meter is its documents', what is assumed, what is not there: from the data, on each face the same.
#include "fixture.hpp"

#include "models/faces/coverage_files.hpp"
#include "models/faces/fidelity_card.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <set>
#include <sstream>

using namespace kpmsim;
using test::library;

TEST_SUITE("unit") {

    TEST_CASE("Statements are read from the page of the manuals: state, tests, reason") {
        const auto all =
            read_coverage("# A page\n\n| A09 | before any | Y | `x` |\n## A: KPM1, manual\n\n"
                          "| id | statement | state | test, or reason |\n|---|---|---|---|\n"
                          "| A01 | it counts | Y | `sim/test_a.cpp: it does`, `shelf/b.toml` |\n"
                          "| A02 | it speaks | P | `sim/test_a.cpp: a bit`; open: no word |\n"
                          "| A03 | it flies | N | not modelled: it has no wings |\n"
                          "## V: MQTT protocol V1.9\n| V01 | keys | Y | `c` |");
        REQUIRE(all.size() == 2);
        CHECK(all[0].title == "KPM1, manual");
        REQUIRE(all[0].statements.size() == 3);
        const Statement& whole = all[0].statements[0];
        CHECK(whole.id == "A01");
        CHECK(whole.text == "it counts");
        CHECK(whole.state == 'Y');
        CHECK(whole.tests == std::vector<std::string>{"sim/test_a.cpp: it does", "shelf/b.toml"});
        CHECK(whole.reason.empty());
        const Statement& part = all[0].statements[1];
        CHECK(part.state == 'P');
        CHECK(part.tests == std::vector<std::string>{"sim/test_a.cpp: a bit"});
        CHECK(part.reason == "open: no word");
        CHECK(all[0].statements[2].tests.empty());
        CHECK(all[0].statements[2].reason == "not modelled: it has no wings");
        CHECK(all[1].title == "MQTT protocol V1.9");
        CHECK(all[1].statements.size() == 1);
    }

    TEST_CASE("Every statement of the page stands in the card of its meter, and in no other's") {
        std::size_t rows = 0;
        for (const DocumentCoverage& document : read_coverage(coverage_files().front().text))
            rows += document.statements.size();
        CHECK(rows == 307);
        std::set<std::string> told;
        for (const std::string& name : library().names()) {
            const FidelityCard card = fidelity_card(*library().find(name));
            std::vector<std::string> titles;
            for (const DocumentCoverage& document : card.documents) {
                titles.push_back(document.title);
                for (const Statement& one : document.statements) {
                    told.insert(one.id);
                    CHECK_MESSAGE((one.state == 'Y') == one.reason.empty(), one.id);
                    CHECK_MESSAGE((one.state == 'N' || !one.tests.empty()), one.id);
                }
            }
            const std::string mqtt = "MQTT protocol V1.9";
            if (name == "kpm312")
                CHECK(titles ==
                      std::vector<std::string>{"KPM312, manual", "KPM312, data sheet", mqtt});
            if (name == "kpm37")
                CHECK(titles == std::vector<std::string>{"KPM37, manual", mqtt});
            if (name == "kpm53")
                CHECK(titles == std::vector<std::string>{"KPM53, manual"});
            if (name == "kpm33b")
                CHECK(titles == std::vector<std::string>{mqtt});
        }
        CHECK(told.size() == rows);
    }

    TEST_CASE("A statement that begins with names of meters is of those, and in no other's card") {
        const auto rows = read_coverage("## V: MQTT protocol V1.9\n"
                                        "| V01 | KPM37, KPM312: a month | Y | `x` |\n"
                                        "| V02 | KPM37: a day | Y | `x` |\n"
                                        "| V03 | keys: all of them | Y | `x` |\n"
                                        "| V04 | KPM37 and others: no names | Y | `x` |\n")
                              .at(0)
                              .statements;
        REQUIRE(rows.size() == 4);
        CHECK(rows[0].meters == std::vector<std::string>{"KPM37", "KPM312"});
        CHECK(rows[0].text == "KPM37, KPM312: a month");
        CHECK(rows[1].meters == std::vector<std::string>{"KPM37"});
        CHECK(rows[2].meters.empty());
        CHECK(rows[3].meters.empty());
        const auto ids = [](const char* model) {
            std::set<std::string> all;
            const FidelityCard card = fidelity_card(*library().find(model));
            for (const Statement& one : card.documents.back().statements)
                all.insert(one.id);
            return all;
        };
        const auto has = [&](const char* model) {
            std::string text;
            for (const char* id : {"V01", "V04", "V05", "V06", "V11", "V14"})
                text += ids(model).contains(id) ? 'x' : '-';
            return text;
        };
        CHECK(has("kpm37") == "xxxxxx");
        CHECK(has("kpm312") == "x-xxx-"); // day data by its firmware
        CHECK(has("kpm33b") == "x-----");
    }

    TEST_CASE("A card says what is assumed: of the notes, of settings, of registers") {
        const FidelityCard card = fidelity_card(*library().find("kpm33b"));
        const auto says = [&](const std::string& part) {
            return std::any_of(card.assumed.begin(), card.assumed.end(), [&](const auto& one) {
                return one.find(part) != std::string::npos;
            });
        };
        CHECK(says("prepayment and load control"));
        CHECK(says("setting `control_mode`: manual V3.4, 6; factory value ours"));
        CHECK_FALSE(says("setting `address`"));
        CHECK_FALSE(says("registers are ours")); // the vendor's map
        const FidelityCard other = fidelity_card(*library().find("kpm53"));
        CHECK(other.assumed.back().find("registers are ours; `kpmsim map kpm53` says which") !=
              std::string::npos);
    }

    TEST_CASE("A card is the same as text, as a page and as JSON") {
        for (const std::string& name : library().names()) {
            CAPTURE(name);
            const MeterType& type = *library().find(name);
            const FidelityCard card = fidelity_card(type);
            const std::string text = card_as_text(type);
            const std::string page = card_as_markdown(type);
            const auto json = nlohmann::json::parse(card_as_json(type));
            CHECK(json["name"] == name);
            CHECK(json["modelled"] == type.modelled);
            CHECK(json["assumed"] == card.assumed);
            CHECK(json["not_modelled"] == type.not_modelled);
            for (const auto* list : {&card.modelled, &card.assumed, &card.not_modelled})
                for (const std::string& one : *list) {
                    CHECK(text.find("  - " + one + '\n') != std::string::npos);
                    CHECK(page.find("\n- " + one + '\n') != std::string::npos);
                }
            REQUIRE(json["documents"].size() == card.documents.size());
            for (std::size_t n = 0; n < card.documents.size(); ++n)
                for (std::size_t k = 0; k < card.documents[n].statements.size(); ++k) {
                    const Statement& one = card.documents[n].statements[k];
                    const auto& row = json["documents"][n]["statements"][k];
                    CHECK(row["id"] == one.id);
                    CHECK(row["tests"] == one.tests);
                    CHECK(row["reason"] == one.reason);
                    CHECK(page.find("\n- " + one.id + ' ' + one.text) != std::string::npos);
                }
        }
    }
}

TEST_SUITE("exchange") {

    TEST_CASE("The pages in docs/reference/fidelity are the cards of the data") {
        for (const std::string& name : library().names()) {
            std::ifstream file{std::string{KPMSIM_SOURCE_DIR} + "/docs/reference/fidelity/" + name +
                               ".md"};
            std::stringstream text;
            text << file.rdbuf();
            // The cure: kpmsim models NAME --format page > docs/reference/fidelity/NAME.md
            CHECK_MESSAGE(text.str() == card_as_markdown(*library().find(name)), name);
        }
    }
}

#include "own_model.hpp"

#include "models/faces/model_files.hpp"
#include "models/type/model_keys.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <set>
#include <sstream>

using namespace kpmsim;
using test::OwnModel;

namespace {

constexpr const char* probe = "zzzzzzzz = 1\n";

/// The keys that a reader knows in the one table with the probe in it, by its own complaint.
std::set<std::string> known_in(const std::string& mistakes) {
    const std::string before = "known: ";
    std::set<std::string> keys;
    std::size_t found = 0;
    for (auto at = mistakes.find("unknown key \"zzzzzzzz\""); at != std::string::npos;
         at = mistakes.find("unknown key \"zzzzzzzz\"", at + 1), ++found) {
        const auto from = mistakes.find(before, at) + before.size();
        std::istringstream in{mistakes.substr(from, mistakes.find('\n', from) - from)};
        for (std::string key; std::getline(in >> std::ws, key, ',');)
            keys.insert(key);
    }
    CHECK_MESSAGE(found == 1, mistakes);
    return keys;
}

std::string in_row(const std::string& list, const std::string& more) {
    return list + " = [{ " + more + " zzzzzzzz = 1 }]\n";
}

/// A model with the probe in one table.
std::string mistakes_of(const std::string& path) {
    const std::string top = test::own_keys;
    const std::string tables = test::own_tables;
    const auto meter = [&](const std::string& text) {
        return OwnModel{text, test::own_map}.mistakes();
    };
    const auto registers = [&](const std::string& text) {
        return OwnModel{top + tables, test::own_map + text}.mistakes();
    };
    const auto mqtt = [&](const std::string& text) {
        return OwnModel{top + tables, test::own_map, "source = \"a test\"\n" + text}.mistakes();
    };
    if (path == "meter")
        return meter(top + probe + tables);
    if (path == "meter.setting") {
        std::string keys = top;
        keys.insert(keys.rfind(']'), "{ name = \"x\", title = \"x\", factory = 0, zzzzzzzz = 1 },");
        return meter(keys + tables);
    }
    if (path == "meter.current" || path == "meter.line" || path == "meter.voltage" ||
        path == "meter.serial") {
        std::string text = tables;
        const std::string name = path.substr(6);
        const auto at = text.find(name + "]");
        text.insert(text.find('\n', at) + 1, probe);
        return meter(top + text);
    }
    if (path == "meter.accuracy" || path == "meter.constant" || path == "meter.derived" ||
        path == "meter.alarm")
        return meter(top + tables + "[[" + path.substr(6) + "]]\n" + probe);
    if (path.starts_with("meter."))
        return meter(top + tables + "[" + path.substr(6) + "]\n" + probe);
    if (path == "registers")
        return registers(probe);
    if (path == "registers.holes")
        return registers("[holes]\n" + std::string{probe});
    if (path == "registers.register")
        return registers(in_row("register", "at = 1, name = \"u_a\","));
    if (path == "registers.register.packed")
        return registers("register = [{ at = 1, name = \"x\", type = \"u16\", packed = [{ point = "
                         "\"baud\", zzzzzzzz = 1 }] }]\n");
    if (path == "registers.block" || path == "registers.history")
        return registers("[[" + path.substr(10) + "]]\n" + probe);
    if (path == "mqtt")
        return mqtt(probe);
    if (path == "mqtt.field")
        return mqtt("[fields]\nu = { point = \"u_a\", zzzzzzzz = 1 }\n");
    if (path == "mqtt.packets")
        return mqtt("[realtime]\n" + std::string{probe});
    if (path == "mqtt.message")
        return mqtt("[[message]]\n" + std::string{probe});
    return "";
}

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("The table of keys has every key that the readers take, and no other") {
        std::set<std::string> tables;
        for (const ModelTable& table : model_tables()) {
            const std::string path{table.path};
            CAPTURE(path);
            std::set<std::string> told;
            for (const ModelKey& key : model_keys())
                if (key.table == path)
                    CHECK_MESSAGE(told.emplace(key.key).second, key.key);
            std::set<std::string> known = known_in(mistakes_of(path));
            if (path == "meter.serial") { // read in one of two ways
                std::string text = test::own_tables;
                text.replace(text.find("pattern = \"00######\""), 20, probe);
                known.merge(known_in(OwnModel{test::own_keys + text, test::own_map}.mistakes()));
            }
            CHECK(told == known);
            tables.insert(path);
        }
        for (const ModelKey& key : model_keys()) {
            CHECK_MESSAGE(tables.contains(std::string{key.table}), key.table);
            CHECK((key.of.empty() || tables.contains(std::string{key.of})));
        }
    }

    TEST_CASE("The roles, types and functions that the table names are those that there are") {
        const auto find = [](std::string_view table, std::string_view name) {
            for (const ModelKey& key : model_keys())
                if (key.table == table && key.key == name)
                    return key;
            FAIL("no key");
            return ModelKey{};
        };
        const auto joined = [](const auto& names) {
            std::string all;
            for (const auto& each : names)
                all += (all.empty() ? "" : " ") + std::string{each};
            return all;
        };
        CHECK(find("meter.setting", "role").known == joined(role_names()));
        CHECK(find("meter.line", "format").known == joined(line_formats()));
        std::vector<std::string_view> types;
        for (int n = 0; n < 10; ++n)
            types.push_back(name_of(static_cast<RegisterType>(n)));
        CHECK(find("registers.register", "type").known == joined(types));
    }
}

TEST_SUITE("exchange") {

    TEST_CASE("The page of the model files has every table of keys") {
        std::ifstream file{std::string{KPMSIM_SOURCE_DIR} + "/docs/reference/model-files.md"};
        std::stringstream page;
        page << file.rdbuf();
        // The cure: kpmsim models --keys
        for (const ModelTable& table : model_tables())
            CHECK_MESSAGE(page.str().find(model_table_as_markdown(table.path)) != std::string::npos,
                          table.path);
        for (const std::string& role : role_names())
            CHECK_MESSAGE(page.str().find("| `" + role + "` |") != std::string::npos, role);
        for (const QuantityInfo& of : catalogue())
            if (of.kind == QuantityKind::demand || of.kind == QuantityKind::status)
                CHECK_MESSAGE(page.str().find("`" + of.name + "`") != std::string::npos, of.name);
    }

    TEST_CASE("Each file of a model has a schema that is JSON") {
        for (const std::string& file : model_file_names()) {
            const auto schema = nlohmann::json::parse(model_file_schema(file));
            CHECK(schema["additionalProperties"] == false);
            CHECK(schema["properties"].size() > 5);
        }
    }
}

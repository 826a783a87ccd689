#include "models/faces/model_files.hpp"

#include "models/type/model_keys.hpp"
#include "models/type/point.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

namespace kpmsim {

namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> words_of(std::string_view text) {
    std::istringstream in{std::string{text}};
    std::vector<std::string> words;
    for (std::string word; in >> word;)
        words.push_back(word);
    return words;
}

std::vector<ModelKey> keys_of(std::string_view path) {
    std::vector<ModelKey> keys;
    for (const ModelKey& key : model_keys())
        if (key.table == path)
            keys.push_back(key);
    return keys;
}

// For people -----------------------------------------------------------------------------------

std::string bounds_text(const ModelKey& key) {
    return fmt::format("{:.0f} to {:.0f}", key.least, key.most);
}

std::string takes(const ModelKey& key) {
    std::string known = key.known.empty() ? "" : fmt::format("`{}`", key.known);
    switch (key.kind) {
    case KeyKind::text:
        return "text";
    case KeyKind::boolean:
        return "`true` or `false`";
    case KeyKind::whole:
        return bounds_text(key);
    case KeyKind::number:
        return "number";
    case KeyKind::positive:
        return fmt::format("{:g} to {:g}", key.least, key.most);
    case KeyKind::choice:
        return known;
    case KeyKind::texts:
        return "texts";
    case KeyKind::wholes:
        return "list of " + (known.empty() ? bounds_text(key) : known);
    case KeyKind::table:
        return "table";
    case KeyKind::tables:
        return "tables";
    case KeyKind::value:
        return "whole number or name";
    case KeyKind::values:
        return "list of whole numbers or names";
    case KeyKind::constant:
        return "number or text";
    case KeyKind::codes:
        return "list or table";
    case KeyKind::none:
        return "whole number or `\"nan\"`";
    case KeyKind::actions:
        return "table of word = action";
    case KeyKind::point_texts:
        return "list of points";
    case KeyKind::fields:
        return "table of key = point or field";
    case KeyKind::packets:
        return "list of lists of keys";
    case KeyKind::payload:
        return "table";
    }
    return "";
}

// For editors ----------------------------------------------------------------------------------

constexpr std::string_view number_key = "^(0x[0-9a-fA-F]+|[0-9]+)$";

Json whole_or_name() { return {{"type", {"integer", "string"}}}; }

Json list_of(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }

Json filled_list_of(Json items) {
    Json list = list_of(std::move(items));
    list["minItems"] = 1;
    return list;
}

/// A table whose keys are numbers.
Json by_number(Json value) {
    return {{"type", "object"},
            {"minProperties", 1},
            {"patternProperties", {{std::string{number_key}, std::move(value)}}},
            {"additionalProperties", false}};
}

Json whole_within(const ModelKey& key) {
    return {{"type", "integer"},
            {"minimum", static_cast<std::int64_t>(key.least)},
            {"maximum", static_cast<std::int64_t>(key.most)}};
}

Json schema_of(std::string_view path);

Json schema_of(const ModelKey& key) {
    Json text{{"type", "string"}};
    switch (key.kind) {
    case KeyKind::text:
        return text;
    case KeyKind::boolean:
        return {{"type", "boolean"}};
    case KeyKind::whole:
        return whole_within(key);
    case KeyKind::number:
        return {{"type", "number"}};
    case KeyKind::positive:
        return {{"type", "number"}, {"minimum", key.least}, {"maximum", key.most}};
    case KeyKind::choice:
        return {{"enum", words_of(key.known)}};
    case KeyKind::texts:
        return key.required ? filled_list_of(text) : list_of(text);
    case KeyKind::point_texts:
        return filled_list_of(text);
    case KeyKind::wholes: {
        if (key.known.empty())
            return filled_list_of(whole_within(key));
        Json known = Json::array();
        for (const std::string& word : words_of(key.known))
            known.push_back(std::stoi(word));
        return filled_list_of({{"enum", known}});
    }
    case KeyKind::table:
        return schema_of(key.of);
    case KeyKind::tables:
        return list_of(schema_of(key.of));
    case KeyKind::value:
        return whole_or_name();
    case KeyKind::values:
        return filled_list_of(whole_or_name());
    case KeyKind::constant:
        return {{"type", {"number", "string"}}};
    case KeyKind::codes:
        return {{"anyOf", {filled_list_of(whole_or_name()), by_number(whole_or_name())}}};
    case KeyKind::none:
        return {{"anyOf", {{{"type", "integer"}}, {{"const", "nan"}}}}};
    case KeyKind::actions: {
        Json names = Json::array();
        for (const Action action : all_actions())
            names.push_back(name_of(action));
        return by_number({{"enum", names}});
    }
    case KeyKind::fields:
        return {{"type", "object"},
                {"additionalProperties", {{"anyOf", {text, schema_of(key.of)}}}}};
    case KeyKind::packets:
        return list_of(list_of(text));
    case KeyKind::payload:
        return {{"type", "object"}};
    }
    return Json::object();
}

Json needs(const std::vector<std::string>& keys) { return {{"required", keys}}; }

/// What a table asks for besides its keys one by one.
void add_rules(std::string_view path, Json& schema) {
    if (path == "meter.derived")
        for (const char* key :
             {"sum", "difference", "average", "absolute", "positive", "greatest", "least", "angle"})
            schema["oneOf"].push_back(needs({key}));
    if (path == "meter.serial")
        schema["oneOf"] = {needs({"pattern"}), needs({"model_code", "letter"})};
    if (path == "meter") {
        const Json address{{"properties", {{"role", {{"const", "line.address"}}}}},
                           {"required", {"role"}}};
        schema["properties"]["setting"]["contains"] = address;
        schema["properties"]["current"]["minItems"] = 1;
        schema["properties"]["wirings"]["minItems"] = 1;
    }
    if (path == "mqtt") {
        schema["anyOf"] = {needs({"message"}), needs({"realtime"}), needs({"energy"})};
        for (const char* packets : {"realtime", "energy"})
            schema["dependentRequired"][packets] = {"fields"};
    }
}

Json schema_of(std::string_view path) {
    Json schema{{"type", "object"}, {"properties", Json::object()}};
    std::vector<std::string> required;
    for (const ModelKey& key : keys_of(path)) {
        Json one = schema_of(key);
        one["description"] = key.meaning;
        schema["properties"][std::string{key.key}] = std::move(one);
        if (key.required)
            required.emplace_back(key.key);
    }
    if (!required.empty())
        schema["required"] = required;
    schema["additionalProperties"] = false;
    add_rules(path, schema);
    return schema;
}

} // namespace

std::string model_table_as_markdown(std::string_view path) {
    const auto tables = model_tables();
    const auto table = std::find_if(tables.begin(), tables.end(),
                                    [&](const ModelTable& each) { return each.path == path; });
    std::string md = fmt::format("### {}\n\n{}\n\n| key | takes | without it | what it says |\n"
                                 "|---|---|---|---|\n",
                                 table->title, table->about);
    for (const ModelKey& key : keys_of(path))
        md += fmt::format("| `{}` | {} | {} | {} |\n", key.key, takes(key),
                          key.required            ? "**needed**"
                          : key.otherwise.empty() ? "–"
                                                  : key.otherwise,
                          key.meaning);
    return md;
}

std::vector<std::string> model_file_names() { return {"meter", "registers", "mqtt"}; }

std::string model_file_schema(std::string_view file) {
    Json schema{{"$schema", "https://json-schema.org/draft/2019-09/schema"},
                {"title", fmt::format("kpmsim: {}.toml of a model", file)}};
    schema.update(schema_of(file));
    return schema.dump(2);
}

} // namespace kpmsim

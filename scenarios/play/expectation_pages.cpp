#include "scenarios/play/expectation_pages.hpp"

#include "scenarios/play/expectation_kind.hpp"
#include "scenarios/play/probe.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace kpmsim {
namespace {

using Json = nlohmann::ordered_json;

std::string table_of(std::span<const ExpectationKey> keys) {
    std::string md = "| key | meaning | example |\n|---|---|---|\n";
    for (const ExpectationKey& key : keys)
        md += fmt::format("| `{}` | {}{} | `{}` |\n", key.name, key.title,
                          key.needed ? "; needed" : "", key.example);
    return md;
}

} // namespace

std::string expectation_tables() {
    std::string md = "### Every expectation\n\n";
    md += table_of(expectation_keys());
    md += "\n### What the number must be\n\n";
    md += table_of(comparison_keys());
    md += "\n### For how long\n\n";
    md += table_of(timing_keys());
    for (const ExpectationKind& kind : expectation_kinds())
        md += fmt::format("\n### `kind = \"{}\"`\n\n{}.{}{}\n\n{}", kind.name, kind.title,
                          kind.compares ? " It is compared." : "",
                          kind.timed ? " It may hold always, never or eventually." : "",
                          table_of(kind.keys));
    return md;
}

namespace {

/// How a key's value is written.
Json schema_of(const ExpectationKey& key) {
    Json out{{"description", key.title}};
    const auto is_one_of = [&](std::initializer_list<std::string_view> names) {
        return std::find(names.begin(), names.end(), key.name) != names.end();
    };
    if (is_one_of({"between", "of"})) {
        out["type"] = "array";
        out["minItems"] = 2;
        if (key.name == "between")
            out["maxItems"] = 2;
    } else if (is_one_of({"is", "within", "above", "below", "at_least", "at_most"})) {
        out["type"] = {"string", "number"};
    } else if (is_one_of({"always", "never", "eventually", "for"})) {
        out["type"] = {"string", "boolean"};
    } else if (key.name == "row") {
        out["type"] = {"string", "integer"};
    } else {
        out["type"] = "string";
    }
    if (const Json example = Json::parse(key.example, nullptr, false); !example.is_discarded())
        out["examples"] = Json::array({example});
    return out;
}

Json schema_of(const ExpectationKind& kind) {
    Json properties = Json::object();
    const auto add = [&](std::span<const ExpectationKey> keys) {
        for (const ExpectationKey& key : keys)
            properties[std::string{key.name}] = schema_of(key);
    };
    add(expectation_keys());
    if (kind.compares)
        add(comparison_keys());
    if (kind.timed)
        add(timing_keys());
    add(kind.keys);
    properties["kind"] = {{"const", kind.name}};
    Json required = Json::array();
    if (&kind != &expectation_kinds().front())
        required.push_back("kind");
    for (const ExpectationKey& key : kind.keys)
        if (key.needed)
            required.push_back(key.name);
    return {{"title", kind.title},
            {"type", "object"},
            {"properties", std::move(properties)},
            {"required", std::move(required)},
            {"additionalProperties", false}};
}

} // namespace

std::string expectation_schema_json() {
    Json all{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
             {"title", "an expectation of a kpmsim scenario"},
             {"oneOf", Json::array()}};
    for (const ExpectationKind& kind : expectation_kinds())
        all["oneOf"].push_back(schema_of(kind));
    return all.dump(2);
}

std::string probe_table() {
    std::string md = "| value | unit | meaning |\n|---|---|---|\n";
    for (const std::span<const ProbeValue> values : {probe_values(), probe_current_values()})
        for (const ProbeValue& value : values)
            if (!value.title.empty()) // the others are named beside the first of their family
                md += fmt::format("| `{}` | {} | {} |\n", value.key, value.unit, value.title);
    return md;
}

} // namespace kpmsim

#include "scenarios/play/expectation_pages.hpp"

#include "scenarios/play/expectation_kind.hpp"
#include "scenarios/play/probe.hpp"

#include <fmt/format.h>

namespace kpmsim {
namespace {

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

std::string probe_table() {
    std::string md = "| value | unit | meaning |\n|---|---|---|\n";
    for (const ProbeValue& value : probe_values())
        if (!value.title.empty()) // the others are named beside the first of their family
            md += fmt::format("| `{}` | {} | {} |\n", value.key, value.unit, value.title);
    return md;
}

} // namespace kpmsim

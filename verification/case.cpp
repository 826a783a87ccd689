#include "verification/case.hpp"

#include "sim/quantity.hpp"

#include <fnmatch.h>

#include <algorithm>

namespace kpmsim {

namespace {

constexpr int most_setups = 10'000;

std::string need_text(TomlTable& table, const std::string& key, const std::string& example) {
    if (table.node(key) == nullptr)
        table.missing(key, example);
    return table.text(key).value_or("");
}

double need_positive(TomlTable& table, const std::string& key, bool zero_too) {
    if (table.node(key) == nullptr) {
        table.missing(key, key + " = 1e-6");
        return 0;
    }
    const double value = table.number(key).value_or(0);
    if (!(value > 0) && !(zero_too && value == 0))
        table.wrong(key, key + " must be above 0", "write " + key + " = 1e-6");
    return value;
}

std::optional<Limit> take_limit(TomlTable& quantity, const std::string& mode,
                                std::vector<Mistake>& mistakes) {
    const TomlNode* node = quantity.table(mode);
    if (node == nullptr)
        return std::nullopt;
    TomlTable table{*node, mode, mistakes};
    Limit limit;
    limit.limit = need_positive(table, "limit", true);
    limit.target = table.number("target").value_or(limit.limit);
    limit.reason = table.text("reason").value_or("");
    if (limit.limit > limit.target && limit.reason.empty())
        table.wrong("limit", "the limit is above the target, without a reason",
                    R"(write reason = "…")");
    table.finish();
    return limit;
}

/// A mode has a limit, or a reason why it cannot have one.
void check_mode(const CaseQuantity& q, const std::string& mode, const std::optional<Limit>& limit,
                const std::string& why_not, TomlTable& quantity) {
    const std::string reason = "no_" + mode;
    if (limit && !why_not.empty())
        quantity.wrong(reason, "quantity \"" + q.name + "\" has a limit in " + mode,
                       "leave out " + reason);
    if (!limit && why_not.empty())
        quantity.wrong("name", "quantity \"" + q.name + "\" has no limit in " + mode,
                       "write " + mode + " = { limit = 1e-6 }, or why it cannot have one: " +
                           reason + R"( = "…")");
}

/// The catalogue's names that fit one of the patterns, `u_?` or `h_u_*`.
std::vector<std::string> covered(TomlTable& quantity) {
    std::vector<std::string> names;
    for (const std::string& pattern :
         quantity.texts("covers").value_or(std::vector<std::string>{})) {
        const std::size_t before = names.size();
        for (const QuantityInfo& q : catalogue())
            if (fnmatch(pattern.c_str(), q.name.c_str(), 0) == 0)
                names.push_back(q.name);
        if (names.size() == before)
            quantity.wrong("covers", "no quantity fits \"" + pattern + "\"",
                           "write a name of the catalogue, or a pattern: " +
                               nearest_quantity(pattern));
    }
    return names;
}

CaseQuantity take_quantity(const TomlNode& node, std::vector<Mistake>& mistakes) {
    TomlTable table{node, "quantity", mistakes};
    CaseQuantity q;
    q.name = need_text(table, "name", R"(name = "U")");
    q.covers = covered(table);
    q.unit = need_text(table, "unit", R"(unit = "of reading")");
    q.against_noise = q.unit == "deviations" && !q.covers.empty();
    if (const TomlNode* standard = table.table("standard")) {
        TomlTable of{*standard, "standard", mistakes};
        q.standard = need_positive(of, "limit", true);
        q.standard_text = need_text(of, "text", R"(text = "class A, 0.1 % of Udin")");
        of.finish();
    }
    q.clean = take_limit(table, "clean", mistakes);
    q.adc = take_limit(table, "adc", mistakes);
    q.no_clean = table.text("no_clean").value_or("");
    q.no_adc = table.text("no_adc").value_or("");
    if (!q.clean && !q.adc) {
        table.wrong("name", "quantity \"" + q.name + "\" has no limit",
                    "write clean = { limit = 1e-6 } or adc = { limit = 1e-5 }");
    } else {
        check_mode(q, "clean", q.clean, q.no_clean, table);
        check_mode(q, "adc", q.adc, q.no_adc, table);
    }
    table.finish();
    return q;
}

VerificationCase take_case(const EmbeddedFile& file, std::vector<Mistake>& mistakes) {
    const std::size_t before = mistakes.size();
    const std::string path{file.name};
    const TomlNode root = parse_toml(std::string{file.text}, path, mistakes);
    VerificationCase out;
    if (mistakes.size() > before)
        return out;
    out.name = path.substr(0, path.find('/'));
    TomlTable table{root, "case", mistakes};
    out.id = need_text(table, "id", R"(id = "1")");
    out.title = need_text(table, "title", R"(title = "Rms of a sine voltage")");
    out.clause = need_text(table, "clause", R"(clause = "IEC 61000-4-30, 5.2")");
    if (table.node("setups") == nullptr)
        table.missing("setups", "setups = 20");
    out.setups = static_cast<int>(table.integer("setups", 1, most_setups).value_or(0));

    std::vector<std::string> known;
    for (const Kind& kind : kinds())
        known.emplace_back(kind.name);
    if (table.node("kind") == nullptr)
        table.missing("kind", R"(kind = "readings")");
    const auto kind = table.choice("kind", known);
    if (const TomlNode* signal = table.table("signal")) {
        TomlTable of{*signal, "signal", mistakes};
        const TomlNode* wiring = signal->find("wiring");
        out.wiring =
            wiring != nullptr && wiring->is_text() ? std::get<std::string>(wiring->value) : "p4l";
        if (kind) {
            const auto at = std::find(known.begin(), known.end(), *kind);
            out.run = kinds()[static_cast<std::size_t>(at - known.begin())].make(of);
            of.finish();
        }
    } else if (table.node("signal") == nullptr) {
        table.missing("signal", "[signal]");
    }

    const TomlNode* list = table.array("quantity");
    const auto* items = list != nullptr ? std::get_if<TomlArray>(&list->value) : nullptr;
    if (items == nullptr || items->empty()) {
        table.missing("quantity", R"([[quantity]] with name = "U")");
    } else {
        for (const TomlNode& item : *items)
            if (item.is_table())
                out.quantities.push_back(take_quantity(item, mistakes));
            else
                note(mistakes, item.place, "a quantity must be a table", "write [[quantity]]");
    }
    table.finish();
    return out;
}

/// 1, 2, … 39, M1, …; cases of one row by name.
std::pair<int, int> order_of(const std::string& id) {
    const bool metamorphic = !id.empty() && id.front() == 'M';
    int number = 0;
    for (const char c : id)
        if (c >= '0' && c <= '9')
            number = 10 * number + (c - '0');
    return {metamorphic ? 1 : 0, number};
}

} // namespace

std::vector<VerificationCase> load_cases(std::span<const EmbeddedFile> files) {
    std::vector<Mistake> mistakes;
    std::vector<VerificationCase> cases;
    for (const EmbeddedFile& file : files)
        cases.push_back(take_case(file, mistakes));
    if (!mistakes.empty())
        throw FileError{std::move(mistakes)};
    std::sort(cases.begin(), cases.end(), [](const VerificationCase& a, const VerificationCase& b) {
        return std::pair{order_of(a.id), a.name} < std::pair{order_of(b.id), b.name};
    });
    return cases;
}

} // namespace kpmsim

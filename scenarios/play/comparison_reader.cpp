#include "scenarios/play/comparison_reader.hpp"

#include "files/number.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <sstream>

namespace kpmsim {
namespace {

class ComparisonReader {
public:
    ComparisonReader(const TomlNode& node, const ExpectationContext& context,
                     const Vocabulary& words, TomlTable& table, Expectation& expectation)
        : node_{node}, context_{context}, words_{words}, table_{table}, e_{expectation} {}

    void read() {
        Comparison& c = e_.comparison;
        if (e_.what)
            c.unit = e_.what->unit();
        else if (const auto unit = e_.text.find("unit"); unit != e_.text.end())
            c.unit = unit->second;
        knows_what_ = e_.what || !is_formula();
        knows_unit_ = knows_what_ && (c.unit.empty() || e_.what || is_unit(c.unit));
        c.is = bound("is");
        c.above = bound("above");
        c.below = bound("below");
        c.at_least = bound("at_least");
        c.at_most = bound("at_most");
        if (const TomlNode* between = table_.node("between"))
            read_between(*between);
        if (table_.node("within") != nullptr) {
            read_within();
            if (!has("is"))
                table_.wrong("within", "within is how far from something",
                             "write is = \"truth\", or between = [ … ]");
        }
        if (!says_bound() && !holds_by_itself() && !(e_.kind->outside && has("contains")))
            table_.missing("is", "is = …, at_least = … or between = [ … ]");
        check_sides();
    }

private:
    bool has(const std::string& key) const { return node_.find(key) != nullptr; }

    bool is_formula() const { return e_.kind->name == "value"; }

    /// What is written, be it right or wrong: what is wrong has been told.
    bool says_bound() const {
        constexpr std::array keys{"is", "above", "below", "at_least", "at_most", "between"};
        return std::any_of(keys.begin(), keys.end(), [&](const char* key) { return has(key); });
    }
    bool holds_by_itself() const {
        const TomlNode* what = is_formula() ? node_.find("what") : nullptr;
        const auto* text = what != nullptr ? std::get_if<std::string>(&what->value) : nullptr;
        return text != nullptr && is_condition(*text);
    }

    /// Whether a formula says what must hold.
    static bool is_condition(const std::string& text) {
        if (text.find_first_of("<>") != std::string::npos || text.find("==") != std::string::npos ||
            text.find("!=") != std::string::npos)
            return true;
        std::istringstream words{text};
        for (std::string word; words >> word;)
            if (word == "and" || word == "or" || word == "not")
                return true;
        return false;
    }

    /// Written numbers must leave something between them.
    void check_sides() {
        const Comparison& c = e_.comparison;
        const auto number = [](const std::optional<Bound>& bound) {
            return bound && bound->of == Bound::Of::number ? std::optional{bound->number}
                                                           : std::nullopt;
        };
        const auto check = [&](const char* low_key, const std::optional<Bound>& low,
                               const char* high_key, const std::optional<Bound>& high,
                               bool both_in) {
            if (has("between") || !number(low) || !number(high) || *number(low) < *number(high) ||
                (both_in && *number(low) == *number(high)))
                return;
            table_.wrong(high_key,
                         fmt::format("nothing is {} {} and {} {}", words_of(low_key), low->written,
                                     words_of(high_key), high->written),
                         "write the smaller one as " + std::string{low_key});
        };
        check("above", c.above, "below", c.below, false);
        check("above", c.above, "at_most", c.at_most, false);
        check("at_least", c.at_least, "below", c.below, false);
        check("at_least", c.at_least, "at_most", c.at_most, true);
    }
    static std::string words_of(std::string key) {
        std::replace(key.begin(), key.end(), '_', ' ');
        return key;
    }

    void read_between(const TomlNode& node) {
        const auto* ends = std::get_if<TomlArray>(&node.value);
        if (ends == nullptr || ends->size() != 2) {
            table_.wrong("between", "between has two ends", "write [\"207 V\", \"253 V\"]");
            return;
        }
        Comparison& c = e_.comparison;
        c.at_least = bound("between", ends->front());
        c.at_most = bound("between", ends->back());
        if (c.at_least && c.at_most && c.at_least->of == Bound::Of::number &&
            c.at_most->of == Bound::Of::number && c.at_least->number > c.at_most->number)
            table_.wrong("between", "nothing lies between these", "write the smaller one first");
    }

    std::optional<Bound> bound(const std::string& key) {
        const TomlNode* node = table_.node(key);
        return node == nullptr ? std::nullopt : bound(key, *node);
    }

    std::optional<Bound> bound(const std::string& key, const TomlNode& node) {
        Bound bound;
        if (const auto* whole = std::get_if<std::int64_t>(&node.value))
            bound.number = static_cast<double>(*whole);
        else if (const auto* number = std::get_if<double>(&node.value))
            bound.number = *number;
        else if (const auto* text = std::get_if<std::string>(&node.value))
            return bound_of(key, *text);
        else {
            table_.wrong(key, key + " is neither a number nor a text",
                         "write an amount, an expression or \"truth\"");
            return std::nullopt;
        }
        bound.written = amount_text(bound.number, e_.comparison.unit);
        return bound;
    }

    std::optional<Bound> bound_of(const std::string& key, const std::string& text) {
        Bound bound;
        if (text == "truth" || text == "reading") {
            bound.of = text == "truth" ? Bound::Of::truth : Bound::Of::reading;
            bound.written = "the " + text;
            check_other_side(key, text);
            return bound;
        }
        Fault fault;
        if (const auto amount = read_amount(text, e_.comparison.unit, fault)) {
            bound.number = *amount;
            bound.written = amount_text(*amount, e_.comparison.unit);
            return bound;
        }
        const bool begins_as_number = !text.empty() && (text[0] == '-' || text[0] == '+' ||
                                                        (text[0] >= '0' && text[0] <= '9'));
        Fault formula_fault;
        auto formula = Formula::read(text, words_, formula_fault);
        if (!formula) {
            const Fault& told = begins_as_number ? fault : formula_fault;
            if (knows_unit_ || !begins_as_number)
                table_.wrong(key, told.what, told.cure);
            return std::nullopt;
        }
        bound.of = Bound::Of::formula;
        bound.written = text;
        if (const std::string& unit = e_.comparison.unit;
            !unit.empty() && !formula->unit().empty()) {
            const auto factor = unit_factor(formula->unit(), unit);
            if (!factor)
                table_.wrong(key,
                             fmt::format("this is in {}, and what it is held against in {}",
                                         formula->unit(), unit),
                             "compare like with like");
            bound.factor = factor.value_or(1);
        }
        bound.formula = std::move(formula);
        return bound;
    }

    /// The same from the side of the truth, or of the reading.
    void check_other_side(const std::string& key, const std::string& side) {
        if (!knows_what_)
            return;
        if (!e_.what) {
            table_.wrong(key, fmt::format("there is no {} of this", side),
                         fmt::format("write {} = \"{}\"", key,
                                     side == "truth" ? "truth(main.p)" : "main.p"));
            return;
        }
        for (const FormulaTerm& term : e_.what->terms()) {
            const bool meters = term.face != Face::other;
            if (meters && side == "reading")
                continue;
            const MeterType* type = meters ? context_.farm.meters[term.meter].spec.type : nullptr;
            if (type != nullptr && has_truth(*type, term.point))
                continue;
            table_.wrong(key, fmt::format("the {} knows no {}", side, term.name),
                         "it knows what is metered: voltages, currents, powers, energies, …");
            return;
        }
    }

    void read_within() {
        const TomlNode* node = table_.node("within");
        Comparison& c = e_.comparison;
        if (const auto* text = std::get_if<std::string>(&node->value)) {
            Fault fault;
            if (const auto tolerance = read_tolerance(*text, c.unit, fault))
                c.within = *tolerance;
            else if (knows_unit_)
                table_.wrong("within", fault.what,
                             "write a part of what is expected, \"0.1 %\", or an amount");
            c.within_text = *text;
        } else if (const auto number = table_.number("within")) {
            c.within.absolute = *number;
            c.within_text = amount_text(*number, c.unit);
            if (*number < 0)
                table_.wrong("within", "within is less than nothing", "write 0.5 or \"0.1 %\"");
        }
    }

    const TomlNode& node_;
    const ExpectationContext& context_;
    const Vocabulary& words_;
    TomlTable& table_;
    Expectation& e_;
    bool knows_what_{true}; ///< false where what is looked at has a mistake, told elsewhere
    bool knows_unit_{true};
};

} // namespace

void read_comparison(const TomlNode& node, const ExpectationContext& context,
                     const Vocabulary& words, TomlTable& table, Expectation& expectation) {
    ComparisonReader{node, context, words, table, expectation}.read();
}

} // namespace kpmsim

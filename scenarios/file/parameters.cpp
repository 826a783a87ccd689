#include "scenarios/file/parameters.hpp"

#include "files/number.hpp"
#include "scenarios/file/scenario_tree.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <fmt/format.h>
#include <muParser.h>

namespace kpmsim {
namespace {

bool is_name(const std::string& text) {
    return !text.empty() &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos &&
           (text[0] < '0' || text[0] > '9');
}

bool is_value(const TomlNode& node) { return !node.is_table() && !node.is_array(); }

std::optional<double> number_of(const TomlNode& node) {
    if (const auto* whole = std::get_if<std::int64_t>(&node.value))
        return static_cast<double>(*whole);
    if (const auto* number = std::get_if<double>(&node.value))
        return *number;
    return std::nullopt;
}

std::string text_of(const TomlNode& node) {
    if (const auto* text = std::get_if<std::string>(&node.value))
        return *text;
    if (const auto* flag = std::get_if<bool>(&node.value))
        return *flag ? "true" : "false";
    if (const auto* whole = std::get_if<std::int64_t>(&node.value))
        return std::to_string(*whole);
    return number_text(number_of(node).value_or(std::nan("")));
}

void check_name(const TomlEntry& entry, std::vector<Mistake>& mistakes) {
    if (!is_name(entry.key))
        note(mistakes, entry.value.key, fmt::format("\"{}\" is no name of a parameter", entry.key),
             "write small letters, digits and _, a letter first");
}

/// As the command line writes it: 240, true, or a text.
TomlNode told(const std::string& text, Place place) {
    TomlNode node;
    node.place = std::move(place);
    const auto number = read_number(text);
    if (text == "true" || text == "false")
        node.value = text == "true";
    else if (number && text.find_first_of(".eE") == std::string::npos && std::abs(*number) < 1e15)
        node.value = static_cast<std::int64_t>(*number);
    else if (number)
        node.value = *number;
    else
        node.value = text;
    return node;
}

/// Puts values into the texts of a tree.
class Filler {
public:
    Filler(const Parameters& values, std::vector<Mistake>& mistakes)
        : values_{values}, mistakes_{mistakes} {}

    TomlNode fill(const TomlNode& node) {
        TomlNode out = node;
        if (auto* entries = std::get_if<TomlEntries>(&out.value))
            for (TomlEntry& entry : *entries)
                entry.value = fill(entry.value);
        else if (auto* list = std::get_if<TomlArray>(&out.value))
            for (TomlNode& one : *list)
                one = fill(one);
        else if (const auto* text = std::get_if<std::string>(&node.value);
                 text != nullptr && text->find("${") != std::string::npos)
            fill_text(*text, out);
        return out;
    }

private:
    void fill_text(const std::string& text, TomlNode& out) {
        std::string all;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t open = text.find("${", at);
            if (open == std::string::npos) {
                all += text.substr(at);
                break;
            }
            const std::size_t close = text.find('}', open);
            if (close == std::string::npos) {
                note(mistakes_, out.place, fmt::format("\"{}\" has a ${{ without a }}", text),
                     "write ${name}");
                return;
            }
            const std::string inside = text.substr(open + 2, close - open - 2);
            const auto known = values_.find(inside);
            if (known != values_.end() && open == 0 && close + 1 == text.size()) {
                out.value = known->second.value;
                return;
            }
            const auto value = known != values_.end() ? std::optional{text_of(known->second)}
                                                      : worked_out(inside, out.place);
            if (!value)
                return;
            all += text.substr(at, open - at) + *value;
            at = close + 1;
        }
        out.value = all;
    }

    std::optional<std::string> worked_out(const std::string& expression, const Place& place) {
        mu::Parser parser;
        std::deque<double> numbers;
        std::vector<std::string> names;
        for (const auto& [name, value] : values_) {
            names.push_back(name);
            if (const auto number = number_of(value))
                parser.DefineVar(name, &numbers.emplace_back(*number));
        }
        try {
            parser.SetExpr(expression);
            const double value = parser.Eval();
            if (std::isfinite(value))
                return number_text(value);
        } catch (const mu::ParserError&) { // told below
        }
        const std::string near = nearest(expression, names);
        note(mistakes_, place, fmt::format("\"${{{}}}\" cannot be worked out", expression),
             near.empty()
                 ? (names.empty() ? "write the parameter into [scenario], parameters = { … }"
                                  : "parameters: " + listed(names))
                 : "did you mean " + near + '?');
        return std::nullopt;
    }

    const Parameters& values_;
    std::vector<Mistake>& mistakes_;
};

struct Axis {
    std::string name;
    const TomlArray* values;
};

/// Nothing when it is none, or too large.
std::vector<Axis> axes_of(const TomlNode& matrix, std::vector<Mistake>& mistakes) {
    std::vector<Axis> axes;
    double cases = 1;
    for (const TomlEntry& entry : entries_of(matrix)) {
        check_name(entry, mistakes);
        const auto* list = std::get_if<TomlArray>(&entry.value.value);
        if (list == nullptr || list->empty() ||
            !std::all_of(list->begin(), list->end(), is_value)) {
            note(mistakes, entry.value.place, entry.key + " is no list of values",
                 "write " + entry.key + " = [\"0 %\", \"40 %\"]");
            continue;
        }
        axes.push_back({entry.key, list});
        cases *= static_cast<double>(list->size());
    }
    if (cases > static_cast<double>(most_cases)) {
        note(mistakes, matrix.place, fmt::format("the matrix has {:.0f} cases", cases),
             fmt::format("{} are the most; leave values out, or write several scenarios",
                         most_cases));
        return {};
    }
    return axes;
}

} // namespace

std::vector<ParameterCase> cases_of(const TomlNode& scenario,
                                    const std::map<std::string, std::string>& set,
                                    std::vector<Mistake>& mistakes) {
    Parameters fixed;
    if (const TomlNode* parameters = scenario.find("parameters"))
        for (const TomlEntry& entry : entries_of(*parameters)) {
            check_name(entry, mistakes);
            if (!is_value(entry.value))
                note(mistakes, entry.value.place, entry.key + " is no number and no text",
                     "a parameter is one value");
            fixed[entry.key] = entry.value;
        }
    std::vector<Axis> axes;
    if (const TomlNode* matrix = scenario.find("matrix"))
        axes = axes_of(*matrix, mistakes);
    for (const auto& [name, text] : set) {
        const auto axis = std::find_if(axes.begin(), axes.end(),
                                       [&](const Axis& one) { return one.name == name; });
        if (axis != axes.end())
            axes.erase(axis);
        else if (!fixed.contains(name)) {
            std::vector<std::string> known;
            for (const auto& [key, value] : fixed)
                known.push_back(key);
            note(mistakes, {"--set", 0, 0}, fmt::format("there is no parameter \"{}\"", name),
                 "known: " + listed(known));
            continue;
        }
        fixed[name] = told(text, {"--set", 0, 0});
    }
    std::vector<ParameterCase> cases{{"", fixed}};
    for (const Axis& axis : axes) {
        std::vector<ParameterCase> more;
        for (const ParameterCase& one : cases)
            for (const TomlNode& value : *axis.values) {
                ParameterCase next = one;
                next.name += (next.name.empty() ? "" : ",") + axis.name + '=' + text_of(value);
                next.values[axis.name] = value;
                more.push_back(std::move(next));
            }
        cases = std::move(more);
    }
    return cases;
}

TomlNode filled_in(const TomlNode& tree, const Parameters& values, std::vector<Mistake>& mistakes) {
    return Filler{values, mistakes}.fill(tree);
}

} // namespace kpmsim

#include "scenarios/file/expression.hpp"

#include <algorithm>
#include <charconv>
#include <muParser.h>

namespace kpmsim {
namespace {

constexpr double too_large = 0x1p53; ///< from here on not every whole number is a double
constexpr int deepest = 50;

std::string stuck_at(std::string_view rest) {
    return "cannot be followed at \"" + std::string{rest} + '"';
}

/// What is wrong before anything is worked out: a character of no use here, too many brackets.
std::string fault_of(std::string_view text) {
    int depth = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (std::string_view{"0123456789n+-*() \t\r\n"}.find(text[at]) == std::string_view::npos)
            return stuck_at(text.substr(at));
        depth += text[at] == '(' ? 1 : text[at] == ')' ? -1 : 0;
        if (depth > deepest)
            return "is nested too deeply";
    }
    return {};
}

double value_of(const std::string& text, double n) {
    mu::Parser parser;
    parser.DefineVar("n", &n);
    parser.SetExpr(text);
    return parser.Eval();
}

} // namespace

std::optional<std::int64_t> evaluate(std::string_view expression, std::int64_t n,
                                     std::string& why) {
    why = fault_of(expression);
    if (!why.empty())
        return std::nullopt;
    // With every minus a plus it is no less than anything on the way, for nothing here is negative.
    std::string greatest{expression};
    for (char& c : greatest)
        c = c == '-' ? '+' : c;
    try {
        const double value = value_of(std::string{expression}, static_cast<double>(n));
        if (value_of(greatest, static_cast<double>(n)) < too_large)
            return static_cast<std::int64_t>(value);
        why = "gives a number that is too large";
    } catch (const mu::ParserError& error) {
        const auto at = std::min(static_cast<std::size_t>(error.GetPos()), expression.size());
        why = error.GetCode() == mu::ecMISSING_PARENS ? "lacks a closing bracket"
              : error.GetCode() == mu::ecUNEXPECTED_EOF || error.GetCode() == mu::ecEMPTY_EXPRESSION
                  ? "ends too soon"
                  : stuck_at(expression.substr(at));
    }
    return std::nullopt;
}

bool is_pattern(std::string_view text) { return text.find('{') != std::string_view::npos; }

std::optional<std::string> fill_in(std::string_view pattern, std::int64_t n, std::string& why,
                                   const PatternWords& words) {
    std::string out;
    for (std::size_t at = 0; at < pattern.size();) {
        const std::size_t open = pattern.find_first_of("{}", at);
        if (open == std::string_view::npos) {
            out += pattern.substr(at);
            break;
        }
        const std::size_t close = pattern.find('}', open);
        if (pattern[open] == '}' || close == std::string_view::npos) {
            why = pattern[open] == '}' ? "has a } without a {" : "has a { without a }";
            return std::nullopt;
        }
        out += pattern.substr(at, open - at);
        const std::string_view inside = pattern.substr(open + 1, close - open - 1);
        if (const auto word = words.find(inside); word != words.end()) {
            out += word->second;
            at = close + 1;
            continue;
        }
        const std::size_t colon = inside.find(':');
        const auto value = evaluate(inside.substr(0, colon), n, why);
        if (!value)
            return std::nullopt;
        std::string number = std::to_string(*value);
        if (colon != std::string_view::npos) {
            const std::string_view form = inside.substr(colon + 1);
            std::size_t width = 0;
            const auto [end, error] =
                std::from_chars(form.data(), form.data() + form.size(), width);
            if (error != std::errc{} || end != form.data() + form.size() || width > 20) {
                why = "has the unknown form \"" + std::string{form} + "\" after the colon";
                return std::nullopt;
            }
            if (number.size() < width) {
                const bool zeros = form.front() == '0';
                number.insert(zeros && number.front() == '-' ? 1 : 0, width - number.size(),
                              zeros ? '0' : ' ');
            }
        }
        out += number;
        at = close + 1;
    }
    return out;
}

} // namespace kpmsim

#include "scenarios/file/condition.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <deque>
#include <fmt/format.h>
#include <map>
#include <muParser.h>

namespace kpmsim {
namespace {

constexpr std::size_t longest = 1000;
constexpr const char* example =
    "write a condition such as \"shop-3.p > 2000 and shop-3.u_a < 207\"";

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

double inverse(double value) { return value == 0.0 ? 1.0 : 0.0; }

/// Takes a condition apart into an expression over v0, v1, … and what these stand for.
class Reader {
public:
    Reader(std::string_view text, const std::vector<MeterPlan>& meters, Fault& fault)
        : text_{text}, meters_{meters}, fault_{fault} {}

    bool read() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            const bool begins = at_ == 0 || !in_word(text_[at_ - 1]);
            if (begins && (in_word(c) || static_cast<unsigned char>(c) >= 0x80)) {
                if (!read_term() && !read_word())
                    return false;
            } else if (c == '=' && !is_comparison()) {
                return fail("= compares nothing", "write == for equal");
            } else {
                expression_ += c;
                ++at_;
            }
        }
        return true;
    }

    std::string expression_;
    std::vector<ConditionTerm> terms_;

private:
    bool fail(std::string what, std::string cure) {
        fault_ = {std::move(what), std::move(cure)};
        return false;
    }

    bool is_comparison() {
        const bool first = at_ + 1 < text_.size() && text_[at_ + 1] == '=';
        const bool second =
            at_ > 0 && std::string_view{"<>!="}.find(text_[at_ - 1]) != std::string_view::npos;
        return first || second;
    }

    /// METER.POINT or METER[n].POINT here; of several names that fit, the longest.
    bool read_term() {
        const std::string_view rest = text_.substr(at_);
        const MeterPlan* best = nullptr;
        for (const MeterPlan& meter : meters_) {
            const std::string& name = meter.spec.name;
            if (rest.size() > name.size() && rest.starts_with(name) &&
                (rest[name.size()] == '.' || rest[name.size()] == '[') &&
                (best == nullptr || name.size() > best->spec.name.size()))
                best = &meter;
        }
        if (best == nullptr)
            return false;
        std::size_t end = best->spec.name.size();
        int circuit = 1;
        if (rest[end] == '[') {
            const auto close = rest.find(']', end);
            const char* const last =
                rest.data() + (close == std::string_view::npos ? rest.size() : close);
            const auto [stop, error] = std::from_chars(rest.data() + end + 1, last, circuit);
            if (close == std::string_view::npos || error != std::errc{} || stop != last ||
                circuit < 1 || circuit > best->spec.type->circuits) {
                return fail(
                    fmt::format("{} has no such circuit", best->spec.name),
                    fmt::format("write {}[1] to [{}]", best->spec.name, best->spec.type->circuits));
            }
            end = close + 1;
        }
        if (end >= rest.size() || rest[end] != '.')
            return fail(fmt::format("{} stands without a point", best->spec.name),
                        fmt::format("write {}.p", rest.substr(0, end)));
        const std::size_t first = end + 1;
        end = first;
        while (end < rest.size() && in_word(rest[end]))
            ++end;
        const std::string point{rest.substr(first, end - first)};
        const PointTable& points = best->spec.type->points;
        const auto id = points.find(point);
        if (!id || points[*id].text) {
            const std::string near = nearest(point, points.names());
            return fail(fmt::format("{} ({}) has no point \"{}\" that is a number", best->spec.name,
                                    best->spec.type->name, point),
                        near.empty() ? "see kpmsim map " + best->spec.type->name
                                     : "did you mean " + near + '?');
        }
        expression_ += fmt::format(" v{} ", terms_.size());
        terms_.push_back({static_cast<std::size_t>(best - meters_.data()), circuit - 1, *id});
        at_ += end;
        return true;
    }

    /// A number, or one of the words of the grammar.
    bool read_word() {
        if (!fault_.what.empty()) // a term that is wrong
            return false;
        std::size_t end = at_;
        if (std::isdigit(static_cast<unsigned char>(text_[at_])) != 0) {
            double number = 0;
            const auto parsed =
                std::from_chars(text_.data() + at_, text_.data() + text_.size(), number);
            end = static_cast<std::size_t>(parsed.ptr - text_.data());
            if (parsed.ec == std::errc{} && (end == text_.size() || !in_word(text_[end]))) {
                expression_ += fmt::format(" {:.17g} ", number);
                at_ = end;
                return true;
            }
        }
        while (end < text_.size() &&
               (in_word(text_[end]) || text_[end] == '-' || text_[end] == '.' ||
                static_cast<unsigned char>(text_[end]) >= 0x80))
            ++end;
        const std::string word{text_.substr(at_, end - at_)};
        static const std::map<std::string, std::string> words{
            {"and", "&&"},  {"or", "||"},   {"not", "!"},    {"abs", "abs"},
            {"min", "min"}, {"max", "max"}, {"sqrt", "sqrt"}};
        if (const auto known = words.find(word); known != words.end()) {
            expression_ += ' ' + known->second;
            at_ = std::min(text_.find_first_not_of(" \t", end),
                           text_.size()); // a function's bracket is next
            return true;
        }
        std::vector<std::string> names;
        for (const MeterPlan& meter : meters_)
            names.push_back(meter.spec.name);
        const std::string near = nearest(word.substr(0, word.find('.')), names);
        return fail(fmt::format("\"{}\" is no point of a meter", word),
                    near.empty() ? example : "did you mean " + near + '?');
    }

    std::string_view text_;
    const std::vector<MeterPlan>& meters_;
    Fault& fault_;
    std::size_t at_{0};
};

} // namespace

struct Condition::Parts {
    std::vector<ConditionTerm> terms;
    std::deque<double> values; ///< of the terms; the parser points at them
    mu::Parser parser;
};

std::optional<Condition> Condition::read(std::string_view text,
                                         const std::vector<MeterPlan>& meters, Fault& fault) {
    fault = {};
    if (text.size() > longest) {
        fault = {fmt::format("the condition has more than {} characters", longest), example};
        return std::nullopt;
    }
    Reader reader{text, meters, fault};
    if (!reader.read())
        return std::nullopt;
    Condition condition;
    condition.parts_ = std::make_shared<Parts>();
    Parts& p = *condition.parts_;
    p.terms = std::move(reader.terms_);
    try {
        p.parser.DefineInfixOprt("!", inverse);
        for (std::size_t n = 0; n < p.terms.size(); ++n)
            p.parser.DefineVar(fmt::format("v{}", n), &p.values.emplace_back(1.0));
        p.parser.SetExpr(reader.expression_);
        p.parser.Eval();
    } catch (const mu::ParserError&) {
        fault = {fmt::format("\"{}\" is no condition", text), example};
        return std::nullopt;
    }
    if (p.terms.empty()) {
        fault = {fmt::format("\"{}\" names no point of a meter", text), example};
        return std::nullopt;
    }
    return condition;
}

bool Condition::holds(const std::function<double(const ConditionTerm&)>& value) const {
    Parts& p = *parts_;
    for (std::size_t n = 0; n < p.terms.size(); ++n)
        p.values[n] = value(p.terms[n]);
    const double result = p.parser.Eval();
    return std::isfinite(result) && result != 0.0;
}

} // namespace kpmsim

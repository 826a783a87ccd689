#include "scenarios/file/formula.hpp"

#include "models/engine/fitted_names.hpp"
#include "models/faces/packets.hpp"
#include "models/faces/registers.hpp"

#include <algorithm>
#include <array>
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

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

double inverse(double value) { return value == 0.0 ? 1.0 : 0.0; }

/// Takes a condition apart into an expression over v0, v1, … and what these stand for.
class Reader {
public:
    Reader(std::string_view text, const Vocabulary& words, std::string cure, Fault& fault)
        : text_{text}, words_{words}, meters_{words.meters}, cure_{std::move(cure)}, fault_{fault} {
    }

    bool read() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            const bool begins = at_ == 0 || !in_word(text_[at_ - 1]);
            if (begins && (in_word(c) || static_cast<unsigned char>(c) >= 0x80)) {
                if (!read_face() && !read_term(Face::reading) && !read_other() && !read_word())
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
    std::vector<FormulaTerm> terms_;

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

    bool wrong() const { return !fault_.what.empty(); }

    void skip_blanks() { at_ = std::min(text_.find_first_not_of(" \t", at_), text_.size()); }

    /// truth(METER.POINT) and its like.
    bool read_face() {
        static constexpr std::array faces{std::pair{std::string_view{"truth"}, Face::truth},
                                          std::pair{std::string_view{"register"}, Face::registers},
                                          std::pair{std::string_view{"packet"}, Face::packet}};
        if (!words_.faces)
            return false;
        for (const auto& [name, face] : faces) {
            const std::size_t open = text_.find_first_not_of(" \t", at_ + name.size());
            if (!text_.substr(at_).starts_with(name) || open == std::string_view::npos ||
                text_[open] != '(')
                continue;
            at_ = open + 1;
            skip_blanks();
            if (!read_term(face))
                return wrong() ? false
                               : fail(fmt::format("{}() is not of one point of a meter", name),
                                      fmt::format("write {}(shop.p)", name));
            skip_blanks();
            if (at_ >= text_.size() || text_[at_] != ')')
                return fail(fmt::format("{}() is of one point, without arithmetic", name),
                            fmt::format("close the bracket behind it: {}(shop.p) * 2", name));
            ++at_;
            return true;
        }
        return false;
    }

    /// NAME.KEY of what is no meter.
    bool read_other() {
        if (wrong())
            return false;
        const std::string_view rest = text_.substr(at_);
        const NamedValues* best = nullptr;
        for (const NamedValues& other : words_.others)
            if (rest.size() > other.name.size() && rest.starts_with(other.name) &&
                rest[other.name.size()] == '.' &&
                (best == nullptr || other.name.size() > best->name.size()))
                best = &other;
        if (best == nullptr)
            return false;
        const std::size_t first = best->name.size() + 1;
        const std::string key = word_at(rest, first);
        std::vector<std::string> known;
        for (const NamedValues::Value& value : best->values) {
            if (value.key == key) {
                FormulaTerm term;
                term.face = Face::other;
                term.name = best->name + '.' + key;
                term.unit = value.unit;
                add(std::move(term));
                at_ += first + key.size();
                return true;
            }
            known.push_back(value.key);
        }
        const std::string near = nearest(key, known);
        return fail(fmt::format("{} has no value \"{}\"", best->name, key),
                    near.empty() ? "known: " + listed(known) : "did you mean " + near + '?');
    }

    static std::string word_at(std::string_view text, std::size_t first) {
        std::size_t end = first;
        while (end < text.size() && in_word(text[end]))
            ++end;
        return std::string{text.substr(first, end - first)};
    }

    void add(FormulaTerm term) {
        expression_ += fmt::format(" v{} ", terms_.size());
        terms_.push_back(std::move(term));
    }

    /// METER.POINT or METER[n].POINT here; of several names that fit, the longest.
    bool read_term(Face face) {
        if (wrong())
            return false;
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
        const std::string name = word_at(rest, end + 1);
        FormulaTerm term;
        term.face = face;
        term.meter = static_cast<std::size_t>(best - meters_.data());
        term.meter_name = best->spec.name;
        term.circuit = circuit - 1;
        if (!find(*best, name, term))
            return false;
        add(std::move(term));
        at_ += end + 1 + name.size();
        return true;
    }

    bool find(const MeterPlan& meter, const std::string& name, FormulaTerm& term) {
        const MeterType& type = *meter.spec.type;
        term.name = name;
        if (term.face == Face::registers)
            return find_register(meter, name, term);
        if (term.face == Face::packet)
            return find_key(meter, name, term);
        const auto id = type.points.find(name);
        if (!id || type.points[*id].text) {
            const std::string near = nearest(name, fitted_points(meter.spec));
            return fail(fmt::format("{} ({}) has no point \"{}\" that is a number", meter.spec.name,
                                    type.name, name),
                        near.empty() ? "see kpmsim map " + type.name
                                     : "did you mean " + near + '?');
        }
        if (!fitted(meter.spec, type.points[*id]))
            return fail(lacks(meter.spec, *id), "fit it, or name another");
        if (term.face == Face::truth && !has_truth(type, *id))
            return fail(fmt::format("the truth knows no {}", name),
                        "it knows what is metered: voltages, currents, powers, energies, …");
        term.point = *id;
        term.unit = type.points[*id].unit;
        return true;
    }

    bool find_register(const MeterPlan& meter, const std::string& name, FormulaTerm& term) {
        const MeterType& type = *meter.spec.type;
        const RegisterRow* row = type.registers.find(name);
        if (row != nullptr && row->holds == RegisterHolds::point && row->readable() &&
            row->type != RegisterType::ascii) {
            if (!fitted(meter.spec, *row))
                return fail(lacks(meter.spec, row->point), "fit it, or name another");
            term.point = row->point;
            term.unit = row->unit;
            return true;
        }
        std::vector<std::string> known;
        for (const RegisterRow& one : type.registers.rows)
            if (fitted(meter.spec, one))
                known.push_back(one.name);
        const std::string near = nearest(name, known);
        return fail(fmt::format("{} ({}) has no register \"{}\" that is a number", meter.spec.name,
                                type.name, name),
                    near.empty() ? "see kpmsim map " + type.name : "did you mean " + near + '?');
    }

    bool find_key(const MeterPlan& meter, const std::string& key, FormulaTerm& term) {
        const UploadPlan& plan = upload_plan(*meter.spec.type, meter.spec.serial);
        std::vector<std::string> known;
        for (const UploadTopic* topic : {&plan.realtime, &plan.energy})
            for (const auto& packet : topic->packets)
                for (const UploadField& field : packet) {
                    if (!goes_out(field, meter.spec))
                        continue;
                    known.push_back(field.key);
                    if (field.key == key) {
                        term.point = field.point;
                        term.factor = field.scale;
                        term.unit = meter.spec.type->points[field.point].unit;
                    }
                }
        if (!meter.mqtt)
            return fail(fmt::format("{} sends no packets", meter.spec.name),
                        "give the meter mqtt = true");
        if (std::find(known.begin(), known.end(), key) != known.end())
            return true;
        const std::string near = nearest(key, known);
        return fail(fmt::format("no packet of {} ({}) has the key \"{}\"", meter.spec.name,
                                meter.spec.type->name, key),
                    near.empty() ? "known: " + listed(known) : "did you mean " + near + '?');
    }

    /// A number, or one of the words of the grammar.
    bool read_word() {
        if (wrong())
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
        for (const NamedValues& other : words_.others)
            names.push_back(other.name);
        const std::string near = nearest(word.substr(0, word.find('.')), names);
        return fail(fmt::format("\"{}\" is no point of a meter", word),
                    near.empty() ? cure_ : "did you mean " + near + '?');
    }

    std::string_view text_;
    const Vocabulary& words_;
    const std::vector<MeterPlan>& meters_;
    std::string cure_;
    Fault& fault_;
    std::size_t at_{0};
};

} // namespace

struct Formula::Parts {
    std::vector<FormulaTerm> terms;
    std::deque<double> values; ///< of the terms; the parser points at them
    mu::Parser parser;
};

std::optional<Formula> Formula::read(std::string_view text, const Vocabulary& words, Fault& fault,
                                     std::string_view noun, std::string_view example) {
    const std::string cure =
        fmt::format("write {} {} such as \"{}\"", noun.front() == 'e' ? "an" : "a", noun, example);
    fault = {};
    if (text.size() > longest) {
        fault = {fmt::format("the {} has more than {} characters", noun, longest), cure};
        return std::nullopt;
    }
    Reader reader{text, words, cure, fault};
    if (!reader.read())
        return std::nullopt;
    Formula formula;
    formula.text_ = text;
    formula.parts_ = std::make_shared<Parts>();
    Parts& p = *formula.parts_;
    p.terms = std::move(reader.terms_);
    try {
        p.parser.DefineInfixOprt("!", inverse);
        for (std::size_t n = 0; n < p.terms.size(); ++n)
            p.parser.DefineVar(fmt::format("v{}", n), &p.values.emplace_back(1.0));
        p.parser.SetExpr(reader.expression_);
        p.parser.Eval();
    } catch (const mu::ParserError&) {
        fault = {fmt::format("\"{}\" is no {}", text, noun), cure};
        return std::nullopt;
    }
    return formula;
}

double Formula::value(const std::function<double(const FormulaTerm&)>& of_term) const {
    Parts& p = *parts_;
    for (std::size_t n = 0; n < p.terms.size(); ++n)
        p.values[n] = of_term(p.terms[n]);
    return p.parser.Eval();
}

std::span<const FormulaTerm> Formula::terms() const { return parts_->terms; }

std::string Formula::unit() const {
    std::string unit;
    for (const FormulaTerm& term : parts_->terms) {
        if (&term != &parts_->terms.front() && term.unit != unit)
            return {};
        unit = term.unit;
    }
    return unit;
}

bool has_truth(const MeterType& type, PointId point) {
    const Point& what = type.points[point];
    if (what.kind == PointKind::derived) {
        const DerivedRow& row = type.derived[what.index];
        return std::all_of(row.terms.begin(), row.terms.end(), [&](const DerivedRow::Term& term) {
            return has_truth(type, term.point);
        });
    }
    if (what.kind == PointKind::output || what.kind == PointKind::relay)
        return true;
    if (what.kind != PointKind::quantity)
        return false;
    const QuantityKind kind = info(Quantity{what.index}).kind;
    return kind == QuantityKind::reading || kind == QuantityKind::ratio ||
           kind == QuantityKind::energy;
}

} // namespace kpmsim

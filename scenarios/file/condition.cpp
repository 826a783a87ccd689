#include "scenarios/file/condition.hpp"

#include <cmath>
#include <fmt/format.h>

namespace kpmsim {

namespace {

constexpr std::string_view example = "shop-3.p > 2000 and shop-3.u_a < 207";

} // namespace

std::optional<Condition> Condition::read(std::string_view text, const Vocabulary& words,
                                         Fault& fault) {
    auto formula = Formula::read(text, words, fault, "condition", example);
    if (!formula)
        return std::nullopt;
    if (formula->terms().empty()) {
        fault = {fmt::format("\"{}\" names no point of a meter", text),
                 fmt::format("write a condition such as \"{}\"", example)};
        return std::nullopt;
    }
    const double value = formula->value([](const FormulaTerm&) { return 0.37; });
    if (text.find_first_of("<>=") == std::string_view::npos || (value != 0.0 && value != 1.0)) {
        fault = {fmt::format("\"{}\" compares nothing", text),
                 fmt::format("write a condition such as \"{}\"", example)};
        return std::nullopt;
    }
    return Condition{std::move(*formula)};
}

bool Condition::holds(const std::function<double(const FormulaTerm&)>& of_term) const {
    const double result = formula_.value(of_term);
    return std::isfinite(result) && result != 0.0;
}

} // namespace kpmsim

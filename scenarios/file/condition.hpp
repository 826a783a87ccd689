#pragma once

#include "scenarios/file/formula.hpp"

namespace kpmsim {

/// What may be true of a farm at one moment: `shop-3.p > 2000 and shop-3.u_a < 207`. A formula with at
/// least one term; a value that is no number makes every comparison false.
class Condition {
public:
    /// Nothing when it cannot be read; `fault` says why.
    static std::optional<Condition> read(std::string_view text, const Vocabulary& words,
                                         Fault& fault);

    bool holds(const std::function<double(const FormulaTerm&)>& of_term) const;
    const std::string& text() const { return formula_.text(); }

private:
    explicit Condition(Formula formula) : formula_{std::move(formula)} {}
    Formula formula_;
};

} // namespace kpmsim

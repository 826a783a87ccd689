#pragma once

#include "scenarios/file/formula.hpp"
#include "sim/clock.hpp"
#include "sim/result.hpp"

#include <optional>
#include <string>

namespace kpmsim {

struct Expectation;

/// What those who judge can see of a farm at one moment.
class Witness {
public:
    virtual ~Witness() = default;

    /// Not-a-number where there is none.
    virtual double value(const FormulaTerm& term) const = 0;
    virtual std::string text(const FormulaTerm& term) const = 0;
    /// When the action with the id began, or the expectation was met; nothing while it has not.
    virtual std::optional<SimTime> moment_of(const std::string& id) const = 0;
    /// What is stored outside, as an expectation of such a kind says it; or why it cannot be had.
    virtual Result<std::string, std::string> ask(const Expectation& expectation) const = 0;
};

} // namespace kpmsim

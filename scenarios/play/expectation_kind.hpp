#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace kpmsim {

/// One key of a [[expect]].
struct ExpectationKey {
    std::string_view name;
    std::string_view title;
    std::string_view example;
    bool needed{false};
};

/// One kind of expectation: what is looked at. The reader and the reference page take it from here.
struct ExpectationKind {
    std::string_view name; ///< value
    std::string_view title;
    bool compares{true}; ///< a number: the keys of comparison_keys() are its
    bool timed{true};    ///< always, never and eventually are its
    bool outside{false}; ///< it looks at what is not simulated
    std::vector<ExpectationKey> keys;
};

/// All kinds; the first is the one without `kind`.
std::span<const ExpectationKind> expectation_kinds();
const ExpectationKind* find_expectation_kind(std::string_view name);

/// What every expectation has.
std::span<const ExpectationKey> expectation_keys();
/// What the number must be.
std::span<const ExpectationKey> comparison_keys();
/// When: besides `at` and `after`.
std::span<const ExpectationKey> timing_keys();

} // namespace kpmsim

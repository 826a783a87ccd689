#pragma once

/// Names the members of a struct or class once, and all of them: what they are saved, restored and
/// compared by (sim/archive.hpp, sim/difference.hpp, sim/layout.hpp). Stands in its public part:
///
///     struct Reading {
///         double value{0};
///         SimTime at{};
///         KPMSIM_FIELDS(value, at);
///     };
///
/// A member that is left out, or named twice, does not compile. `fields(visit)` calls
/// visit(value, at) and returns what that does.
///
/// A class that has an invariant says so with `bool valid() const`, which a reader asks. An enum
/// has a function `bool valid(Enum)` beside it.
#define KPMSIM_FIELDS(...)                                                                         \
    static constexpr const char* field_names() { return #__VA_ARGS__; }                            \
    constexpr decltype(auto) fields(auto&& visit) { return visit(__VA_ARGS__); }                   \
    constexpr decltype(auto) fields(auto&& visit) const { return visit(__VA_ARGS__); }             \
    static constexpr void take_apart(const auto& whole) {                                          \
        [[maybe_unused]] const auto& [__VA_ARGS__] = whole;                                        \
    }                                                                                              \
    constexpr void all_fields_are_named() const { take_apart(*this); }                             \
    static_assert(true) // takes the semicolon

#pragma once

#include "files/toml.hpp"
#include "scenarios/file/formula.hpp"
#include "scenarios/play/amount.hpp"
#include "scenarios/play/expectation_kind.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kpmsim {

/// What a number is held against.
struct Bound {
    enum class Of : std::uint8_t {
        number,
        formula,
        truth,   ///< of what is looked at
        reading, ///< … as the meter shows it
    };
    Of of{Of::number};
    double number{0};
    std::optional<Formula> formula{};
    double factor{1};    ///< of a formula: to the unit of what it is held against
    std::string written; ///< as a person reads it
};

/// What a number must be: all that is there.
struct Comparison {
    std::optional<Bound> is, above, below, at_least, at_most;
    Tolerance within{};
    std::string within_text; ///< empty: exactly
    std::string unit;

    bool empty() const { return !is && !above && !below && !at_least && !at_most; }
};

/// When something is looked at, and what must come of it.
struct Timing {
    enum class Mode : std::uint8_t { once, always, never, eventually };
    Mode mode{Mode::once};
    std::optional<SimDuration> at;     ///< after the start, or after `after`
    std::string after;                 ///< an id; empty: the start
    std::optional<SimDuration> length; ///< nothing: until the end
    SimDuration every{};

    /// It is looked at when all is over.
    bool at_end() const { return mode == Mode::once && !at && after.empty(); }
};

/// A thing that must be so.
struct Expectation {
    const ExpectationKind* kind{nullptr};
    std::string id;
    std::string title;   ///< as written, or what it says in its own words
    std::string subject; ///< what is looked at, where the title does not say it
    Place place;
    Timing timing;
    Comparison comparison;
    std::optional<Formula> what;
    std::optional<SimDuration> since;        ///< as Timing::at
    std::optional<FormulaTerm> point;        ///< of a text, and of faces
    std::map<std::string, std::string> text; ///< the kind's other keys
    std::vector<std::string> ids;            ///< of an order
};

/// What else an expectation may speak of, and when the scenario is over.
struct ExpectationContext {
    const FarmPlan& farm;
    std::vector<NamedValues> others;
    std::optional<SimDuration> length;
    std::vector<std::string> clients{}; ///< the names in whose logs may stand something
};

/// Reads one [[expect]]; nothing when its kind is unknown. Notes every mistake.
std::optional<Expectation> read_expectation(const TomlNode& node, const ExpectationContext& context,
                                            std::vector<Mistake>& mistakes);

/// "90 s" after the start, or a time of the site.
std::optional<SimDuration> read_moment(const std::string& text, const FarmPlan& farm, Fault& fault);

} // namespace kpmsim

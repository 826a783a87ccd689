#pragma once

#include "scenarios/play/action_kind.hpp"

#include <utility>
#include <vector>

/// For the files that make up the table of kinds: words in which their parameters are written.
namespace kpmsim::words {

inline ActionParameter quantity(std::string_view name, std::string_view title, Unit unit,
                                double least, double most, std::string_view example) {
    return {name, title, ParameterForm::quantity, unit, least, most, false, example, {}, {}};
}
inline ActionParameter other(std::string_view name, std::string_view title, ParameterForm form,
                             std::string_view example) {
    ActionParameter p;
    p.name = name;
    p.title = title;
    p.form = form;
    p.example = example;
    return p;
}
inline ActionParameter needed(ActionParameter p) {
    p.needed = true;
    return p;
}
inline ActionParameter otherwise(std::string_view value, ActionParameter p) {
    p.otherwise = value;
    return p;
}
inline ActionParameter within(double least, double most, ActionParameter p) {
    p.least = least;
    p.most = most;
    return p;
}
inline ActionParameter one_of(std::vector<std::string_view> choices, ActionParameter p) {
    p.choices = std::move(choices);
    return p;
}

} // namespace kpmsim::words

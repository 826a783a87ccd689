#pragma once

#include "scenarios/play/expectation.hpp"

namespace kpmsim {

/// The keys of an [[expect]] that say what its number must be; notes every mistake with the table.
/// `expectation`: its kind and what is looked at are there.
void read_comparison(const TomlNode& node, const ExpectationContext& context,
                     const Vocabulary& words, TomlTable& table, Expectation& expectation);

} // namespace kpmsim

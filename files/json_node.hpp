#pragma once

#include "files/toml.hpp"

#include <string>
#include <vector>

namespace kpmsim {

/// What a JSON text says, as if it had been written in TOML: one reader for both. `file` names the text
/// in mistakes; a value's place is its path in it ("body/phases"). A syntax error, a key that stands
/// twice, and what is nested deeper than any text of ours becomes one mistake (and the result is an empty
/// table); null is one too. `example` is told as what could have been sent.
TomlNode parse_json(const std::string& text, const std::string& file,
                    std::vector<Mistake>& mistakes,
                    const std::string& example = R"({"kind": "dip", "for": "10 cycles"})");

/// A table on one line: {"kind": "dip", "for": "10 cycles"}. What is no UTF-8 is replaced.
std::string json_text(const TomlNode& node);

} // namespace kpmsim

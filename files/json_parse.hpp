#pragma once

// For .cpp files only.
#include "files/mistake.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace kpmsim {

/// A JSON text that somebody sent; null, and one mistake, when it is none: with the byte where it goes
/// wrong, where a key stands twice in an object, or when it is nested deeper than any text of ours.
/// `file` names the text in mistakes, `example` is what could have been sent.
nlohmann::ordered_json parse_sent_json(const std::string& text, const std::string& file,
                                       const std::string& example, std::vector<Mistake>& mistakes);

} // namespace kpmsim

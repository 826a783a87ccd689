#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace kpmsim {

/// Works out "1 + 4*n" for the n-th meter of a block (n from 0): whole numbers, n, + - * and
/// brackets. On failure `why` says what is wrong with the text.
std::optional<std::int64_t> evaluate(std::string_view expression, std::int64_t n, std::string& why);

/// What a pattern may have in braces besides expressions: {serial}.
using PatternWords = std::map<std::string, std::string, std::less<>>;

/// Replaces every {word}, {expression} and {expression:02} in a text: "feeder-{n+1:02}" gives
/// feeder-01. The number after the colon is the least width, filled up with blanks, or zeros when it
/// begins with 0.
std::optional<std::string> fill_in(std::string_view pattern, std::int64_t n, std::string& why,
                                   const PatternWords& words = {});

/// Whether a text changes from meter to meter.
bool is_pattern(std::string_view text);

} // namespace kpmsim

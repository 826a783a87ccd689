#pragma once

#include "files/mistake.hpp"
#include "servers/api/message.hpp"

#include <string>
#include <vector>

namespace kpmsim {

/// An error as RFC 9457 writes it, with where and what would be right: type, title, status, detail, place,
/// cure. Place is a part of the request: "body/at_most", "query names", "path".
struct Problem {
    int status{400};
    std::string place;
    std::string what;
    std::string cure;
};
ApiAnswer answer_of(const Problem& problem);
/// All of them at once; the first gives title, detail, place and cure.
ApiAnswer answer_of(int status, const std::vector<Mistake>& mistakes);

std::string_view title_of(int status); ///< "Not Found"

} // namespace kpmsim

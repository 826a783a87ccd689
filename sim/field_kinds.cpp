#include "sim/field_kinds.hpp"

namespace kpmsim::field {

namespace {

/// Name n of "value_, at"; a private member's underscore is nobody's business.
std::string_view name_of(std::string_view names, std::size_t n) {
    for (; n > 0; --n)
        names.remove_prefix(names.find(", ") + 2);
    names = names.substr(0, names.find(','));
    return names.ends_with('_') ? names.substr(0, names.size() - 1) : names;
}

} // namespace

std::string Path::text() const {
    std::string out = above != nullptr ? above->text() : "";
    if (names.empty())
        return above != nullptr ? out + '[' + std::to_string(n) + ']' : out;
    return out + (out.empty() ? "" : ".") + std::string{name_of(names, n)};
}

} // namespace kpmsim::field

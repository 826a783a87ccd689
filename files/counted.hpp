#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace kpmsim {

/// "1 cell", "2 cells".
template <std::integral Count>
std::string counted(Count count, std::string_view what) {
    return std::to_string(count) + ' ' + std::string{what} + (count == 1 ? "" : "s");
}

} // namespace kpmsim

#pragma once

#include "files/mistake.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// How a table parts its columns and writes its numbers.
struct CsvDialect {
    char separator{','}; ///< or ;
    char decimal{'.'};   ///< or ,

    bool operator==(const CsvDialect&) const = default;
};

/// Finds out which it is: the separator by the header, the decimal mark by the numbers. What could
/// mean two things is a mistake and not guessed: a header with both separators, and numbers that all
/// look as 1.234 and 1,234 do, where the mark may part thousands.
std::optional<CsvDialect> csv_dialect(std::string_view text, const std::string& file,
                                      std::vector<Mistake>& mistakes);

/// "read with ; between columns and a decimal comma", for whoever must be told; empty for the usual
/// one.
std::string told(const CsvDialect& dialect);

} // namespace kpmsim

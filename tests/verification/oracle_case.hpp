#pragma once

#include "files/toml.hpp"
#include "verification/case.hpp"

#include <string>
#include <string_view>
#include <vector>

/// The rows' cases for the oracle: whose samples it gets, and whose limits hold.
namespace kpmsim::test {

inline constexpr int oracle_setups = 20;

struct OracleCase {
    VerificationCase of;
    TomlNode file;

    const TomlNode& signal() const { return *file.find("signal"); }
};

/// The cases of a row and a kind ("readings", "frequency", "groups", …); any kind if none is named.
std::vector<OracleCase> oracle_cases(std::string_view id, std::string_view kind = "");

/// What came of a row.
struct Verdict {
    int judged{0};    ///< quantities that had a limit and were measured
    std::string over; ///< those that were above it, and by how much; empty: none
};

/// Holds a case's errors against its own limits. `room` widens those of the adc mode.
void judge(const VerificationCase& c, Mode mode, const Errors& errors, Verdict& verdict,
           double room = 1);

} // namespace kpmsim::test

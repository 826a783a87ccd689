#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kpmsim {

/// The currents and the power of a probe at a meter's terminals, of the window that was measured last.
///
/// unit    A and W of the primary
/// source  IEC 61000-4-7: subgroups
class ProbeCurrents {
public:
    /// Three voltages, three currents, by row; 128 rows to a cycle.
    void measure(std::span<const std::vector<double>> u_v, std::span<const std::vector<double>> i_a,
                 int cycles);
    /// Nothing where the key is none of its; not-a-number where nothing was measured yet.
    std::optional<double> value(const std::string& key) const;

private:
    std::array<double, 3> i_a_{}, p_w_{}, thd_{};
    std::array<std::array<double, 51>, 3> harmonics_{};
    bool measured_{false};
};

} // namespace kpmsim

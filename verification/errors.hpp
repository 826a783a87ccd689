#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <string_view>

namespace kpmsim {

/// The worst error of each quantity so far. What is not a number stays the worst.
class Errors {
public:
    void add(std::string_view quantity, double error) {
        const double size = std::abs(error);
        const auto [at, first] = worst_.try_emplace(std::string{quantity}, size);
        if (!first && !std::isnan(at->second))
            at->second = std::isnan(size) ? size : std::max(at->second, size);
    }
    bool has(std::string_view quantity) const { return worst_.count(std::string{quantity}) > 0; }
    /// Not a number when nobody measured it.
    double worst(std::string_view quantity) const {
        const auto at = worst_.find(std::string{quantity});
        return at == worst_.end() ? std::nan("") : at->second;
    }

private:
    std::map<std::string, double> worst_;
};

} // namespace kpmsim

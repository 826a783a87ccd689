#pragma once

#include <string>
#include <vector>

namespace kpmsim {

/// A KPM312's type plate, "1A2B3C4D-K-R-Wi": current level per circuit, then options.
struct OptionCode {
    std::vector<std::string> ratings{
        "A", "A", "A", "A"}; ///< per circuit; a circuit not named is A (5 A), as the manual says
    int circuits_fitted{4};
    bool digital_inputs{false}; ///< K
    bool relays{false};         ///< R
    bool temperature{false};    ///< T, excludes S
    bool residual{false};       ///< S
    std::string radio;          ///< "", "4G", "Wi", "L": at most one
};

/// Reads it; `fault` says what is wrong, and stays empty when nothing is.
OptionCode parse_option_code(const std::string& text, std::string& fault);

} // namespace kpmsim

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

struct MeterType;

/// What a unit is ordered with. The letters are those of the KPM312's data sheet; the last one is ours.
enum class Option : std::uint8_t {
    inputs,      ///< K
    relays,      ///< R
    temperature, ///< T
    residual,    ///< S: of a residual current
    gsm,         ///< 4G
    wifi,        ///< Wi
    lora,        ///< L
    second_line, ///< RS485: a second one, on the terminals of the reactive pulses
};
std::string_view code_of(Option option);  ///< K
std::string_view title_of(Option option); ///< digital inputs
std::span<const Option> all_options();

/// What a type can be ordered with: in each place one option, or several that exclude each other.
using OptionPlaces = std::vector<std::vector<Option>>;

bool has_option(const OptionPlaces& places, Option option);
/// Whether both stand in one place.
bool exclude_each_other(const OptionPlaces& places, Option one, Option other);

/// The options of one unit, "1A2B3C4D-K-R-Wi" or "K-R-Wi".
struct OptionCode {
    std::vector<std::string> ratings; ///< by circuit, of a type with several; one that is not named
                                      ///< has the type's first, as the manual says
    std::vector<Option> fitted;

    bool has(Option option) const;
};

/// Reads it as the type has options: with several circuits their current levels come first, with one
/// "none" is no option at all. `fault` says what is wrong, and stays empty when nothing is.
OptionCode parse_option_code(const MeterType& type, const std::string& text, std::string& fault);
/// Such a code, for a cure.
std::string option_code_example(const MeterType& type);

} // namespace kpmsim

#pragma once

#include "files/embedded_file.hpp"
#include "verification/kind.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kpmsim {

/// How far off a quantity may be in one mode.
struct Limit {
    double limit{0};
    double target{0};   ///< what the plan for this row asked for
    std::string reason; ///< why the limit is above the target; must be there when it is
};

/// One quantity of a case; the runner of its kind knows it by `name`.
struct CaseQuantity {
    std::string name;
    std::vector<std::string> covers; ///< quantities of the catalogue that it is the worst of; the
                                     ///< runner then knows each of them by its own name
    bool against_noise{false}; ///< … or, when the unit is "deviations", by that against noise
    std::string unit;          ///< of the error: "of reading", "of S", "Hz", …
    std::optional<double> standard; ///< limit of the standard or of the meter's manual, in `unit`
    std::string standard_text;      ///< whose limit that is
    std::optional<Limit> clean, adc;
    std::string no_clean, no_adc; ///< why it has no figure in a mode; there when that has no limit

    const std::string& no_limit(Mode mode) const { return mode == Mode::clean ? no_clean : no_adc; }
    const std::optional<Limit>& limit(Mode mode) const { return mode == Mode::clean ? clean : adc; }
};

/// One case of tests/validation. Several cases may share a row of the table.
struct VerificationCase {
    std::string name; ///< of its folder
    std::string id;   ///< row of the table: "1" … "48", "M1" … "M8"
    std::string title;
    std::string clause; ///< where the demand stands
    std::string wiring; ///< p4l, p3l3, p3l2, 1p2w
    int setups{0};
    Run run;
    std::vector<CaseQuantity> quantities;
};

/// Reads case files; every mistake in any of them is thrown at once, as FileError.
std::vector<VerificationCase> load_cases(std::span<const EmbeddedFile> files);

} // namespace kpmsim

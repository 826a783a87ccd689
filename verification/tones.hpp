#pragma once

#include "verification/kind.hpp"

#include <vector>

namespace kpmsim {

/// A fundamental and a tone anywhere, as a case of the groups kind describes them.
struct ToneCase {
    int cycles{10};
    Parameter order{1.5};     ///< of the tone, of the fundamental
    Parameter fraction{0.01}; ///< of the fundamental
    bool harmonics{false};    ///< 5 % of the 3rd, 5th and 29th beside it
    double fundamental{0.6};  ///< peak, of full scale
};

void take(TomlTable& signal, ToneCase& c);

struct Tone {
    double order;
    double rms;   ///< of full scale
    double angle; ///< at the first row, rad
};

/// The fundamental is the first of them, the tone the second.
std::vector<Tone> draw_tones(const ToneCase& c, Draw& draw);

/// One window before the converter, of full scale; 128 rows a cycle.
std::vector<double> rows_of(const std::vector<Tone>& tones, int cycles);

} // namespace kpmsim

#pragma once

#include <complex>
#include <span>
#include <string>
#include <vector>

namespace kpmsim {

/// One line of a plot; its colour is class `c0`, `c1`, … of the page.
struct PlotLine {
    std::string name;
    std::vector<double> y; ///< not-a-number leaves a gap
    int color{0};
    bool dashed{false};
};

/// A moment that is marked, or a stretch of time.
struct PlotMark {
    double from{0}, to{0};
    std::string name;  ///< all of it
    std::string label; ///< a number or a letter, by which a list below names it
    bool failure{false};
};

struct Plot {
    std::string title, unit;
    std::string x_unit{"s"};
    std::vector<double> x;
    std::vector<PlotLine> lines;
    std::vector<PlotMark> marks;
};

// Figures: an SVG that fits any width, with a caption of the page's own text, in which the lines' names have their colours.

/// At most as many points as can be told apart are drawn.
std::string line_svg(const Plot& plot);
/// Bars from order 2 on.
std::string bar_svg(const std::string& title, const std::string& unit,
                    std::span<const std::vector<double>> phases);
/// Arrows from one point; angles counter-clockwise.
std::string phasor_svg(const std::string& title, const std::string& unit,
                       std::span<const std::complex<double>> phasors);

/// For texts in HTML and SVG.
std::string html_text(const std::string& text);

} // namespace kpmsim

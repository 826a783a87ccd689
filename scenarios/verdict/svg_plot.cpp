#include "scenarios/verdict/svg_plot.hpp"

#include "files/printable.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <utility>

namespace kpmsim {
namespace {

constexpr double width = 720;
constexpr double height = 220;
constexpr double left = 64;
constexpr double right = 12;
constexpr double top = 22;
constexpr double bottom = 30;
constexpr std::size_t most_points = 700;

struct Range {
    double least{std::numeric_limits<double>::infinity()};
    double most{-std::numeric_limits<double>::infinity()};

    void add(double value) {
        if (!std::isfinite(value))
            return;
        least = std::min(least, value);
        most = std::max(most, value);
    }
    /// With room above and below, and never nothing.
    Range padded() const {
        if (least > most)
            return {0, 1};
        const double room = std::max((most - least) * 0.06, std::abs(most) * 1e-3 + 1e-9);
        return {least - room, most + room};
    }
};

/// 1, 2 or 5 times a power of ten, for about so many steps.
double step_of(const Range& range, int steps) {
    const double rough = (range.most - range.least) / steps;
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (rough <= factor * power)
            return factor * power;
    return 10 * power;
}

/// `legend`: a name for each colour.
std::string head(const std::string& title, const std::string& unit,
                 std::span<const std::pair<std::string, int>> legend) {
    std::string caption = "<b>" + html_text(title) + "</b>";
    if (!unit.empty())
        caption += " / " + html_text(unit);
    for (const auto& [name, color] : legend)
        caption += fmt::format(" <span class=\"k{}\">{}</span>", color, html_text(name));
    return fmt::format("<figure><figcaption>{}</figcaption>\n"
                       "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n",
                       caption, width, height, html_text(title));
}

constexpr const char* tail = "</svg></figure>\n";

/// a, b and c, as phases are drawn.
std::vector<std::pair<std::string, int>> phase_legend() { return {{"a", 0}, {"b", 1}, {"c", 2}}; }

struct Axes {
    Range x, y;

    double px(double value) const {
        return left + (value - x.least) / (x.most - x.least) * (width - left - right);
    }
    double py(double value) const {
        return height - bottom - (value - y.least) / (y.most - y.least) * (height - top - bottom);
    }
    std::string grid(const std::string& x_unit) const {
        std::string svg;
        const double dy = step_of(y, 5);
        for (double v = std::ceil(y.least / dy) * dy; v <= y.most; v += dy)
            svg += fmt::format("<line class=\"g\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" "
                               "y2=\"{:.1f}\"/><text class=\"a\" text-anchor=\"end\" x=\"{:.1f}\" "
                               "y=\"{:.1f}\">{:.6g}</text>\n",
                               left, width - right, py(v), py(v), left - 6, py(v) + 4,
                               std::abs(v) < dy * 1e-6 ? 0.0 : v);
        const double dx = step_of(x, 6);
        for (double v = std::ceil(x.least / dx) * dx; v <= x.most; v += dx)
            svg += fmt::format("<text class=\"a\" text-anchor=\"middle\" x=\"{:.1f}\" "
                               "y=\"{:.1f}\">{:.6g}</text>\n",
                               px(v), height - bottom + 16, std::abs(v) < dx * 1e-6 ? 0.0 : v);
        return svg + fmt::format("<text class=\"a\" text-anchor=\"end\" x=\"{:.1f}\" "
                                 "y=\"{:.1f}\">{}</text>\n",
                                 width - right, height - 2, html_text(x_unit));
    }
};

} // namespace

std::string html_text(const std::string& text) {
    std::string out;
    for (const char c : printable(text))
        out += c == '&'   ? std::string{"&amp;"}
               : c == '<' ? std::string{"&lt;"}
               : c == '>' ? std::string{"&gt;"}
               : c == '"' ? std::string{"&quot;"}
                          : std::string{c};
    return out;
}

std::string line_svg(const Plot& plot) {
    if (plot.x.empty())
        return {};
    Axes axes;
    axes.x = {plot.x.front(), std::max(plot.x.back(), plot.x.front() + 1e-9)};
    for (const PlotLine& line : plot.lines)
        for (const double value : line.y)
            axes.y.add(value);
    axes.y = axes.y.padded();
    std::vector<std::pair<std::string, int>> legend;
    for (const PlotLine& line : plot.lines)
        legend.emplace_back(line.name + (line.dashed ? " (dashed)" : ""), line.color);
    std::string svg = head(plot.title, plot.unit, legend) + axes.grid(plot.x_unit);
    for (const PlotMark& mark : plot.marks) {
        if (mark.to < axes.x.least || mark.from > axes.x.most)
            continue;
        const double from = axes.px(std::max(mark.from, axes.x.least));
        const double to = axes.px(std::min(mark.to, axes.x.most));
        svg += fmt::format("<rect class=\"{}\" x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" "
                           "height=\"{}\"><title>{}</title></rect>\n",
                           mark.failure ? "f" : "m", from, top, std::max(to - from, 1.5),
                           height - top - bottom, html_text(mark.name));
        const bool at_end = from > (width + left) / 2; // its text goes the other way
        svg += fmt::format("<text class=\"a\" text-anchor=\"{}\" x=\"{:.1f}\" y=\"{}\">{}</text>\n",
                           at_end ? "end" : "start", from + (at_end ? 0 : 2), top - 3,
                           html_text(mark.label));
    }
    const std::size_t stride = plot.x.size() / most_points + 1;
    for (const PlotLine& line : plot.lines) {
        std::string path;
        bool gap = true;
        for (std::size_t n = 0; n < std::min(line.y.size(), plot.x.size()); n += stride) {
            if (!std::isfinite(line.y[n])) {
                gap = true;
                continue;
            }
            path += fmt::format("{}{:.1f} {:.1f}", gap ? "M" : "L", axes.px(plot.x[n]),
                                axes.py(line.y[n]));
            gap = false;
        }
        svg += fmt::format("<path class=\"l c{}{}\" d=\"{}\"/>\n", line.color,
                           line.dashed ? " d" : "", path);
    }
    return svg + tail;
}

std::string bar_svg(const std::string& title, const std::string& unit,
                    std::span<const std::vector<double>> phases) {
    Axes axes;
    axes.x = {1.5, 40.5};
    axes.y.add(0);
    for (const auto& phase : phases) {
        if (phase.size() > 1) // what is nothing beside the fundamental is drawn as nothing
            axes.y.add(0.01 * phase[1]);
        for (std::size_t order = 2; order < std::min<std::size_t>(phase.size(), 41); ++order)
            axes.y.add(phase[order]);
    }
    axes.y = axes.y.padded();
    axes.y.least = 0;
    std::string svg = head(title, unit, phase_legend()) + axes.grid("order");
    const double one = (axes.px(3) - axes.px(2)) / 4;
    for (std::size_t p = 0; p < phases.size(); ++p)
        for (std::size_t order = 2; order < std::min<std::size_t>(phases[p].size(), 41); ++order) {
            const double y = axes.py(phases[p][order]);
            svg += fmt::format(
                "<rect class=\"b{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
                "height=\"{:.1f}\"/>\n",
                p, axes.px(static_cast<double>(order)) + (static_cast<double>(p) - 1.5) * one, y,
                one, std::max(height - bottom - y, 0.0));
        }
    return svg + tail;
}

std::string phasor_svg(const std::string& title, const std::string& unit,
                       std::span<const std::complex<double>> phasors) {
    double most = 1e-9;
    for (const auto& phasor : phasors)
        most = std::max(most, std::abs(phasor));
    constexpr double radius = 84;
    constexpr double x0 = width / 2;
    constexpr double y0 = top + radius + 4;
    std::string svg = head(title, unit, phase_legend());
    svg += fmt::format("<circle class=\"g\" fill=\"none\" cx=\"{}\" cy=\"{}\" r=\"{}\"/>\n", x0, y0,
                       radius);
    constexpr std::array names{"a", "b", "c"};
    for (std::size_t n = 0; n < std::min(phasors.size(), names.size()); ++n) {
        const auto end = phasors[n] / most * radius;
        svg += fmt::format("<line class=\"l c{}\" x1=\"{}\" y1=\"{}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>"
                           "<text class=\"a n{}\" x=\"{:.1f}\" y=\"{:.1f}\">{} {:.4g} {}</text>\n",
                           n, x0, y0, x0 + end.real(), y0 - end.imag(), n,
                           x0 + end.real() * 1.08 + (end.real() < -1 ? -70 : 6),
                           y0 - end.imag() * 1.08, names[n], std::abs(phasors[n]), html_text(unit));
    }
    return svg + tail;
}

} // namespace kpmsim

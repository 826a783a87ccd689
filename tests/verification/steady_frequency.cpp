// Five pieces are wanted, at the ends and between. One that is no good gives way to the next, half
// a piece further in. The phase p at the middle t of each piece is known but for whole turns; those
// follow from the frequency so far: the first piece's own is good to 1e-9 Hz, and every further
// piece makes it better. f is the slope of the line of least squares through the p(t).
#include "steady_frequency.hpp"

#include "oracle.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <vector>

namespace kpmsim::test {

namespace {

using Real = long double;

constexpr Real two_pi = 2 * std::numbers::pi_v<Real>;
constexpr Real piece_s = 0.1L;
constexpr int wanted = 5;
constexpr int tries = 12;

struct Piece {
    Real middle_s{0};
    Fit fit;
};

/// A piece from the row `begin` on, if it is good.
std::optional<Piece> piece_at(std::span<const double> samples, std::size_t begin, std::size_t rows,
                              Real rate_hz, const std::optional<Fit>& before) {
    const auto part = samples.subspan(begin, rows);
    if (std::all_of(part.begin(), part.end(), [](double x) { return x == 0; }))
        return std::nullopt;
    const std::vector<std::vector<double>> channels{{part.begin(), part.end()}};
    Piece piece;
    piece.fit = before ? fit_sines(channels, rate_hz, *before) : fit_sines(channels, rate_hz);
    piece.middle_s = (static_cast<Real>(begin) + static_cast<Real>(rows - 1) / 2) / rate_hz;
    if (!(piece.fit.residual < 1e-9L))
        return std::nullopt;
    return piece;
}

std::vector<Piece> good_pieces(std::span<const double> samples, Real rate_hz) {
    const auto rows = static_cast<std::size_t>(piece_s * rate_hz);
    const std::size_t last = samples.size() - rows;
    std::vector<Piece> good;
    std::optional<Fit> before;
    for (std::size_t k = 0; k < wanted; ++k)
        for (std::size_t n = 0; n < tries; ++n) {
            // from both ends inwards
            const std::size_t at = last * k / (wanted - 1);
            const std::size_t shift = n * rows / 2;
            const std::size_t begin = 2 * k < wanted ? at + shift : at - shift;
            if (begin > last)
                break;
            if (auto piece = piece_at(samples, begin, rows, rate_hz, before)) {
                before = piece->fit;
                good.push_back(std::move(*piece));
                break;
            }
        }
    return good;
}

} // namespace

SteadyFrequency steady_frequency(std::span<const double> samples, long double rate_hz) {
    const std::vector<Piece> pieces = good_pieces(samples, rate_hz);
    SteadyFrequency out;
    out.pieces = static_cast<int>(pieces.size());
    if (pieces.size() < 3)
        return out;
    out.f_hz = pieces[0].fit.f_hz;
    std::vector<Real> t, turns; // from the first piece
    for (const Piece& piece : pieces) {
        const Real at = piece.middle_s - pieces[0].middle_s;
        const Real part = std::arg(piece.fit.phasors[0][1] / pieces[0].fit.phasors[0][1]) / two_pi;
        t.push_back(at);
        turns.push_back(part + std::round(out.f_hz * at - part));
        if (at > 0)
            out.f_hz = turns.back() / at;
    }
    Real mean_t = 0;
    Real mean_turns = 0;
    for (std::size_t k = 0; k < t.size(); ++k) {
        mean_t += t[k] / static_cast<Real>(t.size());
        mean_turns += turns[k] / static_cast<Real>(t.size());
    }
    Real product = 0;
    Real square = 0;
    for (std::size_t k = 0; k < t.size(); ++k) {
        product += (t[k] - mean_t) * (turns[k] - mean_turns);
        square += (t[k] - mean_t) * (t[k] - mean_t);
    }
    out.f_hz = product / square;
    for (std::size_t k = 0; k < t.size(); ++k)
        out.off_line_rad =
            std::max(out.off_line_rad,
                     two_pi * std::abs(turns[k] - mean_turns - out.f_hz * (t[k] - mean_t)));
    return out;
}

} // namespace kpmsim::test

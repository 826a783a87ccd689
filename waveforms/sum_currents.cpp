#include "waveforms/sum_currents.hpp"

#include <algorithm>

namespace kpmsim {
namespace {

void add(PhaseSpectra& to, double factor, const PhaseSpectra& more) {
    for (std::size_t p = 0; p < to.size(); ++p)
        for (std::size_t h = 0; h < to[p].rms.size(); ++h)
            to[p].rms[h] += factor * more[p].rms[h];
}

/// The rows at which a piece begins, and the last one's end.
void add_cuts(const std::vector<CurrentPiece>& pieces, std::vector<int>& cuts) {
    for (const CurrentPiece& piece : pieces) {
        cuts.push_back(piece.first_row);
        cuts.push_back(piece.last_row);
    }
}

void sort_cuts(std::vector<int>& cuts) {
    std::sort(cuts.begin(), cuts.end());
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
}

const CurrentPiece& piece_at(const std::vector<CurrentPiece>& pieces, int row) {
    return *std::find_if(
        pieces.begin(), pieces.end(),
        [&](const CurrentPiece& piece) { return row < piece.last_row; });
}

/// The whole window in pieces, in any case.
std::vector<CurrentPiece> in_pieces(const WindowCurrents& i, int rows) {
    if (!i.pieces.empty())
        return i.pieces;
    return {{0, rows, i.whole, i.whole}};
}

std::vector<CurrentPiece> sum(const std::vector<CurrentPiece>& a, double factor,
                              const std::vector<CurrentPiece>& b) {
    std::vector<int> cuts;
    add_cuts(a, cuts);
    add_cuts(b, cuts);
    sort_cuts(cuts);
    std::vector<CurrentPiece> out;
    for (std::size_t n = 0; n + 1 < cuts.size(); ++n) {
        const int first = cuts[n];
        const int last = cuts[n + 1];
        const CurrentPiece& of_a = piece_at(a, first);
        const CurrentPiece& of_b = piece_at(b, first);
        CurrentPiece& piece = out.emplace_back(
            CurrentPiece{first, last, at_row(of_a, first), at_row(of_a, last - 1)});
        add(piece.from, factor, at_row(of_b, first));
        add(piece.to, factor, at_row(of_b, last - 1));
    }
    return out;
}

} // namespace

void add_currents(WindowCurrents& to, double factor, const WindowCurrents& more, int rows) {
    if (!to.pieces.empty() || !more.pieces.empty())
        to.pieces = sum(in_pieces(to, rows), factor, in_pieces(more, rows));
    add(to.whole, factor, more.whole);
    if (more.added_a.empty())
        return;
    to.added_a.resize(static_cast<std::size_t>(rows));
    for (std::size_t n = 0; n < more.added_a.size(); ++n)
        for (std::size_t p = 0; p < 3; ++p)
            to.added_a[n][p] += factor * more.added_a[n][p];
}

void cut_alike(std::span<WindowCurrents* const> all, int rows) {
    std::vector<int> cuts;
    for (const WindowCurrents* one : all)
        add_cuts(one->pieces, cuts);
    if (cuts.empty())
        return;
    sort_cuts(cuts);
    for (WindowCurrents* one : all) {
        const std::vector<CurrentPiece> before = in_pieces(*one, rows);
        one->pieces.clear();
        for (std::size_t n = 0; n + 1 < cuts.size(); ++n) {
            const CurrentPiece& of = piece_at(before, cuts[n]);
            one->pieces.push_back(
                {cuts[n], cuts[n + 1], at_row(of, cuts[n]), at_row(of, cuts[n + 1] - 1)});
        }
    }
}

} // namespace kpmsim

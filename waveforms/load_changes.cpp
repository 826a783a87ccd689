#include "waveforms/load_changes.hpp"

#include "waveforms/decay.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace kpmsim {
namespace {

constexpr int rows_between_cuts = samples_per_cycle / 8;

Disturbance as_disturbance(const LoadChange& change) {
    Disturbance d;
    d.start = change.from;
    d.length = change.length;
    d.edge = change.edge;
    return d;
}

bool moves(const LoadChange& change, Stage now) {
    return now == Stage::rising || now == Stage::falling ||
           (now == Stage::on && change.decay > SimDuration::zero());
}

bool is_there(const LoadChange& change, const Window& window) {
    const Disturbance d = as_disturbance(change);
    return stage(d, window.end()) != Stage::before && stage(d, window.start) != Stage::over;
}

void add(PhaseSpectra& to, double factor, const PhaseSpectra& from) {
    for (std::size_t p = 0; p < 3; ++p)
        for (std::size_t h = 0; h < from[p].rms.size(); ++h)
            to[p].rms[h] += factor * from[p].rms[h];
}

/// What is drawn at a row.
PhaseSpectra at_row(const WindowCurrents& drawn, int row) {
    for (const CurrentPiece& piece : drawn.pieces) {
        if (row >= piece.last_row)
            continue;
        const int length = piece.last_row - 1 - piece.first_row;
        const double part = length > 0 ? static_cast<double>(row - piece.first_row) / length : 0.0;
        PhaseSpectra out{};
        add(out, 1.0 - part, piece.from);
        add(out, part, piece.to);
        return part == 0.0 ? piece.from : out;
    }
    return drawn.whole;
}

/// One thing that adds to a circuit's current: its currents, times a factor that moves.
struct Part {
    WindowCurrents drawn;
    const LoadChange* change{nullptr}; ///< that brought it; null: the load as it is written
    std::size_t since{0};              ///< so many changes began before it was there
};

class Sum {
public:
    Sum(WindowCurrents drawn, std::span<const LoadChange> changes, const SupplyWindow& supply)
        : supply_{supply} {
        for (const LoadChange& change : changes)
            if (is_there(change, supply.window))
                here_.push_back(&change);
        std::stable_sort(here_.begin(), here_.end(), [](const LoadChange* a, const LoadChange* b) {
            return a->from < b->from;
        });
        parts_.push_back({std::move(drawn), nullptr, 0});
        for (std::size_t n = 0; n < here_.size(); ++n)
            if (const LoadChange& change = *here_[n]; change.beside)
                parts_.push_back(
                    {currents_of(*change.beside, supply, change.ahead), &change, n + 1});
    }

    WindowCurrents total() {
        if (here_.empty())
            return std::move(parts_.front().drawn);
        const std::vector<int> cuts = all_cuts();
        WindowCurrents out;
        out.whole = at(0);
        out.added_a = added();
        if (cuts.size() == 2 && !supply_.changes())
            return out;
        for (std::size_t n = 0; n + 1 < cuts.size(); ++n)
            out.pieces.push_back({cuts[n], cuts[n + 1], at(cuts[n]), at(cuts[n + 1] - 1)});
        return out;
    }

private:
    /// What a part's currents are multiplied with.
    double factor(const Part& part, const RowTime& t) const {
        double factor = part.change == nullptr ? 1.0 : presence(*part.change, t);
        if (part.change != nullptr && !part.change->is_load)
            return factor;
        for (std::size_t n = part.since; n < here_.size(); ++n)
            factor *= 1.0 + (here_[n]->own - 1.0) * presence(*here_[n], t);
        return factor;
    }

    PhaseSpectra at(int row) const {
        const RowTime t = row_time(supply_.window, row);
        PhaseSpectra out{};
        for (const Part& part : parts_)
            add(out, factor(part, t), at_row(part.drawn, row));
        return out;
    }

    std::vector<std::array<double, 3>> added() const {
        std::vector<std::array<double, 3>> out;
        for (const Part& part : parts_) {
            if (part.drawn.added_a.empty())
                continue;
            out.resize(part.drawn.added_a.size());
            for (std::size_t n = 0; n < out.size(); ++n) {
                const double times = factor(part, row_time(supply_.window, static_cast<int>(n)));
                for (std::size_t p = 0; p < 3; ++p)
                    out[n][p] += times * part.drawn.added_a[n][p];
            }
        }
        return out;
    }

    /// Rows at which a piece begins, and the window's end.
    std::vector<int> all_cuts() const {
        const int samples = supply_.window.samples();
        std::set<int> cuts{0, samples};
        for (const Part& part : parts_)
            for (const CurrentPiece& piece : part.drawn.pieces)
                cuts.insert(piece.first_row);
        std::vector<Stage> last;
        for (int row = 0; row < samples; ++row) {
            std::vector<Stage> now;
            bool moving = false;
            for (const LoadChange* change : here_) {
                now.push_back(stage(as_disturbance(*change), row_time(supply_.window, row).at));
                moving = moving || moves(*change, now.back());
            }
            if (row > 0 && (now != last || (moving && row % rows_between_cuts == 0)))
                cuts.insert(row);
            last = std::move(now);
        }
        return {cuts.begin(), cuts.end()};
    }

    const SupplyWindow& supply_;
    std::vector<const LoadChange*> here_;
    std::vector<Part> parts_;
};

} // namespace

double presence(const LoadChange& change, const RowTime& t) {
    Disturbance d = as_disturbance(change);
    d.factor = 0.0; // so that the level says how much is not there
    const double there = 1.0 - level_factor(d, t);
    if (there == 0.0 || change.decay <= SimDuration::zero())
        return there;
    const double since = static_cast<double>((t.at - change.from).count()) +
                         static_cast<double>(t.part) / static_cast<double>(t.of);
    return there * decayed(since / static_cast<double>(change.decay.count()));
}

SimTime steady_until(const LoadChange& change, SimTime at) {
    const Disturbance d = as_disturbance(change);
    if (change.decay > SimDuration::zero() && stage(d, at) == Stage::on)
        return at;
    return steady_until(d, at);
}

WindowCurrents changed(WindowCurrents drawn, std::span<const LoadChange> changes,
                       const SupplyWindow& supply) {
    if (changes.empty())
        return drawn;
    return Sum{std::move(drawn), changes, supply}.total();
}

} // namespace kpmsim

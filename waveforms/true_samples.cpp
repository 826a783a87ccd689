#include "waveforms/true_samples.hpp"

#include "waveforms/leads.hpp"
#include "waveforms/sine.hpp"

#include <algorithm>
#include <cmath>

// A row's value is X_0 + sqrt(2) Im{ sum X_h z^h }, z = e^(j theta), by Horner's rule from the
// highest order down: fifty multiplications, an error of some 1e-14.

namespace kpmsim {
namespace {

using Complex = std::complex<double>;
constexpr double root2 = 1.41421356237309504880;

/// The interharmonics of one phase at a row.
double tones(const SupplyWindow& supply, std::size_t phase, int row) {
    const double of_window = static_cast<double>(row) / supply.window.samples();
    double sum = 0.0;
    for (const Interharmonic& tone : supply.interharmonics) {
        const double turns = tone.hz * seconds(supply.window.length) * of_window;
        const Complex at = phasor(turn_of(turns + tone.angle_deg / 360.0));
        sum += root2 * tone.fraction * (at * supply.tone_factor[phase]).imag();
    }
    return sum;
}

std::vector<double> phase_rows(const SupplyWindow& supply, std::size_t phase) {
    std::vector<double> out;
    auto segment = supply.rows.segments.begin();
    for (int n = 0; n < supply.window.samples(); ++n) {
        const Turn theta = supply.phase_at(n);
        const double added = tones(supply, phase, n);
        if (!supply.changes()) {
            out.push_back(value_at(supply.u[phase], theta) + added);
            continue;
        }
        while (n >= segment->last_row)
            ++segment;
        const auto row = static_cast<std::size_t>(n);
        out.push_back(supply.rows.level[row][phase] * (value_at(segment->u[phase], theta) + added) +
                      supply.rows.added_v[row][phase]);
    }
    return out;
}

/// e^(-j 2 pi n / 128).
std::array<Complex, samples_per_cycle> backward_turns() {
    std::array<Complex, samples_per_cycle> out;
    for (std::size_t n = 0; n < out.size(); ++n)
        out[n] = std::conj(phasor({n * (std::uint64_t{1} << 57)}));
    return out;
}

} // namespace

double value_at(const Spectrum& x, Turn theta) {
    const SinCos z = sin_cos(theta);
    double re = 0.0;
    double im = 0.0;
    for (int h = Spectrum::orders - 1; h > 0; --h) {
        re += x[h].real();
        im += x[h].imag();
        const double turned = re * z.cos - im * z.sin;
        im = re * z.sin + im * z.cos;
        re = turned;
    }
    return x[0].real() + root2 * im;
}

std::vector<double> voltage_samples(const SupplyWindow& supply, const WiringSpec& wiring,
                                    int channel) {
    const Leads leads = voltage_leads(wiring);
    std::vector<double> out(static_cast<std::size_t>(supply.window.samples()));
    for (std::size_t p = 0; p < 3; ++p) {
        const double lead = leads[static_cast<std::size_t>(channel)][p];
        if (lead == 0.0)
            continue;
        const std::vector<double> of_phase = phase_rows(supply, p);
        for (std::size_t n = 0; n < out.size(); ++n)
            out[n] += lead * of_phase[n];
    }
    return out;
}

std::vector<double> current_samples(const TerminalSpectra& terminals, const SupplyWindow& supply,
                                    const WiringSpec& wiring, int circuit, int terminal) {
    const double ratio = wiring.ct_ratio[static_cast<std::size_t>(circuit)];
    const auto t = static_cast<std::size_t>(terminal);
    std::vector<double> out;
    const auto& pieces = terminals.pieces[static_cast<std::size_t>(circuit)];
    if (pieces.empty()) {
        const Spectrum& i =
            terminals
                .channel[static_cast<std::size_t>(terminals.channels.current(circuit, terminal))];
        for (int n = 0; n < supply.window.samples(); ++n)
            out.push_back(ratio * value_at(i, supply.phase_at(n)));
    }
    for (const TerminalPiece& piece : pieces) {
        const bool moves = piece.from[t].rms != piece.to[t].rms;
        for (int n = piece.first_row; n < piece.last_row; ++n) {
            const double from = value_at(piece.from[t], supply.phase_at(n));
            const double to = moves ? value_at(piece.to[t], supply.phase_at(n)) : from;
            const int steps = std::max(1, piece.last_row - 1 - piece.first_row);
            out.push_back(ratio * (from + (to - from) * (n - piece.first_row) / steps));
        }
    }
    const auto& added = terminals.added_a[static_cast<std::size_t>(circuit)];
    for (std::size_t n = 0; n < added.size(); ++n)
        out[n] += ratio * added[n][t];
    return out;
}

Spectrum fourier_series(const std::vector<double>& rows) {
    // Cycles add up: what is not a harmonic leaks into them, as it does in any such window.
    std::array<double, samples_per_cycle> fold{};
    for (std::size_t n = 0; n < rows.size(); ++n)
        fold[n % samples_per_cycle] += rows[n];
    static const std::array<Complex, samples_per_cycle> turns = backward_turns();
    Spectrum out;
    for (int h = 0; h < Spectrum::orders; ++h) {
        Complex sum = 0.0;
        for (std::size_t n = 0; n < fold.size(); ++n)
            sum += fold[n] * turns[static_cast<std::size_t>(h) * n % samples_per_cycle];
        sum /= static_cast<double>(rows.size());
        out[h] = h == 0 ? sum.real() : Complex{0.0, root2} * sum;
    }
    return out;
}

void HalfCycleTruths::push(const SupplyWindow& supply) {
    const int samples = supply.window.samples();
    for (std::size_t p = 0; p < 3; ++p) {
        const std::vector<double> rows = phase_rows(supply, p);
        rows_[p].insert(rows_[p].end(), rows.begin(), rows.end());
        for (int n = 0; n < samples; ++n) {
            // Twice the angle wraps at every crossing; the row nearest to it begins the cycle.
            const Turn now = std::uint64_t{2} * (supply.phase_at(n) + supply.own_phase[p]);
            if (next_ + n > 0 && last_[p].signed_turns() < 0.0 && now.signed_turns() >= 0.0)
                begin_[p].push_back(next_ + n - (now.turns() > 1.0 - last_[p].turns() ? 1 : 0));
            last_[p] = now;
        }
        std::size_t done = 0;
        for (; done < begin_[p].size(); ++done) {
            const auto from = static_cast<std::size_t>(begin_[p][done] - first_);
            if (from + samples_per_cycle > rows_[p].size())
                break;
            double squares = 0.0;
            for (std::size_t n = from; n < from + samples_per_cycle; ++n)
                squares += rows_[p][n] * rows_[p][n];
            out_[p].push_back({begin_[p][done], std::sqrt(squares / samples_per_cycle)});
        }
        begin_[p].erase(begin_[p].begin(), begin_[p].begin() + static_cast<std::ptrdiff_t>(done));
    }
    next_ += samples;
    // A cycle and the row before a crossing is all that can still be asked for.
    constexpr std::size_t keep = samples_per_cycle + 1;
    const std::size_t drop = rows_[0].size() > keep ? rows_[0].size() - keep : 0;
    for (std::vector<double>& rows : rows_)
        rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(drop));
    first_ += static_cast<std::int64_t>(drop);
}

} // namespace kpmsim

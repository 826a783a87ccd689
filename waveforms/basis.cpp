#include "waveforms/basis.hpp"

#include "waveforms/kernels.hpp"
#include "waveforms/sine.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>

// Order 1 comes from the polynomial at each sample's integer phase. Order h is order h-1 turned by
// order 1, sample by sample:
//     e^(j h theta) = e^(j (h-1) theta) e^(j theta).
// Each turn adds at most 2^-52 of rounding or so, hence below 50 * 2.3e-16 = 1.2e-14 at order 50;
// there is no recurrence along time, so the length of the window does not matter.

namespace kpmsim {
namespace {

void first_order(std::span<const Turn> theta, double* s, double* c) {
    for (std::size_t n = 0; n < theta.size(); ++n) {
        const SinCos sc = sin_cos(theta[n]);
        s[n] = sc.sin;
        c[n] = sc.cos;
    }
}

} // namespace

const double* Basis::row(int n) const {
    return data_.front().value + static_cast<std::ptrdiff_t>(n - 2) * rows_;
}
double* Basis::row(int n) {
    return data_.front().value + static_cast<std::ptrdiff_t>(n - 2) * rows_;
}

void Basis::aim(Turn start, std::uint64_t step, int rows) {
    if (theta_.empty() && start == start_ && step == step_ && rows == rows_)
        return;
    theta_.clear();
    start_ = start;
    step_ = step;
    rows_ = rows;
    reached_ = 0;
    assert(rows % 8 == 0);
}

void Basis::aim(std::span<const Turn> theta) {
    if (std::equal(theta.begin(), theta.end(), theta_.begin(), theta_.end()))
        return;
    theta_.assign(theta.begin(), theta.end());
    rows_ = static_cast<int>(theta.size());
    reached_ = 0;
    assert(rows_ % 8 == 0);
}

void Basis::reach(int order) {
    if (order <= reached_)
        return;
    const auto size = static_cast<std::size_t>(2 * order) * static_cast<std::size_t>(rows_) / 8;
    if (data_.size() < size)
        data_.resize(size);
    if (reached_ == 0) {
        if (theta_.empty())
            kernels::first_order(start_.raw, step_, rows_, row(2), row(3));
        else
            first_order(theta_, row(2), row(3));
        reached_ = 1;
    }
    for (; reached_ < order; ++reached_)
        kernels::next_order(rows_, row(2), row(3), row(2 * reached_), row(2 * reached_ + 1),
                            row(2 * reached_ + 2), row(2 * reached_ + 3));
}

} // namespace kpmsim

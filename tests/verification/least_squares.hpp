#pragma once

#include <vector>

/// Normal equations in long double, for the oracle.
namespace kpmsim::test {

using Real = long double;
using Vector = std::vector<Real>;

Real dot(const Vector& a, const Vector& b);

/// Lower triangle of a positive matrix's root (Cholesky), from its lower triangle. Not numbers
/// where it is not positive. The first `done` lines are the root's already.
std::vector<Vector> root_of(std::vector<Vector> matrix, std::size_t done = 0);

/// x of root root' x = y.
Vector solve(const std::vector<Vector>& root, Vector y);

} // namespace kpmsim::test

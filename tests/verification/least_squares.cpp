#include "least_squares.hpp"

#include <cmath>

namespace kpmsim::test {

Real dot(const Vector& a, const Vector& b) {
    Real sum = 0;
    for (std::size_t n = 0; n < a.size(); ++n)
        sum += a[n] * b[n];
    return sum;
}

std::vector<Vector> root_of(std::vector<Vector> m, std::size_t done) {
    for (std::size_t i = done; i < m.size(); ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            Real sum = m[i][j];
            for (std::size_t k = 0; k < j; ++k)
                sum -= m[i][k] * m[j][k];
            m[i][j] = i == j ? std::sqrt(sum) : sum / m[j][j];
        }
    return m;
}

Vector solve(const std::vector<Vector>& root, Vector y) {
    const std::size_t n = y.size();
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < i; ++k)
            y[i] -= root[i][k] * y[k];
        y[i] /= root[i][i];
    }
    for (std::size_t i = n; i-- > 0;) {
        for (std::size_t k = i + 1; k < n; ++k)
            y[i] -= root[k][i] * y[k];
        y[i] /= root[i][i];
    }
    return y;
}

} // namespace kpmsim::test

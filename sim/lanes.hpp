#pragma once

namespace kpmsim {

/// Doubles that the processor adds and multiplies side by side: 2, 4 or 8 of them at the levels of
/// kernel_level.hpp. For sums that a compiler does not keep in registers by itself; what is added
/// to what, and in which order, must not hang on the width.
///
/// `at` finds them in memory, aligned or not. (Written out three times, for g++ 12 forgets the
/// alignment of a type that depends on a template's argument.)
template <int width>
struct Lanes;
template <>
struct Lanes<2> {
    typedef double Of __attribute__((vector_size(16)));
    typedef double Anywhere __attribute__((vector_size(16), aligned(8), may_alias));

    [[gnu::always_inline]] static const Anywhere& at(const double* x) {
        return *reinterpret_cast<const Anywhere*>(x);
    }
    [[gnu::always_inline]] static Anywhere& at(double* x) {
        return *reinterpret_cast<Anywhere*>(x);
    }
};
template <>
struct Lanes<4> {
    typedef double Of __attribute__((vector_size(32)));
    typedef double Anywhere __attribute__((vector_size(32), aligned(8), may_alias));

    [[gnu::always_inline]] static const Anywhere& at(const double* x) {
        return *reinterpret_cast<const Anywhere*>(x);
    }
    [[gnu::always_inline]] static Anywhere& at(double* x) {
        return *reinterpret_cast<Anywhere*>(x);
    }
};
template <>
struct Lanes<8> {
    typedef double Of __attribute__((vector_size(64)));
    typedef double Anywhere __attribute__((vector_size(64), aligned(8), may_alias));

    [[gnu::always_inline]] static const Anywhere& at(const double* x) {
        return *reinterpret_cast<const Anywhere*>(x);
    }
    [[gnu::always_inline]] static Anywhere& at(double* x) {
        return *reinterpret_cast<Anywhere*>(x);
    }
};

} // namespace kpmsim

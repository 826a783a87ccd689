#pragma once

namespace kpmsim::test {

/// `whole`; under the thread sanitizer `brief`. There a step of a farm takes some twenty times as long, and what is looked
/// at, how threads meet, is the same in every step: a brief life of the same kind shows it.
template <class T>
constexpr T life([[maybe_unused]] T whole, [[maybe_unused]] T brief) {
#ifdef __SANITIZE_THREAD__
    return brief;
#else
    return whole;
#endif
}

} // namespace kpmsim::test

#pragma once

#include <cstdint>
#include <string_view>

namespace kpmsim {

/// A bijection of 64 bits in which every input bit turns every output bit with probability one half
/// (David Stafford's thirteenth variant of the MurmurHash3 finaliser).
constexpr std::uint64_t mix_bits(std::uint64_t z) noexcept {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/// A stream of random numbers with a name: Random{seed, "meter/feeder-3/noise"}. The same seed and
/// name give the same numbers on every machine; another name gives an independent stream, so that
/// adding a meter changes nobody else's numbers. Counter based: number n can be had without the n
/// before it.
class Random {
public:
    Random(std::uint64_t seed, std::string_view name) noexcept;

    /// The stream's key, for kernels that hash it with a sample index themselves.
    std::uint64_t key() const noexcept { return key_; }

    std::uint64_t bits(std::uint64_t n) const noexcept;
    /// Uniform in [0, 1).
    double uniform(std::uint64_t n) const noexcept;
    /// Mean 0, deviation 1, no libm inside (sum of twelve uniforms: ends at ±6, kurtosis 2.9).
    double normal(std::uint64_t n) const noexcept;

private:
    std::uint64_t key_;
};

/// FNV-1a of a text, for keys that must not depend on the standard library.
std::uint64_t hash_name(std::string_view text) noexcept;

} // namespace kpmsim

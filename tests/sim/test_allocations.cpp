// A meter's steady state takes no memory: every operator new of this binary is counted.
#include "samples.hpp"
#include "sim/metering.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <new>

using namespace kpmsim;
using test::Block;

namespace {
std::atomic<long> allocations{0};
}

// Not inlined: g++ would see free() meet a pointer from new and warn.
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size))
        return memory;
    throw std::bad_alloc{};
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

TEST_SUITE("unit") {

    TEST_CASE("after its first window a meter takes no memory, month after month") {
        MeteringConfig config;
        config.circuits = 4;
        config.adc[5].noise_rms = 1e-5;
        Metering meter{config, {}, Random{1, "m"}};
        Block b{test::window_at(50), 15, 1280};
        for (int c = 0; c < 15; ++c)
            b.fill(c, {{1, 0.3, -2.0 * c}}, 50);
        const auto push = [&](int minutes) {
            meter.push(b.block, {CivilTime{std::chrono::minutes{minutes}}, 0});
            b.block.window.start = b.block.window.end();
        };
        push(0);
        const long before = allocations;
        for (int minutes = 0; minutes < 45 * 24 * 60; minutes += 60)
            push(minutes);
        CHECK(allocations == before);
        CHECK(before > 0); // the counter counts
    }

} // TEST_SUITE

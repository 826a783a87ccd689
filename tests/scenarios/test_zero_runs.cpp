#include "scenarios/keep/zero_runs.hpp"
#include "sim/random.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;

namespace {

Bytes back(const Bytes& packed, std::size_t most) {
    Bytes bytes;
    CHECK(put_zeros_back(packed, most, bytes));
    return bytes;
}

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("Bytes come back as they were, whatever runs of zeros they have") {
        const Random random{11, "zeros"};
        std::uint64_t n = 0;
        const auto drawn = [&](double most) {
            return static_cast<std::size_t>(random.uniform(n++) * most);
        };
        for (int round = 0; round < 500; ++round) {
            Bytes bytes;
            for (std::size_t runs = drawn(12); runs > 0; --runs) {
                bytes.resize(bytes.size() + drawn(20));
                for (std::size_t others = drawn(20); others > 0; --others)
                    bytes.push_back(static_cast<std::uint8_t>(drawn(256)));
            }
            CHECK(back(without_zeros(bytes), bytes.size()) == bytes);
        }
        CHECK(without_zeros({}).empty());
        const Bytes zeros(100'000);
        CHECK(without_zeros(zeros).size() == 8);
        CHECK(back(without_zeros(zeros), zeros.size()) == zeros);
        const Bytes few{1, 0, 0, 0, 0, 0, 0, 2}; // not worth it
        CHECK(without_zeros(few).size() == 8 + few.size());
    }

    TEST_CASE("What is cut, or would be more than there can be, is told") {
        Bytes bytes(50);
        bytes.insert(bytes.end(), 30, 7);
        bytes.resize(100);
        bytes.insert(bytes.end(), 3, 9);
        const Bytes packed = without_zeros(bytes);
        Bytes out;
        CHECK_FALSE(put_zeros_back(packed, bytes.size() - 1, out));
        for (std::size_t size = 1; size < packed.size(); ++size) {
            out.clear();
            const Bytes cut{packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size)};
            if (put_zeros_back(cut, bytes.size(), out))
                CHECK(out.size() < bytes.size()); // between two runs: its length tells
        }
        const Bytes lies{0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0};
        out.clear();
        CHECK_FALSE(put_zeros_back(lies, 1 << 18, out));
        CHECK(out.empty());
    }
}

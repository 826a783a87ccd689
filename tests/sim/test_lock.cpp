#include "samples.hpp"
#include "sim/lock.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace kpmsim;
using test::Block;
using test::Tone;
using test::Tones;

namespace {

/// Odd harmonics of up to 25 %, even ones of up to 2 %, any phase: worse than any supply.
Tones rich_voltage(test::Dice& dice, double rms) {
    Tones tones{{1, rms, dice(0, 6.28)}};
    for (int h = 2; h <= 31; ++h)
        tones.push_back({static_cast<double>(h), rms * dice(0, h % 2 ? 0.25 : 0.02) / std::sqrt(h),
                         dice(0, 6.28)});
    return tones;
}

/// One window of three phases through the lock.
void push(SampleLock& lock, const Tones& u, double f_hz, double level = 1) {
    Block b{lock.next(), 3, lock.next().samples()};
    Tones full = u;
    for (Tone& tone : full)
        tone.rms *= level;
    b.fill(0, full, f_hz);
    // The others are a little lower and have no harmonics, to save the test's time.
    for (int c = 1; c < 3; ++c)
        b.fill(c, {{1, 0.9 * full[0].rms, -2.0943951023931953 * c}}, f_hz);
    lock.push(b.block);
}

} // namespace

TEST_SUITE("validation") {

    TEST_CASE(
        "from 50 Hz the lock finds 45 to 65 Hz within six windows to 1e-7 Hz, harmonics present") {
        test::Dice dice{5};
        double worst = 0;
        for (int trial = 0; trial < 24; ++trial) {
            const double f_hz = trial < 21 ? 45 + trial : dice(45, 65);
            const Tones u = rich_voltage(dice, 0.5);
            SampleLock lock{50};
            for (int window = 0; window < 6; ++window)
                push(lock, u, f_hz);
            worst = std::max(worst, std::abs(lock.f_hz() - f_hz));
            CHECK_MESSAGE(std::abs(lock.f_hz() - f_hz) < 1e-7, f_hz);
            CHECK(lock.next().cycles == (f_hz > 55 ? 12 : 10)); // at 55 Hz it stays where it was
            CHECK(std::abs(static_cast<double>(lock.next().length.count()) -
                           lock.next().cycles * 1e9 / lock.f_hz()) <= 0.8);
        }
        MESSAGE("worst " << worst << " Hz");
    }

    TEST_CASE("a start within 5 Hz is found to 2e-3 Hz by the first window") {
        test::Dice dice{6};
        double worst = 0;
        for (int trial = 0; trial < 40; ++trial) {
            const double f_hz = dice(45, 55);
            SampleLock lock{50};
            push(lock, rich_voltage(dice, 0.5), f_hz);
            worst = std::max(worst, std::abs(lock.f_hz() - f_hz));
        }
        MESSAGE("worst " << worst << " Hz");
        CHECK(worst < 2e-3);
    }

    TEST_CASE("any jump between 40 and 70 Hz is followed within six windows") {
        test::Dice dice{7};
        const Tones u = rich_voltage(dice, 0.5);
        for (const double from : {40.0, 50.0, 60.0, 70.0})
            for (const double to : {40.0, 45.0, 52.5, 60.0, 67.3, 70.0}) {
                SampleLock lock{from};
                push(lock, u, from);
                push(lock, u, from);
                for (int window = 0; window < 6; ++window)
                    push(lock, u, to);
                CHECK_MESSAGE(std::abs(lock.f_hz() - to) < 1e-6, from << " to " << to);
            }
    }

} // TEST_SUITE

TEST_SUITE("unit") {

    TEST_CASE("windows adjoin, whatever their length") {
        test::Dice dice{8};
        const Tones u = rich_voltage(dice, 0.5);
        SampleLock lock{50};
        lock.start_at(SimTime{SimDuration{1'234'567}});
        SimTime expected{SimDuration{1'234'567}};
        for (int window = 0; window < 8; ++window) {
            CHECK(lock.next().start == expected);
            expected = lock.next().end();
            push(lock, u, 47.3);
        }
    }

    TEST_CASE("ten cycles become twelve at 55.5 Hz and ten again at 54.5 Hz") {
        const Tones u{{1, 0.5, 0}};
        SampleLock lock{50};
        struct Row {
            double f_hz;
            int cycles;
        };
        for (const Row& row : {Row{54.9, 10}, Row{55.4, 10}, Row{55.6, 12}, Row{55.1, 12},
                               Row{54.6, 12}, Row{54.4, 10}, Row{55.4, 10}}) {
            for (int window = 0; window < 4; ++window)
                push(lock, u, row.f_hz);
            CHECK_MESSAGE(lock.next().cycles == row.cycles, row.f_hz);
        }
        CHECK(SampleLock{60}.next().cycles == 12);
        CHECK(SampleLock{50}.next().length.count() == 200'000'000);
    }

    TEST_CASE("without a voltage the last frequency stays, and the way back is found") {
        test::Dice dice{9};
        const Tones u = rich_voltage(dice, 0.5);
        SampleLock lock{50};
        for (int window = 0; window < 6; ++window)
            push(lock, u, 51.25);
        const double before = lock.f_hz();
        for (int window = 0; window < 5; ++window)
            push(lock, u, 51.25, 0.01); // 0.5 % of full scale
        CHECK(lock.f_hz() == before);
        for (int window = 0; window < 6; ++window)
            push(lock, u, 49.75);
        CHECK(std::abs(lock.f_hz() - 49.75) < 1e-7);
    }

    TEST_CASE("a dead or weak phase does not lead") {
        SampleLock lock{50};
        for (int window = 0; window < 6; ++window) {
            Block b{lock.next(), 3, lock.next().samples()};
            b.fill(0, {{1.7, 0.05, 0}}, 50.5); // a hum on the open lead
            b.fill(2, {{1, 0.4, 1}}, 50.5);
            lock.push(b.block);
        }
        CHECK(std::abs(lock.f_hz() - 50.5) < 1e-7);
    }

    TEST_CASE("a coherent block is read as the window it stands for") {
        SampleLock expanded{50}, coherent{50};
        for (int window = 0; window < 4; ++window) {
            Block all{expanded.next(), 3, 1280};
            Block one{coherent.next(), 3, 128};
            one.fill(0, {{1, 0.5, 0.1}, {3, 0.1, 1}}, 50);
            for (std::size_t n = 0; n < 1280; ++n)
                all.block.channel(0)[n] = one.block.channel(0)[n % 128];
            expanded.push(all.block);
            coherent.push(one.block);
            CHECK(expanded.f_hz() == coherent.f_hz());
        }
        CHECK(std::abs(coherent.f_hz() - 50) < 1e-9);
    }

    TEST_CASE("a DC without a mains is no voltage") {
        SampleLock lock{50};
        for (int window = 0; window < 6; ++window)
            push(lock, {{1, 0.5, 0}}, 51.25);
        const double before = lock.f_hz();
        for (int window = 0; window < 3; ++window) {
            Block b{lock.next(), 3, lock.next().samples()};
            for (int c = 0; c < 3; ++c)
                b.fill(c, {}, 50, 0.4);
            lock.push(b.block);
        }
        CHECK(lock.f_hz() == before);
    }

    TEST_CASE("windows that pass unseen are as long as the next one") {
        SampleLock lock{50};
        push(lock, {{1, 0.5, 0}}, 50);
        const Window next = lock.next();
        lock.pass(7, 0);
        CHECK(lock.next().start == next.start + 7 * next.length);
        CHECK(lock.next().length == next.length);
    }

} // TEST_SUITE

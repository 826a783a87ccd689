#include "samples.hpp"
#include "sim/archive.hpp"
#include "sim/clock.hpp"
#include "sim/difference.hpp"
#include "sim/extremes.hpp"
#include "sim/layout.hpp"
#include "sim/lock.hpp"
#include "sim/meter_clock.hpp"
#include "sim/pulse_output.hpp"
#include "sim/residual_current.hpp"
#include "sim/tariff.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <memory>

using namespace kpmsim;

namespace {

enum class Relay : std::uint8_t { open, closed };
bool valid(Relay relay) { return relay <= Relay::closed; }

struct Point {
    std::string name;
    std::int32_t value{0};
    KPMSIM_FIELDS(name, value);
};

/// Points but for a name, and for a type.
struct Other {
    std::string label;
    std::int32_t value{0};
    KPMSIM_FIELDS(label, value);
};
struct Longer {
    std::string name;
    std::int64_t value{0};
    KPMSIM_FIELDS(name, value);
};

/// One of each kind that a state may hold.
class Everything {
public:
    bool yes{false};
    std::int8_t small{0};
    std::uint64_t large{0};
    __int128 wide{0};
    float single{0};
    double number{0};
    long double extended{0};
    std::complex<double> phasor;
    Relay relay{Relay::open};
    SimTime at{};
    CivilTime civil{};
    std::array<double, 3> phases{};
    std::array<bool, 2> flags{};
    std::vector<double> samples;
    std::vector<Point> points;
    std::deque<SimDuration> queue;
    std::string text;
    std::optional<Point> maybe;
    Boxed<Point> boxed;
    std::variant<std::monostate, double, Point> either;
    std::map<std::string, Relay> relays;
    std::pair<int, Relay> both{};
    KPMSIM_FIELDS(yes, small, large, wide, single, number, extended, phasor, relay, at, civil,
                  phases, flags, samples, points, queue, text, maybe, boxed, either, relays, both,
                  own_);

private:
    unsigned own_{7};
};

Everything full() {
    Everything all;
    all.yes = true;
    all.small = -2;
    all.large = 0xFEDCBA9876543210u;
    all.wide = (__int128{-5} << 64) + 3;
    all.single = 0.1f;
    all.number = -0.0;
    all.extended = 1 / 3.0L;
    all.phasor = {1, std::nan("")};
    all.relay = Relay::closed;
    all.at = SimTime::max();
    all.civil = CivilTime{std::chrono::seconds{-1}};
    all.phases = {1, 2, std::numeric_limits<double>::infinity()};
    all.flags = {false, true};
    all.samples = {0.5, -0.25};
    all.points = {{"u_a", 230}, {"", -1}};
    all.queue = {SimDuration{1}, SimDuration{-1}};
    all.text = std::string{"a\0b", 3};
    all.maybe = Point{"m", 4};
    all.boxed.emplace() = {"b", 5};
    all.either = Point{"e", 6};
    all.relays = {{"do1", Relay::closed}, {"do2", Relay::open}};
    all.both = {3, Relay::closed};
    return all;
}

std::string mistake(const std::function<void()>& what) {
    try {
        what();
        return "";
    } catch (const BadState& bad) {
        return bad.what();
    }
}

template <class T>
std::string mistake_of(const Bytes& bytes) {
    return mistake([&] {
        T x{};
        from_bytes(bytes, x, "x");
    });
}

/// A value after its bytes.
template <class T>
void comes_back(const T& x, T y = {}) {
    const Bytes bytes = bytes_of(x);
    CHECK(bytes.size() == state_size(x));
    from_bytes(bytes, y);
    CHECK(first_difference(x, y) == "");
    CHECK(bytes_of(y) == bytes);
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("every kind of value comes back to the bit, and takes away what was there before") {
        comes_back(full());
        comes_back(Everything{}, full());
        comes_back(full(), full());
        Boxed<Point> box;
        box.emplace() = {"p", 1};
        Boxed<Point> copy = box;
        copy->value = 2;
        CHECK(box->value == 1);
    }

    TEST_CASE("bytes are low byte first, without gaps, and their kinds are told apart by nothing") {
        CHECK(bytes_of(std::uint32_t{0x01020304}) == Bytes{4, 3, 2, 1});
        CHECK(bytes_of(1.0) == Bytes{0, 0, 0, 0, 0, 0, 0xF0, 0x3F});
        CHECK(bytes_of(1.0L) == Bytes{0, 0, 0, 0, 0, 0, 0, 0x80, 0xFF, 0x3F});
        CHECK(bytes_of(Point{"ab", -2}) ==
              Bytes{2, 0, 0, 0, 0, 0, 0, 0, 'a', 'b', 0xFE, 0xFF, 0xFF, 0xFF});
        CHECK(bytes_of(std::optional<bool>{true}) == Bytes{1, 1});
        CHECK(bytes_of(std::optional<bool>{}) == Bytes{0});
        CHECK(bytes_of(std::variant<bool, std::int16_t>{std::int16_t{-1}}) == Bytes{1, 0xFF, 0xFF});
        CHECK(bytes_of(std::map<bool, std::uint8_t>{{true, 2}, {false, 1}}) ==
              Bytes{2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2});
        CHECK(bytes_of(SimTime{SimDuration{-2}}) ==
              Bytes{0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF});
    }

    TEST_CASE("a difference is told by the name of its field") {
        const auto after = [](auto change) {
            Everything x = full();
            change(x);
            return first_difference(full(), x, "all");
        };
        CHECK(after([](Everything&) {}) == "");
        CHECK(after([](Everything& x) { x.yes = false; }) == "all.yes");
        CHECK(after([](Everything& x) { x.number = 0.0; }) == "all.number");
        CHECK(after([](Everything& x) { x.wide += 1; }) == "all.wide");
        CHECK(after([](Everything& x) { x.extended = std::nextafter(x.extended, 1.0L); }) ==
              "all.extended");
        CHECK(after([](Everything& x) { x.phasor.real(2); }) == "all.phasor");
        CHECK(after([](Everything& x) { x.phases[2] = 3; }) == "all.phases[2]");
        CHECK(after([](Everything& x) { x.flags[1] = false; }) == "all.flags[1]");
        CHECK(after([](Everything& x) { x.samples.pop_back(); }) == "all.samples.size()");
        CHECK(after([](Everything& x) { x.points[1].value = 1; }) == "all.points[1].value");
        CHECK(after([](Everything& x) { x.points[0].name = "u_b"; }) == "all.points[0].name[2]");
        CHECK(after([](Everything& x) { x.queue[0] += SimDuration{1}; }) == "all.queue[0]");
        CHECK(after([](Everything& x) { x.maybe.reset(); }) == "all.maybe.has_value()");
        CHECK(after([](Everything& x) { x.maybe->value = 0; }) == "all.maybe.value");
        CHECK(after([](Everything& x) { x.boxed->name = ""; }) == "all.boxed.name.size()");
        CHECK(after([](Everything& x) { x.either = 1.0; }) == "all.either.index()");
        CHECK(after([](Everything& x) { x.relays["do2"] = Relay::closed; }) ==
              "all.relays[1].second");
        CHECK(after([](Everything& x) { x.both.first = 0; }) == "all.both.first");
        // A private field goes by its name without the underscore.
        Everything x = full();
        Bytes bytes = bytes_of(x);
        bytes[bytes.size() - 4] = 8;
        from_bytes(bytes, x);
        CHECK(first_difference(full(), x) == "own");
        CHECK(first_difference(1, 2) == "");
        CHECK(first_difference(1, 2, "n") == "n");
    }

    TEST_CASE("bytes that are no state are met with the field's name and what is wrong") {
        CHECK(mistake_of<std::uint32_t>({1, 2, 3}) ==
              "saved state, x: takes 4 bytes, and 3 are left");
        CHECK(mistake_of<std::uint32_t>({1, 2, 3, 4, 5}) ==
              "saved state: 1 bytes are left at its end");
        CHECK(mistake_of<bool>({2}) == "saved state, x: neither 0 nor 1 but 2");
        CHECK(mistake_of<Relay>({2}) == "saved state, x: no such value as 2");
        CHECK(mistake_of<std::variant<bool, Point>>({2}) == "saved state, x: kind 2 of 2");
        CHECK(mistake_of<std::vector<double>>({0, 0, 0, 0, 0, 0, 0, 0x10}) ==
              "saved state, x: is 1152921504606846976 long, and 0 bytes are left");
        CHECK(mistake_of<std::vector<Point>>(
                  {1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 'a', 'b', 'c', 1, 0}) ==
              "saved state, x[0].value: takes 4 bytes, and 2 are left");
        CHECK(mistake_of<std::map<std::uint8_t, bool>>({2, 0, 0, 0, 0, 0, 0, 0, 5, 1, 5, 1}) ==
              "saved state, x[1]: its key does not follow the one before");
        Bytes count = bytes_of(EnergyCount{1, 2});
        count[15] = 1;
        CHECK(mistake_of<EnergyCount>(count) == "saved state, x: its parts do not go together");
    }

    TEST_CASE("cut or damaged bytes never do more than that") {
        const Bytes good = bytes_of(full());
        for (std::size_t size = 0; size < good.size(); ++size)
            CHECK(mistake_of<Everything>({good.begin(), good.begin() + static_cast<long>(size)}) !=
                  "");
        test::Dice dice{5};
        int read = 0;
        int refused = 0;
        for (int trial = 0; trial < 20'000; ++trial) {
            Bytes bad = good;
            for (double flips = dice(1, 6); flips > 0; --flips) {
                const auto at = static_cast<std::size_t>(dice(0, static_cast<double>(bad.size())));
                bad[at] = static_cast<std::uint8_t>(bad[at] ^ 1u << static_cast<int>(dice(0, 8)));
            }
            Everything x;
            const std::string why = mistake([&] { from_bytes(bad, x); });
            if (why.empty())
                CHECK(bytes_of(x) == bad); // it was another state
            ++(why.empty() ? read : refused);
        }
        CHECK(read > 1000);
        CHECK(refused > 1000);
    }

    TEST_CASE("a seal is of one layout, and a damaged one is seen") {
        CHECK(field::layout_text<Point>() == "{name, value: i1[] i4 }");
        CHECK(field::layout_text<std::optional<SimTime>>() == "@i8s*1/1000000000?");
        CHECK(field::layout_text<std::variant<bool, std::array<Relay, 2>>>() == "<b1 e1[2] >");
        const std::uint64_t layout = layout_of<Point>();
        CHECK(layout != layout_of<Other>());
        CHECK(layout != layout_of<Longer>());
        CHECK(layout_of<Point, Longer>() != layout_of<Longer, Point>());
        const Bytes sealed = seal(layout, bytes_of(Point{"p", 1}));
        Point p;
        from_bytes(unseal(layout, sealed), p);
        CHECK(p.name == "p");
        CHECK(mistake([&] { unseal(layout_of<Other>(), sealed); }) ==
              "saved state: written by a version of this program that keeps other things");
        for (std::size_t at = 0; at < sealed.size(); ++at) {
            CHECK(mistake([&] { unseal(layout, std::span{sealed}.first(at)); }) != "");
            for (int bit = 0; bit < 8; ++bit) {
                Bytes bad = sealed;
                bad[at] = static_cast<std::uint8_t>(bad[at] ^ 1u << bit);
                CHECK(mistake([&] { unseal(layout, bad); }).find("not as it was written") !=
                      std::string::npos);
            }
        }
    }

    TEST_CASE("what has a memory in this room goes on from its bytes as it would have") {
        // Pulses: what has gathered for the next one.
        PulseOutput pulses;
        pulses.set(5000, 2.5);
        EnergyCount import;
        Window window = test::window_at(50);
        const auto push = [&](PulseOutput& output) { return output.push(window, import, {}); };
        for (int n = 0; n < 7; ++n) {
            import.add_uj(1'234'567'891);
            push(pulses);
        }
        PulseOutput pulses_again;
        from_bytes(bytes_of(pulses), pulses_again);
        for (int n = 0; n < 9; ++n) {
            import.add_uj(1'234'567'891);
            const PulseTrain train = push(pulses);
            CHECK(first_difference(train, push(pulses_again)) == "");
            comes_back(train);
        }
        CHECK(pulses.count() == pulses_again.count());
        CHECK(pulses.count() > 0);

        Extremes extremes;
        Readings r;
        r[Slot::p] = -4;
        extremes.push(r, CivilTime{std::chrono::seconds{9}});
        Extremes extremes_again;
        from_bytes(bytes_of(extremes), extremes_again);
        r[Slot::p] = -5;
        for (Extremes* of : {&extremes, &extremes_again})
            of->push(r, CivilTime{std::chrono::seconds{10}});
        CHECK(extremes_again.min(Slot::p).value == -5);
        CHECK(extremes_again.max(Slot::p).at == CivilTime{std::chrono::seconds{9}});
        CHECK(first_difference(extremes, extremes_again) == "");

        // Its samples are counted for the noise.
        ResidualInput input;
        input.adc.noise_rms = 1e-4;
        ResidualMeter residual{input, Random{1, "residual"}};
        test::Block block{window, 1, window.samples()};
        block.fill(0, {{1, 0.9, 0.3}}, 50);
        residual.push(block.block, 0);
        ResidualMeter residual_again{input, Random{1, "residual"}};
        ResidualState state;
        from_bytes(bytes_of(residual.state()), state);
        residual_again.restore(state);
        CHECK(residual_again.push(block.block, 0) == residual.push(block.block, 0));
        CHECK(residual_again.clipped() == residual.clipped());
        CHECK(residual.clipped() > 0);

        comes_back(MeterClock{-3, 1e-6, CivilTime{std::chrono::seconds{5}}});
        comes_back(TariffTable{{{0, 3}, {480, 1}}});
        CHECK(mistake_of<TariffTable>(bytes_of(TariffTable{{{0, 6}}})) ==
              "saved state, x.periods[0]: its parts do not go together");
    }

    TEST_CASE("a lock goes on from its bytes as it would have") {
        for (const double f_hz : {49.3, 61.7}) {
            SampleLock lock{f_hz < 55 ? 50.0 : 60.0};
            const auto push = [&](SampleLock& of) {
                test::Block b{of.next(), 3, of.next().samples()};
                for (int c = 0; c < 3; ++c)
                    b.fill(c, {{1, 0.4, -2.1 * c}}, f_hz);
                of.push(b.block);
            };
            for (int n = 0; n < 9; ++n) {
                SampleLock again{50};
                from_bytes(bytes_of(lock), again);
                push(lock);
                push(again);
                CHECK(first_difference(lock, again) == "");
                CHECK(lock.next().end() == again.next().end());
            }
            lock.pass(3, 0.01);
            SampleLock again{50};
            from_bytes(bytes_of(lock), again);
            push(lock);
            push(again);
            CHECK(first_difference(lock, again) == "");
        }
        // What it could not be: a window that has no length, of 11 cycles, a clock at 71 Hz.
        const auto with = [](std::size_t at, auto value) {
            SampleLock lock{50};
            Bytes bytes = bytes_of(lock);
            std::memcpy(bytes.data() + at, &value, sizeof value);
            return mistake([&] { from_bytes(bytes, lock, "lock"); });
        };
        const std::string wrong = "saved state, lock: its parts do not go together";
        CHECK(with(8, std::int64_t{200'000'000}) == "");
        CHECK(with(8, std::int64_t{0}) == wrong);
        CHECK(with(8, std::int64_t{250'000'001}) == wrong);
        CHECK(with(16, 12) == "");
        CHECK(with(16, 11) == wrong);
        CHECK(with(20, 71.0) == wrong);
        CHECK(with(0, INT64_MIN) == "saved state, lock.next: its parts do not go together");
    }
}

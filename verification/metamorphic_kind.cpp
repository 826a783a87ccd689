// Two runs whose results must be related; no truth is needed.
//
//   scale     U times c: U, P, Q, S c times as great; PF, THD, f the same
//   delay     the clock starts n samples later: every stationary reading the same
//   cycle     phases a, b, c become b, c, a: the readings change places, to the bit, where noise goes
//             along with its phase
//   cut       Urms(1/2) and flicker of samples cut at random, two meters in turns on one thread: the
//             same bits
//   rates     10 s frequency at 4, 8, 16 and 32 kHz: the same
//   reverse   samples backwards: P the same to the bit, Q turns its sign
//   common    three-wire: a voltage added to all three phases changes nothing
//   sums      energies of the phases add up to the total, to the µJ
#include "quality/flickermeter.hpp"
#include "quality/half_cycle_rms.hpp"
#include "quality/interval_frequency.hpp"
#include "verification/digitise.hpp"
#include "verification/source.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace kpmsim {

namespace {

constexpr double two_pi = 2 * std::numbers::pi;

Rig make_rig(const Drawn& d, const WiringSpec& wiring, Mode mode, const Draw& draw) {
    return {d.supply, wiring, converter(wiring, d.f_hz, mode, d.full_u_v, d.full_i_a), told(wiring),
            draw};
}

void settle(Rig& rig, const Drawn& d, int windows = settling_windows + 1) {
    for (int n = 0; n < windows; ++n) {
        rig.open();
        d.into(rig.window);
        rig.close(d.i);
    }
}

void scale(const Source& source, Draw draw, Mode mode, Errors& errors) {
    const Drawn d = draw_source(source, draw);
    const double factor = draw.between(0.3, 0.95);
    Drawn smaller = d;
    for (std::size_t p = 0; p < 3; ++p)
        smaller.u[p] = turned(d.u[p], factor, 0);
    Rig one = make_rig(d, {}, mode, draw);
    Rig two = make_rig(d, {}, mode, draw);
    settle(one, d);
    settle(two, smaller);
    const Readings& a = one.shown();
    const Readings& b = two.shown();
    for (int n = 0; n < 4; ++n) {
        const double s = a[slot_at(Slot::s_a, n)];
        if (n < 3)
            errors.add("scaled",
                       b[slot_at(Slot::u_a, n)] / (factor * a[slot_at(Slot::u_a, n)]) - 1);
        for (const Slot slot : {Slot::p_a, Slot::q_a, Slot::s_a})
            errors.add("scaled", (b[slot_at(slot, n)] / factor - a[slot_at(slot, n)]) / s);
        errors.add("same", b[slot_at(Slot::pf_a, n)] - a[slot_at(Slot::pf_a, n)]);
    }
    for (int n = 0; n < 6; ++n)
        errors.add("same", (b[slot_at(Slot::thd_u_a, n)] - a[slot_at(Slot::thd_u_a, n)]) / 100);
    errors.add("frequency", b[Slot::f] - a[Slot::f]);
}

void compare_stationary(const Readings& a, const Readings& b, Errors& errors) {
    for (int n = 0; n < 4; ++n) {
        const double s = a[slot_at(Slot::s_a, n)];
        for (const Slot slot : {Slot::p_a, Slot::q_a, Slot::s_a})
            errors.add("stationary", (b[slot_at(slot, n)] - a[slot_at(slot, n)]) / s);
    }
    for (int n = 0; n < 9; ++n) // U, ULL, I
        errors.add("stationary", b[slot_at(Slot::u_a, n)] / a[slot_at(Slot::u_a, n)] - 1);
    for (int n = 0; n < 6; ++n)
        errors.add("stationary",
                   (b[slot_at(Slot::thd_u_a, n)] - a[slot_at(Slot::thd_u_a, n)]) / 100);
}

void delay(const Source& source, Draw draw, Mode mode, Errors& errors) {
    const Drawn d = draw_source(source, draw);
    Rig one = make_rig(d, {}, mode, draw);
    Rig two = make_rig(d, {}, mode, draw);
    two.lock.start_at(SimTime{SimDuration{static_cast<std::int64_t>(draw.between(1, 2e7))}});
    settle(one, d);
    settle(two, d);
    compare_stationary(one.shown(), two.shown(), errors);
}

/// What a meter reads of a rig's last window when noise stands in the samples before its converter.
/// That of terminals 0, 1, 2 is phase `first`'s, and the next ones'.
Readings with_noise_of_phases(const Rig& rig, Mode mode, int first, const Draw& draw) {
    std::vector<double> data;
    const SampleBlock block = unfolded(rig.block, data);
    for (int ch = 0; ch < 6; ++ch) {
        const int phase = ch / 3 * 3 + (ch + first) % 3;
        Digitiser{mode, draw.stream("channel " + std::to_string(phase))}(block.channel(ch));
    }
    Metering meter{rig.metering.config(), {}, draw.stream("other")};
    meter.push(block, {});
    return meter.state(0).readings;
}

void cycle_phases(const Source& source, Draw draw, Mode mode, Errors& errors) {
    const Drawn d = draw_source(source, draw);
    WiringSpec rotated;
    rotated.u_phase = {1, 2, 0};
    rotated.i_phase[0] = {1, 2, 0};
    // A converter's noise hangs on its channel and would stay behind.
    Rig one = make_rig(d, {}, Mode::clean, draw);
    Rig two = make_rig(d, rotated, Mode::clean, draw);
    settle(one, d);
    settle(two, d);
    const bool noisy = mode == Mode::adc;
    const Readings a = noisy ? with_noise_of_phases(one, mode, 0, draw) : one.shown();
    const Readings b = noisy ? with_noise_of_phases(two, mode, 1, draw) : two.shown();
    int different = 0;
    for (const Slot first : {Slot::u_a, Slot::u_ab, Slot::i_a, Slot::p_a, Slot::q_a, Slot::s_a,
                             Slot::pf_a, Slot::thd_u_a, Slot::thd_i_a})
        for (int n = 0; n < 3; ++n)
            different += b[slot_at(first, n)] != a[slot_at(first, (n + 1) % 3)] ? 1 : 0;
    errors.add("different", different);
}

void cut(const Source& source, Draw draw, Mode mode, Errors& errors) {
    constexpr std::size_t length = 20'000;
    std::vector<double> x(length);
    const double start = draw.between(0, 1);
    for (std::size_t n = 0; n < length; ++n)
        x[n] = 0.5 * std::sin(two_pi * (static_cast<double>(n) / samples_per_cycle + start)) *
               (n / 500 % 2 != 0 ? 1.0 : 1.01);
    Digitiser{mode, draw.stream("converter")}(x);
    const auto pieces = [&](auto&& push) {
        for (std::size_t n = 0; n < length;) {
            const auto part = std::min(static_cast<std::size_t>(draw.between(1, 700)), length - n);
            push(std::span<const double>{x}.subspan(n, part));
            n += part;
        }
    };
    HalfCycleRms whole, parted;
    std::vector<HalfCycle> a, b;
    whole.push(x, a);
    pieces([&](std::span<const double> part) { parted.push(part, b); });
    int different = a.size() != b.size() || a.empty() ? 1 : 0;
    for (std::size_t n = 0; n < std::min(a.size(), b.size()); ++n)
        different += a[n].rms != b[n].rms || a[n].first_row != b[n].first_row ? 1 : 0;
    Flickermeter one{{230, 50}, 6400, 0.35};
    Flickermeter two{{230, 50}, 6400, 0.35};
    one.push(x);
    pieces([&](std::span<const double> part) { two.push(part); });
    different += one.pinst() != two.pinst() ? 1 : 0;
    different += std::equal(one.series().begin(), one.series().end(), two.series().begin(),
                            two.series().end())
                     ? 0
                     : 1;

    // Two meters in turns against the first one alone.
    const Drawn d = draw_source(source, draw);
    const Drawn other = draw_source(source, draw);
    Rig alone = make_rig(d, {}, mode, draw);
    Rig first = make_rig(d, {}, mode, draw);
    Rig second = make_rig(other, {}, mode, draw);
    settle(alone, d);
    for (int n = 0; n <= settling_windows; ++n) {
        settle(first, d, 1);
        settle(second, other, 1);
    }
    different += alone.shown().value == first.shown().value ? 0 : 1;
    different +=
        alone.metering.state(0).energy.count == first.metering.state(0).energy.count ? 0 : 1;
    errors.add("different", different);
}

void rates(const Source&, Draw draw, Mode mode, Errors& errors) {
    const double f = draw.between(45, 55);
    const double start = draw.between(0, 1);
    const double angle = draw.between(0, two_pi);
    double first = 0;
    for (const double rate : {8000.0, 4000.0, 16'000.0, 32'000.0}) {
        std::vector<double> x(static_cast<std::size_t>(10 * rate));
        for (std::size_t n = 0; n < x.size(); ++n) {
            const double turns = start + f * static_cast<double>(n) / rate;
            const double theta = two_pi * (turns - std::floor(turns));
            x[n] = 0.7 * (std::sin(theta) + 0.1 * std::sin(5 * theta + angle));
        }
        Digitiser{mode, draw.stream("converter")}(x);
        const double got = phasor_frequency(x, rate, 50);
        if (first == 0)
            first = got;
        errors.add("frequency", got - first);
    }
}

void reverse(const Source& source, Draw draw, Mode mode, Errors& errors) {
    const Drawn d = draw_source(source, draw);
    Rig rig = make_rig(d, {}, mode, draw);
    settle(rig, d);
    // Noise that is reversed with the samples must be in them before the converter.
    MeteringConfig config = rig.metering.config();
    for (AdcChannel& adc : config.adc)
        adc.noise_rms = 0;
    Metering forward{config, {}, draw.stream("other")};
    Metering backward{config, {}, draw.stream("other")};
    SampleBlock block = rig.block;
    std::vector<double> data = rig.data;
    block.data = data;
    for (int ch = 0; ch < 6; ++ch)
        if (mode == Mode::adc)
            Digitiser{mode, draw.stream("channel " + std::to_string(ch))}(block.channel(ch));
    forward.push(block, {});
    for (int ch = 0; ch < 6; ++ch) {
        const auto x = block.channel(ch);
        std::reverse(x.begin(), x.end());
    }
    backward.push(block, {});
    const Readings& a = forward.state(0).readings;
    const Readings& b = backward.state(0).readings;
    for (int n = 0; n < 4; ++n) {
        errors.add("P", b[slot_at(Slot::p_a, n)] - a[slot_at(Slot::p_a, n)]);
        errors.add("Q", (b[slot_at(Slot::q_a, n)] + a[slot_at(Slot::q_a, n)]) /
                            a[slot_at(Slot::s_a, n)]);
    }
}

void common(const Source& source, Draw draw, Mode mode, Errors& errors) {
    const Drawn d = draw_source(source, draw);
    Drawn shifted = d;
    const double part = draw.between(0.05, 0.3);
    const double angle = draw.between(0, 360);
    Spectrum zero = turned(d.u[0], part, angle);
    for (Spectrum& phase : shifted.u)
        for (int h = 0; h < Spectrum::orders; ++h)
            phase[h] += zero[h];
    for (const Wiring three : {Wiring::p3l3, Wiring::p3l2}) {
        WiringSpec wiring;
        wiring.mode = three;
        Rig one = make_rig(d, wiring, mode, draw);
        Rig two = make_rig(d, wiring, mode, draw);
        settle(one, d);
        settle(two, shifted);
        const Readings& a = one.shown();
        const Readings& b = two.shown();
        for (int n = 0; n < 3; ++n)
            errors.add("changed", b[slot_at(Slot::u_ab, n)] / a[slot_at(Slot::u_ab, n)] - 1);
        for (const Slot slot : {Slot::p, Slot::q, Slot::s})
            errors.add("changed", (b[slot] - a[slot]) / a[Slot::s]);
    }
}

void sums(const Source& source, Draw draw, Mode mode, Errors& errors) {
    const Drawn d = draw_source(source, draw);
    Rig rig = make_rig(d, {}, mode, draw);
    settle(rig, d, 200);
    const EnergyRegisters& e = rig.metering.state(0).energy;
    const auto net = [&](Energy import, Energy out, int n) {
        const auto uj = [](const EnergyCount& x) { return x.wh * EnergyCount::uj_per_wh + x.uj; };
        return uj(e[static_cast<Energy>(static_cast<int>(import) + n)]) -
               uj(e[static_cast<Energy>(static_cast<int>(out) + n)]);
    };
    for (const auto& [import, out] : {std::pair{Energy::p_import, Energy::p_export},
                                      std::pair{Energy::q_import, Energy::q_export}})
        errors.add("sums", static_cast<double>(net(import, out, 1) + net(import, out, 2) +
                                               net(import, out, 3) - net(import, out, 0)));
}

} // namespace

Run metamorphic_kind(TomlTable& signal) {
    struct Relation {
        const char* name;
        void (*run)(const Source&, Draw, Mode, Errors&);
    };
    static constexpr std::array relations{
        Relation{"scale", scale},   Relation{"delay", delay}, Relation{"cycle", cycle_phases},
        Relation{"cut", cut},       Relation{"rates", rates}, Relation{"reverse", reverse},
        Relation{"common", common}, Relation{"sums", sums},
    };
    Source source;
    take(signal, source);
    std::vector<std::string> names;
    names.reserve(relations.size());
    for (const Relation& r : relations)
        names.emplace_back(r.name);
    const std::string name = signal.choice("relation", names).value_or("scale");
    auto run = scale;
    for (const Relation& r : relations)
        if (name == r.name)
            run = r.run;
    return [source, run](Draw draw, Mode mode, Errors& errors) { run(source, draw, mode, errors); };
}

} // namespace kpmsim

// Energy pulses: their number and their moments.
//
// what = "steady": constant power through the whole chain.
//   count      pulses less floor(k E), E the true energy
//   edge       |edge - moment at which the true energy reaches it|, samples
//   width      less 80 ms, or half of the time between two pulses if that is shorter, ms
// what = "soak": the output alone, energies of random size until 1e9 pulses were given.
//   count      pulses less floor(k E) at any moment, integers
//   changed    the same once constant and ratio are others; the part of a pulse that had come stays that part
// what = "ratio": a meter that is told PT and CT ratios against one that is told none.
//   count      pulses of the one less those of the other
//   primary    pulses times PT CT / k, less the whole ones in the primary register, pulses
#include "sim/pulse_output.hpp"
#include "verification/source.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {

namespace {

struct Case {
    Source source;
    std::string what;
    Parameter constant{3200.0};
    Parameter seconds{20.0};
    double pt{1}, ct{1};
};

/// A settled meter with its energies cleared, and its pulse output.
struct Pulsed {
    Rig rig;
    PulseOutput output;

    Pulsed(const Drawn& d, const MeteringSettings& settings, int constant, Mode mode,
           const Draw& draw)
        : rig{d.supply, {}, converter({}, d.f_hz, mode, d.full_u_v, d.full_i_a), settings, draw} {
        for (int n = 0; n < settling_windows; ++n)
            step(d);
        rig.metering.clear_energy();
        output.set(constant, settings.pt * settings.ct[0]);
    }
    void step(const Drawn& d) {
        rig.open();
        d.into(rig.window);
        rig.close(d.i);
    }
    PulseTrain push(const Drawn& d) {
        step(d);
        const EnergyRegisters& e = rig.metering.state(0).energy;
        return output.push(rig.block.window, e[Energy::p_import], e[Energy::p_export]);
    }
};

void steady(const Case& c, Draw draw, Mode mode, Errors& errors) {
    const auto constant = static_cast<int>(draw(c.constant));
    const double length_s = draw(c.seconds);
    const Drawn d = draw_source(c.source, draw);
    Pulsed meter{d, {}, constant, mode, draw};
    const SimTime start = meter.rig.lock.next().start;
    const double right_w = std::abs(meter.rig.right()[Slot::p]);
    const double pulses_per_s = constant * right_w / 3.6e6;
    std::int64_t given = 0;
    SimTime end = start;
    while (seconds(end - start) < length_s) {
        const PulseTrain train = meter.push(d);
        const double row_s =
            seconds(train.window.length) / static_cast<double>(train.window.samples());
        for (std::int64_t n = 0; n < train.count; ++n) {
            ++given;
            const double due_s = static_cast<double>(given) / pulses_per_s;
            errors.add("edge", (seconds(train[n].at - start) - due_s) / row_s);
            errors.add("width", 1e3 * seconds(train[n].width) - std::min(80.0, 500 / pulses_per_s));
        }
        end = train.window.end();
    }
    errors.add("count",
               static_cast<double>(given) - std::floor(pulses_per_s * seconds(end - start)));
}

void soak(const Case& c, Draw draw, Errors& errors) {
    constexpr std::int64_t uj_per_kwh = 3'600'000'000'000;
    const auto constant = static_cast<std::int64_t>(draw(c.constant));
    const Random sizes = draw.stream("energies");
    PulseOutput output;
    output.set(static_cast<int>(constant));
    EnergyCount import, exported;
    Window window{SimTime{}, std::chrono::milliseconds{200}, 10};
    std::int64_t sum_uj = 0;
    for (std::uint64_t n = 0; output.count() < 1'000'000'000; ++n) {
        const auto uj = static_cast<std::int64_t>(sizes.uniform(n) * 1e14);
        sum_uj += uj;
        (n % 3 == 0 ? exported : import).add_uj(uj);
        output.push(window, import, exported);
        window.start = window.end();
        const std::int64_t due =
            constant * (sum_uj / uj_per_kwh) + constant * (sum_uj % uj_per_kwh) / uj_per_kwh;
        errors.add("count", static_cast<double>(output.count() - due));
    }
    const auto part_of_a_pulse = [&](std::int64_t uj, std::int64_t k, long double ratio) {
        return static_cast<long double>(k) * static_cast<long double>(uj) /
               (static_cast<long double>(uj_per_kwh) * ratio);
    };
    long double come = part_of_a_pulse(sum_uj % uj_per_kwh, constant, 1);
    come -= std::floor(come);
    const std::int64_t before = output.count();
    for (const double ratio : {8.0, 0.5}) {
        output.set(static_cast<int>(constant) / 2, ratio);
        for (int n = 0; n < 200; ++n) {
            const std::int64_t uj = 1'000'000'000 + std::int64_t{7'777'777} * n;
            import.add_uj(uj);
            output.push(window, import, exported);
            come += part_of_a_pulse(uj, constant / 2, ratio);
            if (come - std::floor(come) > 1e-6L && come - std::floor(come) < 1 - 1e-6L)
                errors.add("changed", static_cast<double>(output.count() - before) -
                                          static_cast<double>(std::floor(come)));
        }
    }
}

void ratio(const Case& c, Draw draw, Mode mode, Errors& errors) {
    const auto constant = static_cast<int>(draw(c.constant));
    const double length_s = draw(c.seconds);
    const Drawn d = draw_source(c.source, draw);
    MeteringSettings told;
    told.pt = c.pt;
    told.ct[0] = c.ct;
    Pulsed primary{d, told, constant, mode, draw};
    Pulsed secondary{d, {}, constant, mode, draw};
    const SimTime start = primary.rig.lock.next().start;
    while (seconds(primary.rig.lock.next().start - start) < length_s) {
        primary.push(d);
        secondary.push(d);
    }
    const double kwh_per_pulse = c.pt * c.ct / constant;
    const EnergyRegisters& e = primary.rig.metering.state(0).energy;
    const double kwh = e[Energy::p_import].kwh() + e[Energy::p_export].kwh();
    errors.add("count", static_cast<double>(primary.output.count() - secondary.output.count()));
    errors.add("primary",
               static_cast<double>(primary.output.count()) - std::floor(kwh / kwh_per_pulse));
}

} // namespace

Run pulses_kind(TomlTable& signal) {
    Case c;
    take(signal, c.source);
    c.what = signal.choice("what", {"steady", "soak", "ratio"}).value_or("steady");
    take(signal, "constant", c.constant);
    take(signal, "seconds", c.seconds);
    c.pt = signal.number("pt").value_or(c.pt);
    c.ct = signal.number("ct").value_or(c.ct);
    return [c](Draw draw, Mode mode, Errors& errors) {
        if (c.what == "soak")
            soak(c, draw, errors);
        else if (c.what == "ratio")
            ratio(c, draw, mode, errors);
        else
            steady(c, draw, mode, errors);
    };
}

} // namespace kpmsim

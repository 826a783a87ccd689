// Start current and no load (IEC 62053-21, 8.2 and 8.3).
//
// what = "start": a current of `factor` times the start current.
//   pulse period   time to the first pulse against k and the true power, of reading; above the
//                  start current
//   below          pulses and energy below the start current within `windows` windows, pulses
// what = "no-load": 115 % Un and no current, for C / (k m Un Imax) minutes.
//   pulses         of an active and a reactive output; one is allowed
//   energy         greatest of the registers, in pulses
#include "sim/pulse_output.hpp"
#include "verification/source.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {

namespace {

struct Case {
    Source source;
    bool start{true};
    Parameter ist_a{0.01};
    Parameter factor_of_ist{1.02};
    int imp_per_kwh{3200};
    double constant{600e6};
    double imax_a{6};
    int phases{3};
    int windows{50};
};

void start(const Case& c, Draw draw, Mode mode, Errors& errors) {
    Source source = c.source;
    const double ist = draw(c.ist_a);
    const double factor = draw(c.factor_of_ist);
    source.i = Parameter{factor * ist / source.in_a};
    const Drawn d = draw_source(source, draw);
    const WiringSpec wiring;
    MeteringSettings settings;
    settings.start_current_a.fill(ist);
    Rig rig{d.supply, wiring, converter(wiring, d.f_hz, mode, d.full_u_v, d.full_i_a), settings,
            draw};
    const auto step = [&] {
        rig.open();
        d.into(rig.window);
        rig.close(d.i);
    };
    for (int n = 0; n < settling_windows; ++n)
        step();
    rig.metering.clear_energy();
    PulseOutput output;
    output.set(c.imp_per_kwh);
    const SimTime begin = rig.lock.next().start;
    const EnergyRegisters& e = rig.metering.state(0).energy;
    const auto push = [&] {
        step();
        return output.push(rig.block.window, e[Energy::p_import], e[Energy::p_export]);
    };
    if (factor < 1) {
        for (int n = 0; n < c.windows; ++n)
            push();
        const double kwh = e.kilo(Energy::p_import) + e.kilo(Energy::p_export);
        errors.add("below", kwh * c.imp_per_kwh + static_cast<double>(output.count()));
        return;
    }
    const double right_w = std::abs(rig.right()[Slot::p]);
    const double right_s = 3.6e6 / c.imp_per_kwh / right_w;
    double got_s = std::nan("");
    while (output.count() == 0 && seconds(rig.lock.next().start - begin) < 2 * right_s) {
        const PulseTrain train = push();
        if (train.count > 0)
            got_s = seconds(train[0].at - begin);
    }
    errors.add("pulse period", got_s / right_s - 1);
}

void no_load(const Case& c, Draw draw, Mode mode, Errors& errors) {
    const double ist = draw(c.ist_a);
    const double minutes = c.constant / (c.imp_per_kwh * c.phases * c.source.un_v * c.imax_a);
    Source source = c.source;
    source.i = Parameter{0.0};
    source.u = Parameter{1.15};
    const Drawn d = draw_source(source, draw);
    const WiringSpec wiring;
    MeteringSettings settings;
    settings.start_current_a.fill(ist);
    Rig rig{d.supply, wiring, converter(wiring, d.f_hz, mode, d.full_u_v, d.full_i_a), settings,
            draw};
    for (int n = 0; n < settling_windows; ++n)
        rig.step(d.i);
    rig.metering.clear_energy();
    PulseOutput active;
    PulseOutput reactive;
    active.set(c.imp_per_kwh);
    reactive.set(c.imp_per_kwh);
    const EnergyRegisters& e = rig.metering.state(0).energy;
    // Nothing changes any more: the same samples again and again, with new noise.
    const auto windows =
        static_cast<std::int64_t>(minutes * 60 / seconds(rig.block.window.length)) + 1;
    for (std::int64_t n = 0; n < windows; ++n) {
        rig.block.window.start = rig.block.window.end();
        rig.metering.push(rig.block, {});
        active.push(rig.block.window, e[Energy::p_import], e[Energy::p_export]);
        reactive.push(rig.block.window, e[Energy::q_import], e[Energy::q_export]);
    }
    double kwh = 0;
    for (const Energy each :
         {Energy::p_import, Energy::p_export, Energy::q_import, Energy::q_export})
        kwh = std::max(kwh, e.kilo(each));
    errors.add("pulses", static_cast<double>(active.count() + reactive.count()));
    errors.add("energy", kwh * c.imp_per_kwh);
}

} // namespace

Run starting_kind(TomlTable& signal) {
    Case c;
    take(signal, c.source);
    c.start = signal.choice("what", {"start", "no-load"}).value_or("start") == "start";
    take(signal, "ist", c.ist_a);
    take(signal, "factor", c.factor_of_ist);
    c.imp_per_kwh =
        static_cast<int>(signal.integer("imp_per_kwh", 1, 100'000).value_or(c.imp_per_kwh));
    c.constant = signal.number("no_load_constant").value_or(c.constant);
    c.imax_a = signal.number("imax").value_or(c.imax_a);
    c.phases = static_cast<int>(signal.integer("phases", 1, 3).value_or(c.phases));
    c.windows = static_cast<int>(signal.integer("windows", 1, 100'000).value_or(c.windows));
    return [c](Draw draw, Mode mode, Errors& errors) {
        if (c.start)
            start(c, draw, mode, errors);
        else
            no_load(c, draw, mode, errors);
    };
}

} // namespace kpmsim

#include "verification/tested_meter.hpp"

#include "models/engine/sensors.hpp"

namespace kpmsim {

const TypeLibrary& tested_types() {
    static const TypeLibrary types = TypeLibrary::builtin();
    return types;
}

SomeMeter TestedMeter::some_unit(const TestedMeterSpec& of, Draw& draw) {
    SomeMeter unit =
        some_meter(*tested_types().find(of.model), of.wiring, of.gsm, of.script.start, draw);
    if (of.kept)
        draw_watches(unit, draw);
    return unit;
}

const MeterSpec& TestedMeter::completed(Draw& draw) {
    constexpr int apart = 200; // minutes: a few fill a day
    set_tariffs(unit_, of_.kept ? some_calendar(script_.start(), draw, apart) : script_.tariffs());
    if (of_.kept) {
        unit_.spec.tariffs = {}; // they are written once it runs
        draw_past(unit_, draw);
    }
    return unit_.spec;
}

void TestedMeter::begin_with_past() {
    rig_.metering.begin_energy(spec_.start_energy);
    const auto on_paper = [&](const EnergyRegisters& registers) {
        PaperRegisters paper{of_.wiring, 1, 0, 0};
        for (const QuantityInfo& of : catalogue())
            if (of.kind == QuantityKind::energy && of.slot < energy_slots)
                paper.begin_energy(of.name, registers.count[of.slot].wh);
        return paper;
    };
    const auto values = [&](const EnergyRegisters& registers) {
        Values out;
        on_paper(registers).write(out);
        return out;
    };
    std::vector<Values> used;
    for (const EnergyRegisters& month : spec_.start_months)
        used.push_back(values(month));
    for (CircuitPaper& paper : paper_) {
        for (const QuantityInfo& of : catalogue())
            if (of.kind == QuantityKind::energy && of.slot < energy_slots)
                paper.registers.begin_energy(of.name, spec_.start_energy.count[of.slot].wh);
        paper.months.begin(values(spec_.start_energy), used);
        paper.kept.begin(values(spec_.start_energy));
    }
}

/// The currents of a script are of the greatest circuit's; smaller ones have their part of them.
ScriptSpec TestedMeter::script_spec() const {
    ScriptSpec s = of_.script;
    s.circuits = unit_.type().circuits;
    s.source.un_v = unit_.type().nominal_u_v * unit_.shown_setting("pt", 0, 1);
    s.source.in_a = 1;
    return s;
}

TestedMeter::TestedMeter(const TestedMeterSpec& of, Mode mode, Draw& draw)
    : of_{of}, unit_{some_unit(of, draw)}, of_script_{script_spec()}, script_{of_script_, draw},
      spec_{completed(draw)}, meter_{spec_}, rig_{script_.source().supply, unit_.leads(),
                                                  converted(mode),
                                                  metering_settings(spec_, meter_.image().memory),
                                                  draw},
      site_start_{script_.start() - std::chrono::seconds{spec_.clock_offset_s}},
      program_{spec_, site_start_, of.kept}, ahead_s_{spec_.clock_offset_s} {
    port_.freeze = &upload_plan(*spec_.type, spec_.serial).freeze;
    port_.states.resize(static_cast<std::size_t>(spec_.type->circuits));
    port_.extras = first_extras(spec_, program_.memory());
    const int demand_minutes = static_cast<int>(unit_.shown_setting("demand_minutes", 0, 15));
    day_ = static_cast<int>(unit_.shown_setting("settlement_day", 0, 1));
    for (int circuit = 0; circuit < spec_.type->circuits; ++circuit) {
        wired_a_.push_back(unit_.rated_a(circuit));
        const PaperMeter meter = paper_meter(circuit);
        paper_.push_back(
            {PaperRegisters{of.wiring, demand_minutes, meter.power_code, meter.step_i[0], day_},
             PaperMonths{day_}, PaperKept{day_, unit_.pulses_per_kwh(circuit)}});
    }
    if (of.kept)
        begin_with_past();
}

MeteringConfig TestedMeter::converted(Mode mode) const {
    MeteringConfig config = metering_config(spec_);
    for (AdcChannel& adc : config.adc)
        adc.noise_rms = noise_of(mode);
    return config;
}

PaperMeter TestedMeter::paper_meter(int circuit) const {
    PaperMeter meter =
        kpmsim::paper_meter(rig_.metering.config(), metering_settings(spec_, meter_.image().memory),
                            unit_.leads(), circuit);
    if (spec_.type->setting("start_current_ma") != nullptr)
        meter.start_a = unit_.shown_setting("start_current_ma", circuit, 0) / 1000 /
                        unit_.start_level_a() * rated_a(static_cast<std::size_t>(circuit));
    return meter;
}

int TestedMeter::tariff(CivilTime t) const {
    return unit_.tariffs.years[0].days.empty() ? 0 : paper_tariff(unit_.tariffs, t);
}

void TestedMeter::settle() {
    const std::vector<PhaseSpectra> none(paper_.size());
    for (int n = 0; n < settling_windows; ++n)
        step({script_.source().u, none, script_.start(), script_.start(), 0}, false);
}

void TestedMeter::step(const ScriptWindow& w, bool settled) {
    std::vector<PhaseSpectra> i = w.i, shown_i = w.i;
    for (std::size_t circuit = 0; circuit < i.size(); ++circuit)
        for (std::size_t p = 0; p < 3; ++p) {
            i[circuit][p] = scaled(wired_a_[circuit], w.i[circuit][p]);
            shown_i[circuit][p] = scaled(rated_a(circuit), w.i[circuit][p]);
        }
    if (of_.kept && w.set_s != 0)
        set_clock(w.set_s);
    rtc_ = w.ended;
    const CivilTime site = rtc_ - std::chrono::seconds{ahead_s_};
    rig_.open();
    rig_.window.u = w.u;
    rig_.close(i, {rtc_, program_.tariff(rtc_)});
    const double length_s = seconds(rig_.block.window.length);
    counted_s_ += length_s;
    for (std::size_t n = 0; n < paper_.size(); ++n) {
        const int circuit = static_cast<int>(n);
        auto& [registers, months, kept, now, deviations] = paper_[n];
        const PaperMeter meter = paper_meter(circuit);
        const PaperWindow window = on_channels(of_.wiring, w.u, shown_i[n], script_.source().f_hz,
                                               rig_.block.window.samples());
        write_readings(meter, window, now);
        write_deviations(meter, window, now, deviations);
        if (spec_.type->open_temperature_c)
            now["temp"] = shown_celsius(*spec_.type, spec_.temperature_c[n]); // steps: row 31
        now["i_residual"] = 0;
        for (const char* name : {"clip_u", "clip_i", "clip_windows"})
            now[name] = 0;
        registers.add({now, length_s, w.began, w.ended, tariff(rtc_), deviations});
        registers.write(now);
        registers.write_deviations(deviations);
        const CivilTime began = w.began + std::chrono::seconds{w.set_s};
        months.add(began, w.ended, now);
        if (const auto end = month_end(began, w.ended, day_); end && sends_freezes())
            freezes_.emplace_back(circuit, *end);
        port_.states[n] = rig_.metering.state(circuit);
    }
    at_ = SimTime{site - site_start_};
    if (of_.kept)
        keep(w, settled);
    while (program_.due() <= at_)
        program_.run(port_);
    meter_.image().memory = program_.memory();
    meter_.image().metered = port_.states;
    meter_.image().site = site;
    meter_.image().extras = port_.extras;
}

/// What a window leaves besides its readings and counts.
void TestedMeter::keep(const ScriptWindow& w, bool settled) {
    std::vector<const MeterState*> states;
    for (const MeterState& state : port_.states)
        states.push_back(&state);
    const Window& window = rig_.block.window;
    const bool sampled = ++kept_windows_ % 2 == 0; // its samples say when a pulse is due
    count_on(rig_.metering, window, states, port_.extras, sampled ? &rig_.block : nullptr);
    program_.watch(at_, states, port_);
    if (settled)
        keep_extremes(rig_.metering, *spec_.type, rtc_, states, port_.extras);
    const KeptWindow in{w.began + std::chrono::seconds{w.set_s}, w.ended,
                        seconds(window.start - SimTime{}), seconds(window.length), sampled};
    for (CircuitPaper& paper : paper_) {
        paper.kept.add(in, paper.now, paper.registers);
        if (settled)
            paper.kept.extremes.add(rtc_, paper.now, paper.deviations);
    }
}

} // namespace kpmsim

// Every quantity of the catalogue against a meter on paper (verification/paper_readings.hpp), window
// by window, of a script that draws everything anew in each.
//
// Quantities: those of the catalogue under their own names (see verification/judge.hpp for units),
// which a case names by `covers`; the worst of all circuits and windows. And, of the readings:
//   extremes   greatest and least, and the reading on paper at their moments, against paper's
//              extremes; by the reading's unit, angles left out
//   months     maxima of the month before, in a month's part of 3 Un In and of In; their times, s
//   quantities   those that a meter of this wiring has a value for, and those that stand on paper
//   moments    when the state's window ended, ns, and how many there were; whether the meter has noise, and
//              what it needs to repeat windows, 1 where it says the other
// What hangs on the converter also "… against noise", in deviations of what that leaves: a case asks
// for the catalogue's by this unit (verification/paper_deviations.hpp).
//
// ratios = true     PT and CT of ratios other than 1, which the meter is told
// miswired = true   leads and transformers in each other's places and the wrong way round
// errors = true     gains, delays, offsets, transformers and a clock that are wrong on purpose, as of a
//                   unit that is better or worse by a factor, and scaled by it
// settings = true   the registers begin somewhere; now and then demand's width and its day and the
//                   directions of currents are written, the same or others; and the meter is put away, and
//                   goes on from what it remembered
// rewired = true    … and the menu's wiring, while the leads stay as they are
// pauses = true     now and then a window is shown and not counted
// neutral = true    one phase: the neutral's current is measured, and is another one than the phase's
// repeats = 50      after each sampled window up to so many that only repeat it
#include "sim/archive.hpp"
#include "sim/metering_state.hpp"
#include "verification/judge.hpp"
#include "verification/paper_deviations.hpp"
#include "verification/paper_errors.hpp"
#include "verification/paper_extremes.hpp"
#include "verification/paper_readings.hpp"
#include "verification/paper_registers.hpp"
#include "verification/script.hpp"
#include "verification/some_faults.hpp"
#include "waveforms/terminal_sums.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {

namespace {

struct Case {
    ScriptSpec script;
    Wiring wiring{Wiring::p4l};
    bool ratios{false}, miswired{false}, errors{false}, neutral{false};
    bool settings{false}, rewired{false}, pauses{false};
    int repeats{0};
    int demand_minutes{3};
};

WiringSpec leads_of(const Case& c, Draw& draw) {
    WiringSpec leads;
    leads.mode = c.wiring;
    leads.neutral = c.neutral;
    draw_leads(c.ratios, c.miswired, draw, leads);
    return leads;
}

/// What a channel can hold, each a little less than the others.
std::array<double, max_channels> some_room(const Draw& draw) {
    std::array<double, max_channels> room{};
    const Random stream = draw.stream("room");
    for (std::size_t c = 0; c < room.size(); ++c)
        room[c] = 0.95 + 0.05 * stream.uniform(c);
    return room;
}

/// By which a unit's errors are scaled.
double some_factor(const Draw& draw) { return 0.3 + 3 * draw.stream("factor").uniform(0); }

/// A voltage below this part of full scale has no frequency (docs/explanation/lock-and-frequency.md).
constexpr double followed_part = 0.01;

/// One meter in silicon and on paper.
class Pair {
public:
    Pair(const Case& c, Mode mode, Draw& draw);

    void run(Draw& draw, Errors& errors);

private:
    MeteringConfig config() const;
    MeteringSettings settings() const;
    PaperMeter meter(int circuit) const {
        return paper_meter(rig_.metering.config(), settings(), wiring_, circuit);
    }
    /// A tuning fork's parabola about 23 degrees, and what it is off there.
    double clock_error() const {
        return wrong_.crystal + wrong_.crystal_per_k2 * (ambient_c_ - 23) * (ambient_c_ - 23);
    }
    /// On paper: what a circuit's channels hold, leads and errors included.
    PaperWindow on_paper(const ScriptWindow& w, std::size_t circuit) const;
    void step(const ScriptWindow& w);
    /// Shown, and not counted.
    void pause(const ScriptWindow& w);
    void write_settings(Draw& draw);
    /// What it remembers goes on, by way of its bytes, in another metering, built as the first one was.
    void put_away();
    void repeat(ScriptWindow w, Draw& draw);
    /// Counts the window on paper, and holds the meter's states to it.
    void count(const ScriptWindow& w, std::int64_t windows);
    void judge(std::span<const MeterState> states, bool with_demand);
    void note_extremes();
    void tell_extremes(Errors& errors) const;

    const Case& c_;
    Mode mode_;
    Script script_;
    WiringSpec wiring_;
    MeterErrors wrong_;
    double factor_;
    std::array<double, max_channels> room_; ///< of full scales, of a unit that errs
    int quiet_; ///< a voltage whose converter has no noise, of a unit that errs
    double ambient_c_;
    int demand_minutes_;
    int demand_day_{1};
    Wiring told_wiring_;                                ///< by the menu
    std::array<std::uint8_t, max_circuits> reversed_{}; ///< bits of phases
    std::array<double, max_circuits> temperature_c_{};
    Rig rig_;
    Random noise_; ///< its converters'
    std::vector<PaperRegisters> registers_;
    std::vector<Values> paper_, deviations_; ///< by circuit
    double counted_s_{0};
    std::int64_t counted_{0}; ///< windows, since the start
    SimTime end_{};           ///< of the last one counted
    Errors moments_, months_;
    Judge judge_;
    Extremes extremes_;
    std::int64_t noted_{0};
    PaperExtremes past_; ///< of the first circuit
};

Pair::Pair(const Case& c, Mode mode, Draw& draw)
    : c_{c}, mode_{mode}, script_{c.script, draw}, wiring_{leads_of(c, draw)},
      wrong_{c.errors ? some_errors(draw) : MeterErrors{}}, factor_{some_factor(draw)},
      room_{some_room(draw)}, quiet_{draw.setup() % 2},
      ambient_c_{c.errors ? draw.between(-20, 60) : reference_c}, demand_minutes_{c.demand_minutes},
      told_wiring_{c.wiring}, temperature_c_{draw.between(-20, 90), draw.between(-20, 90),
                                             draw.between(-20, 90), draw.between(-20, 90)},
      rig_{script_.source().supply, wiring_, config(), settings(), draw}, noise_{draw.stream(
                                                                              "converter")} {
    for (int circuit = 0; circuit < c.script.circuits; ++circuit)
        registers_.emplace_back(c.wiring, c.demand_minutes, meter(circuit).power_code,
                                meter(circuit).step_i[0]);
    paper_.resize(registers_.size());
    deviations_.resize(registers_.size());
}

MeteringConfig Pair::config() const {
    const Drawn& d = script_.source();
    MeteringConfig config = converter(wiring_, d.f_hz, mode_, d.full_u_v, d.full_i_a);
    config.circuits = c_.script.circuits;
    config.temperature_c = temperature_c_;
    for (std::size_t n = 0; n < max_circuits; ++n)
        config.rated_a[n] = d.in_a / wiring_.ct_ratio[n];
    if (c_.errors) {
        for (std::size_t c = 0; c < room_.size(); ++c)
            config.adc[c].full_scale *= room_[c];
        add_errors(scaled(divided(wrong_, factor_), factor_), ambient_c_, config);
        // Two channels whose cycles stay alike, among others whose noise differs.
        config.adc[static_cast<std::size_t>(quiet_)].noise_rms = config.adc[5].noise_rms = 0;
    }
    return config;
}

MeteringSettings Pair::settings() const {
    MeteringSettings s = told(wiring_);
    s.demand_minutes = demand_minutes_;
    s.demand_day = demand_day_;
    s.reversed = reversed_;
    if (c_.rewired)
        s.wiring = told_wiring_;
    for (std::size_t n = 0; n < max_circuits; ++n)
        s.start_current_a[n] = script_.start_a(static_cast<int>(n)) / wiring_.ct_ratio[n];
    return s;
}

PaperWindow Pair::on_paper(const ScriptWindow& w, std::size_t circuit) const {
    PhaseSpectra u, i;
    for (std::size_t t = 0; t < 3; ++t) {
        u[t] = w.u[static_cast<std::size_t>(wiring_.u_phase[t])];
        i[t] = w.i[circuit][static_cast<std::size_t>(wiring_.i_phase[circuit][t])];
        if (wiring_.ct_reversed[circuit][t] != ((reversed_[circuit] >> t & 1) != 0))
            for (std::complex<double>& x : i[t].rms)
                x = -x;
    }
    const Drawn& d = script_.source();
    const MeteringConfig& meter = rig_.metering.config();
    const auto followed = static_cast<std::ptrdiff_t>(paper_u_terminals(meter));
    const bool alive = std::any_of(u.begin(), u.begin() + followed, [&](const Spectrum& x) {
        return std::abs(x[1]) > followed_part * d.full_u_v;
    });
    const double f_hz = alive ? d.f_hz / (1 + clock_error()) : 0;
    const PaperWindow held = on_channels(c_.wiring, u, i, f_hz, rig_.window.window.samples());
    PaperWindow paper = taken_for(told_wiring_, c_.wiring, held);
    if (!c_.errors)
        return paper;
    for (std::size_t n = 0; n < paper_u_terminals(meter); ++n)
        paper.u[n] =
            through_channel(paper.u[n], wrong_.channel[paper_u_channel(meter, n)], ambient_c_, 0);
    for (std::size_t n = 0; n < paper_i_terminals(meter); ++n)
        paper.i[n] = through_channel(paper.i[n], wrong_.channel[paper_i_channel(meter, circuit, n)],
                                     ambient_c_, d.in_a);
    return paper;
}

void Pair::judge(std::span<const MeterState> states, bool with_demand) {
    Scale scale{script_.source().un_v, script_.source().in_a, counted_s_};
    for (std::size_t n = 0; n < states.size(); ++n) {
        MeterState shown = states[n];
        if (!with_demand) // the window may not be counted there
            shown.demand = rig_.metering.state(static_cast<int>(n)).demand;
        judge_.compare(shown, paper_[n], deviations_[n], scale);
        for (const char* of : {"p", "q", "s", "i_a", "i_b", "i_c"}) {
            const std::string name = std::string{"demand_"} + of + "_max";
            const auto before = [&](const std::string& of_month) {
                return shown.demand.before(
                    static_cast<Demand>(info(*find_quantity(of_month)).slot));
            };
            const PaperRegisters::Maximum& paper = registers_[n].month_before(of);
            months_.add("months",
                        (before(name) - paper.demand) / divisor(info(*find_quantity(name)), scale));
            months_.add("months", before(name + "_time") - paper.time);
        }
        moments_.add("moments", static_cast<double>((shown.at - end_).count()));
        moments_.add("moments", static_cast<double>(shown.window) - static_cast<double>(counted_));
    }
}

void Pair::count(const ScriptWindow& w, std::int64_t windows) {
    const double own_s = seconds(windows * rig_.window.window.length) * (1 + clock_error());
    counted_s_ += own_s;
    counted_ += windows;
    for (std::size_t n = 0; n < paper_.size(); ++n) {
        const PaperMeter of_circuit = meter(static_cast<int>(n));
        Values& paper = paper_[n];
        Values& deviations = deviations_[n];
        const PaperWindow window = on_paper(w, n);
        write_readings(of_circuit, window, paper);
        write_deviations(of_circuit, window, paper, deviations);
        // Without noise windows that repeat one are off by the same.
        const double independent = mode_ == Mode::clean ? 1 : static_cast<double>(windows);
        registers_[n].add({paper, own_s, w.began, w.ended, w.tariff, deviations, independent});
        registers_[n].write(paper);
        registers_[n].write_deviations(deviations);
        paper["i_residual"] = 0; // no meter is fitted with the input
        for (const char* name : {"clip_u", "clip_i", "clip_windows"})
            paper[name] = 0;
    }
}

void Pair::step(const ScriptWindow& w) {
    rig_.open();
    rig_.window.u = w.u;
    const MeteringMoment moment{w.ended, script_.tariffs().at(w.ended)};
    rig_.close(w.i, moment);
    end_ = rig_.block.window.end();
    count(w, 1);
    // No run stands before it any more.
    std::vector<MeterState> states(paper_.size());
    rig_.metering.show({}, moment, states);
    for (std::size_t n = 0; n < states.size(); ++n)
        moments_.add("moments",
                     bytes_of(states[n]) == bytes_of(rig_.metering.state(static_cast<int>(n))) ? 0
                                                                                               : 1);
}

void Pair::pause(const ScriptWindow& w) {
    rig_.open();
    rig_.window.u = w.u;
    rig_.terminals = wire(wiring_, rig_.window, w.i);
    sample(rig_.terminals, rig_.window, rig_.supply.stream(), wiring_, rig_.metering.config().adc,
           rig_.block);
    rig_.metering.begin(rig_.block, w.ended);
    rig_.lock.push(rig_.block);
    end_ = rig_.block.window.end();
    for (std::size_t n = 0; n < paper_.size(); ++n) {
        const PaperMeter of_circuit = meter(static_cast<int>(n));
        const PaperWindow window = on_paper(w, n);
        write_readings(of_circuit, window, paper_[n]);
        write_deviations(of_circuit, window, paper_[n], deviations_[n]);
        registers_[n].pause(w.began, w.ended);
        registers_[n].write(paper_[n]);
        registers_[n].write_deviations(deviations_[n]);
    }
}

void Pair::write_settings(Draw& draw) {
    if (draw.between(0, 4) < 1)
        demand_minutes_ = static_cast<int>(draw.between(1, 5));
    if (draw.between(0, 4) < 1)
        demand_day_ = static_cast<int>(draw.between(1, 29));
    if (draw.between(0, 4) < 1)
        for (std::uint8_t& phases : reversed_)
            phases = static_cast<std::uint8_t>(draw.between(0, 8));
    constexpr std::array three_phase{Wiring::p4l, Wiring::p3l3, Wiring::p3l2};
    if (c_.rewired && draw.between(0, 4) < 1)
        told_wiring_ = three_phase[static_cast<std::size_t>(draw.between(0, 3))];
    rig_.metering.apply(settings());
    for (PaperRegisters& of_circuit : registers_) {
        of_circuit.set_wiring(told_wiring_);
        of_circuit.set_demand_minutes(demand_minutes_);
        of_circuit.set_demand_day(demand_day_);
    }
}

void Pair::put_away() {
    MeteringState kept;
    from_bytes(bytes_of(rig_.metering.state()), kept);
    rig_.metering = Metering{config(), {}, noise_};
    rig_.metering.restore(std::move(kept));
}

void Pair::repeat(ScriptWindow w, Draw& draw) {
    const auto most = static_cast<std::int64_t>(draw.between(1, c_.repeats + 1));
    WindowSums sums;
    terminal_sums(rig_.terminals, rig_.metering.config(), rig_.block.window.samples(), sums);
    if (!rig_.metering.hold_steady(rig_.block, &sums))
        return;
    moments_.add("moments", rig_.metering.can_repeat() ? 0 : 1);
    if (c_.settings && draw.between(0, 4) < 1)
        put_away();
    const std::int64_t count_of = rig_.metering.may_repeat_many() ? most : 1;
    const ScriptWindow next = script_.next(draw, count_of > 1);
    w.began = next.began;
    w.ended = next.ended;
    w.tariff = next.tariff;
    const double slip = static_cast<double>(rig_.window.slip) * 0x1p-64;
    // Something may cut a run short.
    const std::int64_t planned = count_of > 1 ? count_of + counted_ % 4 : 1;
    const Repeat run{rig_.lock.next(), slip, planned, count_of};
    const MeteringMoment moment{w.ended, script_.tariffs().at(w.ended)};
    std::vector<MeterState> states(paper_.size());
    rig_.metering.show(run, moment, states);
    end_ = run.first.start + count_of * run.first.length;
    count(w, count_of);
    rig_.metering.repeat(run, moment);
    judge(states, false);
    rig_.lock.pass(count_of, slip);
    rig_.metering.show({rig_.lock.next(), slip, 0, 0}, moment, states);
    judge(states, true);
}

void Pair::note_extremes() {
    // A clock that is set would give two windows one moment.
    const CivilTime moment{std::chrono::seconds{++noted_}};
    extremes_.push(rig_.shown(), moment);
    past_.add(moment, paper_[0], deviations_[0]);
}

void Pair::tell_extremes(Errors& errors) const {
    const Scale scale{script_.source().un_v, script_.source().in_a, 1};
    for (const QuantityInfo& of : catalogue()) {
        if (of.kind != QuantityKind::reading)
            continue;
        const auto slot = static_cast<Slot>(of.slot);
        past_.check(of, extremes_.min(slot), false, scale, 0, errors);
        past_.check(of, extremes_.max(slot), true, scale, 0, errors);
    }
}

void Pair::run(Draw& draw, Errors& errors) {
    // The clock settles on a supply without currents, in the minute in which the script begins.
    const std::vector<PhaseSpectra> none(static_cast<std::size_t>(c_.script.circuits));
    for (int n = 0; n < settling_windows; ++n)
        step({script_.source().u, none, script_.start(), script_.start(), 0});
    rig_.metering.clear_energy();
    for (PaperRegisters& of_circuit : registers_)
        of_circuit.clear_energy();
    if (c_.settings) {
        EnergyRegisters begin;
        for (const Energy e : {Energy::p_import, Energy::q_export, Energy::q_q3, Energy::s})
            begin[e].wh = static_cast<std::int64_t>(draw.between(0, 1e6));
        rig_.metering.begin_energy(begin);
        for (PaperRegisters& of_circuit : registers_)
            for (const auto& [name, e] :
                 {std::pair{"e_p_import", Energy::p_import},
                  std::pair{"e_q_export", Energy::q_export}, std::pair{"e_q_q3", Energy::q_q3},
                  std::pair{"e_s", Energy::s}})
                of_circuit.begin_energy(name, begin[e].wh);
    }
    const bool noisy = mode_ == Mode::adc;
    moments_.add("moments", rig_.metering.has_noise() == noisy ? 0 : 1);
    moments_.add("moments", rig_.metering.can_repeat() == !noisy ? 0 : 1);
    counted_s_ = 0;
    std::vector<MeterState> states(paper_.size());
    for (int n = 0; n < c_.script.windows; ++n) {
        if (n == c_.script.windows / 2) {
            rig_.metering.clear_demand_maxima();
            for (PaperRegisters& of_circuit : registers_)
                of_circuit.clear_demand_maxima();
        }
        if (c_.settings) {
            write_settings(draw);
            if (draw.between(0, 8) < 1)
                put_away();
        }
        const ScriptWindow w = script_.next(draw);
        if (c_.pauses && n > 0 && draw.between(0, 4) < 1)
            pause(w);
        else
            step(w);
        for (std::size_t circuit = 0; circuit < states.size(); ++circuit)
            states[circuit] = rig_.metering.state(static_cast<int>(circuit));
        judge(states, true);
        for (std::uint16_t place = 0; place < catalogue().size(); ++place) {
            const bool there = has_quantity(rig_.metering.config().channels(), Quantity{place});
            errors.add("quantities", there != std::isnan(paper_[0][Quantity{place}]) ? 0 : 1);
        }
        if (c_.repeats > 0)
            repeat(w, draw);
        else
            note_extremes();
    }
    judge_.tell(errors);
    errors.add("moments", moments_.worst("moments"));
    errors.add("months", months_.worst("months"));
    if (c_.repeats == 0)
        tell_extremes(errors);
}

} // namespace

Run catalogue_kind(TomlTable& signal) {
    Case c;
    take(signal, c.script);
    c.wiring = take_wiring(signal);
    c.neutral = signal.boolean("neutral").value_or(false);
    c.ratios = signal.boolean("ratios").value_or(false);
    c.miswired = signal.boolean("miswired").value_or(false);
    c.errors = signal.boolean("errors").value_or(false);
    c.settings = signal.boolean("settings").value_or(false);
    c.rewired = signal.boolean("rewired").value_or(false);
    c.pauses = signal.boolean("pauses").value_or(false);
    c.repeats = static_cast<int>(signal.integer("repeats", 0, 10'000).value_or(0));
    c.demand_minutes = static_cast<int>(signal.integer("demand_minutes", 1, 120).value_or(3));
    return [c](Draw draw, Mode mode, Errors& errors) { Pair{c, mode, draw}.run(draw, errors); };
}

} // namespace kpmsim

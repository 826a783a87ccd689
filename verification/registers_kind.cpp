// What a meter's registers and packets hold: every row of a built-in model's map, every key of its
// packets, of every circuit, read as a client reads them.
//
// The whole way: source, leads of the ratios that the meter's menu is set to, converter and metering
// as the model's data have them, registers as words. The words are turned into numbers here.
//   values      measurements, off paper by more than half of the last digit that a register or a
//               packet has, by the judge's units (verification/judge.hpp)
//   ratios, angles   those of them that are percentages or plain numbers, and degrees
//   values against noise, …   the same in deviations of what the converter leaves
//   months      energies of this month and those before, of 3 Un In t
//   settings    kept numbers, clock, serial number: rows that do not hold what they were given
//   frozen, days, …   kept = true: what verification/kept_points.hpp reads; tariff tables are written to the
//               running meter, and its program's state is put away and comes back now and then
#include "models/engine/meter.hpp"
#include "models/engine/program.hpp"
#include "models/engine/sensors.hpp"
#include "models/faces/packets.hpp"
#include "models/faces/registers.hpp"
#include "sim/archive.hpp"
#include "verification/judge.hpp"
#include "verification/kept_points.hpp"
#include "verification/paper_deviations.hpp"
#include "verification/paper_months.hpp"
#include "verification/paper_readings.hpp"
#include "verification/paper_registers.hpp"
#include "verification/program_watch.hpp"
#include "verification/script.hpp"
#include "verification/shown_number.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace kpmsim {

namespace {

struct Case {
    ScriptSpec script; ///< its Un and In are the model's
    std::string model;
    Wiring wiring{Wiring::p4l};
    bool gsm{false}; ///< packets of the 4G plan
    bool kept{false};
};

const TypeLibrary& library() {
    static const TypeLibrary types = TypeLibrary::builtin();
    return types;
}

/// By how much more than its last digit a number is off.
double beyond(const QuantityInfo& of, const ShownNumber& shown, double paper) {
    return std::max(std::abs(off_by(of, shown.value, paper)) - shown.rounding, 0.0);
}

const char* family(const QuantityInfo& of) {
    if (of.unit == "deg")
        return "angles";
    return of.unit == "%" || of.unit.empty() ? "ratios" : "values";
}

class Reader {
public:
    Reader(const Case& c, Mode mode, Draw& draw);
    void run(Draw& draw, Errors& errors);

private:
    static SomeMeter some_unit(const Case& c, Draw& draw);
    const MeterSpec& completed(Draw& draw);
    void begin_with_past();
    void write_tariffs(Errors& errors);
    void put_away();
    Effects order(const char* point, double value = 1);
    void set_clock(std::int64_t by_s);
    void clear_all();
    ScriptSpec script_spec() const;
    double rated_a(std::size_t circuit) const { return unit_.rated_a(static_cast<int>(circuit)); }
    PaperMeter paper_meter(int circuit) const;
    Scale scale(std::size_t circuit) const {
        return {script_.source().un_v, rated_a(circuit), counted_s_};
    }
    /// On paper.
    int tariff(CivilTime t) const {
        return unit_.tariffs.years[0].days.empty() ? 0 : paper_tariff(unit_.tariffs, t);
    }
    void step(const ScriptWindow& w, bool settled);
    void keep(const ScriptWindow& w, bool settled);
    void check(std::size_t circuit, const QuantityInfo& of, const ShownNumber& shown,
               Errors& errors) const;
    void check_registers(int circuit, Errors& errors) const;
    void check_packets(int circuit, Errors& errors) const;

    const Case& c_;
    SomeMeter unit_;
    ScriptSpec of_script_;
    Script script_;
    const MeterSpec& spec_;
    Meter meter_;
    WiringSpec leads_;
    Rig rig_;
    CivilTime site_start_; ///< the site's time at SimTime{}
    MeterProgram program_;
    ProgramWatch port_;
    std::vector<PaperRegisters> registers_;
    std::vector<PaperMonths> months_;
    std::vector<PaperKept> kept_;
    std::vector<Values> paper_, deviations_;
    int day_{1};                                     ///< of the month, on which it ends
    std::vector<std::pair<int, CivilTime>> freezes_; ///< that are to be sent
    SimTime at_{};                                   ///< end of the last window
    std::int64_t ahead_s_{0};                        ///< of the site's time
    CivilTime rtc_{};
    double counted_s_{0};
    int kept_windows_{0};
};

SomeMeter Reader::some_unit(const Case& c, Draw& draw) {
    SomeMeter unit = some_meter(*library().find(c.model), c.wiring, c.gsm, c.script.start, draw);
    if (c.kept)
        draw_watches(unit, draw);
    return unit;
}

const MeterSpec& Reader::completed(Draw& draw) {
    constexpr int apart = 200; // minutes: a few fill a day
    set_tariffs(unit_, c_.kept ? some_calendar(script_.start(), draw, apart) : script_.tariffs());
    if (c_.kept) {
        unit_.spec.tariffs = {}; // they are written once it runs
        draw_past(unit_, draw);
    }
    return unit_.spec;
}

void Reader::begin_with_past() {
    rig_.metering.begin_energy(spec_.start_energy);
    const auto on_paper = [&](const EnergyRegisters& registers) {
        PaperRegisters paper{c_.wiring, 1, 0, 0};
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
    for (std::size_t n = 0; n < registers_.size(); ++n) {
        for (const QuantityInfo& of : catalogue())
            if (of.kind == QuantityKind::energy && of.slot < energy_slots)
                registers_[n].begin_energy(of.name, spec_.start_energy.count[of.slot].wh);
        months_[n].begin(values(spec_.start_energy), used);
        kept_[n].begin(values(spec_.start_energy));
    }
}

/// The currents of a script are of the greatest circuit's; smaller ones have their part of them.
ScriptSpec Reader::script_spec() const {
    ScriptSpec s = c_.script;
    s.circuits = unit_.type().circuits;
    s.source.un_v = unit_.type().nominal_u_v * unit_.shown_setting("pt", 0, 1);
    s.source.in_a = 1;
    return s;
}

Reader::Reader(const Case& c, Mode mode, Draw& draw)
    : c_{c}, unit_{some_unit(c, draw)},
      of_script_{script_spec()}, script_{of_script_, draw}, spec_{completed(draw)}, meter_{spec_},
      leads_{unit_.leads()}, rig_{script_.source().supply, leads_,
                                  [&] {
                                      MeteringConfig config = metering_config(spec_);
                                      for (AdcChannel& adc : config.adc)
                                          adc.noise_rms = noise_of(mode);
                                      return config;
                                  }(),
                                  metering_settings(spec_, meter_.image().memory), draw},
      site_start_{script_.start() - std::chrono::seconds{spec_.clock_offset_s}}, program_{
                                                                                     spec_,
                                                                                     site_start_,
                                                                                     c.kept} {
    port_.freeze = &upload_plan(*spec_.type, spec_.serial).freeze;
    ahead_s_ = spec_.clock_offset_s;
    port_.states.resize(static_cast<std::size_t>(spec_.type->circuits));
    const int demand_minutes = static_cast<int>(unit_.shown_setting("demand_minutes", 0, 15));
    day_ = static_cast<int>(unit_.shown_setting("settlement_day", 0, 1));
    for (int circuit = 0; circuit < spec_.type->circuits; ++circuit) {
        registers_.emplace_back(c.wiring, demand_minutes, paper_meter(circuit).power_code,
                                paper_meter(circuit).step_i[0], day_);
        months_.emplace_back(day_);
        kept_.emplace_back(day_, unit_.pulses_per_kwh(circuit));
    }
    port_.extras = first_extras(spec_, program_.memory());
    if (c.kept)
        begin_with_past();
    paper_.resize(registers_.size());
    deviations_.resize(registers_.size());
}

PaperMeter Reader::paper_meter(int circuit) const {
    PaperMeter meter = kpmsim::paper_meter(
        rig_.metering.config(), metering_settings(spec_, meter_.image().memory), leads_, circuit);
    if (spec_.type->setting("start_current_ma") != nullptr)
        meter.start_a = c_.script.start * rated_a(static_cast<std::size_t>(circuit));
    return meter;
}

void Reader::step(const ScriptWindow& w, bool settled) {
    std::vector<PhaseSpectra> i = w.i;
    for (std::size_t circuit = 0; circuit < i.size(); ++circuit)
        for (Spectrum& x : i[circuit])
            x = scaled(rated_a(circuit), x);
    if (c_.kept && w.set_s != 0)
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
        Values& paper = paper_[n];
        const PaperMeter meter = paper_meter(circuit);
        const PaperWindow window =
            on_channels(c_.wiring, w.u, i[n], script_.source().f_hz, rig_.block.window.samples());
        write_readings(meter, window, paper);
        write_deviations(meter, window, paper, deviations_[n]);
        if (spec_.type->open_temperature_c)
            paper["temp"] = shown_celsius(*spec_.type, spec_.temperature_c[n]); // steps: row 31
        paper["i_residual"] = 0;
        for (const char* name : {"clip_u", "clip_i", "clip_windows"})
            paper[name] = 0;
        registers_[n].add({paper, length_s, w.began, w.ended, tariff(rtc_), deviations_[n]});
        registers_[n].write(paper);
        registers_[n].write_deviations(deviations_[n]);
        const CivilTime began = w.began + std::chrono::seconds{w.set_s};
        months_[n].add(began, w.ended, paper);
        if (const auto end = month_end(began, w.ended, day_); end && !port_.freeze->empty())
            freezes_.emplace_back(circuit, *end);
        port_.states[n] = rig_.metering.state(circuit);
    }
    at_ = SimTime{site - site_start_};
    if (c_.kept)
        keep(w, settled);
    while (program_.due() <= at_)
        program_.run(port_);
    meter_.image().memory = program_.memory();
    meter_.image().metered = port_.states;
    meter_.image().site = site;
    meter_.image().extras = port_.extras;
}

/// What a window leaves besides its readings and counts.
void Reader::keep(const ScriptWindow& w, bool settled) {
    std::vector<const MeterState*> states;
    for (const MeterState& state : port_.states)
        states.push_back(&state);
    const Window& window = rig_.block.window;
    const bool sampled = ++kept_windows_ % 2 == 0; // its samples say when a pulse is due
    count_on(rig_.metering, window, states, port_.extras, sampled ? &rig_.block : nullptr);
    program_.watch(at_, states, port_);
    if (settled)
        keep_extremes(rig_.metering, *spec_.type, rtc_, states, port_.extras);
    const KeptWindow kept{w.began + std::chrono::seconds{w.set_s}, w.ended,
                          seconds(window.start - SimTime{}), seconds(window.length), sampled};
    for (std::size_t n = 0; n < kept_.size(); ++n) {
        kept_[n].add(kept, paper_[n], registers_[n]);
        if (settled)
            kept_[n].extremes.add(rtc_, paper_[n], deviations_[n]);
    }
}

/// Entry by entry, as a client writes its registers.
void Reader::write_tariffs(Errors& errors) {
    if (!unit_.tables)
        return;
    Command command{at_, {}};
    const std::span<const Point> points = spec_.type->points.all();
    for (std::size_t n = 0; n < points.size(); ++n)
        if (points[n].kind == PointKind::tariff)
            command.what.push_back({PointId{static_cast<std::uint16_t>(n)}, 0,
                                    static_cast<double>((*unit_.tables)[points[n].index])});
    program_.carry_out(command, at_, port_);
    const TariffEntries& held = program_.memory().tariffs;
    errors.add("settings", held && *held == *unit_.tables ? 0 : 1);
}

/// As its state goes to a file and comes back, into a program that knows its data alone.
void Reader::put_away() {
    ProgramState kept;
    from_bytes(bytes_of(program_.state()), kept);
    program_ = MeterProgram{spec_, site_start_, c_.kept};
    program_.restore(std::move(kept));
}

/// A point is written, and the metering does what follows, as in a farm.
Effects Reader::order(const char* name, double value) {
    const auto point = spec_.type->points.find(name);
    if (!point)
        return {};
    const Effects effects = program_.carry_out({at_, {{*point, 0, value}}}, at_, port_);
    if (effects.clear_demand_maxima)
        rig_.metering.clear_demand_maxima();
    if (effects.clear_energy) {
        rig_.metering.clear_energy();
        begin_energy({}, port_.extras);
    }
    for (std::size_t n = 0; n < port_.states.size(); ++n)
        port_.states[n] = rig_.metering.state(static_cast<int>(n));
    if (effects.clear_extremes)
        clear_extremes(spec_, program_.memory(), port_.states, rtc_, port_.extras);
    return effects;
}

void Reader::set_clock(std::int64_t by_s) {
    const CivilTime told = rtc_ + std::chrono::seconds{by_s};
    order("clock", static_cast<double>(told.time_since_epoch().count()));
    ahead_s_ += by_s;
    for (std::size_t n = 0; n < kept_.size(); ++n) {
        if (month_end(rtc_, told, day_) && !port_.freeze->empty())
            freezes_.emplace_back(static_cast<int>(n), told);
        months_[n].add(rtc_, told, paper_[n]);
        kept_[n].set_clock(rtc_, told, registers_[n]);
    }
}

/// By the menu; what the registers and the past begin anew with is looked at after the next windows.
void Reader::clear_all() {
    for (const char* action : {"clear_energy", "clear_demand_maxima", "clear_extremes"})
        order(action);
    for (std::size_t n = 0; n < registers_.size(); ++n) {
        registers_[n].clear_energy();
        registers_[n].clear_demand_maxima();
        months_[n].clear();
        registers_[n].write(paper_[n]);
        kept_[n].clear_energy();
        kept_[n].extremes = {};
        kept_[n].extremes.add(rtc_, paper_[n], deviations_[n]);
    }
}

void Reader::check(std::size_t circuit, const QuantityInfo& of, const ShownNumber& shown,
                   Errors& errors) const {
    const double off = beyond(of, shown, paper_[circuit][of.name]);
    errors.add(family(of), off / divisor(of, scale(circuit)));
    if (const double deviation = deviations_[circuit][of.name]; !std::isnan(deviation))
        errors.add(against_noise(family(of)), deviations_of(off, deviation));
}

void Reader::check_registers(int index, Errors& errors) const {
    const auto n = static_cast<std::size_t>(index);
    const Circuit& circuit = meter_.circuits()[n];
    for (const RegisterRow& row : spec_.type->registers.rows) {
        if (!row.readable() || !fitted(spec_, row))
            continue;
        std::vector<std::uint16_t> words(row.words);
        if (!read_registers(circuit, row.address, words, row.space)) {
            errors.add("values", std::nan(""));
            continue;
        }
        const auto number = [&] { return number_of(row, spec_.type->registers.word_order, words); };
        const auto holds = [&](bool right) { errors.add("settings", right ? 0 : 1); };
        if (row.holds != RegisterHolds::point) // no measurements
            continue;
        const Point& point = spec_.type->points[row.point];
        switch (point.kind) {
        case PointKind::quantity:
            check(n, info(Quantity{point.index}), number(), errors);
            break;
        case PointKind::month: {
            const QuantityInfo& of = info(Quantity{point.index});
            const double paper = months_[n].kilo(of.name, point.month);
            errors.add("months", beyond(of, number(), paper) / divisor(of, scale(n)));
            break;
        }
        case PointKind::setting:
            holds(std::abs(number().value - unit_.shown_setting(row.name, index, std::nan(""))) <=
                  number().rounding);
            break;
        case PointKind::serial:
            holds(text_of(words) == circuit.serial());
            break;
        case PointKind::clock:
            holds(is_clock(words, rtc_));
            break;
        default: // no setting and not metered: the tests of models/ have them
            break;
        }
    }
}

void Reader::check_packets(int index, Errors& errors) const {
    const auto n = static_cast<std::size_t>(index);
    const Circuit& circuit = meter_.circuits()[n];
    const UploadPlan& plan = upload_plan(*spec_.type, circuit.serial());
    for (const UploadTopic* topic : {&plan.realtime, &plan.energy}) {
        const std::vector<std::string> sent = packets(*topic, meter_.view(), index, rtc_);
        for (const std::string& text : sent)
            errors.add("settings",
                       text.find("\"time\":\"" + digits_of(rtc_) + '"') != std::string::npos ? 0
                                                                                             : 1);
        std::size_t packet = 0;
        for (const std::vector<UploadField>& fields : topic->packets) {
            const auto left_out = [&](const UploadField& field) {
                return field.optional && !fitted(spec_, spec_.type->points[field.point]);
            };
            if (std::all_of(fields.begin(), fields.end(), left_out))
                continue;
            for (const UploadField& field : fields) {
                if (left_out(field))
                    continue;
                const std::string key = "\"" + field.key + "\":";
                const auto at = sent.at(packet).find(key);
                if (at == std::string::npos) {
                    errors.add("values", std::nan(""));
                    continue;
                }
                std::string text = sent[packet].substr(at + key.size());
                text.erase(std::remove(text.begin(), text.end(), '"'), text.end());
                const double digit = std::pow(10, -field.decimals) * field.scale;
                const ShownNumber shown{std::stod(text) * field.scale,
                                        field.truncate ? 1.001 * digit : 0.5 * digit};
                check(n, info(Quantity{spec_.type->points[field.point].index}), shown, errors);
            }
            ++packet;
        }
    }
}

void Reader::run(Draw& draw, Errors& errors) {
    const std::vector<PhaseSpectra> none(paper_.size());
    for (int n = 0; n < settling_windows; ++n)
        step({script_.source().u, none, script_.start(), script_.start(), 0}, false);
    write_tariffs(errors);
    for (int n = 0; n < c_.script.windows; ++n) {
        step(script_.next(draw), true);
        if (c_.kept && n == 2 * c_.script.windows / 3)
            clear_all();
        if (c_.kept && n % 16 == 0)
            put_away();
        if (n % 10 != 9)
            continue;
        for (std::size_t circuit = 0; circuit < paper_.size(); ++circuit) {
            check_registers(static_cast<int>(circuit), errors);
            check_packets(static_cast<int>(circuit), errors);
            if (c_.kept)
                check_kept(meter_.circuits()[circuit],
                           {unit_, paper_meter(static_cast<int>(circuit)), paper_[circuit],
                            deviations_[circuit], months_[circuit], kept_[circuit], scale(circuit)},
                           errors);
        }
    }
    if (c_.kept && !port_.freeze->empty())
        errors.add("freezes sent", port_.freezes == freezes_ ? 0 : 1);
}

} // namespace

Run registers_kind(TomlTable& signal) {
    Case c;
    take(signal, c.script);
    c.model = signal.choice("model", library().names()).value_or("kpm312");
    c.wiring = take_wiring(signal);
    c.kept = signal.boolean("kept").value_or(false);
    c.gsm = signal.boolean("gsm").value_or(false);
    return [c](Draw draw, Mode mode, Errors& errors) { Reader{c, mode, draw}.run(draw, errors); };
}

} // namespace kpmsim

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
#include "models/engine/meter.hpp"
#include "models/engine/program.hpp"
#include "models/engine/sensors.hpp"
#include "models/faces/packets.hpp"
#include "models/faces/registers.hpp"
#include "models/type/serial.hpp"
#include "verification/judge.hpp"
#include "verification/paper_deviations.hpp"
#include "verification/paper_months.hpp"
#include "verification/paper_readings.hpp"
#include "verification/paper_registers.hpp"
#include "verification/script.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace kpmsim {

namespace {

struct Case {
    ScriptSpec script; ///< its Un and In are the model's
    std::string model;
    Wiring wiring{Wiring::p4l};
    bool gsm{false}; ///< packets of the 4G plan
};

const TypeLibrary& library() {
    static const TypeLibrary types = TypeLibrary::builtin();
    return types;
}

/// A written number and half of its last digit.
struct Number {
    double value{0};
    double rounding{0};
};

/// What the words of a row mean, of its type, scale and word order.
Number number_of(const RegisterRow& row, WordOrder order, const std::vector<std::uint16_t>& words) {
    std::uint64_t bits = 0;
    for (std::size_t n = 0; n < words.size(); ++n)
        bits = bits << 16 | words[order == WordOrder::abcd ? n : words.size() - 1 - n];
    const auto whole = [&](auto value) {
        return Number{static_cast<double>(value) * row.scale, row.scale / 2};
    };
    switch (row.type) {
    case RegisterType::u16:
    case RegisterType::u32:
    case RegisterType::u64:
        return whole(bits);
    case RegisterType::i16:
        return whole(static_cast<std::int16_t>(bits));
    case RegisterType::i32:
        return whole(static_cast<std::int32_t>(bits));
    case RegisterType::i64:
        return whole(static_cast<std::int64_t>(bits));
    case RegisterType::f32: {
        const double value = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
        return {value * row.scale, std::abs(value) * 0x1p-24 * row.scale};
    }
    case RegisterType::bcd: {
        double value = 0;
        for (int digit = static_cast<int>(4 * words.size()) - 1; digit >= 0; --digit)
            value = 10 * value + static_cast<double>(bits >> 4 * digit & 0xF);
        return whole(value);
    }
    case RegisterType::ascii:
    case RegisterType::clock:
        break;
    }
    return {std::nan(""), 0};
}

std::string text_of(const std::vector<std::uint16_t>& words) {
    std::string text;
    for (const std::uint16_t word : words)
        for (const int byte : {word >> 8, word & 0xFF})
            if (byte != 0)
                text += static_cast<char>(byte);
    return text;
}

bool is_clock(const std::vector<std::uint16_t>& words, CivilTime t) {
    const CivilFields f = fields_of(t);
    return words ==
           std::vector<std::uint16_t>{static_cast<std::uint16_t>((f.year - 2000) * 256 + f.month),
                                      static_cast<std::uint16_t>(f.day * 256 + f.hour),
                                      static_cast<std::uint16_t>(f.minute * 256 + f.second)};
}

/// By how much more than its last digit a number is off.
double beyond(const QuantityInfo& of, const Number& shown, double paper) {
    return std::max(std::abs(off_by(of, shown.value, paper)) - shown.rounding, 0.0);
}

const char* family(const QuantityInfo& of) {
    if (of.unit == "deg")
        return "angles";
    return of.unit == "%" || of.unit.empty() ? "ratios" : "values";
}

/// The states that a program sees; what it sends is read elsewhere.
struct Port : ProgramPort {
    std::vector<MeterState> states;

    std::span<const MeterState> look(SimTime) override { return states; }
    void upload(SimTime, int, const UploadTopic&, CivilTime) override {}
    void moved(const RelayMove&) override {}
};

class Reader {
public:
    Reader(const Case& c, Mode mode, Draw& draw);
    void run(Draw& draw, Errors& errors);

private:
    static double start_level_a(const MeterSpec& spec, std::size_t circuit);
    static MeterSpec some_spec(const Case& c, Draw& draw);
    ScriptSpec script_spec() const;
    WiringSpec leads() const;
    double shown_setting(const std::string& name, int circuit, double without) const;
    /// At the primary.
    double rated_a(std::size_t circuit) const {
        return spec_.type->current(spec_.ratings[circuit])->rated_a * leads_.ct_ratio[circuit];
    }
    PaperMeter paper_meter(int circuit) const;
    Scale scale(std::size_t circuit) const {
        return {script_.source().un_v, rated_a(circuit), counted_s_};
    }
    void step(const ScriptWindow& w);
    void check(std::size_t circuit, const QuantityInfo& of, const Number& shown,
               Errors& errors) const;
    void check_registers(int circuit, Errors& errors) const;
    void check_packets(int circuit, Errors& errors) const;

    const Case& c_;
    MeterSpec spec_;
    Meter meter_;
    ScriptSpec of_script_;
    Script script_;
    WiringSpec leads_;
    Rig rig_;
    CivilTime site_start_; ///< the site's time at SimTime{}
    MeterProgram program_;
    Port port_;
    std::vector<PaperRegisters> registers_;
    std::vector<PaperMonths> months_;
    std::vector<Values> paper_, deviations_;
    CivilTime rtc_{};
    double counted_s_{0};
};

/// The current that a menu's start current is of: 5 A where the transformer is part of the meter.
double Reader::start_level_a(const MeterSpec& spec, std::size_t circuit) {
    const CurrentRating& rating = *spec.type->current(spec.ratings[circuit]);
    return rating.ct_included ? 5 : rating.rated_a;
}

MeterSpec Reader::some_spec(const Case& c, Draw& draw) {
    MeterSpec spec;
    spec.name = "verified";
    spec.type = library().find(c.model);
    spec.serial = serial_number(spec.type->serial, c.gsm ? Carrier::gsm : Carrier::wifi, 2025, 9,
                                static_cast<int>(draw.between(1, 9000)));
    spec.address = static_cast<int>(draw.between(1, 200));
    for (int circuit = 0; circuit < spec.type->circuits; ++circuit) {
        const auto& ratings = spec.type->currents;
        spec.ratings.push_back(
            ratings[static_cast<std::size_t>(draw.between(0, static_cast<double>(ratings.size())))]
                .code);
        spec.temperature_c[static_cast<std::size_t>(circuit)] = draw.between(-20, 80);
    }
    for (const std::string& wiring : spec.type->wirings) {
        Wiring named{};
        if (wiring_from(wiring, named) && named == c.wiring)
            spec.wiring = wiring;
    }
    for (const auto& [name, most] : {std::pair{"pt", 100.0}, std::pair{"ct", 40.0}})
        if (const SettingRow* row = spec.type->setting(name))
            spec.settings.push_back({name, {}, std::llround(draw.between(1, most) * row->scale)});
    if (spec.type->setting("demand_minutes") != nullptr)
        spec.settings.push_back({"demand_minutes", {}, 3});
    if (spec.type->setting("settlement_day") != nullptr)
        spec.settings.push_back({"settlement_day", {}, static_cast<int>(draw.between(1, 29))});
    if (spec.type->setting("start_current_ma") != nullptr)
        spec.settings.push_back(
            {"start_current_ma", {}, std::llround(1000 * c.script.start * start_level_a(spec, 0))});
    spec.clock_offset_s = static_cast<std::int64_t>(draw.between(-10'000, 10'000));
    return spec;
}

double Reader::shown_setting(const std::string& name, int circuit, double without) const {
    const SettingRow* row = spec_.type->setting(name);
    if (row == nullptr)
        return without;
    double value = static_cast<double>(row->factory);
    if (name == "rated_current_a")
        value = spec_.type->current(spec_.ratings[static_cast<std::size_t>(circuit)])->rated_a;
    if (name == "address")
        value = spec_.address;
    if (name == "radio")
        value = c_.gsm ? 2 : 1;
    if (name == "wiring")
        value = static_cast<double>(
            std::find(spec_.type->wirings.begin(), spec_.type->wirings.end(), spec_.wiring) -
            spec_.type->wirings.begin());
    if (name == "transmitting" && c_.wiring != Wiring::p4l)
        value = 3; // the manual's list for delta begins with Ia
    for (const Preset& preset : spec_.settings)
        if (preset.name == name)
            value = static_cast<double>(preset.value);
    return value / row->scale;
}

WiringSpec Reader::leads() const {
    WiringSpec leads;
    leads.mode = c_.wiring;
    leads.pt_ratio = shown_setting("pt", 0, 1);
    for (int circuit = 0; circuit < spec_.type->circuits; ++circuit)
        leads.ct_ratio[static_cast<std::size_t>(circuit)] = shown_setting("ct", circuit, 1);
    return leads;
}

/// The currents of a script are of the greatest circuit's; smaller ones have their part of them.
ScriptSpec Reader::script_spec() const {
    ScriptSpec s = c_.script;
    s.circuits = spec_.type->circuits;
    s.source.un_v = spec_.type->nominal_u_v * shown_setting("pt", 0, 1);
    s.source.in_a = 1;
    return s;
}

Reader::Reader(const Case& c, Mode mode, Draw& draw)
    : c_{c}, spec_{some_spec(c, draw)}, meter_{spec_},
      of_script_{script_spec()}, script_{of_script_, draw}, leads_{leads()},
      rig_{script_.source().supply, leads_,
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
                                                                                     false} {
    port_.states.resize(static_cast<std::size_t>(spec_.type->circuits));
    const int demand_minutes = static_cast<int>(shown_setting("demand_minutes", 0, 15));
    const int day = static_cast<int>(shown_setting("settlement_day", 0, 1));
    for (int circuit = 0; circuit < spec_.type->circuits; ++circuit) {
        registers_.emplace_back(c.wiring, demand_minutes, paper_meter(circuit).power_code,
                                paper_meter(circuit).step_i[0], day);
        months_.emplace_back(day);
    }
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

void Reader::step(const ScriptWindow& w) {
    std::vector<PhaseSpectra> i = w.i;
    for (std::size_t circuit = 0; circuit < i.size(); ++circuit)
        for (Spectrum& x : i[circuit])
            x = scaled(rated_a(circuit), x);
    rtc_ = w.ended;
    const CivilTime site = rtc_ - std::chrono::seconds{spec_.clock_offset_s};
    rig_.open();
    rig_.window.u = w.u;
    rig_.close(i, {rtc_, w.tariff});
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
        registers_[n].add({paper, length_s, w.began, w.ended, w.tariff, deviations_[n]});
        registers_[n].write(paper);
        registers_[n].write_deviations(deviations_[n]);
        months_[n].add(w.began, w.ended, paper);
        port_.states[n] = rig_.metering.state(circuit);
    }
    const SimTime at{site - site_start_};
    while (program_.due() <= at)
        program_.run(port_);
    meter_.image().memory = program_.memory();
    meter_.image().metered = port_.states;
    meter_.image().site = site;
}

void Reader::check(std::size_t circuit, const QuantityInfo& of, const Number& shown,
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
            holds(std::abs(number().value - shown_setting(row.name, index, std::nan(""))) <=
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
                const Number shown{std::stod(text) * field.scale,
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
        step({script_.source().u, none, script_.start(), script_.start(), 0});
    for (int n = 0; n < c_.script.windows; ++n) {
        step(script_.next(draw));
        if (n % 10 != 9)
            continue;
        for (std::size_t circuit = 0; circuit < paper_.size(); ++circuit) {
            check_registers(static_cast<int>(circuit), errors);
            check_packets(static_cast<int>(circuit), errors);
        }
    }
}

} // namespace

Run registers_kind(TomlTable& signal) {
    Case c;
    take(signal, c.script);
    c.model = signal.choice("model", library().names()).value_or("kpm312");
    c.wiring = take_wiring(signal);
    c.gsm = signal.boolean("gsm").value_or(false);
    return [c](Draw draw, Mode mode, Errors& errors) { Reader{c, mode, draw}.run(draw, errors); };
}

} // namespace kpmsim

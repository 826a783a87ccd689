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
#include "models/faces/packets.hpp"
#include "models/faces/registers.hpp"
#include "verification/judge.hpp"
#include "verification/kept_points.hpp"
#include "verification/point_name.hpp"
#include "verification/shown_number.hpp"
#include "verification/tested_meter.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {

namespace {

/// By how much more than its last digit a number is off.
double beyond(const QuantityInfo& of, const ShownNumber& shown, double paper) {
    return std::max(std::abs(off_by(of, shown.value, paper)) - shown.rounding, 0.0);
}

const char* family(const QuantityInfo& of) {
    if (of.unit == "deg")
        return "angles";
    return of.unit == "%" || of.unit.empty() ? "ratios" : "values";
}

/// Reads a circuit as a client does.
class CircuitReader {
public:
    CircuitReader(const TestedMeter& of, int circuit, Errors& errors)
        : of_{of}, index_{circuit},
          circuit_{of.meter().circuits()[static_cast<std::size_t>(circuit)]},
          paper_{of.paper()[static_cast<std::size_t>(circuit)]},
          scale_{of.scale(static_cast<std::size_t>(circuit))}, errors_{errors} {}

    void check_registers() const;
    void check_packets() const;
    void check_past() const;

private:
    void check(const QuantityInfo& of, const ShownNumber& shown) const;
    void check_field(const UploadField& field, const std::string& packet) const;
    void holds(bool right) const { errors_.add("settings", right ? 0 : 1); }

    const TestedMeter& of_;
    int index_;
    const Circuit& circuit_;
    const CircuitPaper& paper_;
    Scale scale_;
    Errors& errors_;
};

void CircuitReader::check(const QuantityInfo& of, const ShownNumber& shown) const {
    const double off = beyond(of, shown, paper_.now[of.name]);
    errors_.add(family(of), off / divisor(of, scale_));
    if (const double deviation = paper_.deviations[of.name]; !std::isnan(deviation))
        errors_.add(against_noise(family(of)), deviations_of(off, deviation));
}

void CircuitReader::check_past() const {
    check_kept(circuit_,
               {of_.unit(), of_.paper_meter(index_), paper_.now, paper_.deviations, paper_.months,
                paper_.kept, scale_},
               errors_);
}

void CircuitReader::check_registers() const {
    const MeterSpec& spec = of_.spec();
    for (const RegisterRow& row : spec.type->registers.rows) {
        if (!row.readable() || !fitted(spec, row))
            continue;
        std::vector<std::uint16_t> words(row.words);
        if (!read_registers(circuit_, row.address, words, row.space)) {
            errors_.add("values", std::nan(""));
            continue;
        }
        const auto number = [&] { return number_of(row, spec.type->registers.word_order, words); };
        if (row.holds != RegisterHolds::point) // no measurements
            continue;
        const Point& point = spec.type->points[row.point];
        switch (point.kind) {
        case PointKind::quantity:
            check(info(*find_quantity(point.name)), number());
            break;
        case PointKind::month: {
            const PointName name = point_name(point.name);
            const QuantityInfo& of = info(*find_quantity(name.of));
            const double paper = paper_.months.kilo(of.name, name.ago);
            errors_.add("months", beyond(of, number(), paper) / divisor(of, scale_));
            break;
        }
        case PointKind::setting:
            holds(std::abs(number().value -
                           of_.unit().shown_setting(row.name, index_, std::nan(""))) <=
                  number().rounding);
            break;
        case PointKind::serial:
            holds(text_of(words) == circuit_.serial());
            break;
        case PointKind::clock:
            holds(is_clock(words, of_.rtc()));
            break;
        default: // no setting and not metered: the tests of models/ have them
            break;
        }
    }
}

void CircuitReader::check_packets() const {
    const MeterSpec& spec = of_.spec();
    const UploadPlan& plan = upload_plan(*spec.type, circuit_.serial());
    const std::string stamp = "\"time\":\"" + digits_of(of_.rtc()) + '"';
    for (const UploadTopic* topic : {&plan.realtime, &plan.energy}) {
        const std::vector<std::string> sent =
            packets(*topic, of_.meter().view(), index_, of_.rtc());
        for (const std::string& text : sent)
            holds(text.find(stamp) != std::string::npos);
        std::size_t packet = 0;
        for (const std::vector<UploadField>& fields : topic->packets) {
            const auto left_out = [&](const UploadField& field) {
                return field.optional && !fitted(spec, spec.type->points[field.point]);
            };
            if (std::all_of(fields.begin(), fields.end(), left_out))
                continue;
            for (const UploadField& field : fields)
                if (!left_out(field))
                    check_field(field, sent.at(packet));
            ++packet;
        }
    }
}

void CircuitReader::check_field(const UploadField& field, const std::string& packet) const {
    const std::string key = "\"" + field.key + "\":";
    const auto at = packet.find(key);
    if (at == std::string::npos) {
        errors_.add("values", std::nan(""));
        return;
    }
    std::string text = packet.substr(at + key.size());
    text.erase(std::remove(text.begin(), text.end(), '"'), text.end());
    const double digit = std::pow(10, -field.decimals) * field.scale;
    check(info(*find_quantity(of_.spec().type->points[field.point].name)),
          {std::stod(text) * field.scale, field.truncate ? 1.001 * digit : 0.5 * digit});
}

void run(const TestedMeterSpec& spec, Mode mode, Draw& draw, Errors& errors) {
    TestedMeter meter{spec, mode, draw};
    meter.settle();
    errors.add("settings", meter.write_tariffs() ? 0 : 1);
    for (int n = 0; n < spec.script.windows; ++n) {
        meter.step(draw);
        if (spec.kept && n == spec.script.windows / 3)
            meter.change_menu(draw);
        if (spec.kept && n == 2 * spec.script.windows / 3)
            meter.clear_all();
        if (spec.kept && n % 16 == 0)
            meter.put_away();
        const bool cleared = spec.kept && n == 2 * spec.script.windows / 3 + 1;
        if (n % 10 != 9 && !cleared)
            continue;
        if (spec.kept)
            meter.turn_output();
        for (int circuit = 0; circuit < meter.spec().type->circuits; ++circuit) {
            const CircuitReader reader{meter, circuit, errors};
            reader.check_registers();
            reader.check_packets();
            if (spec.kept)
                reader.check_past();
        }
    }
    if (spec.kept)
        errors.add("settings", meter.to_factory(draw) ? 0 : 1);
    if (spec.kept && meter.sends_freezes())
        errors.add("freezes sent", meter.sent_freezes() ? 0 : 1);
}

} // namespace

Run registers_kind(TomlTable& signal) {
    TestedMeterSpec spec;
    take(signal, spec.script);
    spec.model = signal.choice("model", tested_types().names()).value_or("kpm312");
    spec.wiring = take_wiring(signal);
    spec.kept = signal.boolean("kept").value_or(false);
    spec.gsm = signal.boolean("gsm").value_or(false);
    return [spec](Draw draw, Mode mode, Errors& errors) { run(spec, mode, draw, errors); };
}

} // namespace kpmsim

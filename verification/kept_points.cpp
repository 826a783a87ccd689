#include "verification/kept_points.hpp"

#include "verification/paper_deviations.hpp"
#include "verification/point_name.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>

namespace kpmsim {

namespace {

double seconds_of(CivilTime t) { return static_cast<double>(t.time_since_epoch().count()); }

class KeptReader {
public:
    KeptReader(const Circuit& circuit, const KeptPaper& paper, Errors& errors)
        : circuit_{circuit}, type_{circuit.type()}, of_{paper}, errors_{errors} {}

    void run() {
        for (std::size_t place = 0; place < type_.points.all().size(); ++place) {
            const PointId id{static_cast<std::uint16_t>(place)};
            const Point& point = type_.points[id];
            if (point.text || !may_read(point.rights) || !fitted(of_.meter.spec, point))
                continue;
            check(point, circuit_.number(id));
            if (const auto has = has_value(point))
                errors_.add("values there", *has == circuit_.has_value(id) ? 0 : 1);
        }
        check_ends_of_months();
        for (const auto& [slot, shown] : extremes_)
            for (const bool greatest : {false, true})
                of_.kept.extremes.check(reading(slot), shown[greatest ? 1 : 0], greatest, of_.scale,
                                        code(reading(slot)), errors_);
    }

private:
    bool star() const { return metered_phases(of_.meter.wiring) > 0; }
    const QuantityInfo& reading(std::size_t slot) const { return catalogue()[slot]; }

    /// Whether a point means anything; nothing where that is looked at elsewhere.
    std::optional<bool> has_value(const Point& point) const {
        if (point.kind == PointKind::frozen)
            return of_.kept.frozen_at().has_value();
        if (point.kind == PointKind::month_pf)
            return of_.months.kilo("e_s", point_name(point.name).ago) > 0;
        if (point.kind != PointKind::quantity)
            return std::nullopt;
        const QuantityInfo& of = info(*find_quantity(point.name));
        if (of.kind != QuantityKind::reading || of.name == "temp" || of.name == "i_residual")
            return std::nullopt;
        if (std::isnan(of_.now[of.name]))
            return false;
        const std::string first = of.name.substr(0, of.name.find('_'));
        const bool phase = of.name.size() == first.size() + 2;
        const bool of_neutral = first.size() == 1 ? first != "i" : first == "pf";
        if (!star() && phase && of_neutral) // Ua, Pa, Qa, Sa, PFa
            return false;
        if (first == "pf")
            return of_.now[phase ? "s" + of.name.substr(2) : "s"] > 0;
        return of.name != "f" || of_.now["f"] > 0;
    }

    void check(const Point& point, double shown) {
        const PointName name = point_name(point.name);
        const int ago = name.ago;
        switch (point.kind) {
        case PointKind::frozen: {
            const QuantityInfo& of = info(*find_quantity(name.of));
            errors_.add("frozen", (shown - of_.kept.frozen(of.name)) / divisor(of, of_.scale));
            break;
        }
        case PointKind::freeze_time:
            errors_.add("frozen", shown - seconds_of(of_.kept.frozen_at().value_or(CivilTime{})));
            break;
        case PointKind::day: {
            const QuantityInfo& of = info(*find_quantity(name.of));
            errors_.add("days", (shown - of_.kept.day(of.name, ago)) / divisor(of, of_.scale));
            break;
        }
        case PointKind::month_pf: {
            const double apparent = of_.months.kilo("e_s", ago);
            const double active = of_.months.kilo("e_p_total", ago);
            errors_.add("month statistics", shown - (apparent > 0 ? active / apparent : 0));
            break;
        }
        case PointKind::month_hours:
            errors_.add("month statistics",
                        shown - of_.kept.month_hours(name.of == "load_time" ? 1 : 0, ago));
            break;
        case PointKind::hours:
            errors_.add("hours", shown - of_.kept.hours(point.name == "load_time" ? 1 : 0));
            break;
        case PointKind::extreme:
            note_extreme(point, shown);
            break;
        case PointKind::pulses:
            check_pulses(point.name, shown);
            break;
        case PointKind::alarm:
            check_alarm(type_.alarms[point.index], shown);
            break;
        case PointKind::input:
            check_input(point.index, shown);
            break;
        case PointKind::mark:
            check_range(static_cast<MarkValue>(point.index), shown);
            break;
        case PointKind::output:
            check_output(shown);
            break;
        case PointKind::tariff:
            if (of_.meter.tables)
                errors_.add("tables", shown - (*of_.meter.tables)[point.index]);
            break;
        default:
            break;
        }
    }

    /// The registers as they were when months ended, which a client can ask for.
    void check_ends_of_months() {
        const EnergyHistory& shown =
            circuit_.meter().image().memory.months[static_cast<std::size_t>(circuit_.index())];
        for (int ago = 0; ago < EnergyHistory::months; ++ago) {
            const EnergyRegisters* registers = shown.at_end_of(ago);
            const Values* paper = of_.months.at_end_of(ago);
            if (registers == nullptr || paper == nullptr) {
                errors_.add("months", registers == nullptr && paper == nullptr ? 0 : 1);
                continue;
            }
            // A register that is below what it was when the month began was cleared since.
            errors_.add("months", shown.kilo(Energy::s, 0, {}));
            for (const QuantityInfo& of : catalogue())
                if (of.kind == QuantityKind::energy && !std::isnan((*paper)[of.name]))
                    errors_.add("months", (registers->kilo(static_cast<Energy>(of.slot)) -
                                           (*paper)[of.name]) /
                                              divisor(of, of_.scale));
        }
    }

    void note_extreme(const Point& point, double shown) {
        if (point.index >= static_cast<std::size_t>(Slot::h_first) || of_.kept.extremes.empty())
            return; // a sensor's
        const PointName name = point_name(point.name);
        const bool greatest = name.kind.substr(0, 3) == "max";
        Extreme& extreme = extremes_[info(*find_quantity(name.of)).slot][greatest ? 1 : 0];
        if (name.kind == "max" || name.kind == "min")
            extreme.value = shown;
        else
            extreme.at = CivilTime{std::chrono::seconds{std::llround(shown)}};
    }

    /// A rise that is less is none.
    double code(const QuantityInfo& of) const {
        if (of.unit == "V")
            return 2 * of_.converter.step_u[0];
        if (of.unit == "A")
            return of_.converter.step_i[0];
        return of.unit == "W" || of.unit == "var" || of.unit == "VA" ? 3 * of_.converter.power_code
                                                                     : 0;
    }

    void check_pulses(const std::string& name, double shown) {
        const bool active = name == "pulses_p" || name == "pulses_p_time";
        const PaperKept::Pulses& paper = active ? of_.kept.active() : of_.kept.reactive();
        if (name == "pulses_p" || name == "pulses_q") {
            errors_.add("pulses", std::max({0.0, shown - paper.come, paper.come - 1 - shown}));
        } else if (name == "pulses_p_time" || name == "pulses_q_time") {
            const double next = paper.come - std::floor(paper.come);
            if (!(next > 1e-4 && next < 1 - 1e-4))
                return; // it may be one pulse or the other
            if (paper.sampled)
                errors_.add("pulses of samples", (shown - paper.last_s) * paper.share);
            else
                errors_.add("pulses", (shown - paper.last_s) * paper.per_second);
        }
    }

    /// What 100 % is.
    double base(AlarmBase of) const {
        const double u = of_.meter.rated_v();
        const double i = of_.meter.rated_a(circuit_.index());
        switch (of) {
        case AlarmBase::un:
            return u;
        case AlarmBase::in:
            return i;
        case AlarmBase::pn:
            return (star() ? 3 : std::numbers::sqrt3) * u * i;
        case AlarmBase::none:
            break;
        }
        return 100;
    }

    void check_input(int n, double shown) {
        const int contact = circuit_.index() * type_.inputs_per_unit() + n;
        const std::vector<int>& closed = of_.meter.spec.closed_contacts;
        errors_.add("alarms",
                    shown - static_cast<double>(std::count(closed.begin(), closed.end(), contact)));
    }

    void check_alarm(const AlarmRow& row, double shown) {
        if (row.threshold < 0) {
            check_input(row.input, shown);
            return;
        }
        const std::string& name = type_.settings[static_cast<std::size_t>(row.threshold)].name;
        const double limit =
            of_.meter.shown_setting(name, circuit_.index(), 0) / 100 * base(row.base);
        bool holds = false;
        for (const PointId id : !star() && !row.of_delta.empty() ? row.of_delta : row.of) {
            const std::string& of = type_.points[id].name;
            const double size = std::abs(of_.now[of]);
            if (std::abs(size - limit) < 1e-5 * limit + decided * of_.deviations[of])
                return; // noise decides
            holds = holds || (row.below ? size < limit : size > limit);
        }
        errors_.add("alarms", shown - (holds && (limit > 0 || row.below) ? 1 : 0));
    }

    void check_range(MarkValue which, double shown) {
        if (which != MarkValue::below_range && which != MarkValue::above_range)
            return;
        const double pt = of_.meter.shown_setting("pt", 0, 1);
        int bits = 0;
        int bit = 1;
        for (const char* of : {"u_a", "u_b", "u_c", "u_ab", "u_bc", "u_ca"}) {
            const bool line = bit > 4;
            const auto& range = line ? type_.range.line : type_.range.phase;
            const double u = of_.now[of] / pt;
            const bool out = range && (line || star()) &&
                             (which == MarkValue::below_range ? u < range->least : u > range->most);
            bits += out ? bit : 0;
            bit *= 2;
        }
        errors_.add("alarms", shown - bits);
    }

    void check_output(double shown) {
        const auto n = static_cast<std::size_t>(of_.meter.shown_setting("transmitting", 0, 0));
        const std::string of = type_.points[type_.output.choices.at(n).point].name;
        const double u = of_.meter.rated_v();
        const double i = of_.meter.rated_a(circuit_.index());
        const bool line = of.size() == 4 && of[0] == 'u';
        const bool whole = of == "p" || of == "q" || of == "s";
        double end = 1; // of its range
        if (of[0] == 'u')
            end = line && star() ? std::numbers::sqrt3 * u : u;
        else if (of[0] == 'i')
            end = i;
        else if (of != "f" && of.substr(0, 2) != "pf")
            end = (whole ? 3 : 1) * u * i;
        const bool both_ways = of[0] == 'p' || of[0] == 'q';
        const double part = of == "f" ? (of_.now[of] - 45) / 20 : of_.now[of] / end;
        const double deviation = of_.deviations[of] / end;
        if (part > 1 || part < (both_ways ? -1 : 0))
            return;
        const double off = shown - (both_ways ? 12 + 8 * part : 4 + 16 * part);
        errors_.add("output", std::max(std::abs(off) - 16 * decided * deviation, 0.0));
    }

    const Circuit& circuit_;
    const MeterType& type_;
    const KeptPaper& of_;
    Errors& errors_;
    std::map<std::size_t, std::array<Extreme, 2>> extremes_; ///< least and greatest, by slot
};

} // namespace

void check_kept(const Circuit& circuit, const KeptPaper& paper, Errors& errors) {
    KeptReader{circuit, paper, errors}.run();
}

} // namespace kpmsim

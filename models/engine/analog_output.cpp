#include "models/engine/analog_output.hpp"

#include "models/engine/rated.hpp"

#include <algorithm>

namespace kpmsim {

namespace {

constexpr double least_hz = 45;
constexpr double most_hz = 65;

/// Where a reading stands between the ends of its range: 0 at the middle of a range that goes both ways
/// and at the lower end of one that does not, 1 at the upper end.
struct Standing {
    double part{0};
    bool both_ways{false};
};

Standing standing(Slot slot, double value, const Rated& of) {
    const auto among = [&](Slot first, Slot last) { return first <= slot && slot <= last; };
    const auto of_size = [&](double size) { return size > 0 ? value / size : 0; };
    if (among(Slot::u_a, Slot::u_c))
        return {of_size(of.u_v), false};
    if (among(Slot::u_ab, Slot::u_ca))
        return {of_size(of.line_v), false};
    if (among(Slot::i_a, Slot::i_c))
        return {of_size(of.i_a), false};
    if (among(Slot::p_a, Slot::p_c) || among(Slot::q_a, Slot::q_c))
        return {of_size(of.phase_w), true};
    if (slot == Slot::p || slot == Slot::q)
        return {of_size(of.output_w), true};
    if (among(Slot::s_a, Slot::s_c))
        return {of_size(of.phase_w), false};
    if (slot == Slot::s)
        return {of_size(of.output_w), false};
    if (among(Slot::pf_a, Slot::pf))
        return {value, true};
    return {std::max(0.0, (value - least_hz) / (most_hz - least_hz)), false}; // f
}

} // namespace

double output_ma(const MeterView& meter, int circuit) {
    const MeterSpec& spec = *meter.spec;
    const OutputPlan& plan = spec.type->output;
    if (!meter.memory->powered() || plan.empty())
        return 0;
    const SettingRow* row = spec.type->setting(Role::output_quantity);
    const auto n = static_cast<std::size_t>(row == nullptr ? 0 : meter.memory->setting(*row));
    const PointId point = plan.choices.at(n).point;
    const auto slot = static_cast<Slot>(info(Quantity{spec.type->points[point].index}).slot);
    const auto [part, both_ways] =
        standing(slot, number(meter, point, circuit), rated(spec, *meter.memory, circuit));
    const double inside = both_ways ? 8 : 16;
    const double slope = spec.firmware.has(Ruling::straight_line) ? inside : 20;
    const double held = std::clamp(part, both_ways ? -1.0 : 0.0, 1.0);
    double ma = (both_ways ? 12 : 4) + inside * held;
    ma += slope * (part - held); // beyond the range
    return std::clamp(ma, 0.0, 24.0);
}

bool offers(const MeterType& type, Wiring wiring, std::int64_t number) {
    return type.output.offers(metered_phases(wiring) > 0, number);
}

void keep_offered(const MeterSpec& spec, MeterMemory& memory) {
    const SettingRow* row = spec.type->setting(Role::output_quantity);
    if (row == nullptr || spec.type->output.empty())
        return;
    const Wiring wiring = wiring_of(spec, memory);
    std::int64_t& number = memory.setting(*row);
    for (std::int64_t n = offers(*spec.type, wiring, number) ? number : 0; n <= row->most; ++n)
        if (offers(*spec.type, wiring, n)) {
            number = n;
            return;
        }
}

} // namespace kpmsim

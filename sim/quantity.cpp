#include "sim/quantity.hpp"
#include "sim/meter_state.hpp"
#include "sim/window.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <unordered_map>
#include <vector>

namespace kpmsim {

namespace {

/// One row of the readings, energies or demands, in the order of their slots.
struct Row {
    const char* name;
    const char* unit;
    const char* title;
};

// clang-format off
constexpr Row reading_rows[] = {
    {"u_a", "V", "Voltage, phase a"},
    {"u_b", "V", "Voltage, phase b"},
    {"u_c", "V", "Voltage, phase c"},
    {"u_ab", "V", "Voltage between lines a and b"},
    {"u_bc", "V", "Voltage between lines b and c"},
    {"u_ca", "V", "Voltage between lines c and a"},
    {"i_a", "A", "Current, phase a"},
    {"i_b", "A", "Current, phase b"},
    {"i_c", "A", "Current, phase c"},
    {"p_a", "W", "Active power, phase a"},
    {"p_b", "W", "Active power, phase b"},
    {"p_c", "W", "Active power, phase c"},
    {"p", "W", "Active power, total"},
    {"q_a", "var", "Reactive power of the fundamental, phase a"},
    {"q_b", "var", "Reactive power of the fundamental, phase b"},
    {"q_c", "var", "Reactive power of the fundamental, phase c"},
    {"q", "var", "Reactive power of the fundamental, total"},
    {"s_a", "VA", "Apparent power, phase a"},
    {"s_b", "VA", "Apparent power, phase b"},
    {"s_c", "VA", "Apparent power, phase c"},
    {"s", "VA", "Apparent power, total"},
    {"pf_a", "", "Power factor, phase a"},
    {"pf_b", "", "Power factor, phase b"},
    {"pf_c", "", "Power factor, phase c"},
    {"pf", "", "Power factor, total"},
    {"f", "Hz", "Frequency"},
    {"u_zero", "V", "Zero-sequence voltage"},
    {"u_pos", "V", "Positive-sequence voltage"},
    {"u_neg", "V", "Negative-sequence voltage"},
    {"i_zero", "A", "Zero-sequence current"},
    {"i_pos", "A", "Positive-sequence current"},
    {"i_neg", "A", "Negative-sequence current"},
    {"angle_u_a", "deg", "Lag of voltage a behind voltage a"},
    {"angle_u_b", "deg", "Lag of voltage b behind voltage a"},
    {"angle_u_c", "deg", "Lag of voltage c behind voltage a"},
    {"angle_i_a", "deg", "Lag of current a behind voltage a"},
    {"angle_i_b", "deg", "Lag of current b behind voltage a"},
    {"angle_i_c", "deg", "Lag of current c behind voltage a"},
    {"unb_u", "%", "Voltage unbalance, (max - min) / mean"},
    {"unb_i", "%", "Current unbalance, (max - min) / mean"},
    {"unb_u2", "%", "Voltage unbalance, negative over positive sequence"},
    {"unb_u0", "%", "Voltage unbalance, zero over positive sequence"},
    {"thd_u_a", "%", "Harmonic distortion of voltage a"},
    {"thd_u_b", "%", "Harmonic distortion of voltage b"},
    {"thd_u_c", "%", "Harmonic distortion of voltage c"},
    {"thd_i_a", "%", "Harmonic distortion of current a"},
    {"thd_i_b", "%", "Harmonic distortion of current b"},
    {"thd_i_c", "%", "Harmonic distortion of current c"},
    {"temp", "degC", "Temperature"},
    {"i_residual", "A", "Residual current"},
    {"i_n", "A", "Current, neutral"},
};
static_assert(std::size(reading_rows) == static_cast<std::size_t>(Slot::h_first));

constexpr Row energy_rows[] = {
    {"e_p_import", "kWh", "Active energy, import"},
    {"e_p_import_a", "kWh", "Active energy, import, phase a"},
    {"e_p_import_b", "kWh", "Active energy, import, phase b"},
    {"e_p_import_c", "kWh", "Active energy, import, phase c"},
    {"e_p_export", "kWh", "Active energy, export"},
    {"e_p_export_a", "kWh", "Active energy, export, phase a"},
    {"e_p_export_b", "kWh", "Active energy, export, phase b"},
    {"e_p_export_c", "kWh", "Active energy, export, phase c"},
    {"e_q_import", "kvarh", "Reactive energy, import"},
    {"e_q_import_a", "kvarh", "Reactive energy, import, phase a"},
    {"e_q_import_b", "kvarh", "Reactive energy, import, phase b"},
    {"e_q_import_c", "kvarh", "Reactive energy, import, phase c"},
    {"e_q_export", "kvarh", "Reactive energy, export"},
    {"e_q_export_a", "kvarh", "Reactive energy, export, phase a"},
    {"e_q_export_b", "kvarh", "Reactive energy, export, phase b"},
    {"e_q_export_c", "kvarh", "Reactive energy, export, phase c"},
    {"e_q_q1", "kvarh", "Reactive energy, quadrant 1"},
    {"e_q_q2", "kvarh", "Reactive energy, quadrant 2"},
    {"e_q_q3", "kvarh", "Reactive energy, quadrant 3"},
    {"e_q_q4", "kvarh", "Reactive energy, quadrant 4"},
    {"e_s", "kVAh", "Apparent energy"},
};
constexpr std::size_t tariffed = static_cast<std::size_t>(Energy::p_import_t1);
static_assert(std::size(energy_rows) == tariffed);

constexpr Row demand_rows[] = {
    {"demand_p", "W", "Demand of active power"},
    {"demand_q", "var", "Demand of reactive power"},
    {"demand_s", "VA", "Demand of apparent power"},
    {"demand_i_a", "A", "Demand of current, phase a"},
    {"demand_i_b", "A", "Demand of current, phase b"},
    {"demand_i_c", "A", "Demand of current, phase c"},
    {"demand_s_a", "VA", "Demand of apparent power, phase a"},
    {"demand_s_b", "VA", "Demand of apparent power, phase b"},
    {"demand_s_c", "VA", "Demand of apparent power, phase c"},
    {"demand_p_max", "W", "Greatest demand of active power in the month"},
    {"demand_s_max", "VA", "Greatest demand of apparent power in the month"},
    {"demand_p_max_time", "s", "When the active power's greatest demand was"},
    {"demand_s_max_time", "s", "When the apparent power's greatest demand was"},
    {"demand_q_max", "var", "Greatest demand of reactive power in the month"},
    {"demand_i_a_max", "A", "Greatest demand of current in the month, phase a"},
    {"demand_i_b_max", "A", "Greatest demand of current in the month, phase b"},
    {"demand_i_c_max", "A", "Greatest demand of current in the month, phase c"},
    {"demand_q_max_time", "s", "When the reactive power's greatest demand was"},
    {"demand_i_a_max_time", "s", "When the current's greatest demand was, phase a"},
    {"demand_i_b_max_time", "s", "When the current's greatest demand was, phase b"},
    {"demand_i_c_max_time", "s", "When the current's greatest demand was, phase c"},
};
static_assert(std::size(demand_rows) == demand_slots);

constexpr Row status_rows[] = {
    {"clip_u", "", "Voltages beyond the converter's range in this window: bit 0 a, 1 b, 2 c"},
    {"clip_i", "", "Currents beyond the converter's range in this window: bit 0 a, 1 b, 2 c"},
    {"clip_windows", "", "Windows with a voltage or current beyond the range, since switched on"},
};
static_assert(std::size(status_rows) == static_cast<std::size_t>(Status::count));

/// The channels whose harmonics are kept, in the order of harmonic_slot().
constexpr Row channel_rows[] = {
    {"u_a", "V", "voltage a"}, {"u_b", "V", "voltage b"}, {"u_c", "V", "voltage c"},
    {"i_a", "A", "current a"}, {"i_b", "A", "current b"}, {"i_c", "A", "current c"},
};
// clang-format on

constexpr std::uint16_t ratio_begin = static_cast<std::uint16_t>(reading_slots);
constexpr std::uint16_t energy_begin = ratio_begin + 6 * (max_harmonic - 1);
constexpr std::uint16_t demand_begin = energy_begin + static_cast<std::uint16_t>(Energy::all);
constexpr std::uint16_t status_begin = demand_begin + static_cast<std::uint16_t>(Demand::count);

struct Catalogue {
    std::vector<QuantityInfo> rows;
    std::unordered_map<std::string_view, Quantity> by_name;

    Catalogue();

private:
    void add(QuantityKind kind, std::size_t slot, std::string name, std::string unit,
             std::string title) {
        rows.push_back({std::move(name), std::move(unit), std::move(title), kind,
                        static_cast<std::uint16_t>(slot)});
    }
    void add(QuantityKind kind, std::size_t slot, const Row& row) {
        add(kind, slot, row.name, row.unit, row.title);
    }
    /// Six rows named after a row that they are the parts of.
    void add_tariffs(std::size_t first_slot, const std::string& name, const std::string& unit,
                     const std::string& title) {
        for (std::size_t t = 0; t < 6; ++t)
            add(QuantityKind::energy, first_slot + t, name + "_t" + std::to_string(t + 1), unit,
                title + ", tariff " + std::to_string(t + 1));
    }
};

Catalogue::Catalogue() {
    for (std::size_t i = 0; i < std::size(reading_rows); ++i)
        add(QuantityKind::reading, i, reading_rows[i]);
    for (int c = 0; c < 6; ++c)
        for (int order = 1; order <= max_harmonic; ++order)
            add(QuantityKind::reading, static_cast<std::size_t>(harmonic_slot(c, order)),
                std::string{"h_"} + channel_rows[c].name + "_" + std::to_string(order),
                channel_rows[c].unit,
                "Harmonic " + std::to_string(order) + " of " + channel_rows[c].title);
    assert(rows.size() == ratio_begin);

    std::size_t ratio = 0;
    for (const Row& channel : channel_rows)
        for (int order = 2; order <= max_harmonic; ++order)
            add(QuantityKind::ratio, ratio++,
                std::string{"hr_"} + channel.name + "_" + std::to_string(order), "%",
                "Harmonic " + std::to_string(order) + " of " + channel.title +
                    " over its fundamental");
    assert(rows.size() == energy_begin);

    const auto slot = [](Energy e) { return static_cast<std::size_t>(e); };
    for (std::size_t i = 0; i < tariffed; ++i)
        add(QuantityKind::energy, i, energy_rows[i]);
    for (const Energy e :
         {Energy::p_import, Energy::p_export, Energy::q_import, Energy::q_export}) {
        const Row& row = energy_rows[slot(e)];
        add_tariffs(tariffed + (slot(e) / 4) * 6, row.name, row.unit, row.title);
    }
    add(QuantityKind::energy, slot(Energy::p_total), "e_p_total", "kWh",
        "Active energy, import + export");
    add(QuantityKind::energy, slot(Energy::p_net), "e_p_net", "kWh",
        "Active energy, |import - export|");
    add(QuantityKind::energy, slot(Energy::q_total), "e_q_total", "kvarh",
        "Reactive energy, import + export");
    add(QuantityKind::energy, slot(Energy::q_net), "e_q_net", "kvarh",
        "Reactive energy, |import - export|");
    add_tariffs(slot(Energy::p_total_t1), "e_p_total", "kWh", "Active energy, import + export");
    add_tariffs(slot(Energy::q_total_t1), "e_q_total", "kvarh", "Reactive energy, import + export");
    assert(rows.size() == demand_begin);

    for (std::size_t i = 0; i < std::size(demand_rows); ++i)
        add(QuantityKind::demand, i, demand_rows[i]);
    assert(rows.size() == status_begin);
    for (std::size_t i = 0; i < std::size(status_rows); ++i)
        add(QuantityKind::status, i, status_rows[i]);

    by_name.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
        by_name.emplace(rows[i].name, Quantity{static_cast<std::uint16_t>(i)});
    assert(by_name.size() == rows.size());
}

const Catalogue& the_catalogue() {
    static const Catalogue catalogue;
    return catalogue;
}

/// How many letters must be changed, put in, left out or swapped with their neighbour.
int edit_distance(std::string_view a, std::string_view b) {
    std::vector<int> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = static_cast<int>(j);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        next[0] = static_cast<int>(i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const int change = row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            next[j] = std::min({change, row[j] + 1, next[j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                next[j] = std::min(next[j], before[j - 2] + 1);
        }
        before.swap(row);
        row.swap(next);
    }
    return row[b.size()];
}

} // namespace

std::span<const QuantityInfo> catalogue() { return the_catalogue().rows; }

const QuantityInfo& info(Quantity q) {
    assert(q.index < the_catalogue().rows.size());
    return the_catalogue().rows[q.index];
}

std::optional<Quantity> find_quantity(std::string_view name) {
    const auto& names = the_catalogue().by_name;
    const auto found = names.find(name);
    return found == names.end() ? std::nullopt : std::optional{found->second};
}

std::string nearest_quantity(std::string_view name) {
    constexpr std::size_t at_most = 3;
    // A name that needs more than half its letters changed is another word.
    int best = static_cast<int>(name.size()) / 2;
    std::vector<std::string_view> nearest;
    for (const QuantityInfo& row : the_catalogue().rows) {
        const int distance = edit_distance(name, row.name);
        if (distance > best)
            continue;
        if (distance < best)
            nearest.clear();
        best = distance;
        if (nearest.size() < at_most)
            nearest.push_back(row.name);
    }
    std::string text;
    for (const std::string_view each : nearest)
        text.append(text.empty() ? "" : ", ").append(each);
    return text;
}

Quantity quantity(Slot s) {
    assert(s < Slot::count);
    return {static_cast<std::uint16_t>(s)};
}
Quantity quantity(Energy e) {
    assert(e < Energy::all);
    return {static_cast<std::uint16_t>(energy_begin + static_cast<std::uint16_t>(e))};
}
Quantity quantity(Demand d) {
    assert(d < Demand::count);
    return {static_cast<std::uint16_t>(demand_begin + static_cast<std::uint16_t>(d))};
}
Quantity quantity(Status s) {
    assert(s < Status::count);
    return {static_cast<std::uint16_t>(status_begin + static_cast<std::uint16_t>(s))};
}

} // namespace kpmsim

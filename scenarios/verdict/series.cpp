#include "scenarios/verdict/series.hpp"

#include "files/csv.hpp"
#include "files/number.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>

namespace kpmsim {
namespace {

float shown(const Circuit& circuit, const char* point) {
    const auto id = circuit.type().points.find(point);
    return id && circuit.has_value(*id) ? static_cast<float>(circuit.number(*id))
                                        : std::numeric_limits<float>::quiet_NaN();
}

using Places = std::vector<std::pair<std::size_t, int>>;

/// In the order of the farm.
Places chosen(Conductor& conductor) {
    Places all;
    for (std::size_t m = 0; m < conductor.farm().meters().size(); ++m)
        for (const Circuit& circuit : conductor.farm().meters()[m].circuits())
            all.emplace_back(m, circuit.index());
    if (all.size() <= most_series)
        return all;
    const auto is_spoken_of = [&](const std::pair<std::size_t, int>& place) {
        const auto is_it = [&](const FormulaTerm& term) {
            return term.face != Face::other && std::pair{term.meter, term.circuit} == place;
        };
        const std::vector<Expectation>& expectations = conductor.script().expectations;
        return std::any_of(expectations.begin(), expectations.end(), [&](const Expectation& one) {
            return (one.point && is_it(*one.point)) ||
                   (one.what &&
                    std::any_of(one.what->terms().begin(), one.what->terms().end(), is_it));
        });
    };
    Places kept = all;
    std::stable_partition(kept.begin(), kept.end(), is_spoken_of);
    kept.resize(most_series);
    std::sort(kept.begin(), kept.end());
    return kept;
}

} // namespace

void Series::take(Conductor& conductor) {
    Farm& farm = conductor.farm();
    at_s.push_back(seconds(farm.now().time_since_epoch()));
    if (kept_.empty()) {
        kept_ = chosen(conductor);
        for (const auto& [meter, circuit] : kept_) {
            const Circuit& of = farm.meters()[meter].circuits()[static_cast<std::size_t>(circuit)];
            const std::string& name = of.meter().spec().name;
            circuits.emplace_back().name =
                of.type().circuits == 1 ? name : fmt::format("{}[{}]", name, circuit + 1);
        }
    }
    for (std::size_t n = 0; n < kept_.size(); ++n) {
        const auto [meter, index] = kept_[n];
        const Circuit& circuit = farm.meters()[meter].circuits()[static_cast<std::size_t>(index)];
        CircuitSeries& series = circuits[n];
        constexpr std::array u{"u_a", "u_b", "u_c"};
        constexpr std::array i{"i_a", "i_b", "i_c"};
        for (std::size_t phase = 0; phase < 3; ++phase) {
            series.u_v[phase].push_back(shown(circuit, u[phase]));
            series.i_a[phase].push_back(shown(circuit, i[phase]));
        }
        series.p_w.push_back(shown(circuit, "p"));
        series.true_p_w.push_back(static_cast<float>(farm.truth(meter, index).readings[Slot::p]));
    }
}

std::string series_csv(const Series& series) {
    std::vector<std::string> header{"time_s"};
    for (const CircuitSeries& circuit : series.circuits)
        for (const char* column : {"u_a", "u_b", "u_c", "i_a", "i_b", "i_c", "p", "true p"})
            header.push_back(circuit.name + '.' + column);
    std::string csv = csv_line(header);
    const auto text = [](float value) {
        return value == value ? number_text(value) : std::string{};
    };
    for (std::size_t n = 0; n < series.at_s.size(); ++n) {
        std::vector<std::string> cells{number_text(series.at_s[n])};
        for (const CircuitSeries& circuit : series.circuits) {
            for (const auto& phase : circuit.u_v)
                cells.push_back(text(phase[n]));
            for (const auto& phase : circuit.i_a)
                cells.push_back(text(phase[n]));
            cells.push_back(text(circuit.p_w[n]));
            cells.push_back(text(circuit.true_p_w[n]));
        }
        csv += csv_line(cells);
    }
    return csv;
}

} // namespace kpmsim

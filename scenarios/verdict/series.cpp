#include "scenarios/verdict/series.hpp"

#include "files/csv.hpp"
#include "files/number.hpp"

#include <fmt/format.h>
#include <limits>

namespace kpmsim {
namespace {

float shown(const Circuit& circuit, const char* point) {
    const auto id = circuit.type().points.find(point);
    return id && circuit.has_value(*id) ? static_cast<float>(circuit.number(*id))
                                        : std::numeric_limits<float>::quiet_NaN();
}

} // namespace

void Series::take(Conductor& conductor) {
    Farm& farm = conductor.farm();
    at_s.push_back(seconds(farm.now().time_since_epoch()));
    std::size_t n = 0;
    for (std::size_t m = 0; m < farm.meters().size(); ++m)
        for (const Circuit& circuit : farm.meters()[m].circuits()) {
            if (n == most_series)
                return;
            if (circuits.size() == n) {
                const std::string& name = circuit.meter().spec().name;
                circuits.push_back({circuit.type().circuits == 1
                                        ? name
                                        : fmt::format("{}[{}]", name, circuit.index() + 1),
                                    {},
                                    {},
                                    {},
                                    {}});
            }
            CircuitSeries& series = circuits[n++];
            constexpr std::array u{"u_a", "u_b", "u_c"};
            constexpr std::array i{"i_a", "i_b", "i_c"};
            for (std::size_t phase = 0; phase < 3; ++phase) {
                series.u_v[phase].push_back(shown(circuit, u[phase]));
                series.i_a[phase].push_back(shown(circuit, i[phase]));
            }
            series.p_w.push_back(shown(circuit, "p"));
            series.true_p_w.push_back(
                static_cast<float>(farm.truth(m, circuit.index()).readings[Slot::p]));
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

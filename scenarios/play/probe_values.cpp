#include "files/toml.hpp"
#include "scenarios/play/probe.hpp"

#include <algorithm>

namespace kpmsim {

using namespace std::chrono_literals;

std::span<const ProbeValue> probe_values() {
    static const std::vector<ProbeValue> values{
        {"u_a", "V", "rms of ten (twelve) cycles, phase a; u_b, u_c"},
        {"u_b", "V", ""},
        {"u_c", "V", ""},
        {"unb_u2", "%", "negative sequence over positive"},
        {"thd_u_a", "%", "distortion by subgroups of order 2 to 40; thd_u_b, thd_u_c"},
        {"thd_u_b", "%", ""},
        {"thd_u_c", "%", ""},
        {"u_half_least", "V", "the least Urms(1/2) of any phase since the start"},
        {"u_half_greatest", "V", "the greatest"},
        {"dips", "", "dips that are over: below 90 % of `u`, hysteresis 2 %"},
        {"dip_residual", "%", "residual voltage of the last dip, of `u`"},
        {"dip_duration", "s", "how long it was"},
        {"swells", "", "swells that are over: above 110 %"},
        {"swell_magnitude", "%", "greatest voltage of the last swell, of `u`"},
        {"swell_duration", "s", "how long it was"},
        {"interruptions", "", "interruptions that are over: all phases below 5 %"},
        {"interruption_duration", "s", "how long the last one was"},
        {"intervals", "", "10-minute intervals that are complete, by the site's clock"},
        {"u_10min_a", "V", "voltage of the last one; u_10min_b, u_10min_c"},
        {"u_10min_b", "V", ""},
        {"u_10min_c", "V", ""},
        {"u_10min_least", "V", "the least of any phase and interval"},
        {"u_10min_greatest", "V", "the greatest"},
        {"u_10min_in_band", "%", "how many of them are within 10 % of `u` (EN 50160)"},
        {"thd_10min_a", "%", "distortion of the last interval; thd_10min_b, thd_10min_c"},
        {"thd_10min_b", "%", ""},
        {"thd_10min_c", "%", ""},
        {"thd_10min_greatest", "%", "the greatest of any phase and interval"},
        {"pst_a", "", "short-term flicker severity of the last interval; pst_b, pst_c"},
        {"pst_b", "", ""},
        {"pst_c", "", ""},
        {"pst_greatest", "", "the greatest of any phase and interval"},
        {"f_10s", "Hz", "frequency of the last ten seconds"},
        {"f_10s_least", "Hz", "the least"},
        {"f_10s_greatest", "Hz", "the greatest"},
    };
    return values;
}

NamedValues named_values(const ProbePlan& plan) {
    NamedValues named{plan.name, {}};
    for (const ProbeValue& value : probe_values())
        named.values.push_back({value.key, value.unit});
    for (const char* phase : {"a", "b", "c"})
        for (int order = 2; order <= 50; ++order)
            named.values.push_back(
                {std::string{"h_u_"} + phase + '_' + std::to_string(order), "%"});
    return named;
}

std::optional<ProbePlan> read_probe(const TomlNode& node, const FarmPlan& farm,
                                    std::vector<Mistake>& mistakes) {
    if (!node.is_table()) {
        note(mistakes, node.place, "a probe is no table",
             "write [[probe]] with name = \"pq\" below");
        return std::nullopt;
    }
    const std::size_t before = mistakes.size();
    TomlTable table{node, "this probe", mistakes};
    ProbePlan plan;
    if (const auto name = table.text("name")) {
        plan.name = *name;
        if (name->empty() || name->find_first_of(".[] ") != std::string::npos ||
            std::any_of(farm.meters.begin(), farm.meters.end(),
                        [&](const MeterPlan& meter) { return meter.spec.name == *name; }))
            table.wrong("name", "\"" + *name + "\" cannot be the name of a probe",
                        "write a word that no meter has as its name");
    } else {
        table.missing("name", "name = \"pq\"");
    }
    std::vector<std::string> names;
    for (const SupplyPlan& supply : farm.supplies)
        names.push_back(supply.name);
    const auto supply = table.text("supply");
    if (supply) {
        const auto found = std::find(names.begin(), names.end(), *supply);
        plan.supply = static_cast<std::size_t>(found - names.begin());
        if (found == names.end())
            table.wrong("supply", "unknown supply \"" + *supply + '"', "known: " + listed(names));
    } else if (names.size() != 1) {
        table.missing("supply", "supply = \"" + (names.empty() ? "main" : names.front()) + '"');
    }
    if (plan.supply >= farm.supplies.size())
        return std::nullopt;
    const SupplySpec& spec = farm.supplies[plan.supply].spec;
    plan.u_din_v = table.quantity("u", Unit::volt).value_or(spec.u_v);
    if (plan.u_din_v <= 0)
        table.wrong("u", "u is not above 0", "write the declared voltage: u = \"230 V\"");
    plan.nominal_hz = spec.f_hz < 55 ? 50 : 60;
    plan.tick = SimTime{} - farm.start.time_since_epoch() % 600s;
    table.finish();
    return mistakes.size() == before ? std::optional{plan} : std::nullopt;
}

} // namespace kpmsim

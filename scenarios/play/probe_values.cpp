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
        {"plt_a", "", "long-term flicker severity of the last twelve intervals; plt_b, plt_c"},
        {"plt_b", "", ""},
        {"plt_c", "", ""},
        {"plt_greatest", "", "the greatest of any phase"},
        {"f_10s", "Hz", "frequency of the last ten seconds"},
        {"f_10s_least", "Hz", "the least"},
        {"f_10s_greatest", "Hz", "the greatest"},
    };
    return values;
}

std::span<const ProbeValue> probe_current_values() {
    static const std::vector<ProbeValue> values{
        {"i_a", "A", "rms of ten (twelve) cycles, phase a, of the primary; i_b, i_c"},
        {"i_b", "A", ""},
        {"i_c", "A", ""},
        {"p", "W", "mean of u i, the sum of the phases"},
        {"p_a", "W", "of phase a; p_b, p_c"},
        {"p_b", "W", ""},
        {"p_c", "W", ""},
        {"thd_i_a", "%", "distortion by subgroups of order 2 to 40; thd_i_b, thd_i_c"},
        {"thd_i_b", "%", ""},
        {"thd_i_c", "%", ""},
    };
    return values;
}

NamedValues named_values(const ProbePlan& plan) {
    NamedValues named{plan.name, {}};
    const auto add = [&](std::span<const ProbeValue> values, const std::string& harmonics) {
        for (const ProbeValue& value : values)
            named.values.push_back({value.key, value.unit});
        for (const char* phase : {"a", "b", "c"})
            for (int order = 2; order <= 50; ++order)
                named.values.push_back({harmonics + phase + '_' + std::to_string(order), "%"});
    };
    add(probe_values(), "h_u_");
    if (plan.terminals)
        add(probe_current_values(), "h_i_");
    return named;
}

namespace {

/// meter = "main", circuit = 2
void read_terminals(TomlTable& table, const std::string& name, const FarmPlan& farm,
                    ProbePlan& plan) {
    std::vector<std::string> names;
    for (const MeterPlan& meter : farm.meters)
        names.push_back(meter.spec.name);
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
        const std::string near = nearest(name, names);
        table.wrong("meter", "unknown meter \"" + name + '"',
                    near.empty() ? "known: " + listed(names) : "did you mean " + near + '?');
        return;
    }
    const auto at = static_cast<std::size_t>(found - names.begin());
    const MeterPlan& meter = farm.meters[at];
    const int circuit =
        static_cast<int>(table.integer("circuit", 1, meter.spec.type->circuits).value_or(1)) - 1;
    plan.terminals = terminals_of(farm, at, circuit);
    if (!plan.terminals)
        table.wrong("meter", name + " is not wired to three phases and a neutral",
                    "name another, or connect the probe to its supply");
    for (std::size_t n = 0; n < farm.supplies.size(); ++n)
        if (farm.supplies[n].name == meter.supply)
            plan.supply = n;
}

} // namespace

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
    if (const auto meter = table.text("meter")) {
        if (supply)
            table.wrong("meter", "a probe is at a meter's terminals or on a supply",
                        "leave one of the two out");
        read_terminals(table, *meter, farm, plan);
    } else if (supply) {
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

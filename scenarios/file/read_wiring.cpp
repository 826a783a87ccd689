#include "scenarios/file/farm_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace kpmsim {
namespace {

std::size_t place(int n) { return static_cast<std::size_t>(n); }

std::optional<std::array<int, 3>> read_phases(const std::string& text) {
    std::array<int, 3> phases{};
    if (text.size() != 3)
        return std::nullopt;
    for (std::size_t i = 0; i < 3; ++i) {
        phases[i] = text[i] - 'a';
        if (phases[i] < 0 || phases[i] > 2)
            return std::nullopt;
    }
    return phases;
}

/// Tells the meter a ratio, unless the file's settings do.
void tell_ratio(TomlTable& table, const std::string& key, double ratio, int circuit,
                MeterPlan& plan) {
    const TomlNode* settings = table.node("settings");
    if (settings != nullptr && settings->find(key) != nullptr)
        return;
    const SettingRow* row = plan.spec.type->setting(key);
    if (row == nullptr) {
        if (ratio != 1.0) {
            table.wrong(key, "a " + plan.spec.type->name + " has no ratio for " + key,
                        "leave " + key + " out");
        }
        return;
    }
    const double kept = ratio * row->scale;
    if (kept > 1e15 || std::abs(kept - std::round(kept)) > 1e-9 * kept ||
        !row->allows(std::llround(kept))) {
        table.wrong(key, "the meter's setting " + key + " cannot hold this ratio",
                    "write a ratio that it can, or what it is told instead: settings." + key +
                        " = …");
        return;
    }
    plan_setting(plan, *row, row->per_circuit ? std::optional{circuit} : std::nullopt,
                 std::llround(kept));
}

/// Where a one-phase meter hangs; it has one voltage and one current, and the neutral's.
void hang_on(int phase, WiringSpec& wiring) {
    wiring.u_phase.fill(phase);
    for (std::array<int, 3>& of_circuit : wiring.i_phase)
        of_circuit.fill(phase);
}

void read_phase(TomlTable& table, MeterPlan& plan) {
    const bool one_phase = plan.wiring.mode == Wiring::one_phase;
    const auto phase = table.choice("phase", {"a", "b", "c"});
    if (phase && !one_phase)
        table.wrong("phase", "a " + plan.spec.type->name + " in this wiring hangs on all phases",
                    "leave phase out: it is for one-phase meters (wiring 1P2W)");
    if (!one_phase)
        return;
    hang_on(phase ? phase->front() - 'a' : 0, plan.wiring);
    for (const char* key : {"u_phase", "i_phase"}) {
        if (table.node(key) != nullptr)
            table.wrong(key, std::string{key} + " orders three phases, and this meter has one",
                        "write phase = \"b\": the phase that it hangs on");
    }
}

void read_reversed(TomlTable& table, MeterPlan& plan, std::vector<Mistake>& mistakes) {
    const int circuits = plan.spec.type->circuits;
    const std::string last = plan.wiring.mode == Wiring::one_phase ? "a" : "c";
    const TomlNode* list = table.array("ct_reversed");
    if (list == nullptr)
        return;
    const auto mark = [&](const TomlNode& item, int circuit) {
        const auto* text = std::get_if<std::string>(&item.value);
        if (text == nullptr || text->size() != 1 || *text < "a" || *text > last) {
            note(mistakes, item.place, "ct_reversed names no phase",
                 circuits == 1 ? "write the phases: [\"a\"]"
                               : "write a list of phases for each circuit: [[\"a\"], [], []]");
            return;
        }
        plan.wiring.ct_reversed[place(circuit)][static_cast<std::size_t>(text->front() - 'a')] =
            true;
    };
    const auto& items = std::get<TomlArray>(list->value);
    if (circuits > 1 && items.size() > place(circuits)) {
        table.wrong("ct_reversed",
                    "ct_reversed holds " + std::to_string(items.size()) + " circuits",
                    "this meter has " + std::to_string(circuits));
        return;
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (circuits > 1 && items[i].is_array()) {
            for (const TomlNode& item : std::get<TomlArray>(items[i].value))
                mark(item, static_cast<int>(i));
        } else if (circuits > 1) {
            note(mistakes, items[i].place, "ct_reversed does not say which circuit",
                 "write a list of phases for each circuit: [[\"a\"], [], []]");
        } else {
            mark(items[i], 0);
        }
    }
}

} // namespace

std::optional<double> read_ratio(const std::string& text, char unit) {
    double part[2] = {0, 0};
    const char* at = text.data();
    const char* const last = text.data() + text.size();
    for (int i = 0; i < 2; ++i) {
        const auto [end, error] = std::from_chars(at, last, part[i]);
        if (error != std::errc{} || !(part[i] > 0.0) || !std::isfinite(part[i]))
            return std::nullopt;
        at = end;
        if (i == 0 && (at == last || *at++ != '/'))
            return std::nullopt;
    }
    if (last - at != 2 || at[0] != ' ' || at[1] != unit)
        return std::nullopt;
    const double ratio = part[0] / part[1];
    return ratio >= 1e-6 && ratio <= 1e6 ? std::optional{ratio} : std::nullopt;
}

std::vector<CircuitText> circuit_texts(TomlTable& table, const std::string& key, int circuits,
                                       const std::string& cure, const std::string& each) {
    std::vector<CircuitText> out;
    const TomlNode* node = table.node(key);
    if (node == nullptr)
        return out;
    if (!node->is_array()) {
        if (const auto text = table.text(key, cure))
            for (int circuit = 0; circuit < circuits; ++circuit)
                out.push_back({*text, node->place, circuit});
        return out;
    }
    const auto list = table.texts(key);
    if (list && list->size() > place(circuits)) {
        table.wrong(key, key + " holds " + std::to_string(list->size()) + " values",
                    "this meter has " + std::to_string(circuits) + " " + each +
                        (circuits == 1 ? "" : "s"));
    } else if (list) {
        for (std::size_t i = 0; i < list->size(); ++i) {
            out.push_back(
                {(*list)[i], std::get<TomlArray>(node->value)[i].place, static_cast<int>(i)});
        }
    }
    return out;
}

void plan_setting(MeterPlan& plan, const SettingRow& row, std::optional<int> circuit,
                  std::int64_t kept) {
    auto& list = plan.spec.settings;
    std::erase_if(list, [&](const Preset& other) {
        return other.name == row.name && (!circuit || other.circuit == circuit);
    });
    list.push_back({row.name, circuit, kept});
}

void read_wiring(TomlTable& table, MeterPlan& plan, std::vector<Mistake>& mistakes) {
    const MeterType& type = *plan.spec.type;
    if (const auto name = table.text("wiring")) {
        const int index = name->empty() ? -1 : type.wiring_index(*name);
        if (index < 0) {
            table.wrong("wiring", "a " + type.name + " has no wiring \"" + *name + '"',
                        "known: " + listed(type.wirings));
        } else {
            plan.spec.wiring = type.wirings[place(index)];
        }
    }
    wiring_from(plan.spec.wiring.empty() ? type.wirings.front() : plan.spec.wiring,
                plan.wiring.mode);
    const bool one_phase = plan.wiring.mode == Wiring::one_phase;
    plan.wiring.neutral = type.neutral_current && one_phase;

    const std::string pt_cure = "write \"10000/100 V\"";
    if (const auto text = table.text("pt", pt_cure)) {
        if (const auto ratio = read_ratio(*text, 'V')) {
            plan.wiring.pt_ratio = *ratio;
            tell_ratio(table, "pt", *ratio, -1, plan);
        } else {
            table.wrong("pt", "pt \"" + *text + "\" is no ratio", pt_cure);
        }
    }
    const std::string ct_cure = "write \"400/5 A\"";
    for (const CircuitText& ct : circuit_texts(table, "ct", type.circuits, ct_cure)) {
        const auto ratio = read_ratio(ct.text, 'A');
        if (!ratio) {
            note(mistakes, ct.place, "ct \"" + ct.text + "\" is no ratio", ct_cure);
            break;
        }
        const CurrentRating& rating = rating_of(plan.spec, ct.circuit);
        if (rating.ct_included) {
            note(mistakes, ct.place,
                 "the transformers of a " + type.name + " rated " + rating.code +
                     " are part of the meter",
                 "leave ct out, or choose a rating without them");
            break;
        }
        plan.wiring.ct_ratio[place(ct.circuit)] = *ratio;
        tell_ratio(table, "ct", *ratio, ct.circuit, plan);
    }
    read_reversed(table, plan, mistakes);
    read_phase(table, plan);

    const std::string order_cure = "write which phase lands on a, b and c, such as \"acb\"";
    if (const auto text = one_phase ? std::nullopt : table.text("u_phase", order_cure)) {
        if (const auto phases = read_phases(*text))
            plan.wiring.u_phase = *phases;
        else
            table.wrong("u_phase", "u_phase \"" + *text + "\" is no order of phases", order_cure);
    }
    for (const CircuitText& order :
         one_phase ? std::vector<CircuitText>{}
                   : circuit_texts(table, "i_phase", type.circuits, order_cure)) {
        if (const auto phases = read_phases(order.text)) {
            plan.wiring.i_phase[place(order.circuit)] = *phases;
        } else {
            note(mistakes, order.place, "i_phase \"" + order.text + "\" is no order of phases",
                 order_cure);
            break;
        }
    }
    const std::string last_terminal = one_phase ? "a" : "c";
    if (const auto open = table.texts("u_open")) {
        for (const std::string& phase : *open) {
            if (phase.size() != 1 || phase < "a" || phase > last_terminal) {
                table.wrong("u_open", "u_open names no phase", "write the phases: [\"a\"]");
                break;
            }
            plan.wiring.u_open[static_cast<std::size_t>(phase.front() - 'a')] = true;
        }
    }
}

void read_adc(TomlTable& table, MeterPlan& plan, std::vector<Mistake>& mistakes) {
    const TomlNode* node = table.table("adc");
    if (node == nullptr)
        return;
    constexpr double degree = 3.14159265358979323846 / 180.0;
    const auto fill = [&](TomlTable& from, AdcErrors& errors) {
        const auto take = [&](const std::string& key, Unit unit, double factor, double least,
                              double most, const std::string& range, double& into) {
            if (const auto value = from.quantity(key, unit)) {
                keep_within(from, key, *value, least, most, range, "the converter's " + key);
                into = *value * factor;
            }
        };
        take("noise", Unit::fraction, 1.0, 0.0, 0.1, "0 % to 10 % of full scale", errors.noise_rms);
        take("gain_error", Unit::fraction, 1.0, -0.5, 0.5, "-50 % to 50 %", errors.gain_error);
        take("phase_error", Unit::degree, degree, -30.0, 30.0, "-30 deg to 30 deg",
             errors.phase_error_rad);
        take("offset", Unit::fraction, 1.0, -0.5, 0.5, "-50 % to 50 % of full scale",
             errors.offset);
        take("temperature_coefficient", Unit::fraction, 1.0, -0.01, 0.01, "-1 % to 1 % per K",
             errors.gain_per_k);
        if (const auto bits = from.integer("bits", 8, adc_bits))
            errors.bits = static_cast<int>(*bits);
    };
    TomlTable adc{*node, "adc", mistakes};
    fill(adc, plan.u_errors);
    plan.i_errors = plan.u_errors;
    if (const TomlNode* u = adc.table("u")) {
        TomlTable side{*u, "adc.u", mistakes};
        fill(side, plan.u_errors);
        side.finish();
    }
    if (const TomlNode* i = adc.table("i")) {
        TomlTable side{*i, "adc.i", mistakes};
        fill(side, plan.i_errors);
        if (const auto compression = side.quantity("compression", Unit::fraction)) {
            keep_within(side, "compression", *compression, -0.1, 0.1, "-10 % to 10 %",
                        "what the rated current reads low by");
            plan.i_errors.compression = *compression;
        }
        side.finish();
    }
    adc.finish();
}

} // namespace kpmsim

#include "files/number.hpp"
#include "files/path.hpp"
#include "scenarios/file/farm_reader.hpp"
#include "waveforms/influence.hpp"

#include <filesystem>

namespace kpmsim {
namespace {

const std::vector<std::string>& kind_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> list;
        for (int k = 0; k <= static_cast<int>(LoadKind::test_wave); ++k)
            list.emplace_back(name_of(static_cast<LoadKind>(k)));
        return list;
    }();
    return names;
}

/// What a load draws; negative is what people write for an export.
void check_draw(TomlTable& table, const std::string& key, double value, Unit unit) {
    if (value < 0.0) {
        table.wrong(key, key + " is negative",
                    "a load that exports has kind = \"pv-inverter\" and a positive p");
    } else if (unit == Unit::watt) {
        keep_within(table, key, value, 0.0, 1e12, "0 W to 1000000 MW", "a load's power");
    } else {
        keep_within(table, key, value, 0.0, 1e9, "0 A to 1000000 kA", "a load's current");
    }
}

/// p (all three phases together), p_a/p_b/p_c, or p with phase; i, i_a/i_b/i_c (each phase its
/// own).
struct PhaseValues {
    std::array<double, 3> value{};
    bool given{false};
};
PhaseValues read_phases(TomlTable& table, const std::string& key, Unit unit, bool shared,
                        std::optional<std::size_t> phase) {
    PhaseValues out;
    const auto whole = table.quantity(key, unit);
    bool single = false;
    for (std::size_t i = 0; i < 3; ++i) {
        const std::string one = key + '_' + "abc"[i];
        if (table.node(one) != nullptr) {
            single = true;
            out.value[i] = table.quantity(one, unit).value_or(0.0);
            check_draw(table, one, out.value[i], unit);
        }
    }
    out.given = single || table.node(key) != nullptr;
    if (table.node(key) != nullptr && single) {
        table.wrong(key, key + " and " + key + "_a, " + key + "_b, " + key + "_c are both given",
                    "keep the one for all phases, or the one for each");
        return out;
    }
    if (single && phase) {
        table.wrong("phase", "phase and " + key + "_a, " + key + "_b, " + key + "_c are both given",
                    "keep phase with " + key + ", or leave it out");
    }
    if (!whole)
        return out;
    check_draw(table, key, *whole, unit);
    if (phase)
        out.value[*phase] = *whole;
    else
        out.value.fill(shared ? *whole / 3.0 : *whole);
    return out;
}

/// Whether read_phases() will find a value.
bool has_any(const TomlNode& node, const std::string& key) {
    return node.find(key) != nullptr || node.find(key + "_a") != nullptr ||
           node.find(key + "_b") != nullptr || node.find(key + "_c") != nullptr;
}

/// What a kind does without.
void refuse(TomlTable& table, const TomlNode& node, const std::string& key, const std::string& kind,
            const std::string& cure) {
    table.node(key);
    if (node.find(key) != nullptr)
        table.wrong(key, "a " + kind + " load takes no " + key, cure);
}

void read_burst(TomlTable& load, const std::string& name, LoadSpec& spec,
                std::vector<Mistake>& mistakes) {
    const TomlNode* node = load.table("burst");
    if (node == nullptr)
        return;
    TomlTable table{*node, "burst of load " + name, mistakes};
    for (const auto& [key, cycles] : {std::pair{"on", &spec.burst.on}, {"off", &spec.burst.off}}) {
        if (node->find(key) == nullptr)
            table.missing(key, std::string{key} + " = 2: whole cycles");
        *cycles = static_cast<int>(table.integer(key, 1, 1'000'000).value_or(1));
    }
    table.finish();
}

void read_wave(TomlTable& table, const TomlNode& node, LoadSpec& spec, const std::string& kind) {
    if (spec.kind != LoadKind::test_wave) {
        refuse(table, node, "wave", kind, "write kind = \"test-wave\", or leave wave out");
        return;
    }
    if (const auto wave = table.choice("wave", wave_names()))
        spec.wave = find_wave(*wave);
    else if (node.find("wave") == nullptr)
        table.missing("wave", "wave = \"phase-fired-90\"; known: " + listed(wave_names()));
}

/// What each meter's copy of it has.
void read_copies(TomlTable& table, LoadPlan& plan) {
    plan.spec.scale = table.number("scale").value_or(1.0);
    keep_within(table, "scale", plan.spec.scale, 0.0, 1e6, "0 to 1000000", "a load's factor");
    plan.vary = table.quantity("vary", Unit::fraction).value_or(0.0);
    keep_within(table, "vary", plan.vary, 0.0, 1.0, "0 % to 100 %",
                "what loads differ by from meter to meter");
}

void read_table(const std::string& path, LoadPlan& plan, TomlTable& table, FarmReading& reading) {
    std::vector<Mistake> inside;
    load_profile(path, plan, reading, inside);
    if (inside.size() == 1 && plan.spec.profile.rows().empty() && inside[0].place.line == 0 &&
        inside[0].what.starts_with("cannot be read")) {
        // A path that leads nowhere is a slip in this file, not in that one.
        table.wrong("profile", "\"" + path + "\" " + inside[0].what,
                    "the path counts from the farm file's folder");
    } else {
        reading.mistakes.insert(reading.mistakes.end(), inside.begin(), inside.end());
    }
}

} // namespace

std::optional<std::string> read_path(TomlTable& table, const std::string& key) {
    const auto written = table.text(key);
    if (!written)
        return std::nullopt;
    if (Fault fault; !is_path(*written, fault)) {
        table.wrong(key, fault);
        return std::nullopt;
    }
    return (std::filesystem::path{table.place_of(key).file}.parent_path() / *written)
        .lexically_normal()
        .string();
}

void read_power_factor(TomlTable& table, LoadSpec& spec) {
    static const std::string cure =
        "write pf = \"0.95 ind\" (the current lags), \"0.95 cap\" (it leads) or 1.0";
    const TomlNode* node = table.node("pf");
    if (node == nullptr)
        return;
    if (!node->is_text()) {
        const auto value = table.number("pf");
        if (!value)
            return;
        if (*value > 1.0) {
            table.wrong("pf", "pf is above 1", "a power factor goes from 0.01 to 1");
        } else if (*value < 0.0) {
            table.wrong("pf", "pf is negative",
                        "a load that exports has kind = \"pv-inverter\" and a positive pf");
        } else if (*value != 1.0) {
            table.wrong("pf", "pf does not say whether the current lags or leads", cure);
        }
        spec.pf = 1.0;
        return;
    }
    const std::string text = *table.text("pf");
    const std::size_t blank = text.find(' ');
    const auto value = read_number(text.substr(0, blank));
    const std::string side = blank == std::string::npos ? "" : text.substr(blank + 1);
    if (!value || (side != "ind" && side != "cap")) {
        table.wrong("pf", "pf \"" + text + "\" cannot be read", cure);
        return;
    }
    if (*value > 1.0 || *value < 0.01) {
        table.wrong("pf", *value > 1.0 ? "pf is above 1" : "pf is below 0.01",
                    "a power factor goes from 0.01 to 1");
        return;
    }
    spec.pf = *value;
    spec.capacitive = side == "cap";
}

LoadPlan read_load(const std::string& name, const TomlNode& node, FarmReading& reading) {
    LoadPlan plan;
    plan.name = name;
    LoadSpec& spec = plan.spec;
    TomlTable table{node, "load " + name, reading.mistakes};
    if (node.find("recording") != nullptr) {
        read_recorded_load(table, node, plan, reading);
        read_copies(table, plan);
        table.finish();
        return plan;
    }
    table.node("recording");

    const auto profile = read_path(table, "profile");
    const auto kind = table.choice("kind", kind_names());
    if (kind)
        load_kind_from(*kind, spec.kind);
    else if (node.find("profile") != nullptr)
        spec.kind = LoadKind::profile;
    else if (node.find("wave") != nullptr)
        spec.kind = LoadKind::test_wave;
    else if (!has_any(node, "p") && has_any(node, "i"))
        spec.kind = LoadKind::constant_current;
    if (spec.kind == LoadKind::motor)
        spec.pf = 0.85;
    const bool by_wave = spec.kind == LoadKind::test_wave;
    const bool by_current = spec.kind == LoadKind::constant_current || by_wave;
    const bool by_profile = spec.kind == LoadKind::profile;
    const std::string kind_text{name_of(spec.kind)};
    if (by_wave) {
        refuse(table, node, "pf", kind_text, "its wave stands at the voltage's zero crossing");
        refuse(table, node, "harmonics", kind_text, "its wave has them all");
    } else {
        read_power_factor(table, spec);
    }
    read_wave(table, node, spec, kind_text);

    std::optional<std::size_t> phase;
    if (const auto written = table.choice("phase", {"a", "b", "c"}))
        phase = static_cast<std::size_t>(written->front() - 'a');
    const PhaseValues p = read_phases(table, "p", Unit::watt, true, phase);
    const PhaseValues i = read_phases(table, "i", Unit::ampere, false, phase);
    const PhaseValues q = read_phases(table, "q", Unit::var, true, phase);
    spec.p_w = p.value;
    spec.i_a = i.value;
    spec.q_var = q.value;
    const bool by_q = spec.kind == LoadKind::capacitors;
    if (by_q && !q.given)
        table.missing("q", "q = \"50 kvar\"");
    if (by_q) {
        refuse(table, node, "pf", kind_text, "its current leads by a quarter of a turn");
        refuse(table, node, "harmonics", kind_text, "its current follows the voltage's");
    } else if (q.given) {
        table.wrong("q", "a " + kind_text + " load takes no q",
                    "write kind = \"capacitors\", or leave q out");
    }
    if (by_profile && !profile && node.find("profile") == nullptr)
        table.missing("profile", "profile = \"day.csv\"");
    if (!by_profile)
        refuse(table, node, "profile", kind_text, "write kind = \"profile\", or leave profile out");
    if (by_current && !i.given)
        table.missing("i", "i = \"16 A\"");
    if (!by_current && !by_profile && !by_q && !p.given)
        table.missing("p", "p = \"12 kW\"");
    if (p.given && (by_current || by_profile || by_q)) {
        table.wrong("p", "a " + kind_text + " load takes no p",
                    by_current ? "write i = \"16 A\", or another kind"
                    : by_q     ? "write q = \"50 kvar\""
                               : "the table has the power");
    }
    if (i.given && !by_current) {
        table.wrong("i", "a " + kind_text + " load takes no i",
                    "write kind = \"constant-current\", or leave i out");
    }

    spec.nominal_u_v = table.quantity("u", Unit::volt).value_or(spec.nominal_u_v);
    keep_within(table, "u", spec.nominal_u_v, 1.0, 1e6, "1 V to 1000 kV", "a load's voltage");
    if (const TomlNode* harmonics = by_wave ? nullptr : table.table("harmonics")) {
        TomlTable orders{*harmonics, "harmonics of load " + name, reading.mistakes};
        spec.harmonics = read_harmonics(orders, "i", reading.mistakes);
        orders.finish();
    }
    read_burst(table, name, spec, reading.mistakes);
    const auto end = table.choice("profile_end", {"repeat", "hold", "zero"});
    if (end) {
        spec.profile_end = *end == "hold"   ? ProfileEnd::hold
                           : *end == "zero" ? ProfileEnd::zero
                                            : ProfileEnd::repeat;
        if (!by_profile) {
            table.wrong("profile_end", "a " + kind_text + " load has no profile to end",
                        "leave profile_end out");
        }
    }
    if (const auto shape = table.choice("profile_shape", {"line", "steps"})) {
        spec.profile_shape = *shape == "steps" ? ProfileShape::steps : ProfileShape::line;
        if (!by_profile) {
            table.wrong("profile_shape", "a " + kind_text + " load has no profile to shape",
                        "leave profile_shape out");
        }
    }
    read_copies(table, plan);
    table.finish();
    if (by_profile && profile)
        read_table(*profile, plan, table, reading);
    return plan;
}

} // namespace kpmsim

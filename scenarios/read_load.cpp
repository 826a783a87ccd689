#include "files/csv.hpp"
#include "scenarios/farm_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

namespace kpmsim {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string>& kind_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> list;
        for (int k = 0; k <= static_cast<int>(LoadKind::profile); ++k)
            list.emplace_back(name_of(static_cast<LoadKind>(k)));
        return list;
    }();
    return names;
}

std::optional<double> plain_number(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

/// "0.95 ind", "0.9 cap" or the number 1.
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
    const auto value = plain_number(text.substr(0, blank));
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
            if (out.value[i] < 0.0) {
                table.wrong(one, one + " is negative",
                            "a load that exports has kind = \"pv-inverter\" and a positive p");
            }
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
    if (*whole < 0.0) {
        table.wrong(key, key + " is negative",
                    "a load that exports has kind = \"pv-inverter\" and a positive p");
        return out;
    }
    if (phase)
        out.value[*phase] = *whole;
    else
        out.value.fill(shared ? *whole / 3.0 : *whole);
    return out;
}

/// "90", "90.5" seconds, or "hh:mm", "hh:mm:ss" by the clock.
struct ProfileTime {
    SimDuration at{};
    bool clock{false};
};
std::optional<ProfileTime> read_time(const std::string& text) {
    if (text.find(':') == std::string::npos) {
        const auto value = plain_number(text);
        if (!value || *value < 0.0 || *value > 1e9)
            return std::nullopt;
        return ProfileTime{SimDuration{std::llround(*value * 1e9)}, false};
    }
    std::array<int, 3> part{};
    std::size_t parts = 0;
    for (std::size_t from = 0; from <= text.size() && parts < 4;) {
        const std::size_t to = std::min(text.find(':', from), text.size());
        if (parts == 3 || to - from < 1 || to - from > 2)
            return std::nullopt;
        const auto [end, error] =
            std::from_chars(text.data() + from, text.data() + to, part[parts]);
        if (error != std::errc{} || end != text.data() + to)
            return std::nullopt;
        ++parts;
        from = to + 1;
    }
    const auto at =
        std::chrono::hours{part[0]} + std::chrono::minutes{part[1]} + std::chrono::seconds{part[2]};
    if (part[1] > 59 || part[2] > 59 || part[0] < 0 || part[1] < 0 || part[2] < 0 || at > 24h)
        return std::nullopt;
    return ProfileTime{at, true};
}

ProfilePoint between(const ProfilePoint& a, const ProfilePoint& b, double part, SimDuration at) {
    ProfilePoint point = a;
    point.at = at;
    for (std::size_t i = 0; i < 3; ++i)
        point.p_w[i] = a.p_w[i] + (b.p_w[i] - a.p_w[i]) * part;
    return point;
}

/// A day that is written by the clock and repeated comes round at midnight: the last row leads on
/// to the first.
void close_the_day(std::vector<ProfilePoint>& profile) {
    const SimDuration first = profile.front().at;
    const SimDuration last = profile.back().at;
    const SimDuration gap = 24h - last + first;
    if (gap <= SimDuration::zero())
        return;
    const ProfilePoint midnight =
        between(profile.back(), profile.front(), seconds(24h - last) / seconds(gap), 24h);
    if (last < 24h)
        profile.push_back(midnight);
    if (first > SimDuration::zero()) {
        profile.insert(profile.begin(), midnight);
        profile.front().at = SimDuration::zero();
    }
}

void load_profile(const std::string& path, LoadPlan& plan, std::vector<Mistake>& mistakes) {
    const std::size_t before = mistakes.size();
    const CsvTable table = load_csv(path, mistakes);
    if (table.header.empty())
        return;
    const auto wrong = [&](int line, std::string what, std::string cure) {
        note(mistakes, {path, line, 0}, std::move(what), std::move(cure));
    };
    static const std::vector<std::string> columns{"time", "p_a", "p_b", "p_c", "pf"};
    std::array<int, 5> at{};
    for (std::size_t i = 0; i < columns.size(); ++i) {
        at[i] = table.column(columns[i]);
        if (at[i] < 0 && columns[i] != "pf")
            wrong(0, "lacks the column " + columns[i], "its header is time,p_a,p_b,p_c[,pf]");
    }
    for (const std::string& name : table.header) {
        if (std::find(columns.begin(), columns.end(), name) == columns.end()) {
            const std::string near = nearest(name, columns);
            wrong(0, "has the unknown column \"" + name + '"',
                  near.empty() ? "known: " + listed(columns) : "did you mean " + near + '?');
        }
    }
    if (mistakes.size() > before)
        return;
    std::vector<ProfilePoint>& profile = plan.spec.profile;
    bool clock = false;
    for (const CsvTable::Row& row : table.rows) {
        const auto cell = [&](std::size_t c) { return row.cell[static_cast<std::size_t>(at[c])]; };
        ProfilePoint point;
        const auto time = read_time(cell(0));
        if (!time) {
            wrong(row.line, "time \"" + cell(0) + "\" cannot be read",
                  "write seconds from the start, or hh:mm or hh:mm:ss up to 24:00");
            continue;
        }
        point.at = time->at;
        if (!profile.empty() && time->clock != clock) {
            wrong(row.line, "time \"" + cell(0) + "\" is written another way than before",
                  "write all times in seconds, or all as hh:mm");
            continue;
        }
        clock = time->clock;
        if (!profile.empty() && point.at <= profile.back().at) {
            wrong(row.line, "time \"" + cell(0) + "\" is not after the row before",
                  "put the rows in order, each time once");
            continue;
        }
        if (profile.empty() && !clock && point.at != SimDuration::zero())
            wrong(row.line, "begins at " + cell(0) + " s", "begin with a row at time 0");
        for (std::size_t i = 0; i < 3; ++i) {
            const auto p = plain_number(cell(i + 1));
            if (!p || std::abs(*p) > 1e12) {
                wrong(row.line, columns[i + 1] + " \"" + cell(i + 1) + "\" is no power",
                      "write watts without a unit");
            }
            point.p_w[i] = p.value_or(0.0);
        }
        if (at[4] >= 0) {
            const auto pf = plain_number(cell(4));
            if (!pf || std::abs(*pf) > 1.0 || std::abs(*pf) < 0.01) {
                wrong(row.line, "pf \"" + cell(4) + "\" is no power factor",
                      "write 0.01 to 1, with a minus when the current leads (capacitive)");
            } else {
                point.pf = *pf;
            }
        } else {
            point.pf = plan.spec.capacitive ? -plan.spec.pf : plan.spec.pf;
        }
        profile.push_back(point);
    }
    if (profile.empty()) {
        if (mistakes.size() == before)
            wrong(0, "has no rows", "a profile needs at least one row below its header");
        return;
    }
    if (clock) {
        if (plan.spec.profile_end == ProfileEnd::repeat) {
            close_the_day(profile);
        } else if (profile.front().at > SimDuration::zero()) {
            profile.insert(profile.begin(), profile.front());
            profile.front().at = SimDuration::zero();
        }
        plan.by_clock = true;
    }
}

} // namespace

LoadPlan read_load(const std::string& name, const TomlNode& node, const std::string& file,
                   FarmReading& reading) {
    LoadPlan plan;
    plan.name = name;
    LoadSpec& spec = plan.spec;
    TomlTable table{node, "load " + name, reading.mistakes};

    const auto profile = table.text("profile");
    const auto kind = table.choice("kind", kind_names());
    if (kind)
        load_kind_from(*kind, spec.kind);
    else if (node.find("profile") != nullptr)
        spec.kind = LoadKind::profile;
    else if (node.find("p") == nullptr && node.find("i") != nullptr)
        spec.kind = LoadKind::constant_current;
    if (spec.kind == LoadKind::motor)
        spec.pf = 0.85;
    read_power_factor(table, spec);

    std::optional<std::size_t> phase;
    if (const auto written = table.choice("phase", {"a", "b", "c"}))
        phase = static_cast<std::size_t>(written->front() - 'a');
    const PhaseValues p = read_phases(table, "p", Unit::watt, true, phase);
    const PhaseValues i = read_phases(table, "i", Unit::ampere, false, phase);
    spec.p_w = p.value;
    spec.i_a = i.value;
    const bool by_current = spec.kind == LoadKind::constant_current;
    const bool by_profile = spec.kind == LoadKind::profile;
    const std::string kind_text{name_of(spec.kind)};
    if (by_profile && !profile && node.find("profile") == nullptr)
        table.missing("profile", "profile = \"day.csv\"");
    if (!by_profile && node.find("profile") != nullptr) {
        table.wrong("profile", "a " + kind_text + " load takes no profile",
                    "write kind = \"profile\", or leave profile out");
    }
    if (by_current && !i.given)
        table.missing("i", "i = \"16 A\"");
    if (!by_current && !by_profile && !p.given)
        table.missing("p", "p = \"12 kW\"");
    if (p.given && (by_current || by_profile)) {
        table.wrong("p", "a " + kind_text + " load takes no p",
                    by_current ? "write i = \"16 A\", or another kind" : "the table has the power");
    }
    if (i.given && !by_current) {
        table.wrong("i", "a " + kind_text + " load takes no i",
                    "write kind = \"constant-current\", or leave i out");
    }

    spec.nominal_u_v = table.quantity("u", Unit::volt).value_or(spec.nominal_u_v);
    keep_within(table, "u", spec.nominal_u_v, 1.0, 1e6, "1 V to 1000 kV", "a load's voltage");
    if (const TomlNode* harmonics = table.table("harmonics")) {
        TomlTable orders{*harmonics, "harmonics of load " + name, reading.mistakes};
        spec.harmonics = read_harmonics(orders, "i", reading.mistakes);
        orders.finish();
    }
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
    spec.scale = table.number("scale").value_or(1.0);
    keep_within(table, "scale", spec.scale, 0.0, 1e6, "0 to 1000000", "a load's factor");
    plan.vary = table.quantity("vary", Unit::fraction).value_or(0.0);
    keep_within(table, "vary", plan.vary, 0.0, 1.0, "0 % to 100 %",
                "what loads differ by from meter to meter");
    table.finish();

    if (by_profile && profile) {
        const std::filesystem::path path =
            (std::filesystem::path{file}.parent_path() / *profile).lexically_normal();
        std::vector<Mistake> inside;
        load_profile(path.string(), plan, inside);
        if (inside.size() == 1 && spec.profile.empty() && inside[0].place.line == 0 &&
            inside[0].what.starts_with("cannot be read")) {
            // A path that leads nowhere is a slip in this file, not in that one.
            table.wrong("profile", "\"" + path.string() + "\" " + inside[0].what,
                        "the path counts from the farm file's folder");
        } else {
            reading.mistakes.insert(reading.mistakes.end(), inside.begin(), inside.end());
        }
    }
    return plan;
}

} // namespace kpmsim

#include "scenarios/play/wiring_of_action.hpp"

namespace kpmsim {
namespace {

/// What a transformer with short-circuited terminals passes on to a meter's shunt of some milliohms.
constexpr double shorted_part = 0.02;

int terminal(const FarmAction& action, const char* key, std::size_t n = 0) {
    return action.text.at(key).at(n) - 'a';
}

} // namespace

std::optional<std::vector<WiringChange>> wiring_of(const FarmAction& action) {
    using Kind = WiringChangeKind;
    const std::string_view kind = action.kind->name;
    std::vector<WiringChange> out;
    const auto add = [&](Kind what) -> WiringChange& {
        WiringChange& change = out.emplace_back();
        change.kind = what;
        change.from = action.from;
        change.length = action.length;
        return change;
    };
    const auto on_phase = [&](Kind what, double value) {
        WiringChange& change = add(what);
        change.terminal = terminal(action, "phase");
        change.value = value;
    };
    const auto swapped = [&](Kind what, const std::string& two) {
        WiringChange& change = add(what);
        change.terminal = two[0] - 'a';
        change.other = two[1] - 'a';
    };
    const auto text = [&](const char* key, const char* without) {
        const auto value = action.text.find(key);
        return value == action.text.end() ? std::string{without} : value->second;
    };
    const auto number = [&](const char* key, double without) {
        const auto value = action.number.find(key);
        return value == action.number.end() ? without : value->second;
    };

    if (kind == "ct-reversed")
        on_phase(Kind::ct_reversed, 1);
    else if (kind == "ct-open")
        on_phase(Kind::ct_gain, 0);
    else if (kind == "ct-shorted")
        on_phase(Kind::ct_gain, shorted_part);
    else if (kind == "ct-swapped")
        swapped(Kind::ct_swapped, action.text.at("phases"));
    else if (kind == "phase-rotation")
        swapped(Kind::u_swapped, text("phases", "bc"));
    else if (kind == "u-open")
        on_phase(Kind::u_open, 1);
    else if (kind == "pt-fuse-blown")
        on_phase(Kind::u_gain, number("residual", 0.15));
    else if (kind == "neutral-lost")
        add(Kind::neutral_lost);
    else if (kind == "ct-on-phase") {
        on_phase(Kind::ct_phase, 1);
        out.back().other = terminal(action, "sees");
    } else if (kind == "wrong-ratio") {
        if (action.has("ct"))
            add(Kind::ct_ratio).value = number("ct", 1);
        if (action.has("pt"))
            add(Kind::pt_ratio).value = number("pt", 1);
    } else if (kind == "converter-saturated") {
        for (int t = 0; t < 3; ++t) {
            WiringChange& change = add(Kind::ct_gain);
            change.terminal = t;
            change.value = number("factor", 20);
        }
    } else {
        return std::nullopt;
    }
    return out;
}

} // namespace kpmsim

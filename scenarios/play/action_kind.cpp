#include "scenarios/play/action_kind.hpp"

#include "models/engine/upload_habit.hpp"
#include "scenarios/play/fault_kinds.hpp"
#include "scenarios/play/parameter_words.hpp"

#include <algorithm>

namespace kpmsim {
namespace {

using Form = ParameterForm;

using namespace words;

ActionParameter on_phases() {
    return otherwise("abc", other("phases", "the phases it is on", Form::phases, "\"a\""));
}
ActionParameter at_angle() {
    return quantity("angle", "it waits until the first of its phases stands there", Unit::degree,
                    -360, 360, "\"90 deg\"");
}
ActionParameter of_phase(std::string_view title) {
    return needed(other("phase", title, Form::phase, "\"b\""));
}

std::vector<ActionKind> supply_kinds() {
    using enum ActionTarget;
    constexpr double km = 1e6;
    return {
        {"dip",
         "voltage dip (IEC 61000-4-30)",
         supply,
         Lasting::needed,
         true,
         {quantity("residual", "what is left", Unit::fraction, 0, 1, "\"40 %\""),
          quantity("depth", "what is missing, instead of residual", Unit::fraction, 0, 1,
                   "\"60 %\""),
          on_phases(), at_angle()}},
        {"swell",
         "voltage swell",
         supply,
         Lasting::needed,
         true,
         {needed(quantity("magnitude", "of the voltage it would have", Unit::fraction, 1, 2,
                          "\"120 %\"")),
          on_phases(), at_angle()}},
        {"interruption", "no voltage", supply, Lasting::needed, true, {on_phases(), at_angle()}},
        {"rapid-change",
         "rapid voltage change, to another steady state",
         supply,
         Lasting::any,
         true,
         {needed(quantity("change", "of the voltage it would have", Unit::fraction, -1, 1,
                          "\"-5 %\"")),
          on_phases(), at_angle()}},
        {"flicker",
         "the voltage goes up and down",
         supply,
         Lasting::any,
         false,
         {needed(quantity("depth", "dU/U from peak to peak", Unit::fraction, 0, 1, "\"0.9 %\"")),
          within(1.0 / 30, 4800, other("changes_per_minute", "two a period", Form::number, "39")),
          quantity("f", "the period's, instead of changes_per_minute", Unit::hertz, 1.0 / 3600, 40,
                   "\"8.8 Hz\""),
          otherwise("square", one_of({"square", "sine"}, other("shape", "of the modulation",
                                                               Form::choice, "\"sine\""))),
          on_phases(), at_angle()}},
        {"frequency",
         "another frequency",
         supply,
         Lasting::any,
         true,
         {needed(quantity("by", "what is added", Unit::hertz, -30, 30, "\"-500 mHz\"")),
          at_angle()}},
        {"phase-jump",
         "the phases turned on",
         supply,
         Lasting::any,
         false,
         {needed(quantity("by", "how far", Unit::degree, -180, 180, "\"30 deg\"")), on_phases(),
          at_angle()}},
        {"notches",
         "commutation notches",
         supply,
         Lasting::any,
         false,
         {needed(quantity("depth", "what a notch cuts out", Unit::fraction, 0, 1, "\"40 %\"")),
          needed(quantity("width", "of one", Unit::degree, 0.01, 360, "\"5 deg\"")),
          otherwise("6", within(1, 24, other("per_cycle", "how many", Form::integer, "6"))),
          otherwise("0 deg", quantity("first", "angle of the first, of the phase's own fundamental",
                                      Unit::degree, -360, 360, "\"30 deg\"")),
          on_phases(), at_angle()}},
        {"oscillatory-transient",
         "adds u e^(-t/decay) sin 2 pi f t",
         supply,
         Lasting::own,
         false,
         {needed(quantity("u", "its first peak, undamped", Unit::volt, -km, km, "\"150 V\"")),
          needed(quantity("f", "its own frequency", Unit::hertz, 10, 3000, "\"700 Hz\"")),
          needed(within(1e-6, 10, other("decay", "its time constant", Form::duration, "\"5 ms\""))),
          on_phases(), at_angle()}},
        {"impulsive-transient",
         "adds u (e^(-t/decay) - e^(-t/front))",
         supply,
         Lasting::own,
         false,
         {needed(quantity("u", "its size", Unit::volt, -km, km, "\"2 kV\"")),
          needed(within(1e-6, 10, other("decay", "its tail", Form::duration, "\"50 us\""))),
          needed(within(1e-6, 10, other("front", "its front", Form::duration, "\"1.2 us\""))),
          on_phases(), at_angle()}},
        {"set-supply",
         "other set points; where several are set, the last holds",
         supply,
         Lasting::any,
         true,
         {quantity("u", "line to neutral", Unit::volt, 0, km, "\"240 V\""),
          quantity("f", "frequency", Unit::hertz, 40, 70, "\"49.8 Hz\""),
          within(0, 2,
                 other("magnitude", "unbalance: factors of phases a, b, c", Form::factors,
                       "[\"100 %\", \"98 %\", \"101 %\"]")),
          other("harmonics", "in the place of none: they add to the supply's own", Form::harmonics,
                "{ 5 = \"4 %\" }"),
          quantity("interharmonic_f", "one tone between the harmonics", Unit::hertz, 0.1, 2500,
                   "\"175 Hz\""),
          quantity("interharmonic_u", "its size, peak", Unit::volt, 0, km, "\"2 V\""),
          quantity("dc", "added on every phase", Unit::volt, -km, km, "\"1 V\""),
          quantity("noise", "white, rms, from the next window on", Unit::volt, 0, 1e5,
                   "\"0.1 V\"")}},
    };
}

std::vector<ActionKind> load_kinds() {
    using enum ActionTarget;
    constexpr double most_w = 1e12;
    const auto power = [](std::string_view name, std::string_view title) {
        return quantity(name, title, Unit::watt, -most_w, most_w, "\"12 kW\"");
    };
    const auto pf = [] {
        return other("pf", "cos phi of the fundamental", Form::power_factor, "\"0.95 ind\"");
    };
    const auto phase = [] { return other("phase", "on one phase only", Form::phase, "\"a\""); };
    return {
        {"load-off",
         "draws nothing itself; what actions put beside it stays",
         load,
         Lasting::any,
         false,
         {}},
        {"load-scale",
         "what it draws itself, times a factor; what actions put beside it stays",
         load,
         Lasting::any,
         true,
         {needed(quantity("by", "the factor", Unit::fraction, 0, 1e6, "\"150 %\""))}},
        {"load-set",
         "another power (or current) in the place of what it draws",
         load,
         Lasting::any,
         true,
         {power("p", "of the three phases together; with phase, of that phase"),
          quantity("i", "of each phase, instead of p", Unit::ampere, -1e9, 1e9, "\"16 A\""), pf(),
          phase(), other("harmonics", "of the current", Form::harmonics, "{ 3 = \"20 %\" }")}},
        {"load-step",
         "a power on top of what it draws",
         load,
         Lasting::any,
         true,
         {needed(power("p", "of the three phases together; with phase, of that phase")), pf(),
          phase()}},
        {"load-like",
         "draws what another load of the file draws",
         load,
         Lasting::any,
         true,
         {needed(other("like", "its name", Form::load, "\"office\""))}},
        {"inrush",
         "what it draws, many times over, and less and less",
         load,
         Lasting::own,
         false,
         {needed(within(1, 100,
                        other("factor", "of what it draws, at the beginning", Form::number, "6"))),
          needed(within(1e-3, 100,
                        other("decay", "its time constant", Form::duration, "\"300 ms\"")))}},
        {"capacitor-bank",
         "capacitors switched on beside it",
         load,
         Lasting::any,
         false,
         {needed(quantity("q", "of the three phases together, at u", Unit::var, 0, most_w,
                          "\"50 kvar\"")),
          otherwise("230 V", quantity("u", "line to neutral", Unit::volt, 1, 1e6, "\"230 V\""))}},
        {"ev-charging",
         "a car charges beside it: constant current up to p, small spectrum",
         load,
         Lasting::any,
         true,
         {needed(power("p", "of the three phases together")), phase()}},
        {"pv-day",
         "a clear day of solar power beside it, from sunrise on",
         load,
         Lasting::own,
         false,
         {needed(power("p", "at noon, of the three phases together; it is exported"))}},
    };
}

std::vector<ActionKind> wiring_kinds() {
    using enum ActionTarget;
    const auto of_circuit = [](std::string_view title) { return of_phase(title); };
    return {
        {"ct-reversed",
         "S1 and S2 of a transformer exchanged",
         meter,
         Lasting::any,
         false,
         {of_circuit("whose transformer")}},
        {"ct-swapped",
         "two transformers on each other's terminals",
         meter,
         Lasting::any,
         false,
         {needed(other("phases", "which two", Form::two_phases, "\"ab\""))}},
        {"ct-open",
         "a transformer's lead is off: no current at its terminal",
         meter,
         Lasting::any,
         false,
         {of_circuit("whose transformer")}},
        {"ct-shorted",
         "a transformer's terminals left short-circuited: a fiftieth of its current",
         meter,
         Lasting::any,
         false,
         {of_circuit("whose transformer")}},
        {"ct-on-phase",
         "a transformer sits around another phase",
         meter,
         Lasting::any,
         false,
         {of_circuit("the terminal"),
          needed(other("sees", "the phase whose current it gets", Form::phase, "\"c\""))}},
        {"phase-rotation",
         "two voltage leads exchanged",
         meter,
         Lasting::any,
         false,
         {otherwise("bc", other("phases", "which two", Form::two_phases, "\"ab\""))}},
        {"u-open", "a voltage lead is off", meter, Lasting::any, false, {of_phase("which")}},
        {"pt-fuse-blown",
         "a fuse of a voltage transformer: what the others leave on its terminal",
         meter,
         Lasting::any,
         false,
         {of_phase("which"), otherwise("15 %", quantity("residual", "of the voltage it would have",
                                                        Unit::fraction, 0, 1, "\"15 %\""))}},
        {"wrong-ratio",
         "transformers of another ratio than the meter was told",
         meter,
         Lasting::any,
         false,
         {other("ct", "current transformers", Form::ct_ratio, "\"200/5 A\""),
          other("pt", "voltage transformers", Form::pt_ratio, "\"1000/100 V\"")}},
        {"neutral-lost",
         "the neutral is open: the star point goes where the currents sum to zero",
         meter,
         Lasting::any,
         false,
         {}},
    };
}

std::vector<ActionKind> meter_kinds() {
    using enum ActionTarget;
    return {
        {"power-off",
         "no auxiliary supply: it measures nothing, answers nothing, its clock goes on",
         meter,
         Lasting::any,
         false,
         {}},
        {"blackout",
         "several lose their auxiliary supply at once and come back one by one: all their clients "
         "and radios return in a storm",
         meter,
         Lasting::needed,
         false,
         {otherwise("0 s", within(0, 86400,
                                  other("spread", "each comes back up to so much later",
                                        Form::duration, "\"30 s\"")))}},
        {"reboot",
         "off and on again",
         meter,
         Lasting::own,
         false,
         {otherwise("3 s",
                    within(0.2, 3600,
                           other("takes", "how long it is silent", Form::duration, "\"3 s\"")))}},
        {"clock-set",
         "its clock is put to a time",
         meter,
         Lasting::instant,
         false,
         {needed(other("to", "the time", Form::moment, "\"2005-01-01T00:00:00\""))}},
        {"clock-jump",
         "its clock is put forward, or back",
         meter,
         Lasting::instant,
         false,
         {needed(quantity("by", "how far", Unit::second, -3e9, 3e9, "\"-90 s\""))}},
        {"clock-drift",
         "its crystal runs fast, or slow",
         meter,
         Lasting::instant,
         false,
         {needed(
             within(-1e5, 1e5,
                    other("ppm", "parts in a million, instead of its own", Form::number, "200")))}},
        {"point-stuck",
         "a value that stands still, wherever it shows",
         meter,
         Lasting::any,
         false,
         {needed(other("point", "its name", Form::point, "\"u_a\"")),
          within(
              -1e15, 1e15,
              other("value", "where it stands; without it, where it is", Form::number, "230.5"))}},
        {"point-jump",
         "a value that is off by something, wherever it shows",
         meter,
         Lasting::any,
         false,
         {needed(other("point", "its name", Form::point, "\"e_p_import\"")),
          needed(within(-1e15, 1e15,
                        other("by", "what is added, in the point's unit", Form::number, "-100")))}},
        {"counter-reset",
         "an energy begins again at zero, wherever it shows",
         meter,
         Lasting::any,
         false,
         {otherwise("e_p_import", other("point", "its name", Form::point, "\"e_p_import\""))}},
        {"counter-rollover",
         "an energy that begins again at zero where its digits end, wherever it "
         "shows",
         meter,
         Lasting::any,
         false,
         {otherwise("e_p_import", other("point", "its name", Form::point, "\"e_p_import\"")),
          needed(
              within(1e-3, 1e15,
                     other("digits_end", "where, in the point's unit", Form::number, "10000")))}},
        {"energies-cleared",
         "every energy and maximum is cleared in the meter itself",
         meter,
         Lasting::instant,
         false,
         {}},
        {"meter-swap",
         "another unit of the same model in its place: a new serial, energies at zero",
         meter,
         Lasting::any,
         false,
         {needed(other("serial", "of the new one", Form::serial, "\"31212257C0336\""))}},
        {"habit",
         "its firmware does what firmware of the field does to its messages",
         meter,
         Lasting::any,
         false,
         {needed(one_of(upload_habits(),
                        other("habit", "what: docs/reference/line-faults.md says what each is",
                              Form::choice, "\"ghost-messages\"")))}},
        {"converter-saturated",
         "its current inputs get more than they can take",
         meter,
         Lasting::any,
         false,
         {otherwise("20", within(1, 1000,
                                 other("factor", "what the transformers give, times so much",
                                       Form::number, "20")))}},
    };
}

std::vector<ActionKind> all_kinds() {
    std::vector<ActionKind> all;
    for (std::vector<ActionKind> some : {supply_kinds(), load_kinds(), wiring_kinds(),
                                         meter_kinds(), wire_fault_kinds(), upload_fault_kinds()})
        all.insert(all.end(), std::make_move_iterator(some.begin()),
                   std::make_move_iterator(some.end()));
    return all;
}

} // namespace

const ActionParameter* ActionKind::find(std::string_view parameter) const {
    const auto at = std::find_if(parameters.begin(), parameters.end(),
                                 [&](const ActionParameter& one) { return one.name == parameter; });
    return at == parameters.end() ? nullptr : &*at;
}

std::span<const ActionKind> action_kinds() {
    static const std::vector<ActionKind> kinds = all_kinds();
    return kinds;
}

const ActionKind* find_action_kind(std::string_view name) {
    for (const ActionKind& kind : action_kinds())
        if (kind.name == name)
            return &kind;
    return nullptr;
}

std::string_view name_of(ActionTarget target) {
    switch (target) {
    case ActionTarget::supply:
        return "supply";
    case ActionTarget::load:
        return "load";
    case ActionTarget::meter:
        return "meter";
    case ActionTarget::line:
        return "line";
    case ActionTarget::broker:
        break;
    }
    return "broker";
}

std::string_view name_of(ParameterForm form) {
    switch (form) {
    case Form::quantity:
        return "quantity";
    case Form::duration:
        return "duration";
    case Form::number:
        return "number";
    case Form::integer:
        return "integer";
    case Form::choice:
        return "choice";
    case Form::text:
        return "text";
    case Form::phases:
        return "phases";
    case Form::phase:
        return "phase";
    case Form::harmonics:
        return "harmonics";
    case Form::factors:
        return "factors";
    case Form::moment:
        return "moment";
    case Form::two_phases:
        return "two phases";
    case Form::power_factor:
        return "power factor";
    case Form::ct_ratio:
        return "CT ratio";
    case Form::pt_ratio:
        return "PT ratio";
    case Form::load:
        return "load";
    case Form::point:
        return "point";
    case Form::serial:
        break;
    }
    return "serial";
}

std::string_view name_of(Lasting lasting) {
    switch (lasting) {
    case Lasting::instant:
        return "instant";
    case Lasting::any:
        return "any";
    case Lasting::needed:
        return "needed";
    case Lasting::own:
        break;
    }
    return "own";
}

} // namespace kpmsim

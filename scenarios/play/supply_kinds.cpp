#include "scenarios/play/kinds.hpp"

#include "scenarios/play/parameter_words.hpp"

namespace kpmsim {
namespace {

using namespace words;
using Form = ParameterForm;

ActionParameter on_phases() {
    return otherwise("abc", other("phases", "the phases it is on", Form::phases, "\"a\""));
}
ActionParameter at_angle() {
    return quantity("angle", "it waits until the first of its phases stands there", Unit::degree,
                    -360, 360, "\"90 deg\"");
}
} // namespace

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

} // namespace kpmsim

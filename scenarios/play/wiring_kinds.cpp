#include "scenarios/play/kinds.hpp"

#include "scenarios/play/parameter_words.hpp"

namespace kpmsim {
namespace {

using namespace words;
using Form = ParameterForm;

ActionParameter of_phase(std::string_view title) {
    return needed(other("phase", title, Form::phase, "\"b\""));
}
} // namespace

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

} // namespace kpmsim

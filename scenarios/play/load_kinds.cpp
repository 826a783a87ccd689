#include "scenarios/play/kinds.hpp"

#include "scenarios/play/parameter_words.hpp"

namespace kpmsim {
namespace {

using namespace words;
using Form = ParameterForm;

} // namespace

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

} // namespace kpmsim

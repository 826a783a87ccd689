#include "scenarios/play/action_kind.hpp"

#include "scenarios/play/kinds.hpp"

#include <algorithm>
#include <iterator>

namespace kpmsim {
namespace {

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
    case ParameterForm::quantity:
        return "quantity";
    case ParameterForm::duration:
        return "duration";
    case ParameterForm::number:
        return "number";
    case ParameterForm::integer:
        return "integer";
    case ParameterForm::choice:
        return "choice";
    case ParameterForm::text:
        return "text";
    case ParameterForm::topic:
        return "topic";
    case ParameterForm::phases:
        return "phases";
    case ParameterForm::phase:
        return "phase";
    case ParameterForm::harmonics:
        return "harmonics";
    case ParameterForm::factors:
        return "factors";
    case ParameterForm::moment:
        return "moment";
    case ParameterForm::two_phases:
        return "two phases";
    case ParameterForm::power_factor:
        return "power factor";
    case ParameterForm::ct_ratio:
        return "CT ratio";
    case ParameterForm::pt_ratio:
        return "PT ratio";
    case ParameterForm::load:
        return "load";
    case ParameterForm::point:
        return "point";
    case ParameterForm::json:
        return "text or object";
    case ParameterForm::serial:
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

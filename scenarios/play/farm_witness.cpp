#include "scenarios/play/farm_witness.hpp"

#include "files/number.hpp"
#include "models/faces/register_words.hpp"
#include "models/faces/registers.hpp"

#include <limits>
#include <nlohmann/json.hpp>

namespace kpmsim {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

} // namespace

/// Meters come and go, and others then stand where they stood.
std::optional<std::size_t> FarmWitness::place_of(const FormulaTerm& term) const {
    const auto is_it = [&](std::size_t n) {
        return n < farm_.meters().size() && farm_.meters()[n].spec().name == term.meter_name;
    };
    if (is_it(term.meter))
        return term.meter;
    for (std::size_t n = 0; n < farm_.meters().size(); ++n)
        if (is_it(n))
            return n;
    return std::nullopt;
}

/// Null when its meter is gone.
const Circuit* FarmWitness::circuit_of(const FormulaTerm& term) const {
    const auto place = place_of(term);
    return place ? &farm_.meters()[*place].circuits()[static_cast<std::size_t>(term.circuit)]
                 : nullptr;
}

double FarmWitness::value(const FormulaTerm& term) const {
    if (term.face == Face::other)
        return others_ ? others_(term.name) : nothing;
    if (term.face == Face::truth)
        return true_value(term);
    if (term.face == Face::packet) {
        const auto found = packets_.find({term.meter, term.circuit, term.name});
        return found == packets_.end() ? nothing : found->second * term.factor;
    }
    const Circuit* circuit = circuit_of(term);
    if (circuit == nullptr)
        return nothing;
    if (term.face == Face::registers)
        return register_value(*circuit, term);
    const bool sensor = circuit->type().points[term.point].kind == PointKind::temperature;
    return sensor || circuit->has_value(term.point) ? circuit->number(term.point) : nothing;
}

/// What a Modbus client gets; without its auxiliary supply a meter answers nobody.
double FarmWitness::register_value(const Circuit& circuit, const FormulaTerm& term) const {
    const RegisterRow* row = circuit.type().registers.find(term.name);
    if (row == nullptr || !circuit.meter().powered())
        return nothing;
    std::vector<std::uint16_t> words(row->words);
    if (!read_registers(circuit, row->address, words, row->space))
        return nothing;
    return meant(*row, decode(*row, circuit.meter().word_order(), words));
}

double FarmWitness::true_value(const FormulaTerm& term) const {
    const Circuit* circuit = circuit_of(term);
    if (circuit == nullptr)
        return nothing;
    MeterView view = circuit->meter().view();
    std::vector<MeterState> truths(view.metered.begin(), view.metered.end());
    truths[static_cast<std::size_t>(term.circuit)] = farm_.truth(*place_of(term), term.circuit);
    view.metered = truths;
    MeterMemory unspoilt = *view.memory; // nobody overrides the truth
    unspoilt.overrides.clear();
    for (std::size_t n = 0; n < unspoilt.relays.size(); ++n) // where a relay's contact is
        unspoilt.relays[n] =
            view.memory->relay_contact(circuit->type(), static_cast<int>(n)) ? 1 : 0;
    view.memory = &unspoilt;
    return number(view, term.point, term.circuit);
}

std::string FarmWitness::text(const FormulaTerm& term) const {
    const Circuit* circuit = circuit_of(term);
    return circuit == nullptr ? std::string{} : circuit->text(term.point);
}

std::optional<SimTime> FarmWitness::moment_of(const std::string& id) const {
    const auto found = moments_.find(id);
    return found == moments_.end() ? std::nullopt : std::optional{found->second};
}

Result<std::string, std::string> FarmWitness::ask(const Expectation& expectation) const {
    if (!outside_)
        return Unexpected<std::string>{"nobody looks outside here"};
    return outside_(expectation);
}

void FarmWitness::hear(const Message& message) {
    const auto json = nlohmann::json::parse(message.payload, nullptr, false);
    if (!json.is_object())
        return;
    for (const auto& [key, value] : json.items()) {
        double number = nothing;
        if (value.is_number())
            number = value.get<double>();
        else if (value.is_string())
            number = read_number(value.get<std::string>()).value_or(nothing);
        packets_[{message.meter, message.circuit, key}] = number;
    }
}

} // namespace kpmsim

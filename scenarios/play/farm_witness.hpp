#pragma once

#include "scenarios/farm/farm.hpp"
#include "scenarios/play/witness.hpp"

#include <functional>
#include <map>
#include <string>
#include <tuple>

namespace kpmsim {

/// A farm between two steps, as expectations and conditions see it.
class FarmWitness : public Witness {
public:
    explicit FarmWitness(Farm& farm) : farm_{farm} {}

    double value(const FormulaTerm& term) const override;
    std::string text(const FormulaTerm& term) const override;
    std::optional<SimTime> moment_of(const std::string& id) const override;
    Result<std::string, std::string> ask(const Expectation& expectation) const override;

    /// A message that was sent, for the keys of its packet.
    void hear(const Message& message);
    /// Something with an id has happened; the first time counts.
    void note(const std::string& id, SimTime at) { moments_.emplace(id, at); }
    /// The values of what is no meter, by NAME.KEY.
    void others(std::function<double(const std::string&)> value) { others_ = std::move(value); }
    /// Who looks outside.
    using Outside = std::function<Result<std::string, std::string>(const Expectation&)>;
    void outside(Outside outside) { outside_ = std::move(outside); }

private:
    std::optional<std::size_t> place_of(const FormulaTerm& term) const;
    const Circuit* circuit_of(const FormulaTerm& term) const;
    double register_value(const Circuit& circuit, const FormulaTerm& term) const;
    double true_value(const FormulaTerm& term) const;

    Farm& farm_;
    std::map<std::string, SimTime> moments_;
    std::map<std::tuple<std::size_t, int, std::string>, double> packets_;
    std::function<double(const std::string&)> others_;
    Outside outside_;
};

} // namespace kpmsim

#include "scenarios/farm/running_meter.hpp"
#include "sim/guard.hpp"
#include "sim/metering_state.hpp"

namespace kpmsim {

void RunningMeter::save(StateWriter& to) const {
    to.write(program_.state());
    to.write(metering_.state());
    to.write(p_);
}

void RunningMeter::restore(StateReader& from) {
    ProgramState program;
    from.read(program, "program");
    program_.restore(std::move(program));
    MeteringState metering;
    from.read(metering, "metering");
    metering_.restore(std::move(metering));
    from.read(p_, "progress");
    if (p_.circuits.size() != static_cast<std::size_t>(spec_->type->circuits))
        throw BadState{"progress.circuits", "this meter has others"};
    if (p_.extras.size() != (has_extras(*spec_->type) ? p_.circuits.size() : 0) ||
        p_.leaks.size() != sensors_.leaks())
        throw BadState{"progress.extras", "this meter has others"};
    for (const CircuitExtras& of : p_.extras)
        if (of.temperatures.size() != kept_temperatures(*spec_))
            throw BadState{"progress.extras.temperatures", "this meter has other sensors"};
    if (!p_.off && (p_.steady || p_.run.windows > 0) && !metering_.can_repeat())
        throw BadState{"progress.run", "no window was steady"};
    strained_ = true;
    sensors_.sense(program_.memory());
    for (const Command& command : p_.told)
        for (const Assignment& each : command.what)
            if (refusal(*spec_, each, Access::local))
                throw BadState{"progress.told", "this meter takes no such command"};
    for (const Command& command : p_.told)
        for (const Intervention& each : command.also)
            if (!fits(*spec_->type, each))
                throw BadState{"progress.told", "nobody can do that to this meter"};
    for (const Message& message : p_.messages)
        if (message.meter != number_ || message.circuit < 0 ||
            message.circuit >= spec_->type->circuits)
            throw BadState{"progress.messages", "they are another meter's"};
}

} // namespace kpmsim

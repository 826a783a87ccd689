#include "scenarios/farm/platform_message.hpp"

#include "models/engine/meter.hpp"
#include "models/faces/mqtt_commands.hpp"

#include <utility>

namespace kpmsim {

PlatformAnswer answer_of(const MeterSpec& spec, MeterImage image, SimTime at, CivilTime start,
                         int circuit, const Intervention& what) {
    Meter asked{spec};
    asked.keep_time([at] { return at; }, start);
    asked.image() = std::move(image);
    Circuit& heard_by = asked.circuits()[static_cast<std::size_t>(circuit)];
    const std::size_t space = what.text.find(' ');
    const std::string tail = what.text.substr(0, space);
    CommandAnswer answer =
        answer_command(heard_by, command_topic(heard_by, tail), what.text.substr(space + 1));
    return {std::move(answer.messages), asked.take_commands()};
}

} // namespace kpmsim

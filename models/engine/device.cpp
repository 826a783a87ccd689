#include "models/engine/device.hpp"

#include "models/type/serial.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace kpmsim {

Instrument::Instrument(InstrumentSpec spec) : spec_{std::move(spec)} {
    const DeviceType& t = type();
    const auto loops = static_cast<std::size_t>(t.loops);
    image_.memory = first_memory(spec_);
    image_.metered.resize(loops);
    const bool radio = carrier_of(spec_.serial) != Carrier::rs485;
    image_.radio.assign(loops, radio && !t.upload.empty() ? 0x0001 : 0); // not connected yet
    for (int loop = 0; loop < t.loops; ++loop)
        loops_.emplace_back(*this, loop);
}

Instrument::Done Instrument::set(std::vector<Assignment> what, Access access) {
    for (const Assignment& each : what)
        if (const auto why = refusal(spec_, each, access))
            return Unexpected<Refusal>{*why};
    Command command{now_ ? now_() : SimTime{}, std::move(what)};
    show(command);
    told_.push_back(std::move(command));
    return std::monostate{};
}

void Instrument::show(const Command& command) {
    for (const Assignment& each : command.what)
        kpmsim::show(spec_, image_, civil_time(start_, command.at), each);
}

void Instrument::set_radio(std::uint16_t word, int loop) {
    image_.radio[static_cast<std::size_t>(loop)] = word;
}

void Instrument::keep_time(std::function<SimTime()> now, CivilTime start) {
    now_ = std::move(now);
    start_ = start;
}

std::vector<Command> Instrument::take_commands() { return std::exchange(told_, {}); }

int Device::address() const {
    return static_cast<int>(instrument_->shown(Role::line_address, 1)) + loop_;
}

Result<PointValue, Refusal> Device::get(const std::string& point, Access access) const {
    const auto id = type().points.find(point);
    if (!id || (access == Access::wire && !may_read(type().points[*id].rights)))
        return Unexpected<Refusal>{Refusal::unknown};
    if (type().points[*id].text)
        return PointValue{0, text(*id), true};
    return PointValue{number(*id), {}, false};
}

Instrument::Done Device::set(const std::string& point, double value, Access access) {
    const auto id = type().points.find(point);
    if (!id)
        return Unexpected<Refusal>{Refusal::unknown};
    return instrument_->set({{*id, loop_, value}}, access);
}

} // namespace kpmsim

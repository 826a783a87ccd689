#include "models/engine/meter.hpp"

#include "models/type/serial.hpp"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

namespace kpmsim {

Meter::Meter(MeterSpec spec) : spec_{std::move(spec)} {
    const MeterType& t = type();
    const auto circuits = static_cast<std::size_t>(t.circuits);
    image_.memory = first_memory(spec_);
    image_.metered.resize(circuits);
    image_.extras = first_extras(spec_, image_.memory);
    const bool radio = t.serial.form != SerialRule::Form::compere ||
                       carrier_of(t.serial, spec_.serial) != Carrier::rs485;
    image_.radio.assign(circuits, radio && !t.upload.empty() ? 0x0001 : 0); // not connected yet
    for (int circuit = 0; circuit < t.circuits; ++circuit)
        circuits_.emplace_back(*this, circuit);
}

Meter::Done Meter::set(std::vector<Assignment> what, Access access,
                       std::vector<Intervention> also) {
    if (const auto why = refusal(spec_, image_.memory, image_.site, what, access))
        return Unexpected<Refusal>{*why};
    Command command{now_ ? now_() : SimTime{}, std::move(what), std::move(also)};
    if (may_ && !may_(command))
        return Unexpected<Refusal>{Refusal::busy};
    show(command);
    told_.push_back(std::move(command));
    return std::monostate{};
}

Meter::Done Meter::set_at_keys(std::vector<Assignment> what, std::optional<int> entered) {
    if (!powered())
        return Unexpected<Refusal>{Refusal::busy};
    if (!opens_menu(type(), image_.memory, entered))
        return Unexpected<Refusal>{Refusal::not_authorised};
    return set(std::move(what), Access::keys);
}

void Meter::show(const Command& command) {
    for (const Assignment& each : command.what)
        kpmsim::show(spec_, image_, civil_time(start_, command.at), each);
    for (const Intervention& each : command.also)
        kpmsim::show(spec_, image_, civil_time(start_, command.at), each);
}

void Meter::set_radio(std::uint16_t word) {
    std::fill(image_.radio.begin(), image_.radio.end(), word);
}

void Meter::keep_time(std::function<SimTime()> now, CivilTime start) {
    now_ = std::move(now);
    start_ = start;
}

void Meter::ask(std::function<bool(const Command&)> may) { may_ = std::move(may); }

std::vector<Command> Meter::take_commands() { return std::exchange(told_, {}); }

int Circuit::address() const {
    return static_cast<int>(meter_->shown(Role::line_address, 1)) + index_;
}

Result<PointValue, Refusal> Circuit::get(const std::string& point, Access access) const {
    const auto id = find_fitted(meter_->spec(), point);
    if (!id || (access == Access::wire && !may_read(type().points[*id].rights)))
        return Unexpected<Refusal>{Refusal::unknown};
    if (type().points[*id].text)
        return PointValue{0, text(*id), true};
    return PointValue{number(*id), {}, false};
}

Meter::Done Circuit::set(const std::string& point, double value, Access access) {
    const auto id = type().points.find(point);
    if (!id)
        return Unexpected<Refusal>{Refusal::unknown};
    return meter_->set({{*id, index_, value}}, access);
}

} // namespace kpmsim

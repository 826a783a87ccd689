#include "cli/play/simulated_wires.hpp"

#include "servers/line/shared_line.hpp"
#include "servers/modbus/modbus_tcp.hpp"
#include "servers/modbus/rtu_meters.hpp"

#include <algorithm>
#include <map>

namespace kpmsim {
namespace {

WirePlace line_of(const BusPlan& bus, Farm& farm) {
    WirePlace place;
    place.form = WireForm::rtu;
    place.line.baud = bus.baud;
    place.line.bits_per_character = bus.format == "8N1" ? 10 : 11;
    place.bus = bus.name;
    std::vector<Circuit*> circuits;
    for (std::size_t m = 0; m < farm.meters().size(); ++m)
        if (farm.plan().meters[m].is_on(bus.name))
            for (Circuit& circuit : farm.meters()[m].circuits()) {
                circuits.push_back(&circuit);
                place.units.push_back({m, &circuit, 0});
            }
    place.seat = std::make_shared<FaultSeat>(std::make_shared<SharedLine>(
        place.line, std::make_unique<RtuMeters>(place.line, std::move(circuits))));
    return place;
}

/// Meters that stand behind one port.
WirePlace port_of(const std::vector<std::size_t>& meters, Farm& farm) {
    WirePlace place;
    ModbusUnits units;
    for (const std::size_t m : meters)
        for (Circuit& circuit : farm.meters()[m].circuits()) {
            const int shift = farm.plan().meters[m].unit_shift();
            place.units.push_back({m, &circuit, shift});
            units.units.push_back({&circuit, shift});
        }
    if (units.units.size() == 1)
        units.any = units.units.front().circuit;
    place.seat = std::make_shared<FaultSeat>(std::make_shared<ModbusTcp>(std::move(units)));
    return place;
}

} // namespace

SimulatedWires::SimulatedWires(Farm& farm) : port_of_meter_(farm.meters().size()) {
    for (const BusPlan& bus : farm.plan().buses)
        places_.push_back(line_of(bus, farm));
    std::map<Endpoint, std::vector<std::size_t>> shared;
    std::vector<std::vector<std::size_t>> ports;
    for (std::size_t m = 0; m < farm.meters().size(); ++m) {
        const auto at = farm.plan().meters[m].modbus_tcp();
        if (at && at->port != 0)
            shared[*at].push_back(m);
        else
            ports.push_back({m});
    }
    for (auto& [endpoint, meters] : shared)
        ports.push_back(std::move(meters));
    for (const std::vector<std::size_t>& meters : ports) {
        for (const std::size_t m : meters)
            port_of_meter_[m] = places_.size();
        places_.push_back(port_of(meters, farm));
    }
}

const WirePlace* SimulatedWires::line(const std::string& bus) const {
    const auto at = std::find_if(places_.begin(), places_.end(), [&](const WirePlace& place) {
        return !bus.empty() && place.bus == bus;
    });
    return at == places_.end() ? nullptr : &*at;
}

const WirePlace& SimulatedWires::port(std::size_t meter) const {
    return places_[port_of_meter_[meter]];
}

} // namespace kpmsim

#pragma once

#include "modbus_rig.hpp"
#include "servers/faults/fault_place.hpp"
#include "servers/line/fault_seat.hpp"
#include "servers/line/shared_line.hpp"
#include "servers/modbus/modbus_tcp.hpp"
#include "servers/modbus/rtu_frame.hpp"
#include "servers/modbus/rtu_meters.hpp"
#include "wire_rig.hpp"

#include <chrono>
#include <memory>
#include <string_view>

/// Meters behind a seat, on two wires or by TCP, and faults to put there.
namespace kpmsim::fault_bench {

using namespace std::chrono_literals;

inline FaultSpec fault(std::string_view name) {
    FaultSpec spec;
    spec.kind = find_fault_kind(name);
    spec.stream = Random{7, name};
    return spec;
}

/// A meter of plain registers at address 1, the first of which has 1234H.
struct Bench {
    MeterType type{rig::plain_type()};
    std::unique_ptr<Meter> meter;
    std::shared_ptr<FaultPlace> place;
    std::unique_ptr<FaultSeat> seat;
    rig::Wire wire;

    explicit Bench(WireForm form) : meter{rig::meter(type, 1)} {
        rig::set(*meter, "spare_0", 0x1234);
        Circuit* const circuit = &meter->circuits().front();
        std::shared_ptr<ByteServiceFactory> behind;
        if (form == WireForm::rtu) {
            behind = std::make_shared<SharedLine>(
                LineSettings{},
                std::make_unique<RtuMeters>(LineSettings{}, std::vector<Circuit*>{circuit}));
        } else {
            ModbusUnits units;
            units.units.push_back({circuit, 0});
            behind = std::make_shared<ModbusTcp>(units);
        }
        place = std::make_shared<FaultPlace>(form);
        seat = std::make_unique<FaultSeat>(behind);
        seat->put(place);
        wire.service = seat->connect();
    }
    Bench(WireForm form, const FaultSpec& spec) : Bench{form} { place->begin(1, spec); }

    /// Sends, and winds on until nothing more comes: all of it as hex.
    std::string ask(const rig::Bytes& request, LineTime at) {
        wire.sent.clear();
        wire.send(request, at);
        wire.run();
        rig::Bytes all;
        for (const auto& [when, bytes] : wire.sent)
            all.insert(all.end(), bytes.begin(), bytes.end());
        return rig::hex(all);
    }
    LineTime came() const { return wire.sent.empty() ? LineTime{} : wire.sent.back().first; }
};

inline rig::Bytes tcp_read(int transaction) {
    return rig::tcp(transaction, 1, rig::request(3, 0, 1));
}
inline rig::Bytes rtu_read() { return rig::rtu(1, rig::request(3, 0, 1)); }
inline const std::string right_rtu = "01 03 02 12 34 B5 33";

} // namespace kpmsim::fault_bench

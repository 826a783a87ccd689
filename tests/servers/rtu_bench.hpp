#pragma once

#include "modbus_rig.hpp"
#include "servers/line/half_duplex_line.hpp"
#include "servers/modbus/rtu_meters.hpp"

#include <vector>

/// An RS-485 line on the bench: meters, a client, and time that the test winds.
namespace kpmsim::rtu_bench {

// 9600 Bd, 8N1: a character takes 1.041667 ms, the silence 3.645833 ms.
inline constexpr LineTime character9600{1'041'667};

inline MeterType meter_type(int turnaround_ms, int interval_ms = 0) {
    auto type = rig::plain_type();
    type.line.turnaround_ms = turnaround_ms;
    type.line.min_frame_interval_ms = interval_ms;
    return type;
}

/// The line, wound by hand.
struct Bench {
    RtuMeters stations;
    HalfDuplexLine line;

    Bench(LineSettings settings, const std::vector<Meter*>& meters)
        : stations{settings, circuits_of(meters)}, line{settings, stations} {}
    explicit Bench(const std::vector<Meter*>& meters) : Bench{LineSettings{}, meters} {}

    static std::vector<Circuit*> circuits_of(const std::vector<Meter*>& meters) {
        std::vector<Circuit*> all;
        for (auto* const meter : meters)
            for (auto& circuit : meter->circuits())
                all.push_back(&circuit);
        return all;
    }
    const Traffic& traffic() const { return stations.traffic(); }
    void write(LineTime at, const rig::Bytes& bytes, int baud = 0) {
        line.receive(bytes, baud == 0 ? line.settings().baud : baud, at);
    }
    /// Everything until the line is quiet.
    std::vector<HalfDuplexLine::Answer> run() {
        std::vector<HalfDuplexLine::Answer> all;
        while (const auto next = line.next_event())
            for (auto& answer : line.advance(*next))
                all.push_back(std::move(answer));
        return all;
    }
    std::vector<HalfDuplexLine::Answer> ask(LineTime at, const rig::Bytes& bytes) {
        write(at, bytes);
        return run();
    }
};

inline const rig::Bytes read_two = rig::request(3, 0, 2);

} // namespace kpmsim::rtu_bench

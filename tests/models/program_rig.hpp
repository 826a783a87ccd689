#pragma once

#include "fixture.hpp"

#include "models/engine/program.hpp"
#include "models/faces/packets.hpp"

#include <string>
#include <vector>

namespace kpmsim::test {

/// A meter's program with its states held by hand, and what it sends.
struct ProgramRig : ProgramPort {
    struct Sent {
        SimTime at{};
        int circuit{0};
        std::string topic;
        CivilTime stamp{};
        std::vector<std::string> packets;
    };

    MeterSpec spec;
    CivilTime start;
    std::vector<MeterState> states;
    std::vector<std::uint16_t> radio;
    MeterProgram program;
    std::vector<Sent> sent;
    std::vector<RelayMove> moves;

    ProgramRig(const std::string& model, MeterSpec of, CivilTime start_)
        : spec{Bench::filled(model, std::move(of))}, start{start_},
          states(static_cast<std::size_t>(spec.type->circuits)),
          radio(states.size()), program{spec, start, true} {}

    /// Up to and with a moment of the site.
    void run_to(CivilTime site) {
        while (program.due() <= SimTime{site - start})
            program.run(*this);
    }
    Effects tell(CivilTime site, const std::string& point, double value, int circuit = 0) {
        run_to(site);
        const SimTime at{site - start};
        const Assignment what{*spec.type->points.find(point), circuit, value};
        REQUIRE_FALSE(refusal(spec, what, Access::keys));
        return program.carry_out({at, {what}}, at, *this);
    }
    double number(const std::string& point, CivilTime site, int circuit = 0) {
        const MeterView meter{&spec, &program.memory(), states, radio, site};
        return kpmsim::number(meter, *spec.type->points.find(point), circuit);
    }

    std::span<const MeterState> look(SimTime) override { return states; }
    void upload(SimTime at, int circuit, const UploadTopic& topic, CivilTime stamp) override {
        const MeterView meter{&spec, &program.memory(), states, radio, civil_time(start, at)};
        Sent one{at, circuit, topic.topic, stamp, {}};
        for (Upload& each : uploads(topic, meter, circuit, stamp)) {
            one.topic = each.topic;
            one.packets.push_back(std::move(each.payload));
        }
        sent.push_back(std::move(one));
    }
    void moved(const RelayMove& relay) override { moves.push_back(relay); }
};

/// The packets of a meter with this serial number in this state.
inline std::vector<std::string> packets_of(const std::string& model, const UploadTopic& topic,
                                           const std::string& serial, const MeterState& state,
                                           CivilTime stamp) {
    MeterSpec spec;
    spec.serial = serial;
    ProgramRig rig{model, spec, stamp};
    rig.states[0] = state;
    const MeterView meter{&rig.spec, &rig.program.memory(), rig.states, rig.radio, stamp};
    return packets(topic, meter, 0, stamp);
}

} // namespace kpmsim::test

#pragma once

#include "models/device.hpp"
#include "models/serial.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kpmsim::test {

inline const TypeLibrary& library() {
    static const TypeLibrary types = TypeLibrary::builtin();
    return types;
}

inline CivilTime civil(const std::string& iso) {
    CivilTime t;
    REQUIRE(parse_iso(iso, t));
    return t;
}

/// A meter of a built-in type, its states, and the words of its loops.
struct Bench {
    std::vector<MeterState> states;
    Instrument meter;

    explicit Bench(const std::string& model, InstrumentSpec spec = {})
        : states(static_cast<std::size_t>(library().find(model)->loops)), meter{filled(
                                                                              model,
                                                                              std::move(spec))} {
        publish(civil("2026-01-12T16:39:00"));
    }

    static InstrumentSpec filled(const std::string& model, InstrumentSpec spec) {
        spec.type = library().find(model);
        spec.name = "bench";
        if (spec.serial.empty())
            spec.serial = serial_number(spec.type->serial, Carrier::wifi, 2025, 9, 27);
        return spec;
    }
    void publish(CivilTime site) {
        std::vector<const MeterState*> now;
        for (const MeterState& s : states)
            now.push_back(&s);
        meter.publish(now, site);
    }
    Device& loop(std::size_t n = 0) { return meter.loops()[n]; }

    /// The words, or nothing when the read was refused as an illegal address.
    std::optional<std::vector<std::uint16_t>> read(int first, std::size_t count,
                                                   std::size_t of_loop = 0) {
        std::vector<std::uint16_t> words(count);
        const auto done = loop(of_loop).read_registers(static_cast<std::uint16_t>(first), words);
        if (!done) {
            CHECK(done.error() == Refusal::illegal_address);
            return {};
        }
        return words;
    }
    /// 0 when it was done, else the exception code.
    int write(int first, std::vector<std::uint16_t> words, std::size_t of_loop = 0) {
        const auto done = loop(of_loop).write_registers(static_cast<std::uint16_t>(first), words);
        return done ? 0 : static_cast<int>(done.error());
    }
    double value(const std::string& name, std::size_t of_loop = 0) {
        const RegisterRow* row = loop().type().registers.find(name);
        REQUIRE_MESSAGE(row != nullptr, name);
        const auto words = read(row->address, row->words, of_loop);
        REQUIRE(words);
        return decode(*row, loop().type().registers.word_order, *words);
    }
};

/// Whole watt-hours as an energy register holds them.
inline EnergyCount wh(std::int64_t n) { return {n, 0}; }

} // namespace kpmsim::test

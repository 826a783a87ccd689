#pragma once

#include "models/engine/meter.hpp"
#include "models/faces/register_words.hpp"
#include "models/faces/registers.hpp"
#include "models/type/serial.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

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

/// A meter of a built-in type, its states, and the words of its circuits.
struct Bench {
    std::vector<MeterState> states;
    Meter meter;

    explicit Bench(const std::string& model, MeterSpec spec = {})
        : states(static_cast<std::size_t>(library().find(model)->circuits)), meter{filled(
                                                                                 model,
                                                                                 std::move(spec))} {
        publish(civil("2026-01-12T16:39:00"));
    }

    static MeterSpec filled(const std::string& model, MeterSpec spec) {
        spec.type = library().find(model);
        spec.name = "bench";
        if (spec.serial.empty())
            spec.serial = serial_number(spec.type->serial, Carrier::wifi, 2025, 9, 27);
        return spec;
    }
    /// Hands the states over, as of a moment of the site.
    void publish(CivilTime site) {
        meter.keep_time([] { return SimTime{}; }, site);
        meter.image().metered = states;
        meter.image().site = site;
    }
    Circuit& circuit(std::size_t n = 0) { return meter.circuits()[n]; }

    /// The words, or nothing when the read was refused: no such address.
    std::optional<std::vector<std::uint16_t>> read(int first, std::size_t count,
                                                   std::size_t of_circuit = 0) {
        meter.image().metered = states;
        std::vector<std::uint16_t> words(count);
        const auto done =
            read_registers(circuit(of_circuit), static_cast<std::uint16_t>(first), words);
        if (!done) {
            CHECK(done.error() == Refusal::unknown);
            return {};
        }
        return words;
    }
    /// Nothing when it was done, else why not.
    std::optional<Refusal> write(int first, std::vector<std::uint16_t> words,
                                 std::size_t of_circuit = 0) {
        const auto done =
            write_registers(circuit(of_circuit), static_cast<std::uint16_t>(first), words);
        return done ? std::nullopt : std::optional{done.error()};
    }
    /// What a setting shows.
    double setting(const std::string& name, int of_circuit = 0) {
        const auto got = circuit(static_cast<std::size_t>(of_circuit)).get(name, Access::wire);
        REQUIRE(got);
        return got->number;
    }
    MeteringSettings metering_settings() const {
        return kpmsim::metering_settings(meter.spec(), meter.image().memory);
    }
    double value(const std::string& name, std::size_t of_circuit = 0) {
        const RegisterRow* row = circuit().type().registers.find(name);
        REQUIRE_MESSAGE(row != nullptr, name);
        const auto words = read(row->address, row->words, of_circuit);
        REQUIRE(words);
        return decode(*row, circuit().type().registers.word_order, *words);
    }
};

/// Whole watt-hours as an energy register holds them.
inline EnergyCount wh(std::int64_t n) { return {n, 0}; }

} // namespace kpmsim::test

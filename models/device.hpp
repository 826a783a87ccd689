#pragma once

#include "models/device_type.hpp"
#include "models/energy_history.hpp"
#include "sim/meter_clock.hpp"
#include "sim/meter_state.hpp"
#include "sim/result.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace kpmsim {

/// A refusal that the real device gives; the numbers are Modbus exception codes.
enum class Refusal : std::uint8_t { illegal_function = 1, illegal_address = 2, illegal_value = 3 };

/// What makes one meter different from the next of its type.
struct InstrumentSpec {
    std::string name;
    const DeviceType* type{nullptr};
    std::string serial;                  ///< 13 characters, of loop 1
    int address{1};                      ///< of loop 1
    std::optional<WordOrder> word_order; ///< other than the type's
    std::optional<int> max_read_words;   ///< in one request, other than the type's
    std::vector<std::string> ratings;    ///< code per loop; empty = the type's first
    std::string wiring;                  ///< as the type names it; empty = factory
    std::vector<std::pair<std::string, std::int64_t>>
        settings;                   ///< other than factory, in kept units
    std::int64_t clock_offset_s{0}; ///< its clock against the site's, at `clock_since`
    double clock_error{0};          ///< fraction by which its clock runs fast
    CivilTime clock_since{};        ///< when it was set last
    std::array<std::optional<double>, max_loops>
        temperature_c{};      ///< at each loop's sensor; nothing = no sensor there
    bool relays_fitted{true}; ///< options R and K of a KPM312's type plate; without: exception 02
    bool inputs_fitted{true};
};

/// What the type promises of each loop with its rating; empty when that is nothing.
std::vector<AccuracyClass> accuracy_of(const InstrumentSpec& spec);

class Device;

/// One physical meter: its settings, relays, clock and one Device per loop.
/// The served side of a meter: belongs to the thread that serves; the metering side hands states
/// over by publish().
class Instrument {
public:
    explicit Instrument(InstrumentSpec spec);
    ~Instrument();
    Instrument(const Instrument&) = delete; // its loops point at it
    Instrument& operator=(const Instrument&) = delete;

    const DeviceType& type() const { return *spec_.type; }
    const InstrumentSpec& spec() const { return spec_; }
    WordOrder word_order() const { return spec_.word_order.value_or(type().registers.word_order); }
    int max_read_words() const { return spec_.max_read_words.value_or(type().max_read_words); }
    std::vector<Device>& loops() { return loops_; }
    const std::vector<Device>& loops() const { return loops_; }

    /// How its metering is built: wiring, loops, converter scaling by rating (errors all zero).
    MeteringConfig metering_config() const;
    MeteringSettings metering_settings() const;

    /// Hands over the newest states, one per loop; `site` is the civil time of the site at that
    /// moment. Moves the monthly history on when a settlement moment has passed.
    void publish(std::span<const MeterState* const> states, CivilTime site);
    /// The meter's own clock (site time plus offset) as of the last publish().
    CivilTime rtc() const;
    const MeterClock& clock() const;
    std::int64_t clock_offset_s() const; ///< as of the last publish()

    /// The value of a setting (loop matters where it is per loop).
    std::int64_t setting(const std::string& name, int loop = 0) const;
    /// Sets it as a write over the wire would: false when the value is not allowed.
    bool set(const std::string& name, std::int64_t value, int loop = 0);

    bool relay(int n) const;
    void set_relay(int n, bool closed);
    bool input(int n) const;
    void set_input(int n, bool closed);

    /// The word MSTA of a loop, each of which has an MQTT client of its own: 0 no module, 0x0001
    /// disconnected, 0x0101 connected; first digit = signal.
    void set_wireless(std::uint16_t word, int loop = 0);

    /// What the metering side must learn; taken between two steps.
    struct Changes {
        bool settings{false};
        bool clear_energy{false};
        bool clear_demand_maxima{false};
        bool any() const { return settings || clear_energy || clear_demand_maxima; }
    };
    Changes take_changes();

private:
    friend class Device;
    struct Parts;
    InstrumentSpec spec_;
    std::vector<Device> loops_;
    std::unique_ptr<Parts> parts_;
};

/// One loop as the wire sees it: a Modbus unit with an address, a serial number and a register
/// image.
class Device {
public:
    Device(Instrument& instrument, int loop);

    Instrument& instrument() const { return *instrument_; }
    const DeviceType& type() const { return instrument_->type(); }
    int loop() const { return loop_; } ///< 0-based
    const std::string& serial() const { return serial_; }
    int address() const; ///< base address + loop
    const MeterState& state() const { return *state_; }

    bool answers_function(int code) const;

    /// Requests that a protocol put to this unit, for those who watch a farm.
    std::uint64_t requests() const { return requests_; }
    void count_request() { ++requests_; }

    using Done = Result<std::monostate, Refusal>;
    /// Reads whole or parts of rows (a request may begin or end inside a float); any hole in the
    /// range refuses (illegal_address).
    Done read_registers(std::uint16_t first, std::span<std::uint16_t> out) const;
    /// All or nothing: every row must be whole, writable and in range.
    Done write_registers(std::uint16_t first, std::span<const std::uint16_t> words);
    /// Relays of this unit (bit n = address first + n).
    Done read_coils(std::uint16_t first, std::span<bool> out) const;
    Done write_coil(std::uint16_t address, bool closed);
    Done read_inputs(std::uint16_t first, std::span<bool> out) const;

private:
    friend class Instrument;
    void encode_row(const RegisterRow& row, std::span<std::uint16_t> out) const;
    bool accepts(const RegisterRow& row, std::span<const std::uint16_t> words) const;
    void apply(const RegisterRow& row, std::span<const std::uint16_t> words);

    Instrument* instrument_;
    int loop_;
    std::string serial_;
    const MeterState* state_;
    std::uint64_t requests_{0};
};

} // namespace kpmsim

#pragma once

#include "models/engine/command.hpp"
#include "models/engine/image.hpp"
#include "models/engine/meter_spec.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace kpmsim {

class Device;

/// One physical meter as clients see it, and one Device per loop: an image of what it shows, and the
/// commands that were acknowledged. Belongs to the thread that serves; the metering side hands new
/// images over and takes the commands.
class Instrument {
public:
    explicit Instrument(InstrumentSpec spec);
    Instrument(const Instrument&) = delete; // its loops point at it
    Instrument& operator=(const Instrument&) = delete;

    const DeviceType& type() const { return *spec_.type; }
    const InstrumentSpec& spec() const { return spec_; }
    WordOrder word_order() const { return spec_.word_order.value_or(type().registers.word_order); }
    int max_read_words() const { return spec_.max_read_words.value_or(type().max_read_words); }
    std::vector<Device>& loops() { return loops_; }
    const std::vector<Device>& loops() const { return loops_; }
    const MeterImage& image() const { return image_; }
    MeterView view() const { return kpmsim::view(spec_, image_); }

    using Done = Result<std::monostate, Refusal>;
    /// All or nothing. What was acknowledged is shown at once, and acts on the metering from the
    /// first window boundary at or after the present moment.
    Done set(std::vector<Assignment> what, Access access);
    /// The value that the setting with the role shows; `without` when the type has none.
    double shown(Role role, double without, int loop = 0) const {
        return image_.memory.shown(type(), role, without, loop);
    }
    CivilTime rtc() const { return image_.rtc(); }

    /// The word MSTA of a loop, each of which has an MQTT client of its own.
    void set_radio(std::uint16_t word, int loop = 0);

    // The metering side --------------------------------------------------------------------------

    /// How an acknowledged command learns its moment, and what the site's clock shows at SimTime{}.
    void keep_time(std::function<SimTime()> now, CivilTime start);
    /// The commands acknowledged since the last call.
    std::vector<Command> take_commands();
    /// The image to fill with the newest states and memory; afterwards hand_over() what is still to
    /// be carried out.
    MeterImage& image() { return image_; }
    void show(const Command& command);

private:
    InstrumentSpec spec_;
    std::vector<Device> loops_;
    MeterImage image_;
    std::vector<Command> told_;
    std::function<SimTime()> now_;
    CivilTime start_{};
};

/// One loop as the wire sees it: a unit with an address and a serial number.
class Device {
public:
    Device(Instrument& instrument, int loop) : instrument_{&instrument}, loop_{loop} {}

    Instrument& instrument() const { return *instrument_; }
    const DeviceType& type() const { return instrument_->type(); }
    int loop() const { return loop_; } ///< 0-based
    std::string serial() const { return serial_of(instrument_->spec(), loop_); }
    int address() const; ///< base address + loop
    const MeterState& state() const {
        return instrument_->image().metered[static_cast<std::size_t>(loop_)];
    }

    double number(PointId point) const { return kpmsim::number(instrument_->view(), point, loop_); }
    std::string text(PointId point) const {
        return kpmsim::text(instrument_->view(), point, loop_);
    }
    /// The value of a point by name, as far as those who ask may see it.
    Result<PointValue, Refusal> get(const std::string& point, Access access) const;
    Instrument::Done set(const std::string& point, double value, Access access);

    /// Requests that a protocol put to this unit, for those who watch a farm.
    std::uint64_t requests() const { return requests_; }
    void count_request() { ++requests_; }

private:
    Instrument* instrument_;
    int loop_;
    std::uint64_t requests_{0};
};

} // namespace kpmsim

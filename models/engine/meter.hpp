#pragma once

#include "models/engine/command.hpp"
#include "models/engine/image.hpp"
#include "models/engine/meter_spec.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace kpmsim {

class Circuit;

/// One physical meter as clients see it, and its circuits: an image of what it shows, and the
/// commands that were acknowledged. Belongs to the thread that serves; the metering side hands new
/// images over and takes the commands.
class Meter {
public:
    explicit Meter(MeterSpec spec);
    Meter(const Meter&) = delete; // its circuits point at it
    Meter& operator=(const Meter&) = delete;

    const MeterType& type() const { return *spec_.type; }
    const MeterSpec& spec() const { return spec_; }
    WordOrder word_order() const { return spec_.word_order.value_or(type().registers.word_order); }
    int max_read_words() const { return spec_.max_read_words.value_or(type().max_read_words); }
    std::vector<Circuit>& circuits() { return circuits_; }
    const std::vector<Circuit>& circuits() const { return circuits_; }
    const MeterImage& image() const { return image_; }
    MeterView view() const { return kpmsim::view(spec_, image_); }

    using Done = Result<std::monostate, Refusal>;
    /// All or nothing; each is judged as those before it leave the meter. What was acknowledged is shown at once, and acts on the metering from the
    /// first window boundary at or after the present moment.
    Done set(std::vector<Assignment> what, Access access, std::vector<Intervention> also = {});
    /// By somebody at the keys, whose entry of the password comes first: it is compared with the one that the
    /// meter has before any of this is written.
    Done set_at_keys(std::vector<Assignment> what, std::optional<int> entered);
    /// The value that the setting with the role shows; `without` when the type has none.
    double shown(Role role, double without, int circuit = 0) const {
        return image_.memory.shown(type(), role, without, circuit);
    }
    CivilTime rtc() const { return image_.rtc(); }
    /// Without its auxiliary supply it answers nothing.
    bool powered() const { return image_.memory.powered(); }

    /// The word MSTA of its one radio, which every circuit shows.
    void set_radio(std::uint16_t word);

    // The metering side --------------------------------------------------------------------------

    /// How an acknowledged command learns its moment, and what the site's clock shows at SimTime{}.
    void keep_time(std::function<SimTime()> now, CivilTime start);
    /// Asked before set() shows what nothing else stands against: no, and it is refused as busy.
    void ask(std::function<bool(const Command&)> may);
    /// The commands acknowledged since the last call.
    std::vector<Command> take_commands();
    /// The image to fill with the newest states and memory; afterwards hand_over() what is still to
    /// be carried out.
    MeterImage& image() { return image_; }
    void show(const Command& command);

private:
    MeterSpec spec_;
    std::vector<Circuit> circuits_;
    MeterImage image_;
    std::vector<Command> told_;
    std::function<SimTime()> now_;
    std::function<bool(const Command&)> may_;
    CivilTime start_{};
};

/// One circuit as the wire sees it: a unit with an address and a serial number.
class Circuit {
public:
    Circuit(Meter& meter, int index) : meter_{&meter}, index_{index} {}

    Meter& meter() const { return *meter_; }
    const MeterType& type() const { return meter_->type(); }
    int index() const { return index_; } ///< 0-based
    std::string serial() const { return serial_of(meter_->view(), index_); }
    int address() const; ///< base address + index
    const MeterState& state() const {
        return meter_->image().metered[static_cast<std::size_t>(index_)];
    }

    double number(PointId point) const { return kpmsim::number(meter_->view(), point, index_); }
    bool has_value(PointId point) const { return kpmsim::has_value(meter_->view(), point, index_); }
    std::string text(PointId point) const { return kpmsim::text(meter_->view(), point, index_); }
    /// The value of a point by name, as far as those who ask may see it.
    Result<PointValue, Refusal> get(const std::string& point, Access access) const;
    Meter::Done set(const std::string& point, double value, Access access);

    /// Requests that a protocol put to this unit, for those who watch a farm.
    std::uint64_t requests() const { return requests_; }
    void count_request() { ++requests_; }

private:
    Meter* meter_;
    int index_;
    std::uint64_t requests_{0};
};

} // namespace kpmsim

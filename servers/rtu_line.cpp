#include "servers/rtu_line.hpp"

#include "servers/modbus_pdu.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <utility>

namespace kpmsim {
namespace {

constexpr std::size_t least_frame = 4;          // address, function, check
constexpr std::size_t most_frame = 3 + max_pdu; // 256
constexpr std::size_t around_pdu = 3;           // address before, check behind

// CRC-16/MODBUS: x^16 + x^15 + x^2 + 1 with the bits reversed (0xA001), from 0xFFFF on, one table
// step per byte.
constexpr auto crc_table = [] {
    std::array<std::uint16_t, 256> table{};
    for (unsigned byte = 0; byte < 256; ++byte) {
        unsigned crc = byte;
        for (int bit = 0; bit < 8; ++bit)
            crc = crc & 1u ? crc >> 1 ^ 0xA001u : crc >> 1;
        table[byte] = static_cast<std::uint16_t>(crc);
    }
    return table;
}();

/// The CRC over a frame and its own check (low byte first) is zero when the check is right.
bool check_is_right(std::span<const std::uint8_t> frame) { return crc16(frame) == 0; }

/// What a request of a known function looks like when all of it is there.
bool complete(std::span<const std::uint8_t> frame) {
    if (frame.size() < least_frame || !check_is_right(frame))
        return false;
    const auto length = request_length(frame.subspan(1, frame.size() - around_pdu));
    return length && (*length == 0 || *length + around_pdu == frame.size());
}

std::vector<std::uint8_t> framed(std::uint8_t address, const Pdu& pdu) {
    std::vector<std::uint8_t> frame{address};
    frame.insert(frame.end(), pdu.view().begin(), pdu.view().end());
    const auto crc = crc16(frame);
    frame.push_back(static_cast<std::uint8_t>(crc & 0xFF));
    frame.push_back(static_cast<std::uint8_t>(crc >> 8));
    return frame;
}

/// Two drivers on one pair: a zero wins over a one, and the second one is never quite in step with
/// the first.
std::uint8_t both_drive(std::uint8_t first, std::uint8_t second) {
    const auto out_of_step = static_cast<std::uint8_t>(second << 1 | second >> 7);
    return first & out_of_step;
}

} // namespace

std::uint16_t crc16(std::span<const std::uint8_t> bytes) {
    std::uint16_t crc = 0xFFFF;
    for (const auto byte : bytes)
        crc = static_cast<std::uint16_t>(crc >> 8 ^ crc_table[(crc ^ byte) & 0xFF]);
    return crc;
}

LineTime LineSettings::characters(double n) const {
    return LineTime{std::llround(n * bits_per_character * 1e9 / baud)};
}

LineTime LineSettings::silence() const {
    return baud > 19200 ? LineTime{std::chrono::microseconds{1750}} : characters(3.5);
}

RtuLine::RtuLine(LineSettings settings, std::vector<Circuit*> circuits)
    : settings_{settings}, devices_{std::move(circuits)} {
    assert(settings_.baud > 0 && settings_.bits_per_character > 0);
    frame_.reserve(most_frame + 1);
}

LineSettings RtuLine::settings_of(const Circuit& circuit) const {
    LineSettings own = settings_;
    const Meter& meter = circuit.meter();
    own.baud = static_cast<int>(meter.shown(Role::line_baud, own.baud));
    if (circuit.type().setting(Role::line_format) != nullptr) {
        const auto format = static_cast<std::size_t>(meter.shown(Role::line_format, 0));
        own.bits_per_character = line_formats()[format] == "8N1" ? 10 : 11;
    }
    return own;
}

void RtuLine::receive(std::span<const std::uint8_t> bytes, int client_baud, LineTime at) {
    if (bytes.empty())
        return;
    run_until(at);

    const auto begins = frame_.empty() ? at : std::max(at, frame_end_);
    if (frame_.empty()) {
        frame_begin_ = begins;
        frame_baud_ = client_baud;
    }
    mixed_baud_ |= client_baud != frame_baud_;
    if (pending_ && begins < pending_->ends) {
        collided_ = true;
        garble_answer(bytes, begins);
    }

    auto client = settings_;
    if (client_baud > 0)
        client.baud = client_baud;
    frame_end_ = begins + client.characters(static_cast<double>(bytes.size()));

    const auto room = most_frame + 1 - frame_.size();
    const auto taken = bytes.first(std::min(room, bytes.size()));
    frame_.insert(frame_.end(), taken.begin(), taken.end());
}

void RtuLine::garble_answer(std::span<const std::uint8_t> bytes, LineTime begins) {
    const auto character = pending_->sent_with.characters(1);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto when = begins + settings_.characters(static_cast<double>(i));
        if (when < pending_->begins)
            continue;
        const auto place = static_cast<std::size_t>((when - pending_->begins) / character);
        if (place >= pending_->bytes.size())
            return;
        auto& byte = pending_->bytes[place];
        byte = both_drive(byte, bytes[i]);
    }
}

LineTime RtuLine::frame_deadline() const {
    const auto slack = complete(frame_) ? LineTime{} : scheduler_slack;
    auto sent_with = settings_;
    if (frame_baud_ > 0)
        sent_with.baud = frame_baud_;
    return frame_end_ + sent_with.silence() + slack;
}

std::optional<LineTime> RtuLine::next_event() const {
    std::optional<LineTime> next;
    if (!frame_.empty())
        next = frame_deadline();
    if (pending_ && (!next || pending_->ends < *next))
        next = pending_->ends;
    if (!over_.empty())
        next = over_.front().ends;
    return next;
}

std::vector<RtuLine::Answer> RtuLine::advance(LineTime at) {
    run_until(at);
    return std::exchange(over_, {});
}

void RtuLine::run_until(LineTime at) {
    for (;;) {
        const bool answer_over = pending_ && pending_->ends <= at;
        const bool frame_over = !frame_.empty() && frame_deadline() <= at;
        if (answer_over && !(frame_over && frame_deadline() < pending_->ends)) {
            last_frame_end_ = pending_->ends;
            over_.push_back(std::move(*pending_));
            pending_.reset();
        } else if (frame_over) {
            end_frame();
        } else {
            return;
        }
    }
}

void RtuLine::end_frame() {
    if (collided_)
        ++traffic_.collisions;
    else if (!heard_by_any())
        ++traffic_.wrong_line;
    else if (frame_.size() < least_frame)
        ++traffic_.short_frames;
    else if (frame_.size() > most_frame)
        ++traffic_.long_frames;
    else if (!check_is_right(frame_))
        ++traffic_.bad_crc;
    else
        carry_out();

    last_frame_end_ = frame_end_;
    frame_.clear();
    mixed_baud_ = false;
    collided_ = false;
}

bool RtuLine::heard_by_any() const {
    return !mixed_baud_ && std::any_of(
                               devices_.begin(), devices_.end(),
                               [this](const Circuit* circuit) {
                                   return settings_of(*circuit).baud == frame_baud_;
                               });
}

void RtuLine::carry_out() {
    const auto address = frame_[0];
    const auto request = std::span{frame_}.subspan(1, frame_.size() - around_pdu);
    if (is_answer(request)) {
        ++traffic_.answers_heard;
        return;
    }
    const auto deaf = [this](const Circuit& circuit) {
        const std::chrono::milliseconds interval{circuit.type().line.min_frame_interval_ms};
        return last_frame_end_ && frame_begin_ < *last_frame_end_ + interval;
    };

    // Who is meant, and how they are set, is settled before anybody acts: a write may change both.
    struct Meant {
        Circuit* circuit;
        LineSettings set_to;
    };
    std::vector<Meant> meant;
    bool missed = false;
    bool elsewhere = false;
    for (auto* const circuit : devices_) {
        if (address != 0 && circuit->address() != address)
            continue;
        const auto set_to = settings_of(*circuit);
        if (set_to.baud != frame_baud_)
            elsewhere = true;
        else if (deaf(*circuit))
            missed = true;
        else
            meant.push_back({circuit, set_to});
    }
    if (missed)
        ++traffic_.too_soon;
    if (address == 0) {
        ++traffic_.broadcasts;
        for (const auto& each : meant)
            answer(*each.circuit, request);
        return;
    }
    if (meant.empty()) {
        if (!missed)
            ++(elsewhere ? traffic_.wrong_line : traffic_.other_units);
        return;
    }

    assert(!pending_); // a frame that meets an answer has collided
    for (const auto& each : meant)
        begin_answer(*each.circuit, each.set_to, framed(address, answer(*each.circuit, request)));
    if (meant.size() == 1) {
        ++traffic_.requests;
        traffic_.exceptions += pending_->bytes[1] >> 7;
    } else {
        ++traffic_.collisions;
    }
    pending_->ends = pending_->begins +
                     pending_->sent_with.characters(static_cast<double>(pending_->bytes.size()));
}

/// Puts an answer on the line, beside one that another meter has begun.
void RtuLine::begin_answer(const Circuit& circuit, const LineSettings& sent_with,
                           std::vector<std::uint8_t> bytes) {
    const std::chrono::milliseconds turnaround{circuit.type().line.turnaround_ms};
    const auto begins = std::max(frame_deadline(), frame_end_ + turnaround);
    if (!pending_) {
        pending_ = Answer{std::move(bytes), sent_with, frame_end_, begins, {}};
        return;
    }
    const auto apart = std::max(begins - pending_->begins, LineTime{});
    auto& both = pending_->bytes;
    const auto shift =
        std::min(both.size(), static_cast<std::size_t>(apart / pending_->sent_with.characters(1)));
    for (std::size_t i = 0; i < bytes.size(); ++i)
        if (shift + i < both.size())
            both[shift + i] = both_drive(both[shift + i], bytes[i]);
        else
            both.push_back(bytes[i]);
}

} // namespace kpmsim

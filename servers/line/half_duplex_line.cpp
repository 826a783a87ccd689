#include "servers/line/half_duplex_line.hpp"

#include "servers/line/both_drive.hpp"
#include "sim/guard.hpp"

#include <algorithm>
#include <utility>

namespace kpmsim {
HalfDuplexLine::HalfDuplexLine(LineSettings settings, LineStations& stations)
    : settings_{settings}, stations_{stations} {
    guard(settings_.baud > 0 && settings_.bits_per_character > 0);
    frame_.reserve(stations_.longest_frame() + 1);
}

void HalfDuplexLine::receive(std::span<const std::uint8_t> bytes, int client_baud, LineTime at,
                             std::uint64_t client) {
    if (bytes.empty())
        return;
    run_until(at);

    const auto begins = frame_.empty() ? at : std::max(at, frame_end_);
    if (frame_.empty()) {
        frame_begin_ = begins;
        frame_baud_ = client_baud;
    }
    mixed_baud_ |= client_baud != frame_baud_;
    client_ = client;
    if (pending_ && begins < pending_->ends) {
        collided_ = true;
        garble_answer(bytes, begins);
    }

    auto sent_with = settings_;
    if (client_baud > 0)
        sent_with.baud = client_baud;
    frame_end_ = begins + sent_with.characters(static_cast<double>(bytes.size()));

    const auto room = stations_.longest_frame() + 1 - frame_.size();
    const auto taken = bytes.first(std::min(room, bytes.size()));
    frame_.insert(frame_.end(), taken.begin(), taken.end());
}

void HalfDuplexLine::garble_answer(std::span<const std::uint8_t> bytes, LineTime begins) {
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

LineTime HalfDuplexLine::frame_deadline() const {
    auto sent_with = settings_;
    if (frame_baud_ > 0)
        sent_with.baud = frame_baud_;
    return frame_end_ + stations_.silence_after(frame_, sent_with);
}

std::optional<LineTime> HalfDuplexLine::next_event() const {
    std::optional<LineTime> next;
    if (!frame_.empty())
        next = frame_deadline();
    if (pending_ && (!next || pending_->ends < *next))
        next = pending_->ends;
    if (!over_.empty())
        next = over_.front().ends;
    return next;
}

std::vector<HalfDuplexLine::Answer> HalfDuplexLine::advance(LineTime at) {
    run_until(at);
    return std::exchange(over_, {});
}

void HalfDuplexLine::run_until(LineTime at) {
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

void HalfDuplexLine::end_frame() {
    if (collided_) {
        stations_.collision();
    } else {
        for (LineReply& reply :
             stations_.hear({frame_, frame_baud_, mixed_baud_, frame_begin_, last_frame_end_}))
            begin_answer(std::move(reply));
        if (pending_)
            pending_->ends = pending_->begins + pending_->sent_with.characters(
                                                    static_cast<double>(pending_->bytes.size()));
    }
    last_frame_end_ = frame_end_;
    frame_.clear();
    mixed_baud_ = false;
    collided_ = false;
}

/// Puts an answer on the line, beside one that another station has begun.
void HalfDuplexLine::begin_answer(LineReply reply) {
    const auto begins = std::max(frame_deadline(), frame_end_ + reply.turnaround);
    if (!pending_) {
        pending_ = Answer{std::move(reply.bytes), reply.sent_with, begins, {}, client_};
        return;
    }
    const auto apart = std::max(begins - pending_->begins, LineTime{});
    auto& both = pending_->bytes;
    const auto shift =
        std::min(both.size(), static_cast<std::size_t>(apart / pending_->sent_with.characters(1)));
    for (std::size_t i = 0; i < reply.bytes.size(); ++i)
        if (shift + i < both.size())
            both[shift + i] = both_drive(both[shift + i], reply.bytes[i]);
        else
            both.push_back(reply.bytes[i]);
}

} // namespace kpmsim

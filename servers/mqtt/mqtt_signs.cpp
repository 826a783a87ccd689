#include "servers/mqtt/mqtt_signs.hpp"

#include "servers/net/asio.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace kpmsim {

struct MqttSigns::Parts {
    Parts(EventLoop& loop_, SessionOf session_of_, std::function<bool()> coming_)
        : loop{loop_}, session_of{std::move(session_of_)}, coming{std::move(coming_)}, timer{
                                                                                           loop_} {}

    EventLoop& loop;
    SessionOf session_of;
    std::function<bool()> coming;
    LoopTimer timer;
    std::vector<std::size_t> senders; ///< since the last time
    std::vector<bool> is_sender;      ///< by client
    std::vector<std::size_t> awaited;
    std::size_t missing{0};
    std::function<void(std::size_t)> done; ///< empty: nobody waits

    void end() {
        timer.cancel();
        for (const std::size_t i : std::exchange(awaited, {}))
            if (const MqttSession* session = session_of(i))
                missing += std::max<std::size_t>(1, session->unacknowledged());
        boost::asio::post(loop, [done = std::exchange(done, nullptr),
                                 missing = std::exchange(missing, 0)] { done(missing); });
    }
};

MqttSigns::MqttSigns(EventLoop& loop, SessionOf session_of, std::function<bool()> coming)
    : parts_{std::make_shared<Parts>(loop, std::move(session_of), std::move(coming))} {}

MqttSigns::~MqttSigns() = default;

void MqttSigns::sent(std::size_t client) {
    Parts& p = *parts_;
    p.is_sender.resize(std::max(p.is_sender.size(), client + 1));
    if (p.is_sender[client])
        return;
    p.is_sender[client] = true;
    p.senders.push_back(client);
}

void MqttSigns::sent_late(std::size_t client) {
    Parts& p = *parts_;
    MqttSession* const session = p.session_of(client);
    if (!p.done || session == nullptr)
        return;
    session->ask_for_sign();
    if (std::find(p.awaited.begin(), p.awaited.end(), client) == p.awaited.end())
        p.awaited.push_back(client);
}

void MqttSigns::dropped(std::size_t messages) {
    if (parts_->done)
        parts_->missing += messages;
}

std::vector<std::size_t> MqttSigns::ask(std::chrono::milliseconds patience,
                                        std::function<void(std::size_t)> done) {
    Parts& p = *parts_;
    assert(!p.done);
    p.done = std::move(done);
    for (const std::size_t i : std::exchange(p.senders, {})) {
        p.is_sender[i] = false;
        if (MqttSession* session = p.session_of(i)) {
            session->ask_for_sign();
            p.awaited.push_back(i);
        }
    }
    p.timer.expires_after(patience);
    p.timer.async_wait(
        [weak = std::weak_ptr<Parts>{parts_}](const boost::system::error_code& error) {
            if (const auto self = weak.lock(); self && !error && self->done)
                self->end();
        });
    return p.awaited;
}

void MqttSigns::look() {
    Parts& p = *parts_;
    if (!p.done)
        return;
    std::erase_if(p.awaited, [&](std::size_t i) {
        const MqttSession* session = p.session_of(i);
        return session == nullptr || session->settled();
    });
    if (p.awaited.empty() && !p.coming())
        p.end();
}

void MqttSigns::lost(std::size_t client, std::size_t unacknowledged) {
    Parts& p = *parts_;
    if (std::erase(p.awaited, client) > 0)
        p.missing += std::max<std::size_t>(1, unacknowledged);
}

void MqttSigns::stop() { parts_->timer.cancel(); }

} // namespace kpmsim

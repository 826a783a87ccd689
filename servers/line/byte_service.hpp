#pragma once

#include "servers/line/line_fault.hpp"
#include "servers/line/line_settings.hpp"
#include "servers/line/traffic.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace kpmsim {

/// When bytes came, and what the end that they came from is set to.
struct Arrival {
    LineTime at{};
    std::optional<int> baud{}; ///< nothing where the transport has no speed
};

/// Bytes that nobody can follow, in the words of the log.
struct Misfit {
    std::string_view expected; ///< "an MBAP header"
    std::string_view question; ///< what its sender may have meant
};

/// A protocol on one connection, whatever carries it: bytes in with their time, bytes out with
/// theirs. It knows neither socket nor clock, and nothing in it waits.
class ByteService {
public:
    /// Answers that wait to be sent keep a service from taking more.
    static constexpr std::size_t most_out = 32 * 1024;

    ByteService() = default;
    virtual ~ByteService() = default;
    ByteService(const ByteService&) = delete;
    ByteService& operator=(const ByteService&) = delete;

    /// Takes what it can from the front of `in` and appends what is to be sent at once. What it
    /// leaves is offered again when more has come behind it, or when what it said has gone.
    /// returns how many bytes were taken
    virtual std::size_t take(std::span<const std::uint8_t> in, const Arrival& arrival,
                             std::vector<std::uint8_t>& out) = 0;
    /// Not before this moment it is offered more: who is ahead of a wire has to wait for it.
    virtual LineTime takes_from() const { return LineTime::min(); }
    /// When something is due without further bytes; nothing when idle.
    virtual std::optional<LineTime> next_event() const { return {}; }
    /// Moves on to that moment and appends what is to be sent by then.
    virtual void advance(LineTime /*at*/, std::vector<std::uint8_t>& /*out*/) {}
    /// The client is gone: what it asked is carried out still, and the answers go nowhere.
    virtual void client_left() {}

    /// So much later than the client's end the connection is closed.
    virtual LineTime lingers() const { return {}; }

    /// Set when the connection is to be ended, and how.
    virtual std::optional<HangUp> hangs_up() const { return {}; }
    /// Set when the stream cannot be followed any more: close it.
    virtual const Misfit* misfit() const { return nullptr; }
    /// What the log should have about the client, once, behind the name of the connection; empty:
    /// nothing.
    virtual std::string_view remark() const { return {}; }
};

/// What is served on each connection of one listener, dialler or pty.
class ByteServiceFactory {
public:
    ByteServiceFactory() = default;
    virtual ~ByteServiceFactory() = default;
    ByteServiceFactory(const ByteServiceFactory&) = delete;
    ByteServiceFactory& operator=(const ByteServiceFactory&) = delete;

    virtual std::unique_ptr<ByteService> connect() = 0; ///< may outlive the factory
    virtual std::string_view protocol() const = 0;      ///< for the log: "Modbus-TCP"
    virtual const Traffic& traffic() const = 0;         ///< of all connections
    /// Calls `tell` whenever it begins to refuse new connections, and when it is over.
    // By value: who overrides it keeps it. NOLINTNEXTLINE(performance-unnecessary-value-param)
    virtual void on_refusal(std::function<void(bool refuses)> /*tell*/) {}
};

} // namespace kpmsim

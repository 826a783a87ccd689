#pragma once

#include "servers/line/line_settings.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace kpmsim {

/// Bytes on their way through a fault, and when they come out of it.
struct Passing {
    std::vector<std::uint8_t> bytes;
    LineTime at{};
    std::optional<int> baud{}; ///< to the meter: what their sender is set to, where it is told
};

/// How a fault ends a connection.
enum class HangUp : std::uint8_t {
    close, ///< in order
    reset, ///< at once; what was under way is lost
};

struct EndOfConnection {
    HangUp how{HangUp::close};
    LineTime at{};
};

/// What comes out of a fault.
struct Passed {
    std::vector<Passing> to_meter, to_client;
    std::optional<EndOfConnection> end;
};

/// What goes wrong on one connection, between a transport and the protocol on it. Each direction is
/// asked for all bytes that enter it, and appends what leaves it and when: as it came, altered, later,
/// in pieces, or nothing at all; an answer of its own, too. Bytes do not overtake each other; what would
/// leave earlier than what entered before it leaves with that.
class LineFault {
public:
    LineFault() = default;
    virtual ~LineFault() = default;
    LineFault(const LineFault&) = delete;
    LineFault& operator=(const LineFault&) = delete;

    virtual void to_meter(std::span<const std::uint8_t> bytes, LineTime at, Passed& out) = 0;
    virtual void to_client(std::span<const std::uint8_t> bytes, LineTime at, Passed& out) = 0;
    /// Something is left of what went wrong, though nothing does any more.
    virtual bool unsettled() const { return false; }
};

/// What goes wrong at one place: on every connection to what is behind it.
class LineFaults {
public:
    LineFaults() = default;
    virtual ~LineFaults() = default;
    LineFaults(const LineFaults&) = delete;
    LineFaults& operator=(const LineFaults&) = delete;

    virtual std::unique_ptr<LineFault> connect() = 0;
    virtual bool idle() const { return false; }    ///< nothing goes wrong at present
    virtual bool refuses() const { return false; } ///< who wants to connect
    /// So much later than the client's own end its connection is closed here.
    virtual LineTime lingers() const { return {}; }
};

} // namespace kpmsim

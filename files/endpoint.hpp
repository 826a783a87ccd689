#pragma once

#include "files/mistake.hpp"

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace kpmsim {

/// A TCP port on a host.
struct Endpoint {
    std::string host; ///< an IP address, an IPv6 one without brackets; a client's may be a name
    unsigned short port{0};

    auto operator<=>(const Endpoint&) const = default;
};
std::string to_text(const Endpoint& endpoint); ///< 127.0.0.1:1502, [::1]:1502

/// The one spelling of an IP address, a zone (fe80::1%eth0) included; nothing when it is none.
std::optional<std::string> ip_address(std::string_view text);
/// An IP address, or what may be the name of a machine.
bool is_host(std::string_view text);

/// HOST or HOST:PORT in its parts, which nobody has looked at yet; an IPv6 address has brackets.
struct HostPort {
    std::string_view host;
    std::optional<std::string_view> port; ///< behind the colon
};
std::optional<HostPort> split_host_port(std::string_view text, Fault& fault);
/// A whole number from `least` to 65535.
std::optional<unsigned short> parse_port(std::string_view text, unsigned least);

/// An address to listen at: "127.0.0.1", "::1" or "[::1]"; "localhost" is 127.0.0.1.
std::optional<std::string> parse_listen_address(std::string_view text, Fault& fault);
/// ADDRESS:PORT to listen at, or a port at the address `bind`; port 0 is any free one.
std::optional<Endpoint> parse_listener(std::string_view text, const std::string& bind,
                                       Fault& fault);
/// HOST:PORT that a client connects to.
std::optional<Endpoint> parse_server(std::string_view text, Fault& fault);

/// Whether two listeners cannot be at once: the same port at one address, or at one and at all.
bool collide(const Endpoint& a, const Endpoint& b);

} // namespace kpmsim

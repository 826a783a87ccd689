#include "files/endpoint.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <netinet/in.h>

namespace kpmsim {
namespace {

constexpr const char* listener_cure = "write \"127.0.0.1:1502\" for this machine only, or "
                                      "\"0.0.0.0:1502\" for others too";

bool among(char c, std::string_view more) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           more.find(c) != std::string_view::npos;
}

std::string_view unbracketed(std::string_view text) {
    return text.size() > 2 && text.front() == '[' && text.back() == ']'
               ? text.substr(1, text.size() - 2)
               : text;
}

/// Digits and dots are an address or nothing: no name looks so.
bool like_ipv4(std::string_view text) {
    return text.find_first_not_of("0123456789.") == std::string_view::npos;
}

/// The text for a message; what has an @ may hold a password.
std::string quoted(std::string_view text) {
    return text.find('@') == std::string_view::npos ? fmt::format("\"{}\"", text)
                                                    : "with an account in it";
}

constexpr std::string_view example = "127.0.0.1:1502";

/// "[::1]:1502" for "::1:1502", where that is what it means.
std::string with_brackets(std::string_view text) {
    const auto colon = text.rfind(':');
    const auto address = ip_address(text.substr(0, colon));
    return address && parse_port(text.substr(colon + 1), 1)
               ? fmt::format("[{}]{}", *address, text.substr(colon))
               : "[::1]:1502";
}

/// ADDRESS:PORT, where both are what they should be; else the example.
std::string pair_or_example(std::string_view host, std::string_view port) {
    return ip_address(host) && parse_port(port, 1) ? fmt::format("{}:{}", host, port)
                                                   : std::string{example};
}

/// Two colons part nothing of IPv6, whose shortest addresses have them side by side.
bool like_two_ports(std::string_view text) {
    const std::string_view host = text.substr(0, text.find(':'));
    return host.find('.') != std::string_view::npos ||
           (std::count(text.begin(), text.end(), ':') == 2 &&
            text.find("::") == std::string_view::npos);
}

Fault too_many_colons(std::string_view text) {
    if (!like_two_ports(text)) {
        return {quoted(text) + " has an IPv6 address without brackets",
                fmt::format("write \"{}\"", with_brackets(text))};
    }
    const std::size_t first = text.find(':');
    const std::string_view port = text.substr(first + 1, text.find(':', first + 1) - first - 1);
    return {quoted(text) + " has more than one port",
            fmt::format("write \"{}\"", pair_or_example(text.substr(0, first), port))};
}

/// What stands in brackets and is no IPv6 address, or something else behind them.
Fault odd_brackets(std::string_view text, const HostPort& parts) {
    const bool plain = ip_address(parts.host) && parts.host.find(':') == std::string_view::npos;
    return {quoted(text) + " has brackets around more or less than an IPv6 address",
            plain ? fmt::format("write it without brackets: \"{}\"",
                                pair_or_example(parts.host, parts.port.value_or("1502")))
                  : "write it as [::1]:1502"};
}

bool is_listener(std::string_view text) {
    Fault ignored;
    return parse_listener(text, "127.0.0.1", ignored).has_value();
}

bool is_server(std::string_view text) {
    Fault ignored;
    return parse_server(text, ignored).has_value();
}

/// HOST:PORT with both there and no scheme in front; a cure is one that `takes` takes.
std::optional<HostPort> read_pair(std::string_view text, bool takes(std::string_view),
                                  Fault& fault) {
    if (const auto scheme = text.find("://"); scheme != std::string_view::npos) {
        std::string_view rest = text.substr(scheme + 3);
        while (rest.ends_with('/'))
            rest.remove_suffix(1);
        const bool cured = rest.find_first_of("@/") == std::string_view::npos && takes(rest);
        fault = {quoted(text) + " has a scheme in front",
                 fmt::format("write \"{}\"", cured ? rest : example)};
        return std::nullopt;
    }
    auto parts = split_host_port(text, fault);
    if (!parts)
        return std::nullopt;
    if (!parts->port) {
        fault.what = quoted(text) + " lacks its port";
        const std::string with_port = fmt::format("{}:1502", text);
        fault.cure = fmt::format("write \"{}\"", takes(with_port) ? with_port : example);
        return std::nullopt;
    }
    return parts;
}

} // namespace

std::string to_text(const Endpoint& endpoint) {
    const bool v6 = endpoint.host.find(':') != std::string::npos;
    return (v6 ? '[' + endpoint.host + ']' : endpoint.host) + ':' + std::to_string(endpoint.port);
}

std::optional<std::string> ip_address(std::string_view text) {
    const auto percent = text.find('%');
    const std::string number{text.substr(0, percent)};
    const std::string_view zone =
        percent == std::string_view::npos ? std::string_view{} : text.substr(percent);
    const bool named =
        std::all_of(zone.begin(), zone.end(), [](char c) { return among(c, "%.-_"); });
    std::array<char, INET6_ADDRSTRLEN> out{};
    in6_addr address{}; // room for either
    if (zone.empty() && percent == std::string_view::npos &&
        ::inet_pton(AF_INET, number.c_str(), &address) == 1)
        return ::inet_ntop(AF_INET, &address, out.data(), out.size());
    if (::inet_pton(AF_INET6, number.c_str(), &address) != 1 || zone == "%" || !named)
        return std::nullopt;
    return ::inet_ntop(AF_INET6, &address, out.data(), out.size()) + std::string{zone};
}

bool is_host(std::string_view text) {
    if (ip_address(text))
        return true;
    return !text.empty() && text.size() <= 253 && !like_ipv4(text) &&
           std::all_of(text.begin(), text.end(), [](char c) { return among(c, "-._"); });
}

std::optional<HostPort> split_host_port(std::string_view text, Fault& fault) {
    HostPort parts;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) {
            fault = {quoted(text) + " lacks the ] behind its IPv6 address",
                     "write the address in brackets: [::1]"};
            return std::nullopt;
        }
        parts.host = text.substr(1, end - 1);
        const std::string_view rest = text.substr(end + 1);
        if (rest.starts_with(':'))
            parts.port = rest.substr(1);
        if ((!rest.empty() && !parts.port) || parts.host.find(':') == std::string_view::npos) {
            fault = odd_brackets(text, parts);
            return std::nullopt;
        }
        return parts;
    }
    const auto colon = text.find(':');
    if (colon != text.rfind(':')) {
        fault = too_many_colons(text);
        return std::nullopt;
    }
    parts.host = text.substr(0, colon);
    if (colon != std::string_view::npos)
        parts.port = text.substr(colon + 1);
    return parts;
}

std::optional<unsigned short> parse_port(std::string_view text, unsigned least) {
    unsigned short port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size() || port < least)
        return std::nullopt;
    return port;
}

std::optional<std::string> parse_listen_address(std::string_view text, Fault& fault) {
    if (text == "localhost")
        return "127.0.0.1";
    if (auto address = ip_address(unbracketed(text)))
        return address;
    fault.what = quoted(text) + " is no IP address";
    fault.cure = text == "*" ? "write \"0.0.0.0\" for every interface, \"::\" for those of IPv6 too"
                             : "write \"127.0.0.1\" for this machine only, or \"0.0.0.0\" for "
                               "others too";
    return std::nullopt;
}

std::optional<Endpoint> parse_listener(std::string_view text, const std::string& bind,
                                       Fault& fault) {
    if (const auto port = parse_port(text, 0))
        return Endpoint{bind, *port};
    if (!text.empty() && text.find_first_not_of("+-0123456789") == std::string_view::npos) {
        fault = {quoted(text) + " is no port from 0 (any free one) to 65535", listener_cure};
        return std::nullopt;
    }
    const auto parts = read_pair(text, is_listener, fault);
    if (!parts)
        return std::nullopt;
    const auto port = parse_port(*parts->port, 0);
    if (!port) {
        fault = {quoted(text) + " has no port from 0 (any free one) to 65535", listener_cure};
        return std::nullopt;
    }
    Fault of_address;
    if (const auto address = parse_listen_address(parts->host, of_address))
        return Endpoint{*address, *port};
    if (parts->host == "*") {
        fault = {quoted(text) + " has a * for its address",
                 fmt::format("write \"0.0.0.0:{0}\" for every interface, \"[::]:{0}\" for those of "
                             "IPv6 too",
                             *port)};
    } else {
        fault = {quoted(text) + (parts->host.empty() ? " lacks its address"
                                                     : " has no IP address before its port"),
                 listener_cure};
    }
    return std::nullopt;
}

std::optional<Endpoint> parse_server(std::string_view text, Fault& fault) {
    const auto parts = read_pair(text, is_server, fault);
    if (!parts)
        return std::nullopt;
    const auto port = parse_port(*parts->port, 1);
    if (!port) {
        fault = {quoted(text) + " has no port from 1 to 65535", "write \"127.0.0.1:1502\""};
        return std::nullopt;
    }
    if (!is_host(parts->host)) {
        fault = {quoted(text) + (parts->host.empty() ? " lacks its host"
                                                     : " has neither a name nor an address for its "
                                                       "host"),
                 "write \"127.0.0.1:1502\""};
        return std::nullopt;
    }
    return Endpoint{ip_address(parts->host).value_or(std::string{parts->host}), *port};
}

bool collide(const Endpoint& a, const Endpoint& b) {
    if (a.port != b.port || a.port == 0)
        return false;
    const auto v6 = [](const Endpoint& e) { return e.host.find(':') != std::string::npos; };
    // Linux gives a listener at :: the port of IPv4, too.
    const auto holds = [&](const Endpoint& all, const Endpoint& one) {
        return all.host == "::" || (all.host == "0.0.0.0" && !v6(one));
    };
    return a.host == b.host || holds(a, b) || holds(b, a);
}

} // namespace kpmsim

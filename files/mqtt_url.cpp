#include "files/mqtt_url.hpp"

#include "files/endpoint.hpp"
#include "files/utf8.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace kpmsim {
namespace {

constexpr const char* example = "write mqtt://127.0.0.1:1883, or mqtt://account:password@host:port";

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return static_cast<unsigned>(c - '0');
    const char lower = static_cast<char>(c | 0x20);
    if (lower >= 'a' && lower <= 'f')
        return static_cast<unsigned>(lower - 'a') + 10;
    return std::nullopt;
}

std::optional<std::string> percent_decoded(std::string_view text, std::string_view what,
                                           Fault& fault) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
        const auto low = high ? hex_digit(text[i + 2]) : std::nullopt;
        if (!low) {
            fault = {fmt::format("has a % in its {} that no two hex digits follow", what),
                     "write a percent sign as %25"};
            return std::nullopt;
        }
        out += static_cast<char>(*high * 16 + *low);
        i += 2;
    }
    if (out.find('\0') != std::string::npos) {
        fault = {fmt::format("has a zero byte in its {}", what), "leave the %00 out"};
        return std::nullopt;
    }
    return out;
}

/// As MQTT has it: 3.1.1, section 1.5.3.
bool is_mqtt_text(std::string_view text) {
    return is_utf8(text) &&
           std::none_of(
               text.begin(), text.end(),
               [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

/// account[:password], with the signs that a URL has a use for written by their numbers.
bool read_user(std::string_view user, MqttEndpoint& endpoint, Fault& fault) {
    for (const char c : user) {
        if (std::string_view{"/?#@[] "}.find(c) == std::string_view::npos)
            continue;
        const std::string name = c == ' ' ? "blank" : std::string(1, c);
        fault = {fmt::format("has a {} in its account or password", name),
                 fmt::format("write the {} as %{:02X}", name, static_cast<unsigned>(c))};
        return false;
    }
    const auto colon = user.find(':');
    const auto account = percent_decoded(user.substr(0, colon), "account", fault);
    if (!account)
        return false;
    if (account->empty()) {
        fault = {"has no account before the @", example};
        return false;
    }
    if (!is_mqtt_text(*account)) {
        fault = {"has an account that is not UTF-8, or with a control character in it",
                 "write the account in UTF-8, as the broker has it"};
        return false;
    }
    endpoint.account = *account;
    if (colon == std::string_view::npos)
        return true;
    const auto password = percent_decoded(user.substr(colon + 1), "password", fault);
    endpoint.password = password.value_or("");
    return password.has_value();
}

} // namespace

std::optional<MqttEndpoint> parse_mqtt_url(std::string_view url, Fault& fault) {
    const auto refuse = [&](const char* what, const std::string& cure) {
        fault = {what, cure};
        return std::nullopt;
    };
    const auto scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos)
        return refuse("has no mqtt:// in front", example);
    std::string scheme{url.substr(0, scheme_end)};
    for (char& c : scheme)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    MqttEndpoint endpoint;
    endpoint.tls = scheme == "mqtts";
    if (endpoint.tls)
        endpoint.port = 8883;
    else if (scheme == "ssl" || scheme == "tls")
        return refuse("has another scheme than mqtt:// or mqtts://", "write mqtts:// for TLS");
    else if (scheme != "mqtt")
        return refuse("has another scheme than mqtt:// or mqtts://", example);

    std::string_view rest = url.substr(scheme_end + 3);
    if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
        if (!read_user(rest.substr(0, at), endpoint, fault))
            return std::nullopt;
        rest.remove_prefix(at + 1);
    }
    if (rest.find_first_of("/?#") == rest.size() - 1 && rest.ends_with('/'))
        rest.remove_suffix(1);
    if (rest.find_first_of("/?#") != std::string_view::npos)
        return refuse("has something behind its host and port",
                      "leave it out: the topics are the meters' own");

    Fault shows_the_text;
    const auto parts = split_host_port(rest, shows_the_text);
    if (!parts)
        return refuse("has an IPv6 address that no brackets enclose",
                      "write it as mqtt://[::1]:1883");
    std::string host{parts->host};
    if (const auto zone = host.find("%25"); zone != std::string::npos)
        host.erase(zone + 1, 2); // fe80::1%25eth0: RFC 6874
    if (host.empty())
        return refuse("has no host", example);
    if (!is_host(host))
        return refuse("has a host that is neither a name nor an address", example);
    endpoint.host = ip_address(host).value_or(host);
    if (parts->port) {
        const auto port = parse_port(*parts->port, 1);
        if (!port)
            return refuse("has a port that is no number from 1 to 65535", example);
        endpoint.port = *port;
    }
    return endpoint;
}

std::string to_text(const MqttEndpoint& endpoint) {
    return to_text(Endpoint{endpoint.host, endpoint.port});
}

} // namespace kpmsim

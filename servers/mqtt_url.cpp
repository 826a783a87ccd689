// mqtt://[account[:password]@]host[:port]. A message never repeats what the user wrote except the
// host: what looks like a port may be the tail of a password with an unescaped '/' or '@' in it.
#include "servers/mqtt_fleet.hpp"

#include <mosquitto.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace kpmsim {
namespace {

constexpr const char* shape = "; a broker is given as mqtt://host:port or "
                              "mqtt://account:password@host:port";

[[noreturn]] void refuse(const std::string& what) { throw CannotListen(what + shape); }

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return static_cast<unsigned>(c - '0');
    const char lower = static_cast<char>(c | 0x20);
    if (lower >= 'a' && lower <= 'f')
        return static_cast<unsigned>(lower - 'a') + 10;
    return std::nullopt;
}

std::string percent_decoded(std::string_view text, const char* what) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
        const auto low = high ? hex_digit(text[i + 2]) : std::nullopt;
        if (!low)
            refuse(std::string{"a % in the "} + what +
                   " must be followed by two hex digits (%25 is a percent sign itself)");
        if (*high == 0 && *low == 0)
            refuse(std::string{"the "} + what + " may not contain a zero byte (%00)");
        out += static_cast<char>(*high * 16 + *low);
        i += 2;
    }
    return out;
}

bool plausible_host(std::string_view host) {
    const auto fits = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '-' || c == '.' || c == '_' || c == ':' || c == '%';
    };
    return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), fits);
}

} // namespace

MqttEndpoint parse_mqtt_url(const std::string& url) {
    const auto scheme_end = url.find("://");
    if (scheme_end == std::string::npos)
        refuse("a broker needs mqtt:// in front");
    std::string scheme = url.substr(0, scheme_end);
    for (char& c : scheme)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    if (scheme == "mqtts" || scheme == "ssl" || scheme == "tls")
        refuse("MQTT over TLS is not spoken by these meters");
    if (scheme != "mqtt")
        refuse("the scheme of a broker is mqtt://, not another one");

    std::string_view rest{url};
    rest.remove_prefix(scheme_end + 3);
    MqttEndpoint endpoint;
    if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
        const auto user = rest.substr(0, at);
        rest.remove_prefix(at + 1);
        if (const auto bad = user.find_first_of("/?#@ "); bad != std::string_view::npos)
            refuse("a / ? # @ or space in the account or password is written %2F %3F %23 %40 %20");
        const auto colon = user.find(':');
        endpoint.account = percent_decoded(user.substr(0, colon), "account");
        if (endpoint.account.empty())
            refuse("there is no account before the @");
        if (mosquitto_validate_utf8(endpoint.account.data(),
                                    static_cast<int>(endpoint.account.size())) != 0)
            refuse("the account is not UTF-8");
        if (colon != std::string_view::npos)
            endpoint.password = percent_decoded(user.substr(colon + 1), "password");
    }
    if (rest.find_first_of("/?#") == rest.size() - 1 && rest.ends_with('/'))
        rest.remove_suffix(1);
    if (rest.find_first_of("/?#") != std::string_view::npos)
        refuse("nothing follows the port: topics are the meters' own");

    std::optional<std::string_view> port;
    if (rest.starts_with('[')) {
        const auto end = rest.find(']');
        if (end == std::string_view::npos)
            refuse("the ] after an IPv6 address is missing");
        endpoint.host = rest.substr(1, end - 1);
        rest.remove_prefix(end + 1);
        if (rest.starts_with(':'))
            port = rest.substr(1);
        else if (!rest.empty())
            refuse("only :port may follow an IPv6 address in brackets");
    } else {
        const auto colon = rest.find(':');
        if (colon != rest.rfind(':'))
            refuse("an IPv6 address is written in brackets, as mqtt://[::1]:1883");
        endpoint.host = rest.substr(0, colon);
        if (colon != std::string_view::npos)
            port = rest.substr(colon + 1);
    }
    if (endpoint.host.empty())
        refuse("the host is missing");
    if (!plausible_host(endpoint.host))
        refuse("the host is neither a name nor an address");
    if (port) {
        const auto [end, error] =
            std::from_chars(port->data(), port->data() + port->size(), endpoint.port);
        if (error != std::errc{} || end != port->data() + port->size() || endpoint.port == 0)
            refuse("the port of the broker is a number from 1 to 65535");
    }
    return endpoint;
}

std::string to_text(const MqttEndpoint& endpoint) {
    const bool v6 = endpoint.host.find(':') != std::string::npos;
    return (v6 ? '[' + endpoint.host + ']' : endpoint.host) + ':' + std::to_string(endpoint.port);
}

} // namespace kpmsim

#include "servers/event_loop.hpp"

#include <charconv>

namespace kpmsim {

Endpoint parse_endpoint(const std::string& text) {
    const CannotListen wrong{"\"" + text +
                             "\" is no endpoint; write ADDRESS:PORT, for example 127.0.0.1:1502"};
    const auto colon = text.rfind(':');
    if (colon == std::string::npos)
        throw wrong;

    Endpoint endpoint{text.substr(0, colon), 0};
    auto& host = endpoint.host;
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2); // [::1]:1502
    else if (host.find_first_of("[]:") != std::string::npos)
        throw wrong;
    if (host.empty() || host.find_first_of(" \t/@") != std::string::npos)
        throw wrong;

    const char* const end = text.data() + text.size();
    const auto port = std::from_chars(text.data() + colon + 1, end, endpoint.port);
    if (port.ec == std::errc::result_out_of_range)
        throw CannotListen{"\"" + text + "\": a port is a number from 0 (any free one) to 65535"};
    if (port.ec != std::errc{} || port.ptr != end)
        throw wrong;
    return endpoint;
}

std::string to_text(const Endpoint& endpoint) {
    const bool v6 = endpoint.host.find(':') != std::string::npos;
    return (v6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" + std::to_string(endpoint.port);
}

} // namespace kpmsim

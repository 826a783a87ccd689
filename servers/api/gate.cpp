#include "servers/api/gate.hpp"

#include "servers/api/listener.hpp"

#include <algorithm>

namespace kpmsim {
namespace {

/// As long as the longer of them takes, whatever they are.
bool same(std::string_view a, std::string_view b) {
    unsigned differ = a.size() == b.size() ? 0 : 1;
    for (std::size_t n = 0; n < std::max(a.size(), b.size()); ++n)
        differ |= static_cast<unsigned char>(n < a.size() ? a[n] : 0) ^
                  static_cast<unsigned char>(n < b.size() ? b[n] : 0);
    return differ == 0;
}

} // namespace

bool is_loopback(std::string_view address) {
    if (address == "localhost")
        return true;
    const auto ip = ip_address(address); // the whole of it: 127.0.0.1.evil.example is a name
    return ip && (ip->starts_with("127.") || *ip == "::1");
}

bool names_this_machine(std::string_view host, const Endpoint& endpoint) {
    Fault ignored;
    const auto parts = split_host_port(host, ignored);
    if (!parts)
        return false;
    const auto ip = ip_address(parts->host);
    return is_loopback(parts->host) || (ip && *ip == endpoint.host);
}

std::optional<Problem> refused_at_the_gate(const GateQuestion& who, const Endpoint& endpoint,
                                           std::string_view token) {
    if (who.hosts > 1)
        return Problem{400, "header Host", "the request names its host twice",
                       "send one header Host"};
    // With a token nobody gets in by way of a browser: it does not know it.
    if (token.empty() && !names_this_machine(who.host, endpoint))
        return Problem{421, "header Host", "the request is for another machine",
                       "ask for http://" + to_text(endpoint)};
    if (!who.origin.empty() && who.origin != "http://" + std::string{who.host})
        return Problem{403, "header Origin", "the request comes from a page of another site",
                       "ask without a browser, or from a page of this address"};
    const bool open = who.target == "/healthz" || who.target == "/readyz";
    constexpr std::string_view scheme = "Bearer ";
    if (!token.empty() && !open &&
        !(who.authorization.starts_with(scheme) &&
          same(who.authorization.substr(scheme.size()), token)))
        return Problem{401, "header Authorization", "the token is missing or wrong",
                       "send Authorization: Bearer with the token of --api-token"};
    return std::nullopt;
}

} // namespace kpmsim

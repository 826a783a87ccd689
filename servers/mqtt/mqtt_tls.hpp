#pragma once

#include "servers/net/event_loop.hpp"

#include <memory>
#include <string>

struct mosquitto;
struct ssl_ctx_st;

namespace kpmsim {

/// What clients bring to a broker that speaks TLS, and what they want of it. Files are PEM.
struct MqttTls {
    std::string ca;          ///< certificates that are trusted; empty = those of this machine
    std::string certificate; ///< the clients' own, and what leads from it to its CA; empty = none
    std::string key;         ///< its private key
    bool check_name{true};   ///< the broker's certificate must be for the host of its URL
};

/// That, ready for the connections to one broker (TLS 1.2 and 1.3, OpenSSL).
///
/// libmosquitto is given numeric addresses, so that it looks nothing up, and would check the
/// broker's certificate against them and ask for them (SNI). Both is done here with the host of the
/// URL.
class MqttTlsContext {
public:
    /// Throws CannotListen: which file is wrong, and how.
    MqttTlsContext(const MqttTls& tls, const std::string& host);
    ~MqttTlsContext();
    MqttTlsContext(const MqttTlsContext&) = delete;
    MqttTlsContext& operator=(const MqttTlsContext&) = delete;

    ssl_ctx_st* context() const;

    /// Why the connection that has just failed did, with the cure; `said` is what OpenSSL said last.
    std::string why(const std::string& said) const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// Whether a TLS handshake goes on, and waits for room to write rather than for bytes.
struct TlsHandshake {
    bool going_on{false};
    bool wants_write{false};
};
TlsHandshake tls_handshake(mosquitto* client);

} // namespace kpmsim

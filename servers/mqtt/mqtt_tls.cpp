#include "servers/mqtt/mqtt_tls.hpp"

#include <mosquitto.h>

#include <openssl/err.h>
#include <openssl/pemerr.h>
#include <openssl/ssl.h>
#include <openssl/x509err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace kpmsim {
namespace {

/// What OpenSSL has to say of the last thing that failed, in this thread.
struct Errors {
    std::vector<unsigned long> all;

    Errors() {
        while (const unsigned long error = ERR_get_error())
            all.push_back(error);
    }
    bool has(int library, int reason) const {
        return std::any_of(
            all.begin(), all.end(),
            [&](unsigned long error) {
                return ERR_GET_LIB(error) == library && ERR_GET_REASON(error) == reason;
            });
    }
    std::string text() const {
        const char* const reason = all.empty() ? nullptr : ERR_reason_error_string(all.front());
        return reason == nullptr ? "unknown error" : reason;
    }
};

bool is_address(const std::string& host) {
    const std::unique_ptr<ASN1_OCTET_STRING, decltype(&ASN1_OCTET_STRING_free)> bytes{
        a2i_IPADDRESS(host.c_str()), &ASN1_OCTET_STRING_free};
    return bytes != nullptr;
}

} // namespace

struct MqttTlsContext::Parts {
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_client_method()),
                                                              &SSL_CTX_free};
    std::string host;
    bool numeric{false};
    // Of the connection that went on last.
    long verdict{X509_V_OK}; ///< of the broker's certificate
    std::string alert;       ///< by which the broker ended it

    void trust(const std::string& ca) {
        const int done = ca.empty() ? SSL_CTX_set_default_verify_paths(context.get())
                                    : SSL_CTX_load_verify_file(context.get(), ca.c_str());
        if (done != 1)
            throw CannotListen(
                fmt::format("mqtt_ca {} holds no certificate in PEM ({})", ca, Errors{}.text()));
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, [](int good, X509_STORE_CTX* store) {
            if (good == 0)
                of(static_cast<const SSL*>(
                       X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx())))
                    .verdict = X509_STORE_CTX_get_error(store);
            return good;
        });
    }

    void check_name() {
        X509_VERIFY_PARAM* const wanted = SSL_CTX_get0_param(context.get());
        if (numeric)
            X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str());
        else
            X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), 0);
    }

    void identify(const std::string& certificate, const std::string& key) {
        if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1)
            throw CannotListen(fmt::format("mqtt_certificate {} holds no certificate in PEM ({})",
                                           certificate, Errors{}.text()));
        // Without this OpenSSL would ask on the terminal.
        SSL_CTX_set_default_passwd_cb(context.get(), [](char*, int, int, void*) { return -1; });
        if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) == 1)
            return;
        const Errors errors;
        if (errors.has(ERR_LIB_X509, X509_R_KEY_VALUES_MISMATCH))
            throw CannotListen(fmt::format("the key in {} is not that of the certificate in {}",
                                           key, certificate));
        if (errors.has(ERR_LIB_PEM, PEM_R_BAD_PASSWORD_READ))
            throw CannotListen(fmt::format("the key in {} is encrypted; take the password away "
                                           "with openssl pkey -in {} -out FILE",
                                           key, key));
        throw CannotListen(fmt::format("{} holds no private key in PEM ({})", key, errors.text()));
    }

    static Parts& of(const SSL* ssl) {
        return *static_cast<Parts*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    }

    void listen() {
        SSL_CTX_set_app_data(context.get(), this);
        SSL_CTX_set_info_callback(context.get(), [](const SSL* ssl, int where, int what) {
            Parts& self = of(ssl);
            if (where == SSL_CB_HANDSHAKE_START) { // libmosquitto has written the address there
                const char* const name = self.numeric ? nullptr : self.host.c_str();
                SSL_set_tlsext_host_name(const_cast<SSL*>(ssl), name);
                self.verdict = X509_V_OK;
                self.alert.clear();
            } else if (where == SSL_CB_READ_ALERT && what >> 8 == SSL3_AL_FATAL) {
                self.alert = SSL_alert_desc_string_long(what);
            }
        });
    }
};

MqttTlsContext::MqttTlsContext(const MqttTls& tls, const std::string& host)
    : parts_{std::make_unique<Parts>()} {
    ERR_clear_error();
    parts_->host = host.substr(0, host.find('%')); // without the zone of an IPv6 address
    parts_->numeric = is_address(parts_->host);
    SSL_CTX* const context = parts_->context.get();
    if (context == nullptr)
        throw CannotListen("no TLS for MQTT: " + Errors{}.text());
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS); // thousands of clients are idle mostly
    parts_->trust(tls.ca);
    if (tls.check_name)
        parts_->check_name();
    if (!tls.certificate.empty())
        parts_->identify(tls.certificate, tls.key);
    parts_->listen();
}

MqttTlsContext::~MqttTlsContext() = default;

ssl_ctx_st* MqttTlsContext::context() const { return parts_->context.get(); }

std::string MqttTlsContext::why(const std::string& said) const {
    switch (parts_->verdict) {
    case X509_V_OK:
        break;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return fmt::format("its certificate is not for {}; write the name that it is for into the "
                           "URL, or mqtt_check_name = false",
                           parts_->host);
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        return fmt::format("its certificate comes from no CA that is trusted ({}); name that CA's "
                           "with mqtt_ca",
                           X509_verify_cert_error_string(parts_->verdict));
    default:
        return fmt::format("its certificate is not accepted: {}",
                           X509_verify_cert_error_string(parts_->verdict));
    }
    if (!parts_->alert.empty())
        return fmt::format("it refuses the clients' certificate, or that they have none ({}); see "
                           "mqtt_certificate",
                           parts_->alert);
    // error:0A00010B:SSL routines::wrong version number
    return fmt::format("no TLS is spoken there ({}); is it an mqtt:// broker?",
                       said.substr(said.rfind(':') + 1));
}

TlsHandshake tls_handshake(mosquitto* client) {
    const auto* const ssl = static_cast<const SSL*>(mosquitto_ssl_get(client));
    if (ssl == nullptr || SSL_is_init_finished(ssl))
        return {};
    return {true, SSL_want_write(ssl)};
}

} // namespace kpmsim

// libmosquitto 2.0.11 on somebody else's loop. Three things it does have to be known.
//
// It opens a socketpair per client to wake its own select loop, writes a byte into it for every
// packet and, without that loop, never reads one: after some 280 messages each client holds 220 KiB
// of kernel memory, beside two descriptors. Where it cannot open the pair it goes without, and so it
// is made to: see OneMoreDescriptor.
//
// mosquitto_connect_async() opens the TCP connection without waiting, but looks a name up with
// getaddrinfo(), which waits: open() takes numeric addresses only.
//
// Inside its callbacks a packet is queued, not written, and the client may not be destroyed: the
// callbacks here only note what happened.
#include "servers/mqtt/mqtt_session.hpp"

#include <mosquitto.h>
#include <openssl/ssl.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string_view>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kpmsim {
namespace {

constexpr std::size_t client_limit = std::size_t{256} << 10;
constexpr std::size_t fleet_limit = std::size_t{64} << 20;

/// While it lives this process is refused all descriptors but one, as if the limit were reached:
/// one that makes two at once gets none. Other threads go without new ones for that moment.
class OneMoreDescriptor {
public:
    OneMoreDescriptor() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const int lowest = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
        if (lowest < 0)
            return; // there are none anyway
        ::close(lowest);
        rlimit tight = before_;
        tight.rlim_cur = static_cast<rlim_t>(lowest) + 1;
        ::setrlimit(RLIMIT_NOFILE, &tight);
    }
    ~OneMoreDescriptor() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    OneMoreDescriptor(const OneMoreDescriptor&) = delete;
    OneMoreDescriptor& operator=(const OneMoreDescriptor&) = delete;

private:
    rlimit before_{};
};

/// Whether a socket is connected still; errno says why not, also where the library has asked for
/// that and forgotten it.
bool is_connected(int socket) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
    sockaddr_storage peer{};
    size = sizeof peer;
    if (error == 0 && ::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) == 0)
        return true;
    tcp_info info{};
    size = sizeof info;
    ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size);
    const bool was = info.tcpi_bytes_acked > 0; // the SYN at least
    errno = error != 0 ? error : was ? ECONNRESET : ECONNREFUSED;
    return false;
}

mosquitto* new_client(const std::string& id, void* self) {
    const OneMoreDescriptor no_pair;
    return mosquitto_new(id.c_str(), true, self);
}

} // namespace

MqttSession::MqttSession(const std::string& id, const MqttEndpoint& endpoint,
                         const MqttOptions& options, MqttTally& tally, const MqttTlsContext* tls,
                         const std::vector<std::string>& topics)
    : options_(options), tally_(tally), tls_(tls), topics_(topics) {
    static const int library = mosquitto_lib_init();
    (void)library;
    client_ = new_client(id, this);
    if (client_ == nullptr) {
        end(MOSQ_ERR_ERRNO);
        return;
    }
    mosquitto_int_option(client_, MOSQ_OPT_TCP_NODELAY, 1);
    if (!endpoint.account.empty())
        mosquitto_username_pw_set(client_, endpoint.account.c_str(),
                                  endpoint.password.empty() ? nullptr : endpoint.password.c_str());
    if (tls_ != nullptr) {
        mosquitto_void_option(client_, MOSQ_OPT_SSL_CTX, tls_->context());
        mosquitto_int_option(client_, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0);
    }
    mosquitto_log_callback_set(
        client_, [](mosquitto*, void* self, int level,
                    const char* text) { static_cast<MqttSession*>(self)->heard(level, text); });
    mosquitto_connect_callback_set(
        client_,
        [](mosquitto*, void* self, int code) { static_cast<MqttSession*>(self)->connected(code); });
    mosquitto_publish_callback_set(
        client_,
        [](mosquitto*, void* self, int) { static_cast<MqttSession*>(self)->acknowledge(); });
    mosquitto_message_callback_set(client_,
                                   [](mosquitto*, void* self, const mosquitto_message* message) {
                                       static_cast<MqttSession*>(self)->received_.push_back(
                                           {message->topic,
                                            {static_cast<const char*>(message->payload),
                                             static_cast<std::size_t>(message->payloadlen)}});
                                   });
}

MqttSession::~MqttSession() {
    mosquitto_destroy(client_);
    tally_.traffic.dropped += unacknowledged();
    tally_.queued_bytes -= bytes_;
}

void MqttSession::open(const std::string& address, unsigned short port) {
    if (client_ == nullptr)
        return;
    const int code = mosquitto_connect_async(client_, address.c_str(), port, options_.keepalive_s);
    if (code != MOSQ_ERR_SUCCESS)
        end(code);
    else
        ::fcntl(socket(), F_SETFD, FD_CLOEXEC);
}

int MqttSession::socket() const { return client_ == nullptr ? -1 : mosquitto_socket(client_); }

bool MqttSession::wants_write() const {
    if (client_ == nullptr)
        return false;
    // During a handshake the library wants to write for ever once it had to wait for it.
    const TlsHandshake handshake = tls_handshake(client_);
    return handshake.going_on ? handshake.wants_write : mosquitto_want_write(client_);
}

void MqttSession::ready(bool readable, bool writable) {
    // Nor does it look at a connection that ended before the handshake did.
    if (tls_ != nullptr && socket() >= 0 && tls_handshake(client_).going_on &&
        !is_connected(socket()))
        return end(MOSQ_ERR_ERRNO);
    if (readable && socket() >= 0)
        if (const int code = mosquitto_loop_read(client_, 1); code != MOSQ_ERR_SUCCESS)
            end(code);
    if (writable && socket() >= 0)
        if (const int code = mosquitto_loop_write(client_, 1); code != MOSQ_ERR_SUCCESS)
            end(code);
    send_sign();
}

void MqttSession::second() {
    if (socket() >= 0)
        if (const int code = mosquitto_loop_misc(client_); code != MOSQ_ERR_SUCCESS)
            end(code);
}

bool MqttSession::publish(const std::string& topic, const std::string& payload, bool retain) {
    const std::size_t size = topic.size() + payload.size();
    if (socket() < 0 || bytes_ + size > client_limit || tally_.queued_bytes + size > fleet_limit) {
        ++tally_.traffic.dropped;
        return false;
    }
    sizes_.push_back(static_cast<std::uint32_t>(size));
    bytes_ += size;
    tally_.queued_bytes += size;
    const int code =
        mosquitto_publish(client_, nullptr, topic.c_str(), static_cast<int>(payload.size()),
                          payload.data(), options_.qos, retain);
    // A write that failed leaves the message queued and the socket to be closed by the next read.
    if (code == MOSQ_ERR_SUCCESS || code == MOSQ_ERR_CONN_LOST || code == MOSQ_ERR_ERRNO)
        return code == MOSQ_ERR_SUCCESS;
    sizes_.pop_back();
    bytes_ -= size;
    tally_.queued_bytes -= size;
    ++tally_.traffic.dropped;
    return false;
}

/// A clean session knows no topics, so they are asked for each time.
void MqttSession::connected(int code) {
    connack_ = code;
    for (const std::string& topic : topics_)
        if (code == 0)
            mosquitto_subscribe(client_, nullptr, topic.c_str(), options_.qos);
}

void MqttSession::disconnect() {
    if (socket() >= 0)
        if (const int code = mosquitto_disconnect(client_); code != MOSQ_ERR_SUCCESS)
            end(code);
}

void MqttSession::ask_for_sign() {
    sign_wanted_ = options_.qos == 0 && connack_ == 0;
    send_sign();
}

/// The library has no call for a PINGREQ: written past it, at a moment when it has no packet half
/// written.
void MqttSession::send_sign() {
    if (!sign_wanted_ || socket() < 0 || wants_write())
        return;
    constexpr std::array<std::uint8_t, 2> pingreq{0xC0, 0x00};
    auto* const ssl = static_cast<SSL*>(mosquitto_ssl_get(client_));
    const auto written = ssl != nullptr ? SSL_write(ssl, pingreq.data(), pingreq.size())
                                        : ::send(socket(), pingreq.data(), pingreq.size(),
                                                 MSG_NOSIGNAL | MSG_DONTWAIT);
    if (written == 1)
        return end(MOSQ_ERR_PROTOCOL); // half a packet: nothing can follow it
    if (written != 2)
        return; // no room, or the next read tells that it is over
    sign_wanted_ = false;
    sign_ = ++pings_sent_;
}

void MqttSession::heard(int level, const char* text) {
    if (level == MOSQ_LOG_ERR)
        tls_said_ = text;
    const std::string_view said{text};
    if (level == MOSQ_LOG_DEBUG && said.ends_with(" sending PINGREQ"))
        ++pings_sent_;
    if (level == MOSQ_LOG_DEBUG && said.ends_with(" received PINGRESP"))
        ++pings_answered_;
}

void MqttSession::acknowledge() {
    assert(first_ < sizes_.size());
    bytes_ -= sizes_[first_];
    tally_.queued_bytes -= sizes_[first_];
    ++tally_.traffic.published;
    ++first_;
    if (first_ == sizes_.size() || first_ == 256) { // keeps the list as short as the backlog
        sizes_.erase(sizes_.begin(), sizes_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }
}

void MqttSession::end(int code) {
    const int error = errno;
    out_of_descriptors_ = code == MOSQ_ERR_ERRNO && (error == EMFILE || error == ENFILE);
    // Over TLS the other side's closing comes as an error, or as one without a word.
    const bool broken =
        tls_ != nullptr && (code == MOSQ_ERR_TLS || (code == MOSQ_ERR_ERRNO && error == EPROTO));
    const bool over =
        broken && (tls_said_.empty() || tls_said_.find("unexpected eof") != std::string::npos);
    cut_off_ = code == MOSQ_ERR_CONN_LOST || over ||
               (code == MOSQ_ERR_ERRNO && (error == ECONNRESET || error == EPIPE));
    tls_failed_ = broken && !over;
    if (tls_failed_)
        ended_because_ = tls_->why(tls_said_);
    else if (code == MOSQ_ERR_ERRNO && !over)
        ended_because_ = std::strerror(error);
    else if (code == MOSQ_ERR_CONN_LOST || over)
        ended_because_ = "the broker closed the connection";
    else if (code == MOSQ_ERR_KEEPALIVE)
        ended_because_ = "the broker does not answer any more";
    else
        ended_because_ = mosquitto_strerror(code);
    mosquitto_destroy(client_);
    client_ = nullptr;
}

} // namespace kpmsim

#include "servers/mqtt/mqtt_broker.hpp"

#include "servers/net/asio.hpp"

#include <utility>

namespace kpmsim {
namespace {

constexpr std::size_t handshakes_per_broker = 64;

} // namespace

MqttBroker::MqttBroker(const MqttEndpoint& endpoint, const MqttTls& tls)
    : status{to_text(endpoint), endpoint.tls}, endpoint_{endpoint} {
    if (endpoint.tls)
        tls_ = std::make_unique<MqttTlsContext>(tls, endpoint.host);
    boost::system::error_code no_address;
    (void)boost::asio::ip::make_address(endpoint.host, no_address);
    numeric_ = !no_address;
    if (numeric_)
        addresses_ = {endpoint.host};
}

void MqttBroker::look_up() {
    if (!lookup_)
        lookup_ = std::make_unique<NameLookup>(endpoint_.host);
}

bool MqttBroker::looked_up(std::string& error) {
    if (!lookup_ || !lookup_->done())
        return false;
    addresses_ = lookup_->addresses();
    error = lookup_->error();
    preferred_ = 0;
    looked_up_at_ = Clock::now();
    lookup_.reset();
    return true;
}

void MqttBroker::doubt_addresses(std::chrono::milliseconds age) {
    if (!numeric_ && Clock::now() - looked_up_at_ >= age)
        addresses_.clear();
}

bool MqttBroker::has_room() const { return shaking_ < handshakes_per_broker; }

std::size_t MqttBroker::take_next() {
    const std::size_t client = queue_.front();
    queue_.pop_front();
    ++shaking_;
    return client;
}

std::deque<std::size_t> MqttBroker::take_all() { return std::exchange(queue_, {}); }

} // namespace kpmsim

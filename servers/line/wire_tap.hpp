#pragma once

#include "servers/line/byte_service.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

namespace kpmsim {

/// Bytes that one end of a connection sent in one go.
struct WireBytes {
    LineTime at{};
    std::size_t wire{0};         ///< which of those that are tapped
    std::uint32_t connection{0}; ///< counts from 1 on each wire
    bool from_client{true};
    std::vector<std::uint8_t> bytes;
};

/// What went over some wires, in order and in bounded memory: the oldest goes first.
class WireLog {
public:
    explicit WireLog(std::size_t most_bytes = 64 << 20) : most_bytes_{most_bytes} {}

    void add(WireBytes bytes);
    const std::deque<WireBytes>& all() const { return all_; }
    std::uint64_t forgotten() const { return forgotten_; } ///< entries, for want of room

private:
    std::size_t most_bytes_;
    std::size_t bytes_{0};
    std::uint64_t forgotten_{0};
    std::deque<WireBytes> all_;
};

/// Stands before a wire and writes down what goes over each connection, as its client sees it: nothing
/// is changed or delayed. The log outlives all of its connections.
class WireTap final : public ByteServiceFactory {
public:
    WireTap(std::shared_ptr<ByteServiceFactory> behind, std::size_t wire, WireLog& log);

    std::unique_ptr<ByteService> connect() override;
    std::string_view protocol() const override { return behind_->protocol(); }
    const Traffic& traffic() const override { return behind_->traffic(); }
    void on_refusal(std::function<void(bool refuses)> tell) override {
        behind_->on_refusal(std::move(tell));
    }

private:
    std::shared_ptr<ByteServiceFactory> behind_;
    std::size_t wire_;
    WireLog& log_;
    std::uint32_t connections_{0};
};

} // namespace kpmsim

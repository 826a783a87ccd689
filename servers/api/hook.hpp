#pragma once

#include "files/endpoint.hpp"
#include "servers/api/message.hpp"
#include "servers/net/event_loop.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace kpmsim {

struct HookOptions {
    Endpoint server;  ///< an address or a name
    std::string host; ///< as the Host field has it
    std::string path{"/"};
    std::size_t most_waiting{1000};               ///< events; what comes beyond is lost …
    std::size_t most_bytes{std::size_t{4} << 20}; ///< … and so is what goes beyond this
    std::chrono::milliseconds patience{10'000};   ///< with one attempt
    /// The pause before the next attempt doubles from the first to the longest.
    std::chrono::milliseconds first_pause{500};
    std::chrono::milliseconds longest_pause{30'000};
    /// So often an event is sent again that the server takes and answers with 408, 429 or 5xx; any
    /// other answer that is not 2xx loses it at once. While nobody answers it is kept.
    unsigned most_answers{5};
};

/// Posts what happens to a URL, one event at a time and in order: {"id", "kind", "event"}. Nobody waits
/// for it: what the server does not take in time is lost, counted, and told in the log once.
class Hook : public EventSink {
public:
    Hook(EventLoop& loop, HookOptions options);
    ~Hook() override; ///< what waits is lost

    bool send(const Event& event) override;

    std::uint64_t sent() const;
    std::uint64_t lost() const; ///< what waits is not
    std::size_t waiting() const;
    std::string url() const;

private:
    struct Parts;
    std::shared_ptr<Parts> parts_;
};

} // namespace kpmsim

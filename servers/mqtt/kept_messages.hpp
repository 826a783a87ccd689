#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace kpmsim {

struct KeptMessage {
    std::string topic, payload;
    bool retain{false};
};

/// What a client was given that is just coming: 64 KiB at most, topics and payloads together.
class KeptMessages {
public:
    static constexpr std::size_t most_bytes = 64 * 1024;

    /// false when there is no room for it
    bool keep(const std::string& topic, const std::string& payload, bool retain) {
        const std::size_t size = topic.size() + payload.size();
        if (bytes_ + size > most_bytes)
            return false;
        bytes_ += size;
        messages_.push_back({topic, payload, retain});
        return true;
    }
    bool empty() const { return messages_.empty(); }
    /// All of it, in order; nothing is kept then.
    std::vector<KeptMessage> take() {
        bytes_ = 0;
        return std::exchange(messages_, {});
    }

private:
    std::vector<KeptMessage> messages_;
    std::size_t bytes_{0};
};

} // namespace kpmsim

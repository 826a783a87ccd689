#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kpmsim {

/// One HTTP request, whole.
struct ApiRequest {
    std::string method; ///< GET, …
    std::string target; ///< as it was sent: /v1/meters/a%20b/points?names=u_a
    std::string body;
};

/// Something that happened in a farm.
struct Event {
    std::uint64_t id{0}; ///< counts up
    std::string_view kind;
    std::string_view json;
};

/// Who listens to events.
class EventSink {
public:
    virtual ~EventSink() = default;
    /// False when it is gone, or has not taken what it was sent before.
    virtual bool send(const Event& event) = 0;
};

struct ApiAnswer {
    int status{200};
    std::string type{"application/json"};
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    /// Where the answer is a stream: called with its other end once the head is sent.
    std::function<void(std::shared_ptr<EventSink>)> stream;
};

/// Takes the one answer to a request, now or later, on the loop's thread.
using ApiReply = std::function<void(ApiAnswer)>;

/// A target taken apart, with its percent signs resolved.
struct ApiTarget {
    std::vector<std::string> path; ///< /v1/meters → v1, meters
    std::map<std::string, std::string> query;
};
/// Nothing where a percent sign stands for nothing, or a key stands twice.
std::optional<ApiTarget> read_target(std::string_view target);
/// A segment of a path as it is sent.
std::string percent_encoded(std::string_view segment);

} // namespace kpmsim

#pragma once

#include "servers/faults/fault_spec.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// A message on its way from a meter to its broker. Times are those of the messages, from any fixed
/// moment on.
struct UploadOnWay {
    LineTime at{};
    std::size_t client{0};
    std::string topic;
    std::string payload;

    bool operator==(const UploadOnWay&) const = default;
};

/// The names of what can go wrong with messages.
bool is_upload_fault(std::string_view name);

/// What goes wrong between meters and their brokers, as a pure state machine over messages: those of
/// several actions stack in the order in which they began. Each fault counts the messages of each client
/// of its own; range, chance and draws hang on that number.
class UploadFaults {
public:
    UploadFaults();
    ~UploadFaults();

    /// `name` is one that is_upload_fault(); `bytes` of the spec says which packet of a record (from 1).
    void begin(std::uint64_t action, std::string_view name, const FaultSpec& spec,
               std::set<std::size_t> clients);
    /// What it holds leaves with the next message, or advance().
    void end(std::uint64_t action);
    bool idle() const;

    /// A message, at its moment; those come in order. Appends what goes out by then.
    void take(UploadOnWay message, std::vector<UploadOnWay>& out);
    /// Everything up to this moment was taken: appends what is due by then.
    void advance(LineTime to, std::vector<UploadOnWay>& out);
    std::optional<LineTime> next_event() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace kpmsim

#pragma once

#include "sim/clock.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// What a client did or came to.
enum class ClientEvent : std::uint8_t {
    request, ///< went out; `what` says which
    answer,  ///< came and was understood
    failure, ///< a request came to nothing, or what was heard to no use; `text` says why
    value,   ///< of a point: what the client takes it to be
    record,  ///< packets were joined; `what` is their topic, `value` how many keys they had
    booked,  ///< energy that the client counts, in the point's unit
    alarm,   ///< the client mistrusts what it reads; `text` says why
};
std::string_view name_of(ClientEvent event);

struct ClientEntry {
    SimTime at{};
    ClientEvent event{};
    std::string meter; ///< empty where it is not known
    int circuit{0};
    std::string what;
    double value{0};
    std::string text;

    bool operator==(const ClientEntry&) const = default;
};

using ClientLog = std::vector<ClientEntry>;

/// One line, the same for the same entry on every machine: "12.000000000 shop-1 value u_a 230.1".
std::string to_text(const ClientEntry& entry);

} // namespace kpmsim

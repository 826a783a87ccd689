#include "servers/client/client_log.hpp"

#include <fmt/format.h>

namespace kpmsim {

std::string_view name_of(ClientEvent event) {
    switch (event) {
    case ClientEvent::request:
        return "request";
    case ClientEvent::answer:
        return "answer";
    case ClientEvent::failure:
        return "failure";
    case ClientEvent::value:
        return "value";
    case ClientEvent::record:
        return "record";
    case ClientEvent::booked:
        return "booked";
    case ClientEvent::alarm:
        break;
    }
    return "alarm";
}

std::string to_text(const ClientEntry& entry) {
    const std::int64_t ns = entry.at.time_since_epoch().count();
    const bool number = entry.event == ClientEvent::value || entry.event == ClientEvent::booked ||
                        entry.event == ClientEvent::record;
    std::string line = fmt::format("{}.{:09} {}", ns / 1'000'000'000, ns % 1'000'000'000,
                                   entry.meter.empty() ? "-" : entry.meter);
    if (entry.circuit > 0)
        line += fmt::format(":{}", entry.circuit + 1);
    line += fmt::format(" {} {}", name_of(entry.event), entry.what);
    if (number)
        line += fmt::format(" {}", entry.value);
    return entry.text.empty() ? line : line + ": " + entry.text;
}

} // namespace kpmsim

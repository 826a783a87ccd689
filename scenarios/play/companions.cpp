#include "scenarios/play/companions.hpp"

#include <array>
#include <fmt/format.h>
#include <limits>

namespace kpmsim {
namespace {

constexpr std::array counts{
    ClientCount{"requests", "request", "requests that went out"},
    ClientCount{"answers", "answer", "answers that came and were understood"},
    ClientCount{"failures", "failure", "requests that came to nothing"},
    ClientCount{"records", "record", "packets that were joined to a record"},
    ClientCount{"alarms", "alarm", "readings that it mistrusts"},
};

} // namespace

std::span<const ClientCount> client_counts() { return counts; }

std::string to_text(const Noted& noted) {
    return fmt::format("{:.9f} {} {} {} {} {:.17g} {}", seconds(noted.at.time_since_epoch()),
                       noted.client, noted.event, noted.meter, noted.what, noted.value, noted.text);
}

void ClientValues::take(const Noted& noted) {
    counts_[noted.client + '.' + noted.event] += 1;
    if (noted.event == "value")
        values_[noted.client + '.' + noted.what] = noted.value;
    if (noted.event == "booked")
        values_[noted.client + ".booked"] += noted.value;
}

double ClientValues::value(const std::string& name) const {
    const auto dot = name.rfind('.');
    for (const ClientCount& count : counts)
        if (name.substr(dot + 1) == count.key) {
            const auto found = counts_.find(name.substr(0, dot + 1) + std::string{count.event});
            return found == counts_.end() ? 0 : found->second;
        }
    const auto found = values_.find(name);
    if (found == values_.end())
        return name.ends_with(".booked") ? 0 : std::numeric_limits<double>::quiet_NaN();
    return found->second;
}

} // namespace kpmsim

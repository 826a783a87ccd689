#include "models/engine/broker_setting.hpp"

#include "files/number.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <vector>

namespace kpmsim {

namespace {

constexpr std::size_t over_4g = 4;
constexpr std::size_t over_wifi = 9;
constexpr std::size_t longest_host = 64; ///< the document names no length
constexpr std::size_t longest = 32;
/// WPA2 Enterprise, or none.
constexpr std::array<std::string_view, 4> methods{"", "TLS", "PEAP", "TTLS"};

std::vector<std::string> fields_of_info(std::string_view info) {
    std::vector<std::string> fields;
    for (std::size_t at = 0; at <= info.size();) {
        const std::size_t end = std::min(info.find(';', at), info.size());
        fields.emplace_back(info.substr(at, end - at));
        at = end + 1;
    }
    return fields;
}

} // namespace

Result<BrokerInfo, std::string> read_broker_info(std::string_view info, bool wifi) {
    const std::vector<std::string> fields = fields_of_info(info);
    const auto wrong = [](std::string why) { return Unexpected<std::string>{std::move(why)}; };
    const std::size_t wanted = wifi ? over_wifi : over_4g;
    if (fields.size() != wanted)
        return wrong(fmt::format("info has {} fields, and {} has {}", fields.size(),
                                 wifi ? "WiFi" : "4G", wanted));
    const bool printable = std::all_of(info.begin(), info.end(),
                                       [](char c) { return static_cast<unsigned char>(c) >= 32; });
    if (!printable || fields[0].empty() || fields[0].size() > longest_host ||
        fields[0].find(' ') != std::string::npos)
        return wrong("info names no server");
    const auto port = whole_number(fields[1]);
    if (!port || *port < 1 || *port > 65'535)
        return wrong("info has no port from 1 to 65535");
    for (std::size_t n = 2; n < fields.size(); ++n)
        if (fields[n].size() > longest)
            return wrong(
                fmt::format("field {} of info is longer than {} characters", n + 1, longest));
    if (wifi && std::find(methods.begin(), methods.end(), fields[6]) == methods.end())
        return wrong("field 7 of info is none of TLS, PEAP, TTLS");
    // An IPv6 address as it stands in a URL, too.
    const std::string& host = fields[0];
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    return BrokerInfo{bracketed ? host.substr(1, host.size() - 2) : host,
                      static_cast<unsigned short>(*port), fields[2], fields[3]};
}

} // namespace kpmsim

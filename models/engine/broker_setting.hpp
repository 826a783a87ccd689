#pragma once

#include "sim/fields.hpp"
#include "sim/result.hpp"

#include <string>
#include <string_view>

namespace kpmsim {

/// Where a meter was told to go with its packets; plain data. V1.9, 5.
struct BrokerSetting {
    bool debug{false}; ///< it asks the maintenance platform where to, and sends no packets
    std::string info;  ///< as that has said; empty: where it went from the beginning
    KPMSIM_FIELDS(debug, info);
    bool operator==(const BrokerSetting&) const = default;
};

/// What `info` says: ip;port;account;password, and over WiFi ssid;password;method;user;password of the
/// network, which nothing here hangs on.
struct BrokerInfo {
    std::string host;
    unsigned short port{1883};
    std::string account, password;
};
/// Else why not, without what stands in it.
Result<BrokerInfo, std::string> read_broker_info(std::string_view info, bool wifi);

} // namespace kpmsim

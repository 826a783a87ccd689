#pragma once

#include "cli/serve/farm_server.hpp"

#include <compare>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace kpmsim {

/// Tells when a written address puts two meters on one, on a line or at a gateway, and when they
/// part again. Before the first write nothing is to be told: a farm file with such a pair is refused.
/// After meters have come or gone those that are still on one address are told again.
class AddressWatch {
public:
    explicit AddressWatch(const FarmServer& server);

    /// Sentences for the log.
    struct Changes {
        std::vector<std::string> met, parted;
    };
    Changes look();

private:
    /// Those who hear each other.
    struct Group {
        std::string where;
        bool line{false}; ///< asked by address, not by unit id
        std::vector<const UnitEndpoints*> units;
    };
    struct Pair {
        const Group* group;
        const UnitEndpoints* first;
        const UnitEndpoints* second;
        auto operator<=>(const Pair&) const = default;
    };
    void group();
    std::set<Pair> pairs() const;

    const FarmServer& server_;
    std::uint64_t followed_{0}; ///< as the groups are
    std::vector<Group> groups_;
    std::vector<int> addresses_; ///< by unit, as of the last look
    std::set<Pair> told_;
};

} // namespace kpmsim

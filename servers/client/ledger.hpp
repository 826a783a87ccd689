#pragma once

#include "servers/client/simulated_client.hpp"

#include <map>
#include <string>
#include <utility>

namespace kpmsim {

/// What a user's system makes of readings: it books a counter's differences, and mistrusts what went
/// backwards or stands still.
class Ledger {
public:
    struct Plan {
        std::string counter{"e_p_import"}; ///< the point that is booked
        SimDuration every{};               ///< readings are expected so far apart
        int still{10}; ///< equal readings in a row, none of them 0, that are no accident
        ClientMistakes mistakes;
    };
    explicit Ledger(Plan plan) : plan_{std::move(plan)} {}

    /// Notes what follows from it in the log.
    void take(const ClientEntry& value, ClientLog& log);

private:
    struct Seen {
        SimTime at{};
        double value{0};
        double rate{0}; ///< of the last interval, a second
        int equal{0};   ///< readings before it that were the same
    };
    void book(const ClientEntry& value, const Seen& last, Seen& now, ClientLog& log) const;

    Plan plan_;
    std::map<std::pair<std::string, std::pair<int, std::string>>, Seen> seen_;
};

} // namespace kpmsim

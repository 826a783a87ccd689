#include "servers/client/client_group.hpp"

#include <algorithm>

namespace kpmsim {

SimTime ClientGroup::next_event() const {
    SimTime next = SimTime::max();
    for (const auto& part : parts_)
        next = std::min(next, part->next_event());
    return next;
}

void ClientGroup::advance(SimTime to) {
    for (SimTime next = std::min(next_event(), to);; next = std::min(next_event(), to)) {
        for (std::size_t n = 0; n < parts_.size(); ++n) {
            parts_[n]->advance(next);
            const ClientLog& own = parts_[n]->log();
            log_.insert(log_.end(), own.begin() + static_cast<std::ptrdiff_t>(noted_[n]),
                        own.end());
            noted_[n] = own.size();
        }
        if (next == to)
            return;
    }
}

} // namespace kpmsim

#include "servers/api/events.hpp"

#include "files/name_pattern.hpp"

#include <algorithm>

namespace kpmsim {

std::vector<std::string> usual_readings() {
    return {"u_a", "u_b", "u_c", "i_a", "i_b", "i_c", "p", "q", "pf", "f", "e_p_import"};
}

void EventHub::add(Listener listener) {
    listeners_.push_back(std::make_unique<Listener>(std::move(listener)));
}

bool EventHub::wanted(std::string_view kind) const {
    return std::any_of(
        listeners_.begin(), listeners_.end(),
        [&](const auto& each) { return each->kinds.contains(kind); });
}

void EventHub::tell(std::string_view kind, std::string_view meter, std::string_view json) {
    tell(kind, meter.empty() ? std::vector<std::string>{} : std::vector{std::string{meter}}, json);
}

void EventHub::tell(std::string_view kind, const std::vector<std::string>& meters,
                    std::string_view json) {
    const Event event{++last_, kind, json};
    std::erase_if(listeners_, [&](const auto& each) {
        const bool wants = each->kinds.contains(kind) &&
                           (meters.empty() || each->meter.empty() ||
                            std::any_of(meters.begin(), meters.end(), [&](const std::string& one) {
                                return fits(one, each->meter);
                            }));
        return wants && !each->sink->send(event);
    });
}

std::vector<Listener*> EventHub::due(SimTime now) {
    std::erase_if(listeners_, [](const auto& each) { return each->gone; });
    std::vector<Listener*> due;
    for (const auto& each : listeners_) {
        if (each->next - now > each->every) // time was put back
            each->next = now;
        if (now < each->next)
            continue;
        // The next one on the listener's own grid, however far the last step has gone.
        each->next += each->every * ((now - each->next) / each->every + 1);
        due.push_back(each.get());
    }
    return due;
}

void EventHub::tell(Listener& listener, std::string_view kind, std::string_view json) {
    listener.gone = listener.gone || !listener.sink->send({++last_, kind, json});
}

} // namespace kpmsim

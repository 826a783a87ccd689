#include "servers/client/ledger.hpp"

namespace kpmsim {
namespace {

ClientEntry about(const ClientEntry& value, ClientEvent event, double number, std::string text) {
    return {value.at, event, value.meter, value.circuit, value.what, number, std::move(text)};
}

} // namespace

void Ledger::take(const ClientEntry& value, ClientLog& log) {
    const auto [place, first] =
        seen_.try_emplace({value.meter, {value.circuit, value.what}}, Seen{value.at, value.value});
    if (first)
        return;
    const Seen last = place->second;
    Seen& now = place->second;
    now = {value.at, value.value, last.rate, 0};
    if (value.value == last.value && value.value != 0)
        now.equal = last.equal + 1;
    if (value.what == plan_.counter)
        book(value, last, now, log);
    else if (now.equal == plan_.still && !plan_.mistakes.contains(ClientMistake::never_stale))
        log.push_back(about(value, ClientEvent::alarm, value.value, "stands still"));
}

void Ledger::book(const ClientEntry& value, const Seen& last, Seen& now, ClientLog& log) const {
    const double passed = seconds(value.at - last.at);
    const double more = value.value - last.value;
    if (passed <= 0)
        return;
    if (more < 0 && !plan_.mistakes.contains(ClientMistake::trust_counter)) {
        log.push_back(about(value, ClientEvent::alarm, more, "the counter went backwards"));
        return;
    }
    now.rate = more / passed;
    const double missing = passed - seconds(plan_.every);
    if (plan_.mistakes.contains(ClientMistake::book_gap_twice) &&
        2 * missing > seconds(plan_.every))
        log.push_back(about(value, ClientEvent::booked, last.rate * missing, "estimated"));
    log.push_back(about(value, ClientEvent::booked, more, {}));
}

} // namespace kpmsim

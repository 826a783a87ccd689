#include "servers/api/journal.hpp"

#include "servers/api/near_miss.hpp"

#include <algorithm>

namespace kpmsim {
namespace {

std::size_t size_of(const JournalEntry& e) {
    return sizeof e + e.meter.size() + e.line.size() + e.request.size() + e.answer.size() +
           e.elsewhere.size() + e.topic.size() + e.payload.size();
}

template <class T, class U>
bool agrees(const std::optional<T>& wanted, const U& is) {
    return !wanted || *wanted == is;
}

} // namespace

std::string near_miss_of(const JournalEntry& entry) {
    return entry.spec == nullptr || entry.answer.empty()
               ? entry.elsewhere
               : near_miss(*entry.spec, entry.request, entry.answer);
}

bool fits(const JournalFilter& filter, const JournalEntry& entry) {
    if (entry.id <= filter.since.value_or(0) || !agrees(filter.meter, entry.meter) ||
        !agrees(filter.line, entry.line) || !agrees(filter.kind, entry.kind) ||
        !agrees(filter.topic, entry.topic) || (filter.near_misses && near_miss_of(entry).empty()))
        return false;
    if (!filter.unit && !filter.function && !filter.address && !filter.words && !filter.exception)
        return true;
    const auto asked = asked_in(entry.request);
    return entry.kind == JournalEntry::Kind::request && asked && agrees(filter.unit, entry.unit) &&
           agrees(filter.function, asked->function) && agrees(filter.address, asked->address) &&
           agrees(filter.words, asked->count) &&
           agrees(filter.exception, exception_in(entry.answer).value_or(0));
}

Journal::Journal(std::size_t most_entries, std::size_t most_bytes)
    : most_entries_{most_entries}, most_bytes_{most_bytes} {}

const JournalEntry& Journal::add(JournalEntry entry) {
    entry.id = ++last_;
    bytes_ += size_of(entry);
    entries_.push_back(std::move(entry));
    while (entries_.size() > most_entries_ || (bytes_ > most_bytes_ && entries_.size() > 1)) {
        bytes_ -= size_of(entries_.front());
        entries_.pop_front();
        ++forgotten_;
    }
    return entries_.back();
}

std::vector<const JournalEntry*> Journal::find(const JournalFilter& filter,
                                               std::size_t limit) const {
    std::vector<const JournalEntry*> found;
    if (filter.since) {
        for (auto entry = entries_.begin(); entry != entries_.end() && found.size() < limit;
             ++entry)
            if (fits(filter, *entry))
                found.push_back(&*entry);
        return found;
    }
    for (auto entry = entries_.rbegin(); entry != entries_.rend() && found.size() < limit; ++entry)
        if (fits(filter, *entry))
            found.push_back(&*entry);
    std::reverse(found.begin(), found.end());
    return found;
}

std::size_t Journal::count(const JournalFilter& filter) const {
    return static_cast<std::size_t>(std::count_if(
        entries_.begin(), entries_.end(),
        [&](const JournalEntry& entry) { return fits(filter, entry); }));
}

void Journal::clear() {
    entries_.clear();
    bytes_ = 0;
    forgotten_ = 0;
}

std::optional<ModbusAsked> asked_in(std::span<const std::uint8_t> request) {
    if (request.size() < 5)
        return std::nullopt;
    const auto word = [&](std::size_t n) { return request[n] << 8 | request[n + 1]; };
    const int function = request[0];
    const bool single = function == 5 || function == 6;
    return ModbusAsked{function, word(1), single ? 1 : word(3)};
}

std::optional<int> exception_in(std::span<const std::uint8_t> answer) {
    if (answer.size() < 2 || answer[0] < 0x80)
        return std::nullopt;
    return answer[1];
}

} // namespace kpmsim

#pragma once

#include "models/engine/meter.hpp"
#include "sim/clock.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kpmsim {

/// One request that a meter was asked, or one message that it sent.
struct JournalEntry {
    enum class Kind : std::uint8_t { request, upload };

    std::uint64_t id{0}; ///< counts from 1; never used twice
    Kind kind{Kind::request};
    SimTime at{};      ///< what the farm showed then
    std::string meter; ///< empty: nobody has the unit
    int circuit{0};    ///< 1-based
    std::string line;  ///< 127.0.0.1:1502, run/line1, or the broker's client
    // Of a request:
    int unit{0};
    std::vector<std::uint8_t> request, answer; ///< PDUs; no answer: silence
    std::shared_ptr<const MeterSpec> spec;     ///< of who was asked; null: nobody
    std::string elsewhere;                     ///< who has the unit, where nobody here does
    // Of an upload:
    std::string topic, payload;
};

/// What somebody wants to see of it.
struct JournalFilter {
    std::optional<std::string> meter, line, topic;
    std::optional<JournalEntry::Kind> kind;
    std::optional<int> unit, function, address, words, exception;
    std::optional<std::uint64_t> since; ///< ids after this one
    bool near_misses{false};
};
/// What a request probably meant; empty: nothing else. Worked out when somebody wants to know.
std::string near_miss_of(const JournalEntry& entry);
bool fits(const JournalFilter& filter, const JournalEntry& entry);

/// The last requests and uploads of a farm, in bounded memory: the oldest go first.
class Journal {
public:
    explicit Journal(std::size_t most_entries = 10'000, std::size_t most_bytes = 16 << 20);

    const JournalEntry& add(JournalEntry entry);
    /// The last `limit` that fit, or with `since` the first, so that one can go on from there; oldest
    /// first.
    std::vector<const JournalEntry*> find(const JournalFilter& filter, std::size_t limit) const;
    std::size_t count(const JournalFilter& filter) const;
    void clear();
    std::uint64_t forgotten() const { return forgotten_; } ///< for want of room, since clear()

private:
    std::deque<JournalEntry> entries_;
    std::size_t most_entries_, most_bytes_;
    std::size_t bytes_{0};
    std::uint64_t last_{0};
    std::uint64_t forgotten_{0};
};

/// As one line of JSON, as the API shows it; the site's clock shows `start` at SimTime{}.
std::string journal_text(const JournalEntry& entry, CivilTime start);

/// The parts of a Modbus request that all of them have.
struct ModbusAsked {
    int function{0};
    int address{0};
    int count{0}; ///< words, or coils
};
std::optional<ModbusAsked> asked_in(std::span<const std::uint8_t> request);
/// 1 to 4; nothing when the answer is no exception, or is none at all.
std::optional<int> exception_in(std::span<const std::uint8_t> answer);

} // namespace kpmsim

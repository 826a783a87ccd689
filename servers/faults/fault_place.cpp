#include "servers/faults/fault_place.hpp"

#include "servers/modbus/rtu_frame.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace kpmsim {
namespace {

constexpr std::size_t remembered = 64; ///< requests without an answer
constexpr LineTime same_request = std::chrono::milliseconds{50};

struct Running {
    std::uint64_t serial{0};
    std::uint64_t action{0};
    FaultSpec spec;
    FaultPlace::Concerns concerns;
    std::uint64_t counted{0}; ///< requests that it saw
};

} // namespace

struct FaultPlace::Parts {
    WireForm form;
    LineSettings line;
    std::vector<std::shared_ptr<Running>> running; ///< in the order in which they began
    std::uint64_t serials{0};

    bool runs(std::uint64_t serial) const {
        return std::any_of(
            running.begin(), running.end(), [&](const auto& one) { return one->serial == serial; });
    }
};

namespace {

class Connection final : public LineFault {
public:
    explicit Connection(std::shared_ptr<FaultPlace::Parts> place) : place_{std::move(place)} {}

    void to_meter(std::span<const std::uint8_t> bytes, LineTime at, Passed& out) override {
        if (forgotten(at, out))
            return;
        if (place_->form == WireForm::rtu)
            return rtu_request(bytes, at, out);
        half_.insert(half_.end(), bytes.begin(), bytes.end());
        while (!half_.empty()) {
            const auto length = framing::adu_length(half_);
            if (!length || *length > half_.size())
                return;
            const std::size_t size = *length > 0 ? *length : half_.size();
            const auto end = half_.begin() + static_cast<std::ptrdiff_t>(size);
            WireMessage request{{half_.begin(), end}, at, 0, {}};
            half_.erase(half_.begin(), end);
            if (*length > 0)
                ask(request);
            through(place_->running, 0, true, std::move(request), out);
        }
    }

    void to_client(std::span<const std::uint8_t> bytes, LineTime at, Passed& out) override {
        if (forgotten(at, out))
            return;
        while (!bytes.empty()) {
            std::size_t size = bytes.size();
            if (place_->form == WireForm::tcp)
                if (const auto length = framing::adu_length(bytes); length && *length > 0)
                    size = std::min(size, *length);
            WireMessage answer{
                {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}, at, 0, {}};
            answer.exchange = exchange_of(answer);
            bytes = bytes.subspan(size);
            through(place_->running, 0, false, std::move(answer), out);
        }
    }

    bool unsettled() const override {
        return std::any_of(
            memories_.begin(), memories_.end(),
            [&](const auto& one) {
                return one.second.half_open && one.second.fault.begun && !place_->runs(one.first);
            });
    }

private:
    struct Asked {
        std::uint64_t exchange;
        int transaction;
        std::uint8_t unit;
    };
    struct Memory {
        FaultMemory fault;
        std::map<std::uint64_t, std::uint64_t> numbers; ///< of its requests, by exchange
        bool half_open{false};
    };

    /// What a meter that has forgotten a connection says on it.
    bool forgotten(LineTime at, Passed& out) {
        if (!unsettled())
            return false;
        out.end = EndOfConnection{HangUp::reset, at};
        return true;
    }

    void rtu_request(std::span<const std::uint8_t> bytes, LineTime at, Passed& out) {
        const bool goes_on = !half_.empty() && at < last_bytes_ + same_request &&
                             half_.size() < most_rtu_frame && !is_whole_request(half_);
        if (!goes_on)
            half_.clear();
        half_.insert(half_.end(), bytes.begin(), bytes.end());
        last_bytes_ = at;
        WireMessage request{{bytes.begin(), bytes.end()}, at, 0, {}};
        if (goes_on)
            request.exchange = exchanges_;
        else
            ask(request);
        through(place_->running, 0, true, std::move(request), out);
    }

    void ask(WireMessage& request) {
        const bool tcp = place_->form == WireForm::tcp;
        request.exchange = ++exchanges_;
        asked_.push_back(
            {exchanges_, tcp ? transaction_of(request) : 0, request.bytes[tcp ? 6 : 0]});
        if (asked_.size() > remembered)
            asked_.pop_front();
    }

    static int transaction_of(const WireMessage& message) {
        return message.bytes[0] << 8 | message.bytes[1];
    }

    /// On TCP by its transaction; on two wires an answer is to the last request.
    std::uint64_t exchange_of(const WireMessage& answer) const {
        if (place_->form == WireForm::rtu)
            return exchanges_;
        if (answer.bytes.size() < 2)
            return 0;
        const auto to = std::find_if(asked_.rbegin(), asked_.rend(), [&](const Asked& one) {
            return one.transaction == transaction_of(answer);
        });
        return to == asked_.rend() ? 0 : to->exchange;
    }

    const Asked* asked(std::uint64_t exchange) const {
        const auto at = std::find_if(asked_.begin(), asked_.end(),
                                     [&](const Asked& one) { return one.exchange == exchange; });
        return at == asked_.end() ? nullptr : &*at;
    }

    Memory& memory_of(const Running& fault) {
        Memory& memory = memories_[fault.serial];
        memory.half_open = fault.spec.kind->name == "half-open";
        return memory;
    }

    /// The number that the fault gave the request, or gives it now; 0: it is not its.
    std::uint64_t number_of(Running& fault, Memory& memory, const WireMessage& message,
                            bool upstream) {
        if (message.exchange == 0)
            return 0;
        if (const auto known = memory.numbers.find(message.exchange); known != memory.numbers.end())
            return known->second;
        const Asked* const request = asked(message.exchange);
        if (!upstream || request == nullptr || (fault.concerns && !fault.concerns(request->unit)))
            return 0;
        if (memory.numbers.size() >= remembered)
            memory.numbers.erase(memory.numbers.begin());
        return memory.numbers[message.exchange] = ++fault.counted;
    }

    static bool hits(const FaultSpec& spec, std::uint64_t number, bool upstream) {
        if (!(upstream ? spec.upstream : spec.downstream) || number < spec.first ||
            number > spec.last)
            return false;
        return spec.toxicity >= 1 || spec.stream.uniform(number) < spec.toxicity;
    }

    void through(const std::vector<std::shared_ptr<Running>>& all, std::size_t n, bool upstream,
                 WireMessage message, Passed& out) {
        if (n == all.size()) {
            (upstream ? out.to_meter : out.to_client)
                .push_back({std::move(message.bytes), message.at, message.baud});
            return;
        }
        Running& fault = *all[n];
        const FaultKind& kind = *fault.spec.kind;
        if (kind.act == nullptr)
            return through(all, n + 1, upstream, std::move(message), out);
        Memory& memory = memory_of(fault);
        const std::uint64_t number = number_of(fault, memory, message, upstream);
        const bool hit = number > 0 && hits(fault.spec, number, upstream);
        if (!hit && !(kind.sees_all && message.exchange > 0))
            return through(all, n + 1, upstream, std::move(message), out);
        FaultTurn turn{fault.spec,
                       place_->form,
                       place_->line,
                       upstream,
                       hit,
                       memory.fault,
                       FaultDraws{fault.spec.stream, number, upstream},
                       {},
                       {},
                       {}};
        kind.act(std::move(message), turn);
        for (WireMessage& back : turn.back)
            (upstream ? out.to_client : out.to_meter)
                .push_back({std::move(back.bytes), back.at, back.baud});
        for (WireMessage& onward : turn.onward)
            through(all, n + 1, upstream, std::move(onward), out);
        if (turn.end && (!out.end || turn.end->at < out.end->at))
            out.end = turn.end;
    }

    std::shared_ptr<FaultPlace::Parts> place_;
    std::vector<std::uint8_t> half_; ///< of a request
    LineTime last_bytes_{};
    std::uint64_t exchanges_{0};
    std::deque<Asked> asked_;
    std::map<std::uint64_t, Memory> memories_; ///< by the fault's serial number
};

} // namespace

FaultPlace::FaultPlace(WireForm form, LineSettings line)
    : parts_{std::make_shared<Parts>(Parts{form, line, {}, 0})} {}

void FaultPlace::begin(std::uint64_t action, FaultSpec spec, Concerns concerns) {
    const std::uint64_t serial = ++parts_->serials;
    parts_->running.push_back(
        std::make_shared<Running>(Running{serial, action, spec, std::move(concerns), 0}));
}

void FaultPlace::end(std::uint64_t action) {
    std::erase_if(
        parts_->running, [&](const auto& one) { return one->action == action; });
}

bool FaultPlace::has(std::uint64_t action) const {
    return std::any_of(
        parts_->running.begin(), parts_->running.end(),
        [&](const auto& one) { return one->action == action; });
}

std::unique_ptr<LineFault> FaultPlace::connect() { return std::make_unique<Connection>(parts_); }

bool FaultPlace::idle() const { return parts_->running.empty(); }

bool FaultPlace::refuses() const {
    return std::any_of(
        parts_->running.begin(), parts_->running.end(),
        [](const auto& one) { return one->spec.kind->name == "refused"; });
}

LineTime FaultPlace::lingers() const {
    LineTime longest{};
    for (const auto& one : parts_->running)
        if (one->spec.kind->name == "slow-close")
            longest = std::max(longest, one->spec.delay);
    return longest;
}

} // namespace kpmsim

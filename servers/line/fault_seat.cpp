#include "servers/line/fault_seat.hpp"

#include <algorithm>
#include <deque>
#include <utility>

namespace kpmsim {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// Bytes that a fault holds in one direction, in the order in which they leave it.
class Delayed {
public:
    bool empty() const { return pieces_.empty(); }
    LineTime next() const { return pieces_.front().at; }
    LineTime last() const { return pieces_.back().at; }
    std::size_t size() const { return size_; }
    void push(Passing piece) {
        if (piece.bytes.empty())
            return;
        if (!empty())
            piece.at = std::max(piece.at, last());
        size_ += piece.bytes.size();
        pieces_.push_back(std::move(piece));
    }
    Passing pop() {
        Passing piece = std::move(pieces_.front());
        pieces_.pop_front();
        size_ -= piece.bytes.size();
        return piece;
    }
    void clear() {
        pieces_.clear();
        size_ = 0;
    }

private:
    std::deque<Passing> pieces_;
    std::size_t size_{0};
};

/// What is on its way through the seat.
struct Detour {
    Delayed in, out;
    Bytes held; ///< came through, and not taken yet
    std::optional<int> baud;

    bool over() const { return in.empty() && out.empty() && held.empty(); }
};

class Connection final : public ByteService {
public:
    Connection(std::unique_ptr<ByteService> behind,
               std::shared_ptr<std::shared_ptr<LineFaults>> seat)
        : behind_{std::move(behind)}, seat_{std::move(seat)} {}

    std::size_t take(std::span<const std::uint8_t> in, const Arrival& arrival,
                     Bytes& out) override {
        if (is_clear()) {
            const std::size_t taken = behind_->take(in, arrival, out);
            left_ = in.size() - taken;
            return taken;
        }
        Detour& detour = on_detour();
        detour.held.insert(detour.held.end(), in.begin(),
                           in.begin() + static_cast<std::ptrdiff_t>(left_));
        detour.baud = arrival.baud;
        pass(detour, in.subspan(std::exchange(left_, 0)), arrival.at, &LineFault::to_meter,
             &Passed::to_meter);
        advance(arrival.at, out);
        return in.size();
    }

    LineTime takes_from() const override {
        const LineTime behind = behind_->takes_from();
        return !detour_ || detour_->in.size() + detour_->out.size() < most_out
                   ? behind
                   : std::max(behind, next_event().value_or(behind));
    }

    std::optional<LineTime> next_event() const override {
        std::optional<LineTime> next = behind_->next_event();
        const auto sooner = [&](LineTime at) { next = std::min(next.value_or(at), at); };
        if (detour_)
            for (const Delayed* const way : {&detour_->in, &detour_->out})
                if (!way->empty())
                    sooner(way->next());
        if (end_ && !over_)
            sooner(end_->at);
        return next;
    }

    void advance(LineTime at, Bytes& out) override {
        if (is_clear())
            return behind_->advance(at, out);
        Detour& detour = on_detour();
        Bytes said;
        for (auto next = next_event(); next && *next <= at; next = next_event()) {
            const LineTime moment = *next == LineTime::min() ? at : *next; // overdue: it is now
            if (!detour.out.empty() && detour.out.next() <= moment) {
                const Passing piece = detour.out.pop();
                if (!over_)
                    out.insert(out.end(), piece.bytes.begin(), piece.bytes.end());
            } else if (!detour.in.empty() && detour.in.next() <= moment) {
                const Passing piece = detour.in.pop();
                detour.held.insert(detour.held.end(), piece.bytes.begin(), piece.bytes.end());
                offer(detour, moment, piece.baud ? piece.baud : detour.baud);
            } else if (end_ && !over_ && end_->at <= moment) {
                over_ = true;
            } else {
                said.clear();
                behind_->advance(moment, said);
                pass(detour, said, moment, &LineFault::to_client, &Passed::to_client);
            }
        }
        if (detour.over())
            detour_.reset();
    }

    void client_left() override {
        detour_.reset();
        end_.reset();
        over_ = false;
        fault_.reset();
        of_.reset();
        left_ = 0;
        behind_->client_left();
    }
    LineTime lingers() const override { return *seat_ ? (*seat_)->lingers() : LineTime{}; }
    std::optional<HangUp> hangs_up() const override {
        return over_ ? std::optional{end_->how} : std::nullopt;
    }
    const Misfit* misfit() const override { return behind_->misfit(); }
    std::string_view remark() const override { return behind_->remark(); }

private:
    bool is_clear() const {
        return !detour_ && !end_ && (!*seat_ || (*seat_)->idle()) &&
               !(fault_ && fault_->unsettled());
    }

    Detour& on_detour() {
        if (!detour_)
            detour_ = std::make_unique<Detour>();
        return *detour_;
    }

    /// The connection's own share of what sits here.
    LineFault* fault() {
        if (of_ != *seat_) {
            of_ = *seat_;
            fault_ = of_ ? of_->connect() : nullptr;
        }
        return fault_.get();
    }

    void pass(Detour& detour, std::span<const std::uint8_t> bytes, LineTime at,
              void (LineFault::*through)(std::span<const std::uint8_t>, LineTime, Passed&),
              std::vector<Passing> Passed::*onward) {
        if (bytes.empty() || over_)
            return;
        Passed passed;
        if (LineFault* const wrong = fault())
            (wrong->*through)(bytes, at, passed);
        else
            (passed.*onward).emplace_back().bytes.assign(bytes.begin(), bytes.end());
        const auto push = [&](Delayed& way, std::vector<Passing>& pieces) {
            for (Passing& piece : pieces) {
                piece.at = std::max(piece.at, at);
                way.push(std::move(piece));
            }
        };
        push(detour.in, passed.to_meter);
        push(detour.out, passed.to_client);
        if (passed.end && !end_)
            end_ = {passed.end->how, std::max(passed.end->at, at)};
    }

    /// What has come through, as a transport would offer it.
    void offer(Detour& detour, LineTime at, std::optional<int> baud) {
        Bytes said;
        for (std::size_t taken = 1; taken > 0 && !detour.held.empty() && !behind_->misfit();) {
            said.clear();
            taken = behind_->take(detour.held, {at, baud}, said);
            detour.held.erase(detour.held.begin(),
                              detour.held.begin() + static_cast<std::ptrdiff_t>(taken));
            pass(detour, said, at, &LineFault::to_client, &Passed::to_client);
        }
    }

    std::unique_ptr<ByteService> behind_;
    std::shared_ptr<std::shared_ptr<LineFaults>> seat_;
    std::shared_ptr<LineFaults> of_; ///< what `fault_` is a share of
    std::unique_ptr<LineFault> fault_;
    std::optional<EndOfConnection> end_;
    bool over_{false};    ///< it has come
    std::size_t left_{0}; ///< bytes that were offered while nothing sat here, and not taken
    std::unique_ptr<Detour> detour_; ///< null while nothing is on its way
};

} // namespace

FaultSeat::FaultSeat(std::shared_ptr<ByteServiceFactory> behind)
    : behind_{std::move(behind)}, seat_{std::make_shared<std::shared_ptr<LineFaults>>()} {}

void FaultSeat::put(std::shared_ptr<LineFaults> faults) {
    *seat_ = std::move(faults);
    refusal_changed();
}

const std::shared_ptr<LineFaults>& FaultSeat::faults() const { return *seat_; }

void FaultSeat::refusal_changed() {
    const bool refuses = *seat_ && (*seat_)->refuses();
    if (std::exchange(refused_, refuses) != refuses)
        for (const auto& tell : refusals_)
            tell(refuses);
}

void FaultSeat::on_refusal(std::function<void(bool refuses)> tell) {
    refusals_.push_back(std::move(tell));
    if (refused_)
        refusals_.back()(true);
}

std::unique_ptr<ByteService> FaultSeat::connect() {
    return std::make_unique<Connection>(behind_->connect(), seat_);
}
std::string_view FaultSeat::protocol() const { return behind_->protocol(); }
const Traffic& FaultSeat::traffic() const { return behind_->traffic(); }

} // namespace kpmsim

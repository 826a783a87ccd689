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
               std::shared_ptr<std::shared_ptr<LineFault>> seat)
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
        pass(detour.in, in.subspan(std::exchange(left_, 0)), arrival.at, &LineFault::to_meter);
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
        if (detour_)
            for (const Delayed* const way : {&detour_->in, &detour_->out})
                if (!way->empty())
                    next = std::min(next.value_or(way->next()), way->next());
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
                out.insert(out.end(), piece.bytes.begin(), piece.bytes.end());
            } else if (!detour.in.empty() && detour.in.next() <= moment) {
                const Passing piece = detour.in.pop();
                detour.held.insert(detour.held.end(), piece.bytes.begin(), piece.bytes.end());
                offer(detour, moment);
            } else {
                said.clear();
                behind_->advance(moment, said);
                pass(detour.out, said, moment, &LineFault::to_client);
            }
        }
        if (detour.over())
            detour_.reset();
    }

    void client_left() override {
        detour_.reset();
        left_ = 0;
        behind_->client_left();
    }
    const Misfit* misfit() const override { return behind_->misfit(); }
    std::string_view remark() const override { return behind_->remark(); }

private:
    bool is_clear() const { return !detour_ && !*seat_; }

    Detour& on_detour() {
        if (!detour_)
            detour_ = std::make_unique<Detour>();
        return *detour_;
    }

    void pass(Delayed& way, std::span<const std::uint8_t> bytes, LineTime at,
              void (LineFault::*through)(std::span<const std::uint8_t>, LineTime,
                                         std::vector<Passing>&)) {
        if (bytes.empty())
            return;
        std::vector<Passing> pieces;
        if (*seat_)
            ((**seat_).*through)(bytes, at, pieces);
        else
            pieces.emplace_back().bytes.assign(bytes.begin(), bytes.end());
        for (Passing& piece : pieces) {
            piece.at = std::max(piece.at, at);
            way.push(std::move(piece));
        }
    }

    /// What has come through, as a transport would offer it.
    void offer(Detour& detour, LineTime at) {
        Bytes said;
        for (std::size_t taken = 1; taken > 0 && !detour.held.empty() && !behind_->misfit();) {
            said.clear();
            taken = behind_->take(detour.held, {at, detour.baud}, said);
            detour.held.erase(detour.held.begin(),
                              detour.held.begin() + static_cast<std::ptrdiff_t>(taken));
            pass(detour.out, said, at, &LineFault::to_client);
        }
    }

    std::unique_ptr<ByteService> behind_;
    std::shared_ptr<std::shared_ptr<LineFault>> seat_;
    std::size_t left_{0}; ///< bytes that were offered while nothing sat here, and not taken
    std::unique_ptr<Detour> detour_; ///< null while nothing is on its way
};

} // namespace

FaultSeat::FaultSeat(std::shared_ptr<ByteServiceFactory> behind)
    : behind_{std::move(behind)}, seat_{std::make_shared<std::shared_ptr<LineFault>>()} {}

void FaultSeat::put(std::shared_ptr<LineFault> fault) { *seat_ = std::move(fault); }

std::unique_ptr<ByteService> FaultSeat::connect() {
    return std::make_unique<Connection>(behind_->connect(), seat_);
}
std::string_view FaultSeat::protocol() const { return behind_->protocol(); }
const Traffic& FaultSeat::traffic() const { return behind_->traffic(); }

} // namespace kpmsim

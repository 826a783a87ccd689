#include "servers/line/wire_tap.hpp"

#include <utility>

namespace kpmsim {
namespace {

/// What an entry takes beside its bytes.
constexpr std::size_t entry_bytes = sizeof(WireBytes) + 32;

class TappedService final : public ByteService {
public:
    TappedService(std::unique_ptr<ByteService> behind, std::size_t wire, std::uint32_t connection,
                  WireLog& log)
        : behind_{std::move(behind)}, wire_{wire}, connection_{connection}, log_{log} {}

    std::size_t take(std::span<const std::uint8_t> in, const Arrival& arrival,
                     std::vector<std::uint8_t>& out) override {
        const std::size_t before = out.size();
        const std::size_t taken = behind_->take(in, arrival, out);
        note(arrival.at, true, in.first(taken));
        note(arrival.at, false, std::span{out}.subspan(before));
        return taken;
    }
    LineTime takes_from() const override { return behind_->takes_from(); }
    std::optional<LineTime> next_event() const override { return behind_->next_event(); }
    void advance(LineTime at, std::vector<std::uint8_t>& out) override {
        const std::size_t before = out.size();
        behind_->advance(at, out);
        note(at, false, std::span{out}.subspan(before));
    }
    void client_left() override { behind_->client_left(); }
    LineTime lingers() const override { return behind_->lingers(); }
    std::optional<HangUp> hangs_up() const override { return behind_->hangs_up(); }
    const Misfit* misfit() const override { return behind_->misfit(); }
    std::string_view remark() const override { return behind_->remark(); }

private:
    void note(LineTime at, bool from_client, std::span<const std::uint8_t> bytes) {
        if (!bytes.empty())
            log_.add({at, wire_, connection_, from_client, {bytes.begin(), bytes.end()}});
    }

    std::unique_ptr<ByteService> behind_;
    std::size_t wire_;
    std::uint32_t connection_;
    WireLog& log_;
};

} // namespace

void WireLog::add(WireBytes bytes) {
    bytes_ += bytes.bytes.size() + entry_bytes;
    all_.push_back(std::move(bytes));
    for (; bytes_ > most_bytes_; all_.pop_front(), ++forgotten_)
        bytes_ -= all_.front().bytes.size() + entry_bytes;
}

WireTap::WireTap(std::shared_ptr<ByteServiceFactory> behind, std::size_t wire, WireLog& log)
    : behind_{std::move(behind)}, wire_{wire}, log_{log} {}

std::unique_ptr<ByteService> WireTap::connect() {
    return std::make_unique<TappedService>(behind_->connect(), wire_, ++connections_, log_);
}

} // namespace kpmsim

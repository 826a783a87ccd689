#include "servers/line/shared_line.hpp"

#include "servers/line/half_duplex_line.hpp"

#include <map>
#include <utility>

namespace kpmsim {
namespace {

/// What a serial driver's buffer would hold of the bytes that clients write ahead of the wire.
constexpr double most_characters_ahead = 512;

} // namespace

struct SharedLine::Parts {
    Parts(LineSettings settings, std::unique_ptr<LineStations> those)
        : stations{std::move(those)}, line{settings, *stations} {}

    void advance(LineTime at) {
        for (const HalfDuplexLine::Answer& answer : line.advance(at))
            if (const auto asker = said.find(answer.client); asker != said.end()) {
                Said& to = asker->second;
                if (to.bytes.empty())
                    to.since = answer.ends;
                to.bytes.insert(to.bytes.end(), answer.bytes.begin(), answer.bytes.end());
            }
    }

    /// What a client was told and has not fetched yet, and from when on: whoever moves the line, it hears
    /// the answer when it was over.
    struct Said {
        std::vector<std::uint8_t> bytes;
        LineTime since{};
    };

    std::unique_ptr<LineStations> stations;
    HalfDuplexLine line;
    std::map<std::uint64_t, Said> said; ///< to each client
    std::uint64_t clients{0};           ///< so far
};

namespace {

class LineClient final : public ByteService {
public:
    explicit LineClient(std::shared_ptr<SharedLine::Parts> shared) : shared_{std::move(shared)} {
        come();
    }
    ~LineClient() override { shared_->said.erase(number_); }

    std::size_t take(std::span<const std::uint8_t> in, const Arrival& arrival,
                     std::vector<std::uint8_t>& out) override {
        HalfDuplexLine& line = shared_->line;
        line.receive(in, arrival.baud.value_or(line.settings().baud), arrival.at, number_);
        fetch(out);
        return in.size();
    }
    LineTime takes_from() const override {
        const HalfDuplexLine& line = shared_->line;
        return line.wire_free() - line.settings().characters(most_characters_ahead);
    }
    std::optional<LineTime> next_event() const override {
        const auto& said = shared_->said.at(number_);
        return said.bytes.empty() ? shared_->line.next_event() : said.since;
    }
    void advance(LineTime at, std::vector<std::uint8_t>& out) override {
        shared_->advance(at);
        fetch(out);
    }
    /// Its answers have nobody to go to, and the next client is another one.
    void client_left() override {
        shared_->said.erase(number_);
        come();
    }
    std::string_view remark() const override { return shared_->stations->remark(); }

private:
    void come() {
        number_ = ++shared_->clients;
        shared_->said[number_];
    }
    void fetch(std::vector<std::uint8_t>& out) {
        auto& said = shared_->said[number_].bytes;
        out.insert(out.end(), said.begin(), said.end());
        said.clear();
    }

    std::shared_ptr<SharedLine::Parts> shared_;
    std::uint64_t number_{0};
};

} // namespace

SharedLine::SharedLine(LineSettings settings, std::unique_ptr<LineStations> stations)
    : parts_{std::make_shared<Parts>(settings, std::move(stations))} {}

std::unique_ptr<ByteService> SharedLine::connect() { return std::make_unique<LineClient>(parts_); }
std::string_view SharedLine::protocol() const { return parts_->stations->protocol(); }
const Traffic& SharedLine::traffic() const { return parts_->stations->traffic(); }

} // namespace kpmsim

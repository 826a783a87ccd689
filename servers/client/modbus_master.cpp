#include "servers/client/modbus_master.hpp"

#include "models/faces/register_words.hpp"
#include "servers/modbus/rtu_frame.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace kpmsim {
namespace {

constexpr std::size_t tcp_header = 7;

LineTime line_time(SimTime at) { return at.time_since_epoch(); }

std::string text_of(const RegisterBlock& block) {
    return fmt::format("{:02} {:04X}H {}", block.function, block.first, block.words);
}

std::array<std::uint8_t, 5> pdu_of(const RegisterBlock& block) {
    const auto high = [](int value) { return static_cast<std::uint8_t>(value >> 8 & 0xFF); };
    const auto low = [](int value) { return static_cast<std::uint8_t>(value & 0xFF); };
    return {low(block.function), high(block.first), low(block.first), high(block.words),
            low(block.words)};
}

std::vector<std::uint8_t> rtu_request(int unit, std::span<const std::uint8_t> pdu) {
    std::vector<std::uint8_t> out{static_cast<std::uint8_t>(unit)};
    out.insert(out.end(), pdu.begin(), pdu.end());
    out.resize(out.size() + 2);
    framing::seal(WireForm::rtu, out);
    return out;
}

std::vector<std::uint8_t> tcp_request(std::uint16_t transaction, int unit,
                                      std::span<const std::uint8_t> pdu) {
    std::vector<std::uint8_t> out{static_cast<std::uint8_t>(transaction >> 8),
                                  static_cast<std::uint8_t>(transaction & 0xFF),
                                  0,
                                  0,
                                  0,
                                  0,
                                  static_cast<std::uint8_t>(unit)};
    out.insert(out.end(), pdu.begin(), pdu.end());
    framing::seal(WireForm::tcp, out);
    return out;
}

/// Of the answer that begins so, RTU; nothing while it cannot be told.
std::optional<std::size_t> rtu_answer_length(std::span<const std::uint8_t> in) {
    if (in.size() < 3)
        return std::nullopt;
    return in[1] & 0x80 ? 5 : std::size_t{5} + in[2];
}

Ledger::Plan books_of(const MasterPlan& plan) {
    Ledger::Plan books = plan.books;
    books.every = plan.every;
    books.mistakes = plan.mistakes;
    return books;
}

} // namespace

ModbusMaster::ModbusMaster(MasterPlan plan, ByteServiceFactory& behind)
    : plan_{std::move(plan)}, behind_{behind}, refused_{std::make_shared<bool>(false)},
      round_{requests_of(plan_.units, plan_.points, plan_.blocks)}, ledger_{books_of(plan_)},
      next_round_{round_.empty() ? SimTime::max() : plan_.from}, place_{round_.size()} {
    behind_.on_refusal([flag = refused_](bool refuses) { *flag = refuses; });
}

SimTime ModbusMaster::next_event() const {
    SimTime next = SimTime::max();
    if (service_)
        if (const auto due = service_->next_event())
            next = std::max(now_, SimTime{std::max(*due, LineTime{})});
    if (deadline_)
        return std::min(next, *deadline_);
    return std::min(next, std::max(now_, place_ < round_.size() ? ready_ : next_round_));
}

void ModbusMaster::advance(SimTime to) {
    for (SimTime next = next_event(); next <= to; next = next_event())
        step(next);
    now_ = std::max(now_, to);
}

void ModbusMaster::step(SimTime at) {
    now_ = at;
    if (service_) {
        const auto due = service_->next_event();
        if (due && *due <= line_time(at)) {
            std::vector<std::uint8_t> out;
            service_->advance(line_time(at), out);
            heard(at, out);
            return look_after_connection(at);
        }
    }
    if (deadline_) {
        if (*deadline_ <= at)
            fail(at, "timeout");
    } else if (place_ < round_.size()) {
        send(at);
    } else {
        begin_round(at);
    }
}

void ModbusMaster::begin_round(SimTime at) {
    place_ = 0;
    attempt_ = 0;
    ready_ = std::max(ready_, at);
    // The first one after this moment; when the round is over later than that, the first after that.
    next_round_ = at + plan_.every;
}

void ModbusMaster::send(SimTime at) {
    const PollRequest& what = request();
    const auto pdu = pdu_of(what.block);
    if (!does(ClientMistake::take_late))
        in_.clear();
    note(at, ClientEvent::request, text_of(what.block),
         attempt_ == 0 ? "" : fmt::format("again, {}", attempt_));
    if (*refused_) {
        hang_up();
        deadline_ = at;
        return fail(at, "connection refused");
    }
    if (!service_)
        service_ = behind_.connect();
    std::vector<std::uint8_t> bytes;
    SimTime sent = at;
    if (plan_.form == WireForm::rtu) {
        bytes = rtu_request(unit().unit, pdu);
        sent += plan_.line.characters(static_cast<double>(bytes.size()));
        soonest_ = sent + rtu_silence(plan_.line);
    } else {
        bytes = tcp_request(++transaction_, unit().unit, pdu);
    }
    deadline_ = sent + plan_.timeout;
    unsent_.insert(unsent_.end(), bytes.begin(), bytes.end());
    std::vector<std::uint8_t> out;
    const auto baud = plan_.form == WireForm::rtu ? std::optional{plan_.line.baud} : std::nullopt;
    const std::size_t taken = service_->take(unsent_, {line_time(at), baud}, out);
    unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(taken));
    heard(at, out);
    look_after_connection(at);
}

// What comes -----------------------------------------------------------------------------------

void ModbusMaster::heard(SimTime at, const std::vector<std::uint8_t>& bytes) {
    if (bytes.empty())
        return;
    const bool takes_all = does(ClientMistake::take_late);
    if (!deadline_ && !takes_all) {
        log_.push_back({at, ClientEvent::failure, {}, 0, "unasked", 0, "late answer"});
        return;
    }
    if (plan_.form == WireForm::rtu && at < soonest_ && !takes_all) {
        note(at, ClientEvent::failure, text_of(request().block), "late answer");
        return;
    }
    in_.insert(in_.end(), bytes.begin(), bytes.end());
    if (!deadline_)
        return;
    if (plan_.form == WireForm::rtu)
        judge_rtu(at);
    else
        judge_tcp(at);
}

void ModbusMaster::judge_rtu(SimTime at) {
    if (in_[0] != unit().unit)
        return fail(at, fmt::format("wrong unit {}", in_[0]));
    const auto length = rtu_answer_length(in_);
    if (!length || in_.size() < *length)
        return;
    if (in_.size() > *length && !does(ClientMistake::take_late))
        return fail(at, fmt::format("{} bytes too many", in_.size() - *length));
    const std::vector<std::uint8_t> frame{in_.begin(),
                                          in_.begin() + static_cast<std::ptrdiff_t>(*length)};
    in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(*length));
    if (!check_is_right(frame))
        return fail(at, "wrong check");
    judge_pdu(at, std::span{frame}.subspan(1, frame.size() - around_pdu));
}

void ModbusMaster::judge_tcp(SimTime at) {
    while (deadline_ && !in_.empty()) {
        const auto length = framing::adu_length(in_);
        if (!length || (*length > 0 && in_.size() < *length))
            return;
        if (*length == 0) {
            fail(at, "no MBAP header");
            return hang_up();
        }
        const std::vector<std::uint8_t> adu{in_.begin(),
                                            in_.begin() + static_cast<std::ptrdiff_t>(*length)};
        in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(*length));
        const int transaction = adu[0] << 8 | adu[1];
        if (transaction != transaction_ && !does(ClientMistake::take_late))
            note(at, ClientEvent::failure, text_of(request().block), "late answer");
        else if (adu[6] != unit().unit)
            fail(at, fmt::format("wrong unit {}", adu[6]));
        else
            judge_pdu(at, std::span{adu}.subspan(tcp_header));
    }
}

void ModbusMaster::judge_pdu(SimTime at, std::span<const std::uint8_t> pdu) {
    const RegisterBlock& block = request().block;
    if (pdu.size() < 2)
        return fail(at, "too short");
    if (pdu[0] == (block.function | 0x80))
        return fail(at, fmt::format("exception {}", pdu[1]));
    if (pdu[0] != block.function)
        return fail(at, fmt::format("wrong function {}", pdu[0]));
    if (pdu[1] != 2 * block.words || pdu.size() != 2u + pdu[1])
        return fail(at,
                    fmt::format("{} bytes of data instead of {}", pdu.size() - 2, 2 * block.words));
    note(at, ClientEvent::answer, text_of(block));
    take_values(at, pdu.subspan(2));
    next_request(at);
}

void ModbusMaster::take_values(SimTime at, std::span<const std::uint8_t> data) {
    std::vector<std::uint16_t> words;
    for (std::size_t n = 0; n + 1 < data.size(); n += 2)
        words.push_back(static_cast<std::uint16_t>(data[n] << 8 | data[n + 1]));
    WordOrder order = unit().order;
    if (does(ClientMistake::swap_words))
        order = order == WordOrder::abcd ? WordOrder::cdab : WordOrder::abcd;
    for (const RegisterRow* row : request().rows) {
        const auto from = static_cast<std::size_t>(row->address - request().block.first);
        const ClientEntry value{at,
                                ClientEvent::value,
                                unit().meter,
                                unit().circuit,
                                unit().type->points[row->point].name,
                                decode(*row, order, std::span{words}.subspan(from, row->words)),
                                {}};
        log_.push_back(value);
        ledger_.take(value, log_);
    }
}

// What becomes of it ---------------------------------------------------------------------------

void ModbusMaster::fail(SimTime at, std::string why) {
    note(at, ClientEvent::failure, text_of(request().block), std::move(why));
    if (attempt_ < plan_.retries) {
        ++attempt_;
        deadline_.reset();
        ready_ = at;
        if (plan_.form == WireForm::rtu)
            ready_ += pause();
        return;
    }
    next_request(at);
}

/// Between two requests on two wires.
SimDuration ModbusMaster::pause() const {
    return rtu_silence(plan_.line) +
           std::chrono::milliseconds{unit().type->line.min_frame_interval_ms};
}

void ModbusMaster::next_request(SimTime at) {
    deadline_.reset();
    ready_ = at;
    if (plan_.form == WireForm::rtu)
        ready_ += pause();
    attempt_ = 0;
    if (++place_ < round_.size())
        return;
    if (next_round_ < at)
        next_round_ = plan_.from + ((at - plan_.from) / plan_.every + 1) * plan_.every;
}

void ModbusMaster::look_after_connection(SimTime at) {
    const auto how = service_ ? service_->hangs_up() : std::nullopt;
    if (!how && !(service_ && service_->misfit()))
        return;
    hang_up();
    if (deadline_)
        fail(at, how == HangUp::reset ? "connection reset" : "connection closed");
}

void ModbusMaster::hang_up() {
    if (service_)
        service_->client_left();
    service_.reset();
    unsent_.clear();
}

void ModbusMaster::note(SimTime at, ClientEvent event, std::string what, std::string text) {
    log_.push_back({at, event, unit().meter, unit().circuit, std::move(what), 0, std::move(text)});
}

} // namespace kpmsim

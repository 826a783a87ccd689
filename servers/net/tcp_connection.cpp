#include "servers/net/tcp_connection.hpp"

#include "servers/net/line_clock.hpp"

#include <algorithm>
#include <utility>

namespace kpmsim {

namespace asio = boost::asio;
using boost::system::error_code;

TcpConnection::TcpConnection(LoopSocket socket, std::unique_ptr<ByteService> service, Owner& owner)
    : socket_{std::move(socket)}, service_{std::move(service)}, owner_{&owner} {
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
}

void TcpConnection::start() { go_on(); }

void TcpConnection::close() {
    owner_ = nullptr;
    error_code ignored;
    socket_.close(ignored);
    if (timer_)
        timer_->cancel();
}

void TcpConnection::read() {
    if (std::exchange(reading_, true))
        return;
    socket_.async_read_some(asio::buffer(in_.data() + filled_, in_.size() - filled_),
                            [self = shared_from_this()](const error_code& error, std::size_t n) {
                                self->took(error, n);
                            });
}

void TcpConnection::took(const error_code& error, std::size_t n) {
    reading_ = false;
    if (!owner_ || left_)
        return;
    if (error)
        return leave();
    filled_ += n;
    if (!writing_)
        serve();
}

/// Offers what has come, until nothing more comes of it.
void TcpConnection::serve() {
    while (filled_ > 0 && service_->misfit() == nullptr) {
        const auto now = Clock::now();
        out_.clear();
        const std::size_t used =
            service_->take({in_.data(), filled_}, {now.time_since_epoch(), {}}, out_);
        std::copy(in_.begin() + static_cast<std::ptrdiff_t>(used),
                  in_.begin() + static_cast<std::ptrdiff_t>(filled_), in_.begin());
        filled_ -= used;
        if (used > 0)
            last_request_ = now;
        if (const Misfit* const what = service_->misfit())
            owner_->misfit(socket_, {in_.data(), filled_}, *what);
        if (out_.empty())
            break;
        if (!send())
            return;
    }
    go_on();
}

/// True when all of it is gone; when not, the rest will go on its own, or nothing does any more.
bool TcpConnection::send() {
    // Nearly always the kernel takes it all: no round through the loop.
    error_code error;
    const std::size_t written = socket_.write_some(asio::buffer(out_), error);
    if (error && error != asio::error::would_block) {
        leave();
        return false;
    }
    if (!error && written == out_.size())
        return true;
    writing_ = true;
    asio::async_write(socket_, asio::buffer(out_) + (error ? 0 : written),
                      [self = shared_from_this()](const error_code& failed, std::size_t) {
                          self->writing_ = false;
                          if (!self->owner_ || self->left_)
                              return;
                          if (failed)
                              return self->leave();
                          self->serve();
                      });
    return false;
}

/// Reads, and waits for what the service has to do by itself.
void TcpConnection::go_on() {
    if (service_->misfit())
        return leave();
    if (const auto how = service_->hangs_up()) {
        error_code ignored;
        if (*how == HangUp::reset)
            socket_.set_option(asio::socket_base::linger(true, 0), ignored);
        return leave();
    }
    auto due = service_->next_event();
    if (!reading_) {
        const LineTime from = service_->takes_from();
        if (from == LineTime::min() || from <= line_now())
            read();
        else
            due = std::min(due.value_or(from), from);
    }
    if (due)
        wait(*due);
    if (const auto what = service_->remark(); !what.empty())
        owner_->remark(what);
}

void TcpConnection::wait(LineTime until) {
    if (!timer_)
        timer_.emplace(socket_.get_executor());
    timer_->expires_at(moment(std::max(until, LineTime{})));
    timer_->async_wait([self = shared_from_this()](const error_code& stopped) {
        if (!stopped && self->owner_)
            self->woken();
    });
}

void TcpConnection::woken() {
    if (writing_)
        return; // serve() looks again
    out_.clear();
    service_->advance(line_now(), out_);
    if (left_)
        leave();
    else if (out_.empty() || send())
        serve();
}

void TcpConnection::leave() {
    if (!std::exchange(left_, true)) {
        closes_at_ = line_now() + (service_->hangs_up() ? LineTime{} : service_->lingers());
        service_->client_left();
    }
    auto due = service_->misfit() ? std::nullopt : service_->next_event();
    if (line_now() < closes_at_) {
        due = std::min(due.value_or(closes_at_), closes_at_);
    } else if (socket_.is_open()) {
        error_code ignored;
        socket_.close(ignored);
    }
    if (due)
        return wait(*due);
    owner_->over(shared_from_this()); // who may not be there after it
    close();
}

} // namespace kpmsim

// A thread for each lookup, which nobody joins: a name server that does not answer holds
// getaddrinfo() for half a minute, and the farm has to stop within two seconds. The answer belongs
// to both sides, so that either may go first. (getaddrinfo_a() would do the same in the C library,
// but its thread is unknown to the thread sanitizer, which then crashes.)
#include "servers/net/name_lookup.hpp"

#include <atomic>
#include <cerrno>
#include <netdb.h>
#include <system_error>
#include <thread>

namespace kpmsim {

struct NameLookup::Answer {
    std::vector<std::string> addresses;
    std::string error;
    std::atomic<bool> done{false}; // set last: then the others are the reader's

    void look_up(const std::string& host) {
        addrinfo hints{};
        hints.ai_family = AF_UNSPEC;
        hints.ai_socktype = SOCK_STREAM;
        addrinfo* list = nullptr;
        const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
        if (code == EAI_SYSTEM)
            error = std::generic_category().message(errno);
        else if (code != 0)
            error = ::gai_strerror(code);
        for (const addrinfo* a = list; a != nullptr; a = a->ai_next) {
            char text[NI_MAXHOST];
            if (::getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, nullptr, 0,
                              NI_NUMERICHOST) == 0)
                addresses.emplace_back(text);
        }
        if (list != nullptr)
            ::freeaddrinfo(list);
        done = true;
    }
};

NameLookup::NameLookup(const std::string& host) : answer_(std::make_shared<Answer>()) {
    try {
        std::thread{[answer = answer_, host] { answer->look_up(host); }}.detach();
    } catch (const std::system_error& e) { // no thread to be had
        answer_->error = e.code().message();
        answer_->done = true;
    }
}

bool NameLookup::done() const { return answer_->done; }

const std::vector<std::string>& NameLookup::addresses() const { return answer_->addresses; }

const std::string& NameLookup::error() const { return answer_->error; }

} // namespace kpmsim

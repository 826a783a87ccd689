// getaddrinfo_a() runs getaddrinfo() on a thread of the C library. A thread of our own would have
// to be joined, and a name server that does not answer holds getaddrinfo() for half a minute: the
// farm could not stop. A request that cannot be cancelled any more is put aside instead until the
// library has written its last word into it.
#include "servers/name_lookup.hpp"

#include <cerrno>
#include <cstring>
#include <mutex>
#include <netdb.h>
#include <utility>

namespace kpmsim {

struct NameLookup::Request {
    std::string host;
    addrinfo hints{};
    gaicb one{};
    int refused{0};

    bool done() { return refused != 0 || gai_error(&one) != EAI_INPROGRESS; }
    ~Request() {
        if (one.ar_result != nullptr)
            freeaddrinfo(one.ar_result);
    }

    static void put_aside(std::unique_ptr<Request> request) {
        struct Aside {
            std::mutex mutex;
            std::vector<std::unique_ptr<Request>> requests;
        };
        static Aside& aside = *new Aside; // never destroyed: the library may outlive main()
        const std::lock_guard lock{aside.mutex};
        std::erase_if(aside.requests, [](const auto& r) { return r->done(); });
        aside.requests.push_back(std::move(request));
    }
};

NameLookup::NameLookup(const std::string& host) : request_(std::make_unique<Request>()) {
    Request& r = *request_;
    r.host = host;
    r.hints.ai_family = AF_UNSPEC;
    r.hints.ai_socktype = SOCK_STREAM;
    r.one.ar_name = r.host.c_str();
    r.one.ar_request = &r.hints;
    gaicb* list[] = {&r.one};
    r.refused = getaddrinfo_a(GAI_NOWAIT, list, 1, nullptr);
}

NameLookup::~NameLookup() {
    if (!done() && gai_cancel(&request_->one) == EAI_NOTCANCELED)
        Request::put_aside(std::move(request_));
}

bool NameLookup::done() const { return request_->done(); }

std::vector<std::string> NameLookup::addresses() const {
    std::vector<std::string> out;
    if (request_->refused == 0 && gai_error(&request_->one) == 0)
        for (const addrinfo* a = request_->one.ar_result; a != nullptr; a = a->ai_next) {
            char text[NI_MAXHOST];
            if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, nullptr, 0,
                            NI_NUMERICHOST) == 0)
                out.emplace_back(text);
        }
    return out;
}

std::string NameLookup::error() const {
    const int code = request_->refused != 0 ? request_->refused : gai_error(&request_->one);
    return code == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(code);
}

} // namespace kpmsim

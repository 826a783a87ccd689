#pragma once

#include "files/endpoint.hpp"
#include "servers/net/event_loop.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace kpmsim {

/// What the log is told of a server that we connect to: each thing once when it begins and once when
/// it is over, however many connect to it.
class DialStatus {
public:
    /// That of a server, shared by all on one loop that connect to it.
    static std::shared_ptr<DialStatus> of(EventLoop& loop, const Endpoint& server,
                                          std::string_view protocol);

    DialStatus(const Endpoint& server, std::string_view protocol);

    void down(const std::string& reason);
    /// It takes connections and ends them at once, again and again.
    void cut_off();
    void misfit(const std::string& what);
    void remark(std::string_view what);
    void up();
    /// A connection has held for a while.
    void holds();

private:
    std::string server_; ///< protocol and address
    bool said_down_{false};
    bool said_cut_off_{false};
    bool said_misfit_{false};
    bool said_remark_{false};
};

} // namespace kpmsim

#pragma once

#include "servers/api/control.hpp"
#include "servers/api/events.hpp"
#include "servers/api/journal.hpp"
#include "servers/api/message.hpp"

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// What the routes work on.
struct ApiRoom {
    Control& control;
    Journal& journal;
    EventHub& events;
    std::uint64_t requests{0}; ///< served
};

/// One request on its way through a route.
struct ApiCall {
    ApiRequest request;
    std::vector<std::string> names; ///< what stands where the route has {…}, in order
    std::map<std::string, std::string> query;
    ApiReply reply;
};

/// A row of the API's table. docs/reference/api.md, openapi.json and this table are compared by a test.
struct ApiRoute {
    std::string_view method;
    std::string_view path;  ///< /v1/meters/{name}/points
    std::string_view query; ///< the keys that it takes, blanks between them
    std::size_t body;       ///< bytes it takes at most; 0: none
    void (*handler)(ApiRoom&, const ApiCall&);
};
std::span<const ApiRoute> api_routes();

/// Finds the route of a request and has it answered; what fits none is answered with what is near.
void serve(ApiRoom& room, ApiRequest request, ApiReply reply);

/// How many bytes of body a request may bring.
std::size_t body_limit(std::string_view method, std::string_view target);

} // namespace kpmsim

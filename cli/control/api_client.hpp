#pragma once

#include "files/endpoint.hpp"

#include <optional>
#include <stdexcept>
#include <string>

namespace kpmsim {

/// The API said no, or is not there; the sentence that a person reads.
struct ApiError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// How a verb finds the farm that it is for.
struct ApiWhere {
    std::string api;        ///< http://127.0.0.1:8474; empty = as the ready file says
    std::string ready_file; ///< of `up --ready-file`
    std::string token;
};
/// What `up --detach` writes and the verbs read where nothing else was said.
inline constexpr const char* default_ready_file = "kpmsim.ready.json";

/// A client of one farm's control API. Throws ApiError.
class ApiClient {
public:
    /// Throws FileError for a URL that is none, ApiError where no API can be found.
    explicit ApiClient(const ApiWhere& where);

    /// Body of the answer. With a status from 400 on, throws what the problem says.
    std::string ask(const std::string& method, const std::string& target,
                    const std::string& body = "") const;
    /// The status, whatever it is; nothing when nobody answers.
    std::optional<int> status_of(const std::string& target) const;
    const Endpoint& endpoint() const { return endpoint_; }

private:
    struct Answer {
        int status;
        std::string body;
    };
    Answer exchange(const std::string& method, const std::string& target,
                    const std::string& body) const;

    Endpoint endpoint_;
    std::string token_;
};

} // namespace kpmsim

#pragma once

#include <memory>
#include <string>
#include <vector>

namespace kpmsim {

/// A host name on its way to addresses, looked up in the background by the C library (nsswitch,
/// /etc/hosts, DNS). It is asked, it does not call: nothing waits for it, not even its end.
class NameLookup {
public:
    explicit NameLookup(const std::string& host);

    bool done() const;
    /// When done: numeric addresses in the order to be tried; empty when there is none, and error()
    /// says why.
    const std::vector<std::string>& addresses() const;
    const std::string& error() const;

private:
    struct Answer;
    std::shared_ptr<Answer> answer_;
};

} // namespace kpmsim

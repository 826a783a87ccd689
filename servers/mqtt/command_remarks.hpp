#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace kpmsim {

/// What is said of commands that are not taken: once for each circuit, topic and kind of mistake, and of one
/// circuit so many times at most, so that whoever sends random bytes to one uses up no other's.
class CommandRemarks {
public:
    static constexpr std::size_t most_of_one = 20;

    /// What to say when `why` a command on `topic` "met silence" or "was refused" by `who`; empty: nothing.
    std::string say(const std::string& who, std::string_view topic, std::string_view outcome,
                    std::string_view why);

private:
    std::map<std::string, std::set<std::string>> said_; ///< kinds, by circuit
};

} // namespace kpmsim

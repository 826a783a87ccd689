#pragma once

#include "scenarios/play/companions.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace kpmsim {

/// What a meter is asked over.
struct PolledLine {
    std::string name;      ///< empty: no line that several share
    double character_s{0}; ///< how long one takes; 0 where nothing is slow
    int most_words{125};   ///< that one read may ask for
};

/// A read that a client made, perhaps again and again.
struct PolledRead {
    std::string meter;
    int circuit{0}; ///< 0-based
    int function{0}, address{0}, count{0};
    std::uint64_t times{0};
    double every_s{0}; ///< on average; 0 = it was asked once
    double line_s{0};  ///< request, answer and the silence behind each
};

/// What one client asks over one line.
struct PollSeen {
    std::string client;
    std::string line; ///< empty: none
    std::vector<PolledRead> reads;
    double line_s{0};  ///< of all reads once
    double every_s{0}; ///< of the read that comes most often; 0 = none came twice
    std::vector<std::string> could_be_one; ///< reads that stand side by side, in words
};

/// Finds the plan behind the requests that clients make.
class PollWatch {
public:
    void take(const Noted& noted);
    using LineOf = std::function<PolledLine(const std::string& client, const std::string& meter)>;
    /// In the order of the clients' names.
    std::vector<PollSeen> plans(const LineOf& line_of) const;

private:
    struct Seen {
        std::uint64_t times{0};
        SimTime first{}, last{};
    };
    /// Client, meter, circuit, what it asked.
    std::map<std::tuple<std::string, std::string, int, std::string>, Seen> seen_;
};

/// Characters of a Modbus-RTU read with its answer and 3.5 characters of silence behind each.
double characters_of_read(int function, int count);

} // namespace kpmsim

#include "scenarios/verdict/poll_watch.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>

namespace kpmsim {
namespace {

/// "03 0048H 12"; nothing where it is no read.
bool read_words(const std::string& what, PolledRead& read) {
    unsigned address = 0;
    if (std::sscanf(what.c_str(), "%d %xH %d", &read.function, &address, &read.count) != 3)
        return false;
    read.address = static_cast<int>(address);
    return read.function >= 1 && read.function <= 4;
}

bool is_beside(const PolledRead& a, const PolledRead& b) {
    return a.meter == b.meter && a.circuit == b.circuit && a.function == b.function &&
           b.address <= a.address + a.count;
}

std::string name_of(const PolledRead& read) {
    return fmt::format("{:02} {:04X}H {}", read.function, read.address, read.count);
}

/// Of reads in the order of their addresses: those that one read could replace.
void find_neighbours(PollSeen& seen, const PolledLine& line) {
    for (std::size_t n = 0; n < seen.reads.size();) {
        PolledRead whole = seen.reads[n];
        std::string names = name_of(whole);
        double line_s = whole.line_s;
        std::size_t next = n + 1;
        for (; next < seen.reads.size() && is_beside(whole, seen.reads[next]); ++next) {
            const PolledRead& more = seen.reads[next];
            const int count = std::max(whole.count, more.address + more.count - whole.address);
            if (count > line.most_words)
                break;
            whole.count = count;
            names += " and " + name_of(more);
            line_s += more.line_s;
        }
        if (next - n > 1) {
            const double saved_s =
                line_s - line.character_s * characters_of_read(whole.function, whole.count);
            seen.could_be_one.push_back(fmt::format(
                "{}: {} could be {}{}", whole.meter, names, name_of(whole),
                saved_s > 0 ? fmt::format(", {:.1f} ms less", 1e3 * saved_s) : std::string{}));
        }
        n = next;
    }
}

} // namespace

double characters_of_read(int function, int count) {
    const int bytes = function <= 2 ? (count + 7) / 8 : 2 * count;
    return 8 + 3.5 + 5 + bytes + 3.5;
}

void PollWatch::take(const Noted& noted) {
    if (noted.event != "request")
        return;
    Seen& seen = seen_[{noted.client, noted.meter, noted.circuit, noted.what}];
    if (seen.times++ == 0)
        seen.first = noted.at;
    seen.last = noted.at;
}

std::vector<PollSeen> PollWatch::plans(const LineOf& line_of) const {
    std::map<std::pair<std::string, std::string>, std::pair<PollSeen, PolledLine>> by_line;
    for (const auto& [key, seen] : seen_) {
        const auto& [client, meter, circuit, what] = key;
        PolledRead read;
        if (!read_words(what, read))
            continue;
        const PolledLine line = line_of(client, meter);
        read.meter = meter;
        read.circuit = circuit;
        read.times = seen.times;
        if (seen.times > 1)
            read.every_s = seconds(seen.last - seen.first) / static_cast<double>(seen.times - 1);
        read.line_s = line.character_s * characters_of_read(read.function, read.count);
        auto& [plan, of] = by_line[{client, line.name}];
        plan.client = client;
        plan.line = line.name;
        of = line;
        plan.line_s += read.line_s;
        if (read.every_s > 0 && !(plan.every_s > 0 && plan.every_s < read.every_s))
            plan.every_s = read.every_s;
        plan.reads.push_back(std::move(read));
    }
    std::vector<PollSeen> plans;
    for (auto& [key, one] : by_line) {
        std::sort(one.first.reads.begin(), one.first.reads.end(),
                  [](const PolledRead& a, const PolledRead& b) {
                      return std::tie(a.meter, a.circuit, a.function, a.address, a.count) <
                             std::tie(b.meter, b.circuit, b.function, b.address, b.count);
                  });
        find_neighbours(one.first, one.second);
        plans.push_back(std::move(one.first));
    }
    return plans;
}

} // namespace kpmsim

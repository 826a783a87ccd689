#include "scenarios/play/evidence.hpp"

#include "sim/random.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

namespace kpmsim {

void Evidence::add(SimTime at, const std::string& what, std::string_view content) {
    const auto [place, is_new] = places_.emplace(what, static_cast<std::uint32_t>(whats_.size()));
    if (is_new)
        whats_.push_back(what);
    lines_.push_back({at, place->second, hash_name(content)});
}

std::vector<Evidence::Line> Evidence::lines() const {
    std::vector<Line> lines = lines_;
    std::sort(lines.begin(), lines.end(), [&](const Line& a, const Line& b) {
        return std::tie(a.at, whats_[a.what], a.hash) < std::tie(b.at, whats_[b.what], b.hash);
    });
    return lines;
}

std::uint64_t Evidence::digest() const {
    std::uint64_t digest = mix_bits(lines_.size());
    for (const Line& line : lines())
        digest = mix_bits(digest ^ line.hash ^
                          mix_bits(static_cast<std::uint64_t>(line.at.time_since_epoch().count())) ^
                          hash_name(whats_[line.what]));
    return digest;
}

std::string first_difference(const Evidence& a, const Evidence& b) {
    const std::vector<Evidence::Line> of_a = a.lines();
    const std::vector<Evidence::Line> of_b = b.lines();
    const auto tell = [](const Evidence& evidence, const std::vector<Evidence::Line>& lines,
                         std::size_t n) {
        return n < lines.size() ? fmt::format("{} at {:.9g} s", evidence.what_of(lines[n]),
                                              seconds(lines[n].at.time_since_epoch()))
                                : std::string{"nothing more"};
    };
    for (std::size_t n = 0; n < std::max(of_a.size(), of_b.size()); ++n) {
        const std::string one = tell(a, of_a, n);
        const std::string other = tell(b, of_b, n);
        if (one != other)
            return fmt::format("event {}: {} in the first run, {} in the other", n + 1, one, other);
        if (!(of_a[n].hash == of_b[n].hash && of_a[n].at == of_b[n].at))
            return fmt::format("event {}: {} has other content", n + 1, one);
    }
    return {};
}

} // namespace kpmsim

#include "scenarios/play/evidence.hpp"

#include "sim/random.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace kpmsim {

void Evidence::add(SimTime at, const std::string& what, std::string_view content) {
    const auto [place, is_new] = places_.emplace(what, static_cast<std::uint32_t>(whats_.size()));
    if (is_new)
        whats_.push_back(what);
    lines_.push_back({at, place->second, hash_name(content)});
}

std::uint64_t Evidence::digest() const {
    std::uint64_t digest = mix_bits(lines_.size());
    for (const Line& line : lines_)
        digest = mix_bits(digest ^ line.hash ^
                          mix_bits(static_cast<std::uint64_t>(line.at.time_since_epoch().count())) ^
                          hash_name(whats_[line.what]));
    return digest;
}

std::string first_difference(const Evidence& a, const Evidence& b) {
    const auto tell = [](const Evidence& of, std::size_t n) {
        return n < of.lines().size() ? fmt::format("{} at {:.9g} s", of.what_of(of.lines()[n]),
                                                   seconds(of.lines()[n].at.time_since_epoch()))
                                     : std::string{"nothing more"};
    };
    const std::size_t all = std::max(a.lines().size(), b.lines().size());
    for (std::size_t n = 0; n < all; ++n) {
        const std::string one = tell(a, n);
        const std::string other = tell(b, n);
        if (one != other)
            return fmt::format("event {}: {} in the first run, {} in the other", n + 1, one, other);
        if (!(a.lines()[n].hash == b.lines()[n].hash && a.lines()[n].at == b.lines()[n].at))
            return fmt::format("event {}: {} has other content", n + 1, one);
    }
    return {};
}

} // namespace kpmsim

#include "servers/client/simulated_client.hpp"

#include <array>
#include <utility>

namespace kpmsim {
namespace {

using enum ClientMistake;

constexpr std::array<std::pair<ClientMistake, std::string_view>, 7> names{{
    {join_by_topic, "join-by-topic"},
    {ignore_isend, "ignore-isend"},
    {take_late, "take-late"},
    {swap_words, "swap-words"},
    {trust_counter, "trust-counter"},
    {book_gap_twice, "book-gap-twice"},
    {never_stale, "never-stale"},
}};

} // namespace

std::string_view name_of(ClientMistake mistake) {
    return names[static_cast<std::size_t>(mistake)].second;
}

std::vector<std::string> client_mistakes() {
    std::vector<std::string> all;
    for (const auto& [mistake, name] : names)
        all.emplace_back(name);
    return all;
}

std::optional<ClientMistake> find_client_mistake(std::string_view name) {
    for (const auto& [mistake, one] : names)
        if (one == name)
            return mistake;
    return std::nullopt;
}

} // namespace kpmsim

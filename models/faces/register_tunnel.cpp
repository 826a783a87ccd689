#include "models/faces/register_tunnel.hpp"

#include "files/number.hpp"
#include "files/printable.hpp"
#include "models/faces/register_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace kpmsim {

namespace {

RegisterRow float_row() {
    RegisterRow row;
    row.type = RegisterType::f32;
    row.words = 2;
    return row;
}

/// Appends what one number is; false when it is none.
bool append(const TunnelNumbers& how, std::string_view number, std::vector<std::uint16_t>& words) {
    if (how.floats) {
        const auto value = read_number(number);
        if (!value || std::abs(*value) > std::numeric_limits<float>::max())
            return false;
        words.resize(words.size() + 2);
        encode(float_row(), how.order, *value, std::span{words}.last(2));
        return true;
    }
    const auto value = whole_number(number);
    if (!value || *value < std::numeric_limits<std::int16_t>::min() ||
        *value > std::numeric_limits<std::uint16_t>::max())
        return false;
    words.push_back(static_cast<std::uint16_t>(*value));
    return true;
}

} // namespace

Result<std::vector<std::uint16_t>, std::string>
TunnelNumbers::words(std::string_view numbers) const {
    std::vector<std::uint16_t> words;
    int count = 0;
    for (std::size_t at = 0; at <= numbers.size();) {
        const std::size_t end = std::min(numbers.find(';', at), numbers.size());
        const std::string_view one = numbers.substr(at, end - at);
        at = end + 1;
        if (++count > most_tunnelled)
            return Unexpected{fmt::format("value has more than {} numbers", most_tunnelled)};
        if (!append(*this, one, words))
            return Unexpected{fmt::format("value has \"{}\", which is no {}", printable(one),
                                          floats ? "number" : "register of 16 bits")};
    }
    return words;
}

std::string TunnelNumbers::misfit(const RegisterMap& map, std::uint16_t first,
                                  std::size_t words) const {
    for (const RegisterRow& row : map.rows_of(RegisterSpace::holding)) {
        const bool is_float = row.holds == RegisterHolds::point && row.type == RegisterType::f32;
        if (row.address < first + static_cast<int>(words) && row.end() > first &&
            is_float != floats)
            return fmt::format("register {:04X} ({}) is written with type {}", row.address,
                               row.name, is_float ? "2 (float)" : "1 (integer)");
    }
    return {};
}

std::string TunnelNumbers::text(std::span<const std::uint16_t> words) const {
    std::string out;
    for (; !words.empty(); words = words.subspan(words_each())) {
        out += out.empty() ? "" : ";";
        out += floats ? number_text(static_cast<float>(decode(float_row(), order, words.first(2))))
                      : fmt::to_string(words[0]);
    }
    return out;
}

} // namespace kpmsim

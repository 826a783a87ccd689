#pragma once

#include "sim/fields.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace kpmsim {

/// What firmware of the field does to its messages that no protocol asks for.
enum class UploadHabit : std::uint8_t {
    ghost_messages,  ///< behind the energies the same record of zeros, of the next serial number
    double_upload,   ///< the energies again a second later, sampled anew, with the same time
    capital_keys,    ///< the keys of the values in capitals
    numbers_as_text, ///< in quotes
    inverted_isend,  ///< "1" where more comes, "0" at the end
};
constexpr bool valid(UploadHabit habit) { return habit <= UploadHabit::inverted_isend; }

std::string_view name_of(UploadHabit habit); ///< ghost-messages
std::optional<UploadHabit> find_upload_habit(std::string_view name);
std::vector<std::string_view> upload_habits(); ///< their names

/// A habit that a meter has at present.
struct HabitNow {
    std::uint64_t action{0}; ///< whose it is; 0 = the meter's own
    UploadHabit habit{};
    KPMSIM_FIELDS(action, habit);
};

bool has_habit(const std::vector<HabitNow>& habits, UploadHabit habit);

} // namespace kpmsim

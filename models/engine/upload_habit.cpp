#include "models/engine/upload_habit.hpp"

#include <algorithm>
#include <array>

namespace kpmsim {
namespace {

constexpr std::array<std::string_view, 5> names{"ghost-messages", "double-upload", "capital-keys",
                                                "numbers-as-text", "inverted-isend"};

} // namespace

std::string_view name_of(UploadHabit habit) { return names[static_cast<std::size_t>(habit)]; }

std::optional<UploadHabit> find_upload_habit(std::string_view name) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end())
        return std::nullopt;
    return static_cast<UploadHabit>(at - names.begin());
}

std::vector<std::string_view> upload_habits() { return {names.begin(), names.end()}; }

bool has_habit(const std::vector<HabitNow>& habits, UploadHabit habit) {
    return std::any_of(
        habits.begin(), habits.end(), [&](const HabitNow& one) { return one.habit == habit; });
}

} // namespace kpmsim

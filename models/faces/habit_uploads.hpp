#pragma once

#include "models/engine/upload_habit.hpp"
#include "models/faces/packets.hpp"

#include <vector>

namespace kpmsim {

/// The packets of one record as firmware with these habits sends them. `energy`: they are a topic's of
/// the energies. The second record of a double upload is another call's.
std::vector<Upload> with_habits(std::vector<Upload> record, const std::vector<HabitNow>& habits,
                                bool energy);

} // namespace kpmsim

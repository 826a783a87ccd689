#include "verification/point_name.hpp"

#include <array>
#include <string>

namespace kpmsim {

PointName point_name(const std::string& name) {
    const std::size_t digits = name.find_last_not_of("0123456789") + 1;
    for (const std::string_view kind : {"day", "month"}) {
        const std::string end = "_" + std::string{kind} + "_";
        const std::string before = name.substr(0, digits);
        if (digits < name.size() && before.ends_with(end))
            return {before.substr(0, before.size() - end.size()), kind,
                    std::stoi(name.substr(digits))};
    }
    constexpr std::array<std::string_view, 6> ends{"frozen", "max_time", "min_time",
                                                   "max",    "min",      "time"};
    for (const std::string_view kind : ends)
        if (name.ends_with("_" + std::string{kind}))
            return {name.substr(0, name.size() - kind.size() - 1), kind, 0};
    return {name, {}, 0};
}

} // namespace kpmsim

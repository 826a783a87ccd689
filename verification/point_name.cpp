#include "verification/point_name.hpp"

#include <array>
#include <cctype>

namespace kpmsim {

PointName point_name(const std::string& name) {
    PointName out{name, {}, 0};
    std::size_t end = name.size();
    while (end > 0 && std::isdigit(static_cast<unsigned char>(name[end - 1])) != 0)
        --end;
    if (end > 0 && end < name.size() && name[end - 1] == '_') {
        const std::string before = name.substr(0, end - 1);
        for (const std::string_view kind : {"day", "month"})
            if (before.size() > kind.size() + 1 &&
                before.compare(before.size() - kind.size() - 1, std::string::npos,
                               "_" + std::string{kind}) == 0)
                return {before.substr(0, before.size() - kind.size() - 1), kind,
                        std::stoi(name.substr(end))};
    }
    constexpr std::array<std::string_view, 6> ends{"frozen", "max_time", "min_time",
                                                   "max",    "min",      "time"};
    for (const std::string_view kind : ends)
        if (name.size() > kind.size() + 1 &&
            name.compare(name.size() - kind.size() - 1, std::string::npos,
                         "_" + std::string{kind}) == 0)
            return {name.substr(0, name.size() - kind.size() - 1), kind, 0};
    return out;
}

} // namespace kpmsim

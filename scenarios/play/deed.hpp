#pragma once

#include "sim/archive.hpp"
#include "sim/clock.hpp"

#include <cstdint>
#include <string>

namespace kpmsim {

/// What somebody does to a farm, besides what clients write to its meters.
struct Deed {
    enum class Kind : std::uint8_t {
        begin,        ///< an action
        end,          ///< … by hand
        add_meters,   ///< more of them
        take_back,    ///< the last add_meters was none after all
        remove_meter, ///< one of them
    };
    Kind kind{};
    SimTime at{};
    std::uint64_t id{0}; ///< of an action
    std::string text;    ///< an action or meters, as JSON; the name of the meter that goes
    KPMSIM_FIELDS(kind, at, id, text);
};

constexpr bool valid(Deed::Kind kind) { return kind <= Deed::Kind::remove_meter; }

} // namespace kpmsim

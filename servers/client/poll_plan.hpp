#pragma once

#include "models/type/meter_type.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace kpmsim {

/// Whom a Modbus master asks.
struct ClientUnit {
    std::string meter;
    int circuit{0}; ///< 0-based
    int unit{1};    ///< on its line or port
    const MeterType* type{nullptr};
    WordOrder order{WordOrder::abcd}; ///< that it is set to
    int max_read_words{125};
};

/// A block of registers, as one request reads it.
struct RegisterBlock {
    int function{3}; ///< 3 or 4
    int first{0};
    int words{1};
};

/// One request of a round.
struct PollRequest {
    std::size_t unit{0}; ///< of the plan's
    RegisterBlock block;
    std::vector<const RegisterRow*> rows; ///< whole ones inside, with a number
};

/// The requests of one round, unit by unit: rows that stand side by side are read together as far as
/// the meter allows. Points that a unit has no register of are left out.
std::vector<PollRequest> requests_of(const std::vector<ClientUnit>& units,
                                     const std::vector<std::string>& points,
                                     const std::vector<RegisterBlock>& blocks);

} // namespace kpmsim

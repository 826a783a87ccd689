#pragma once

#include "models/engine/command.hpp"
#include "models/engine/meter_spec.hpp"
#include "scenarios/play/deed.hpp"
#include "sim/archive.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <variant>

namespace kpmsim {

/// What a client wrote to a meter, and was acknowledged.
struct WrittenCommand {
    std::string meter;
    Command command;
    KPMSIM_FIELDS(meter, command);
};

/// One line of a farm's journal. Its lines in their order, done again at their moments, bring a farm from
/// its checkpoint to what its clients have seen.
struct JournalLine {
    std::variant<WrittenCommand, Deed> what;
    KPMSIM_FIELDS(what);

    SimTime at() const;
};

/// With a sum, and the layout that it has.
Bytes sealed(const JournalLine& line);
/// Throws BadState.
JournalLine unsealed(std::span<const std::uint8_t> bytes);

/// For people who look into the journal: "shop-1 writes ct = 3", "begins action 2 {…}". `type`: of the
/// meter of a command.
std::string text_of(const WrittenCommand& written, const MeterType& type);
std::string text_of(const Deed& deed);

} // namespace kpmsim

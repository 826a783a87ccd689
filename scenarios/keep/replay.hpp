#pragma once

#include "scenarios/keep/journal_line.hpp"
#include "scenarios/play/actions.hpp"

#include <span>

namespace kpmsim {

/// How far a farm had come.
struct FarmMoments {
    SimTime shown{}; ///< to any client
    SimTime sent{};  ///< its messages were handed over up to then
};

/// Brings a farm that was restored from its checkpoint to the last moment that a client can have seen,
/// and does again what the journal has since then. What it has to send is then what was not sent.
/// Throws BadState when something cannot be done again.
void replay(Farm& farm, Actions& actions, std::span<const JournalLine> lines,
            const FarmMoments& moments);

} // namespace kpmsim

#pragma once

#include "models/engine/meter.hpp"
#include "servers/api/problem.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kpmsim::api {

// Why a meter does not take what is asked of its points and registers, as the API says it.

/// The meter has no point of the name, or is without what it is about; nothing when it has.
std::optional<Problem> no_such_point(const MeterSpec& spec, const std::string& name,
                                     const std::string& place);
Problem refused(Refusal why, std::string place, const std::string& what);
/// Why it would not be taken. A setting takes no value between two that it can show.
std::optional<Problem> not_written(const MeterSpec& spec, const Assignment& each, Access access);
/// How to come by the password of a type that has one, without telling it.
std::string password_cure(const MeterType& type);
/// The keys' answer to what is entered there; nothing when it opens the menu.
std::optional<Problem> wrong_password(const Meter& meter, std::optional<int> entered);
/// Of a relay that the meter moves itself: asking again helps nobody. Nothing when there is none among them.
std::optional<Problem> refused_now(const Meter& meter, const std::vector<Assignment>& what);
Problem not_written_words(Refusal why, std::uint16_t address, std::size_t words);

} // namespace kpmsim::api

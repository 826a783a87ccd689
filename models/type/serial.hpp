#pragma once

#include "models/type/meter_type.hpp"

#include <optional>
#include <string>

namespace kpmsim {

enum class Carrier : char { rs485 = '0', gsm = '1', wifi = '2', lora = '3', profibus = '4' };

/// By the type's rule; month, year and carrier where it has them. XXX P C YY M T NNNN:
/// serial_number(rule, Carrier::wifi, 2025, 9, 27) = "33B1225950027" for a KPM33B.
std::string serial_number(const SerialRule& rule, Carrier carrier, int year, int month, int number);
/// The one that the n-th (0-based) meter of a farm gets, made in a month; nothing when the rule has
/// no more.
std::optional<std::string> nth_serial(const SerialRule& rule, Carrier carrier, int year, int month,
                                      int circuits, int n);
/// Its carrier digit; rs485 of a text without one.
Carrier carrier_of(const SerialRule& rule, const std::string& serial);
/// The id of a circuit (0-based). A Compere's number counts on from circuit to circuit; any other
/// meter has one number.
std::string circuit_serial(const SerialRule& rule, const std::string& serial, int circuit);
/// Why a written serial number cannot be one of this type with so many circuits; empty when it can.
std::string serial_fault(const SerialRule& rule, const std::string& serial, int circuits = 1);

} // namespace kpmsim

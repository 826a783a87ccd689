#pragma once

#include "models/type/meter_type.hpp"

#include <string>

namespace kpmsim {

enum class Carrier : char { rs485 = '0', gsm = '1', wifi = '2', lora = '3', profibus = '4' };

/// XXX P C YY M T NNNN: serial_number(rule, Carrier::wifi, 2025, 9, 27) = "33B1225950027" for a
/// KPM33B.
std::string serial_number(const SerialRule& rule, Carrier carrier, int year, int month, int number);
/// Its carrier digit; rs485 of a text without one.
Carrier carrier_of(const std::string& serial);
/// The id of a KPM312's circuit (0-based): the number counts on, the rest stays.
std::string circuit_serial(const std::string& serial, int circuit);
/// Why a written serial number cannot be one of this type; empty when it can.
std::string serial_fault(const SerialRule& rule, const std::string& serial);

} // namespace kpmsim

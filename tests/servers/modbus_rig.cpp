#include "modbus_rig.hpp"

#include "models/type/load_type.hpp"
#include "servers/modbus/rtu_frame.hpp"

#include <fmt/format.h>

#include <sstream>

namespace rig {

using namespace kpmsim;

Bytes bytes(const std::string& text) {
    Bytes result;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line.substr(0, line.find("//"))};
        for (std::string word; words >> word;)
            result.push_back(static_cast<std::uint8_t>(std::stoi(word, nullptr, 16)));
    }
    return result;
}

std::string hex(std::span<const std::uint8_t> bytes) {
    return fmt::format("{:02X}", fmt::join(bytes.begin(), bytes.end(), " "));
}

MeterType plain_type(int relays) {
    MeterType type;
    type.name = "plain";
    type.functions = {1, 2, 3, 4, 5, 6, 15, 16};
    type.currents = {CurrentRating{}};
    type.wirings = {"P4L"};
    type.coils = type.inputs = relays;
    SettingRow address;
    address.name = "address";
    address.factory = 1;
    address.least = 1;
    address.most = 247;
    address.role = Role::line_address;
    add_setting(type, address);
    for (std::uint16_t at = 0; at < 200; ++at) {
        RegisterRow row;
        row.address = at;
        row.type = RegisterType::u16;
        row.access = Rights::read_write;
        row.name = fmt::format("spare_{}", at);
        SettingRow spare;
        spare.name = row.name;
        spare.per_circuit = true;
        row.point = add_setting(type, spare);
        type.registers.rows.push_back(row);
    }
    add_common_points(type);
    return type;
}

std::unique_ptr<Meter> meter(const MeterType& type, int address) {
    MeterSpec spec;
    spec.name = fmt::format("{} at {}", type.name, address);
    spec.type = &type;
    spec.serial = "33B1225950027";
    spec.address = address;
    return std::make_unique<Meter>(spec);
}

const MeterType& builtin(const std::string& name) {
    static const TypeLibrary library = TypeLibrary::builtin();
    return *library.find(name);
}

bool set(Meter& meter, const std::string& point, double value) {
    return meter.circuits().front().set(point, value, Access::wire).has_value();
}

void close(Meter& meter, const std::string& what, int n) {
    meter.circuits().front().set(fmt::format("{}_{}", what, n + 1), 1, Access::local);
}

Bytes request(int function, int address, int quantity) {
    return {static_cast<std::uint8_t>(function), static_cast<std::uint8_t>(address >> 8),
            static_cast<std::uint8_t>(address), static_cast<std::uint8_t>(quantity >> 8),
            static_cast<std::uint8_t>(quantity)};
}

Bytes rtu(int address, Bytes pdu) {
    pdu.insert(pdu.begin(), static_cast<std::uint8_t>(address));
    const auto crc = crc16(pdu);
    pdu.push_back(static_cast<std::uint8_t>(crc & 0xFF));
    pdu.push_back(static_cast<std::uint8_t>(crc >> 8));
    return pdu;
}

Bytes tcp(int transaction, int unit, const Bytes& pdu) {
    const int length = static_cast<int>(pdu.size()) + 1;
    Bytes adu;
    for (const auto part : {transaction >> 8, transaction, 0, 0, length >> 8, length, unit})
        adu.push_back(static_cast<std::uint8_t>(part));
    for (const auto byte : pdu)
        adu.push_back(byte);
    return adu;
}

} // namespace rig

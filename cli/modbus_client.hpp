#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace kpmsim {

/// A meter did not answer, or said no.
struct ClientError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// … because it has not all of these registers.
struct NoSuchRegisters : ClientError {
    using ClientError::ClientError;
};

struct ClientSettings {
    std::string endpoint; ///< tcp://host:port or rtu:///path
    int unit{1};
    int baud{9600};
    std::string format{"8N1"};
    double timeout_s{1.0};
    int frame_interval_ms{0}; ///< pause before each request on a line: what the meter wants
};

/// A Modbus client over libmodbus.
class ModbusClient {
public:
    /// Connects. Throws FileError for an endpoint that is none, ClientError when there is no
    /// connection.
    explicit ModbusClient(const ClientSettings& settings);
    ~ModbusClient();

    /// Holding registers (03), or input registers (04) when the meter has no 03. Throws
    /// NoSuchRegisters, or another ClientError.
    std::vector<std::uint16_t> read(std::uint16_t first, int count, bool input_registers = false);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace kpmsim

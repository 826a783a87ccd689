#include "cli/modbus_client.hpp"

#include "cli/terminal/report.hpp"
#include "files/endpoint.hpp"
#include "files/path.hpp"

#include <cerrno>
#include <cmath>
#include <fmt/format.h>
#include <modbus.h>
#include <thread>

namespace kpmsim {

struct ModbusClient::Parts {
    modbus_t* context{nullptr};
    std::string where;
    std::chrono::milliseconds pause{0};

    Parts() = default;
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;
    ~Parts() {
        if (context != nullptr) {
            modbus_close(context);
            modbus_free(context);
        }
    }
};

namespace {

constexpr std::string_view tcp_scheme = "tcp://";
constexpr std::string_view rtu_scheme = "rtu://";

modbus_t* make_tcp(const std::string& written) {
    Fault fault;
    const auto endpoint = parse_server(written.substr(tcp_scheme.size()), fault);
    if (!endpoint)
        wrong_flag("endpoint", fault);
    return modbus_new_tcp_pi(endpoint->host.c_str(), std::to_string(endpoint->port).c_str());
}

modbus_t* make_rtu(const ClientSettings& settings) {
    const std::string path = settings.endpoint.substr(rtu_scheme.size());
    if (Fault fault; !is_path(path, fault))
        wrong_flag("endpoint", fault);
    return modbus_new_rtu(path.c_str(), settings.baud, settings.format[1], 8,
                          settings.format[2] - '0');
}

} // namespace

ModbusClient::ModbusClient(const ClientSettings& settings) : parts_{std::make_unique<Parts>()} {
    const std::string& where = parts_->where = settings.endpoint;
    if (where.starts_with(tcp_scheme)) {
        parts_->context = make_tcp(where);
    } else if (where.starts_with(rtu_scheme)) {
        parts_->context = make_rtu(settings);
        parts_->pause = std::chrono::milliseconds{settings.frame_interval_ms};
    } else {
        Fault ignored;
        const bool tcp = parse_server(where, ignored).has_value();
        wrong_flag("endpoint", fmt::format("\"{}\" is neither tcp:// nor rtu://", where),
                   tcp ? fmt::format("write tcp://{}", where)
                       : "write tcp://127.0.0.1:1502 or rtu:///path/to/pty");
    }
    modbus_t* const context = parts_->context;
    if (context == nullptr)
        throw ClientError{fmt::format("{}: {}", where, modbus_strerror(errno))};
    const double whole = std::floor(settings.timeout_s);
    modbus_set_response_timeout(context, static_cast<std::uint32_t>(whole),
                                static_cast<std::uint32_t>((settings.timeout_s - whole) * 1e6));
    modbus_set_slave(context, settings.unit);
    if (modbus_connect(context) != 0) {
        throw ClientError{
            fmt::format("{}: {}; is a farm up there?", where, modbus_strerror(errno))};
    }
}

ModbusClient::~ModbusClient() = default;

std::vector<std::uint16_t> ModbusClient::read(std::uint16_t first, int count,
                                              bool input_registers) {
    std::this_thread::sleep_for(parts_->pause);
    std::vector<std::uint16_t> words(static_cast<std::size_t>(count));
    const auto read = input_registers ? modbus_read_input_registers : modbus_read_registers;
    if (read(parts_->context, first, count, words.data()) != count) {
        const int error = errno;
        const bool too_many = error == EMBXILVAL && count > 1;
        const std::string what = fmt::format(
            "{}: registers {:04X} to {:04X}: {}{}", parts_->where, first, first + count - 1,
            modbus_strerror(error),
            too_many ? "; perhaps it takes fewer in one request: --max-read-words" : "");
        if (error == EMBXILADD)
            throw NoSuchRegisters{what};
        throw ClientError{what};
    }
    return words;
}

} // namespace kpmsim

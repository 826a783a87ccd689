#include "servers/api/near_miss.hpp"

#include "models/engine/meter_spec.hpp"
#include "models/faces/registers.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>

namespace kpmsim {
namespace {

std::string hex(int address) { return fmt::format("{:04X}H", address & 0xFFFF); }

std::string called(const RegisterRow& row) {
    return row.title.empty() ? row.name : fmt::format("{} ({})", row.name, row.title);
}

bool writes(int function) { return function == 5 || function == 6 || function >= 15; }

/// The row that begins nearest, within two words of the address.
const RegisterRow* row_near(const MeterSpec& spec, std::span<const RegisterRow> rows, int address) {
    const RegisterRow* best = nullptr;
    int least = 3;
    for (const RegisterRow& row : rows)
        if (const int off = std::abs(row.address - address); off < least && fitted(spec, row)) {
            least = off;
            best = &row;
        }
    return best;
}

bool answers(const MeterType& type, int function) {
    return std::find(type.functions.begin(), type.functions.end(), function) !=
           type.functions.end();
}

std::string near_coil(const MeterSpec& spec, const ModbusAsked& asked) {
    const MeterType& type = *spec.type;
    const bool coils = asked.function != 2;
    const int first = coils ? type.coil_base : type.input_base;
    const int count = !fitted(spec, coils ? Fitting::relays : Fitting::inputs) ? 0
                      : coils ? type.coils_per_unit()
                              : type.inputs_per_unit();
    const char* const what = coils ? "relay" : "input";
    if (count == 0)
        return fmt::format("you asked for coil {}; this meter has no {}s", hex(asked.address),
                           what);
    const int last = first + count - 1;
    if (std::abs(asked.address - first) <= 2 || asked.address + asked.count - 1 > last)
        return fmt::format("you asked for {} from {} on; {}s stand at {}{}", asked.count,
                           hex(asked.address), what, hex(first),
                           count == 1 ? std::string{} : " to " + hex(last));
    return {};
}

/// 03 and 04 stand for each other in most clients, 06 and 16 too.
std::string near_function(const MeterType& type, const ModbusAsked& asked) {
    static constexpr std::array<std::pair<int, int>, 6> twins{
        {{3, 4}, {4, 3}, {6, 16}, {16, 6}, {5, 15}, {15, 5}}};
    for (const auto& [one, other] : twins)
        if (asked.function == one && answers(type, other))
            return fmt::format("you asked with function {:02}; this meter answers {:02}", one,
                               other);
    return {};
}

} // namespace

std::string near_miss(const MeterSpec& spec, std::span<const std::uint8_t> request,
                      std::span<const std::uint8_t> answer) {
    const auto asked = asked_in(request);
    if (!asked)
        return {};
    const auto exception = exception_in(answer);
    if (exception == 1)
        return near_function(*spec.type, *asked);
    if (asked->function == 1 || asked->function == 2 || asked->function == 5 ||
        asked->function == 15)
        return exception == 2 ? near_coil(spec, *asked) : std::string{};

    const RegisterMap& map = spec.type->registers;
    const RegisterSpace space = map.space_of(asked->function);
    const auto of_model = [&](int address) {
        return address > 0xFFFF ? nullptr : map.at(static_cast<std::uint16_t>(address), space);
    };
    const auto row_at = [&](int address) {
        const RegisterRow* const row = of_model(address);
        return row != nullptr && fitted(spec, *row) ? row : nullptr;
    };
    const char* const verb = writes(asked->function) ? "wrote" : "read";
    if (const RegisterRow* const row = of_model(asked->address);
        exception == 2 && row != nullptr && row->holds == RegisterHolds::point &&
        !fitted(spec, *row))
        return fmt::format("you {} {}; {}", verb, hex(asked->address), lacks(spec, row->point));
    const int end = asked->address + asked->count;
    const RegisterRow* const inside = row_at(asked->address);
    if (inside != nullptr && inside->address != asked->address) {
        const bool by_one = asked->address == inside->address + 1;
        return fmt::format("you {} {}; {} begins at {}{}", verb, hex(asked->address),
                           called(*inside), hex(inside->address),
                           by_one ? "; do you count from one?" : "");
    }
    if (inside == nullptr) {
        const RegisterRow* const near = row_near(spec, map.rows_of(space), asked->address);
        return near == nullptr || exception != 2
                   ? std::string{}
                   : fmt::format("you {} {}, where there is nothing; {} begins at {}", verb,
                                 hex(asked->address), called(*near), hex(near->address));
    }
    const RegisterRow* const last = row_at(end - 1);
    if (last != nullptr && last->end() > end)
        return fmt::format("you {} {} words from {} on, which cuts {} at {} in two; it has {}",
                           verb, asked->count, hex(asked->address), called(*last),
                           hex(last->address), last->words);
    if (exception == 2)
        for (int address = asked->address; address < end; ++address)
            if (row_at(address) == nullptr)
                return fmt::format("you {} {} words from {} on; there is nothing at {}", verb,
                                   asked->count, hex(asked->address), hex(address));
    if (exception == 2 && writes(asked->function) && !inside->writable())
        return fmt::format("you wrote {}; {} can only be read", hex(asked->address),
                           called(*inside));
    return {};
}

std::string near_unit(int unit, std::string_view meter, std::string_view elsewhere) {
    return fmt::format("nobody has unit {} here; {} has it at {}", unit, meter, elsewhere);
}

} // namespace kpmsim

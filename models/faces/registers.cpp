#include "models/faces/registers.hpp"

#include "models/faces/register_words.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace kpmsim {

namespace {

/// The longest row that a map may have.
constexpr std::size_t max_row_words = 32;

Unexpected<Refusal> refuse(Refusal why) { return {why}; }

// A value and its code -------------------------------------------------------------------------

/// The value's place in the list; as it is where there is no list, 0 for a value that is not in it.
double coded(const std::vector<std::int64_t>& codes, double value) {
    if (codes.empty())
        return value;
    const auto found = std::find(codes.begin(), codes.end(), std::llround(value));
    return found == codes.end() ? 0 : static_cast<double>(found - codes.begin());
}

/// Not-a-number when the code is none of the list's.
double decoded(const std::vector<std::int64_t>& codes, double code) {
    if (codes.empty())
        return code;
    const bool place =
        code >= 0 && code < static_cast<double>(codes.size()) && std::trunc(code) == code;
    return place ? static_cast<double>(codes[static_cast<std::size_t>(code)]) : std::nan("");
}

unsigned mask(const PackedField& field) { return (1u << field.bits) - 1u; }

// Reading --------------------------------------------------------------------------------------

void encode_row(const Circuit& circuit, const RegisterRow& row, std::span<std::uint16_t> out) {
    const MeterType& type = circuit.type();
    switch (row.holds) {
    case RegisterHolds::point:
        if (type.points[row.point].text)
            return encode_text(circuit.text(row.point), out);
        return encode(row, circuit.meter().word_order(),
                      coded(row.codes, circuit.number(row.point)), out);
    case RegisterHolds::packed: {
        unsigned word = 0;
        for (const PackedField& field : row.fields) {
            const auto value =
                static_cast<unsigned>(coded(field.codes, circuit.number(field.point)));
            word |= (value & mask(field)) << field.bit;
        }
        out[0] = static_cast<std::uint16_t>(word);
        return;
    }
    case RegisterHolds::command:
        std::fill(out.begin(), out.end(), std::uint16_t{0});
        return;
    }
}

// Writing --------------------------------------------------------------------------------------

/// What a row's words assign; nothing when they mean nothing.
bool assignments(const Circuit& circuit, const RegisterRow& row,
                 std::span<const std::uint16_t> words, std::vector<Assignment>& out) {
    const auto add = [&](PointId point, double value) {
        out.push_back({point, circuit.index(), value});
        return !std::isnan(value);
    };
    switch (row.holds) {
    case RegisterHolds::point:
        return add(row.point, decoded(row.codes, decode(row, circuit.meter().word_order(), words)));
    case RegisterHolds::packed: {
        unsigned rest = words[0];
        bool good = true;
        for (const PackedField& field : row.fields) {
            good =
                add(field.point, decoded(field.codes, words[0] >> field.bit & mask(field))) && good;
            rest &= ~(mask(field) << field.bit);
        }
        return good && rest == 0;
    }
    case RegisterHolds::command:
        for (const RegisterCommand& command : row.commands)
            if (command.value == words[0])
                return add(command.point, command.sets);
        return false;
    }
    return false;
}

} // namespace

Meter::Done read_registers(const Circuit& circuit, std::uint16_t first,
                           std::span<std::uint16_t> out) {
    const RegisterMap& map = circuit.type().registers;
    const RegisterRow* row = map.at(first);
    const RegisterRow* const end = map.rows.data() + map.rows.size();
    std::array<std::uint16_t, max_row_words> image{};
    std::size_t done = 0;
    while (done < out.size()) {
        const int address = first + static_cast<int>(done);
        if (row == nullptr || row == end || row->address > address || !row->readable())
            return refuse(Refusal::unknown);
        encode_row(circuit, *row, std::span{image}.first(row->words));
        const auto from = static_cast<std::size_t>(address - row->address);
        const std::size_t count = std::min(row->words - from, out.size() - done);
        std::copy_n(image.begin() + static_cast<std::ptrdiff_t>(from), count,
                    out.begin() + static_cast<std::ptrdiff_t>(done));
        done += count;
        ++row;
    }
    return std::monostate{};
}

Meter::Done write_registers(Circuit& circuit, std::uint16_t first,
                            std::span<const std::uint16_t> words) {
    const RegisterMap& map = circuit.type().registers;
    const int end = first + static_cast<int>(words.size());
    const auto each_row = [&](auto&& visit) -> Meter::Done {
        for (int address = first; address < end;) {
            const RegisterRow* row =
                address > 0xFFFF ? nullptr : map.at(static_cast<std::uint16_t>(address));
            if (row == nullptr || row->address != address || row->end() > end)
                return refuse(Refusal::unknown);
            if (const auto why = visit(*row))
                return refuse(*why);
            address = row->end();
        }
        return std::monostate{};
    };
    // First every address, then every value, and only then the deed.
    const auto there = each_row([](const RegisterRow& row) {
        return row.writable() ? std::nullopt : std::optional{Refusal::read_only};
    });
    if (!there)
        return there;
    std::vector<Assignment> what;
    const auto meant = each_row([&](const RegisterRow& row) -> std::optional<Refusal> {
        const auto part = words.subspan(static_cast<std::size_t>(row.address - first), row.words);
        if (assignments(circuit, row, part, what))
            return {};
        return Refusal::out_of_range;
    });
    return meant ? circuit.meter().set(std::move(what), Access::wire) : meant;
}

// Relays and inputs ----------------------------------------------------------------------------

namespace {

/// The bits first .. first + count of a unit whose own begin at `base`: nothing when it has not all
/// of them.
bool has_bits(int own, int base, std::uint16_t first, std::size_t count) {
    return first >= base && first + static_cast<int>(count) <= base + own;
}

int relays_of(const Circuit& circuit) {
    return circuit.meter().spec().relays_fitted ? circuit.type().coils_per_unit() : 0;
}

} // namespace

Meter::Done read_coils(const Circuit& circuit, std::uint16_t first, std::span<bool> out) {
    const MeterType& type = circuit.type();
    if (!has_bits(relays_of(circuit), type.coil_base, first, out.size()))
        return refuse(Refusal::unknown);
    const MeterMemory& memory = circuit.meter().image().memory;
    for (std::size_t n = 0; n < out.size(); ++n)
        out[n] = memory.relay(circuit.index() * type.coils_per_unit() + first - type.coil_base +
                              static_cast<int>(n));
    return std::monostate{};
}

Meter::Done write_coils(Circuit& circuit, std::uint16_t first, std::span<const bool> closed) {
    const MeterType& type = circuit.type();
    if (!has_bits(relays_of(circuit), type.coil_base, first, closed.size()))
        return refuse(Refusal::unknown);
    std::vector<Assignment> what;
    for (std::size_t n = 0; n < closed.size(); ++n) {
        const std::size_t relay = static_cast<std::size_t>(first - type.coil_base) + n;
        what.push_back({type.relay_points[relay], circuit.index(), closed[n] ? 1.0 : 0.0});
    }
    return circuit.meter().set(std::move(what), Access::wire);
}

Meter::Done read_inputs(const Circuit& circuit, std::uint16_t first, std::span<bool> out) {
    const MeterType& type = circuit.type();
    const int own = circuit.meter().spec().inputs_fitted ? type.inputs_per_unit() : 0;
    if (!has_bits(own, type.input_base, first, out.size()))
        return refuse(Refusal::unknown);
    const MeterMemory& memory = circuit.meter().image().memory;
    for (std::size_t n = 0; n < out.size(); ++n)
        out[n] = memory.input(circuit.index() * type.inputs_per_unit() + first - type.input_base +
                              static_cast<int>(n));
    return std::monostate{};
}

bool answers_function(const MeterType& type, int code) {
    return std::find(type.functions.begin(), type.functions.end(), code) != type.functions.end();
}

} // namespace kpmsim

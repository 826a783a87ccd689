#include "models/faces/registers.hpp"

#include "models/faces/register_words.hpp"
#include "models/faces/whole_turn.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace kpmsim {

namespace {

/// The longest row that a map may have.
constexpr std::size_t max_row_words = 32;
/// Of a float just below 360.
constexpr double float_step = 0x1p-15;

Unexpected<Refusal> refuse(Refusal why) { return {why}; }

// A value and its code -------------------------------------------------------------------------

/// The value's code; as it is where there are none, the first code for a value that has none.
double coded(const std::vector<Code>& codes, double value) {
    if (codes.empty())
        return value;
    const auto found = std::find_if(codes.begin(), codes.end(), [&](const Code& each) {
        return each.value == std::llround(value);
    });
    return static_cast<double>((found == codes.end() ? codes.front() : *found).code);
}

/// Not-a-number when it is no code.
double decoded(const std::vector<Code>& codes, double code) {
    if (codes.empty())
        return code;
    const auto found = std::find_if(codes.begin(), codes.end(), [&](const Code& each) {
        return static_cast<double>(each.code) == code;
    });
    return found == codes.end() ? std::nan("") : static_cast<double>(found->value);
}

unsigned mask(const PackedField& field) { return (1u << field.bits) - 1u; }

// Reading --------------------------------------------------------------------------------------

/// A text, or the whole number that it is.
void encode_text_row(const RegisterRow& row, WordOrder order, const std::string& text,
                     std::span<std::uint16_t> out) {
    if (row.type == RegisterType::ascii)
        return encode_text(text, out);
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    encode(row, order, static_cast<double>(number), out);
}

void encode_row(const Circuit& circuit, const RegisterRow& row, std::span<std::uint16_t> out) {
    const MeterType& type = circuit.type();
    const WordOrder order = circuit.meter().word_order();
    switch (row.holds) {
    case RegisterHolds::point:
        if (type.points[row.point].text)
            return encode_text_row(row, order, circuit.text(row.point), out);
        if (row.none && !circuit.has_value(row.point))
            return encode_none(row, order, out);
        return encode(row, order,
                      coded(row.codes, less_whole_turn(
                                           type.points[row.point], circuit.number(row.point),
                                           row.type == RegisterType::f32 ? float_step : row.scale)),
                      out);
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

/// … and the unit has what it is about.
bool is_shown(const Circuit& circuit, const RegisterRow& row) {
    return row.readable() && fitted(circuit.meter().spec(), row);
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

bool fitted(const MeterSpec& spec, const RegisterRow& row) {
    const auto is_there = [&](PointId id) { return fitted(spec, spec.type->points[id]); };
    switch (row.holds) {
    case RegisterHolds::point:
        return is_there(row.point);
    case RegisterHolds::packed:
        return std::any_of(row.fields.begin(), row.fields.end(),
                           [&](const PackedField& field) { return is_there(field.point); });
    case RegisterHolds::command:
        break;
    }
    return true;
}

Meter::Done read_registers(const Circuit& circuit, std::uint16_t first,
                           std::span<std::uint16_t> out, RegisterSpace space) {
    const RegisterMap& map = circuit.type().registers;
    const std::span<const RegisterRow> rows = map.rows_of(space);
    const bool zeros = map.holes[static_cast<std::size_t>(space)] == HolePolicy::zero;
    const int last = first + static_cast<int>(out.size());
    if (rows.empty() || last <= rows.front().address || first >= rows.back().end())
        return refuse(Refusal::unknown);
    auto row = std::partition_point(rows.begin(), rows.end(),
                                    [&](const RegisterRow& each) { return each.end() <= first; });
    std::array<std::uint16_t, max_row_words> image{};
    for (int address = first; address < last;) {
        const bool here = row != rows.end() && row->address <= address;
        const bool shown = here && is_shown(circuit, *row);
        if (!zeros && !shown)
            return refuse(Refusal::unknown);
        const int end = here                ? std::min(row->end(), last)
                        : row == rows.end() ? last
                                            : std::min<int>(row->address, last);
        const auto part = out.subspan(static_cast<std::size_t>(address - first),
                                      static_cast<std::size_t>(end - address));
        if (shown) {
            const auto words = std::span{image}.first(row->words);
            encode_row(circuit, *row, words);
            std::copy_n(words.begin() + (address - row->address), part.size(), part.begin());
        } else {
            std::fill(part.begin(), part.end(), std::uint16_t{0});
        }
        row += here ? 1 : 0;
        address = end;
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
            if (row == nullptr || row->address != address || row->end() > end ||
                !fitted(circuit.meter().spec(), *row))
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

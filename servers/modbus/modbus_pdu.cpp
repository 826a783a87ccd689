#include "servers/modbus/modbus_pdu.hpp"

#include "models/faces/registers.hpp"

#include <algorithm>

// Every function is answered in the order of the state diagrams of the specification: is the
// function offered (01), is the request well formed and its quantity or value within bounds (03),
// does the meter have these addresses (02), and only then is anything done.

namespace kpmsim {
namespace {

namespace function {
enum Code : std::uint8_t {
    read_coils = 0x01,
    read_discrete_inputs = 0x02,
    read_holding_registers = 0x03,
    read_input_registers = 0x04,
    write_single_coil = 0x05,
    write_single_register = 0x06,
    write_multiple_coils = 0x0F,
    write_multiple_registers = 0x10,
    encapsulated_transport = 0x2B,
};
} // namespace function

/// The MEI type of the device identification.
constexpr std::uint8_t read_device_identification = 0x0E;

// What still fits into a PDU of 253 bytes.
constexpr std::size_t most_bits_read = 2000;
constexpr std::size_t most_bits_written = 1968;
constexpr std::size_t most_words_read = 125;
constexpr std::size_t most_words_written = 123;

using Bytes = std::span<const std::uint8_t>;

std::uint16_t word_at(Bytes bytes, std::size_t i) {
    return static_cast<std::uint16_t>(bytes[i] << 8 | bytes[i + 1]);
}

void append(Pdu& pdu, unsigned byte) { pdu.bytes[pdu.size++] = static_cast<std::uint8_t>(byte); }

/// Exception codes (MODBUS Application Protocol V1.1b3, 7).
enum Exception : std::uint8_t {
    illegal_function = 0x01,
    illegal_address = 0x02,
    illegal_value = 0x03,
    device_failure = 0x04,
    device_busy = 0x06,
};

Pdu refuse(Bytes request, Exception code) {
    Pdu pdu;
    append(pdu, (request.empty() ? 0u : request[0]) | 0x80u);
    append(pdu, code);
    return pdu;
}

/// How the wire says a refusal: what is read only, or asks for a password, is no address to write to.
Pdu refuse(Bytes request, Refusal why) {
    switch (why) {
    case Refusal::unknown:
    case Refusal::read_only:
    case Refusal::not_authorised:
        return refuse(request, illegal_address);
    case Refusal::out_of_range:
        return refuse(request, illegal_value);
    case Refusal::busy:
        return refuse(request, device_busy);
    }
    return refuse(request, device_failure);
}

/// The answer to a write: the first five bytes of the request again.
Pdu acknowledge(Bytes request) {
    Pdu pdu;
    for (const auto byte : request.first(5))
        append(pdu, byte);
    return pdu;
}

bool within(std::size_t quantity, std::size_t most) { return quantity >= 1 && quantity <= most; }

/// Addresses end at 65535; the meter need not think of a range beyond.
bool addressable(std::uint16_t first, std::size_t quantity) { return first + quantity <= 0x10000; }

Pdu answer_read_bits(Circuit& circuit, Bytes request) {
    if (request.size() != 5 || !within(word_at(request, 3), most_bits_read))
        return refuse(request, illegal_value);
    const auto first = word_at(request, 1);
    const std::size_t quantity = word_at(request, 3);
    if (!addressable(first, quantity))
        return refuse(request, illegal_address);

    std::array<bool, most_bits_read> all{};
    const auto bits = std::span{all}.first(quantity);
    const auto done = request[0] == function::read_coils ? read_coils(circuit, first, bits)
                                                         : read_inputs(circuit, first, bits);
    if (!done)
        return refuse(request, done.error());

    Pdu pdu;
    append(pdu, request[0]);
    append(pdu, static_cast<unsigned>((quantity + 7) / 8));
    for (std::size_t i = 0; i < quantity; i += 8) {
        unsigned byte = 0;
        for (std::size_t bit = i; bit < std::min(i + 8, quantity); ++bit)
            byte |= (bits[bit] ? 1u : 0u) << (bit - i);
        append(pdu, byte);
    }
    return pdu;
}

Pdu answer_read_words(const Circuit& circuit, Bytes request) {
    const auto most = std::min<std::size_t>(
        most_words_read, static_cast<std::size_t>(std::max(circuit.meter().max_read_words(), 0)));
    if (request.size() != 5 || !within(word_at(request, 3), most))
        return refuse(request, illegal_value);
    const auto first = word_at(request, 1);
    const std::size_t quantity = word_at(request, 3);
    if (!addressable(first, quantity))
        return refuse(request, illegal_address);

    std::array<std::uint16_t, most_words_read> all;
    const auto words = std::span{all}.first(quantity);
    const RegisterSpace space = circuit.type().registers.space_of(request[0]);
    if (const auto done = read_registers(circuit, first, words, space); !done)
        return refuse(request, done.error());

    Pdu pdu;
    append(pdu, request[0]);
    append(pdu, static_cast<unsigned>(2 * quantity));
    for (const auto word : words) {
        append(pdu, word >> 8u);
        append(pdu, word & 0xFFu);
    }
    return pdu;
}

Pdu answer_write_coil(Circuit& circuit, Bytes request) {
    if (request.size() != 5 || (word_at(request, 3) != 0xFF00 && word_at(request, 3) != 0x0000))
        return refuse(request, illegal_value);
    const bool closed = word_at(request, 3) == 0xFF00;
    const auto done = write_coils(circuit, word_at(request, 1), {&closed, 1});
    return done ? acknowledge(request) : refuse(request, done.error());
}

Pdu answer_write_word(Circuit& circuit, Bytes request) {
    if (request.size() != 5)
        return refuse(request, illegal_value);
    const auto value = word_at(request, 3);
    const auto done = write_registers(circuit, word_at(request, 1), {&value, 1});
    return done ? acknowledge(request) : refuse(request, done.error());
}

/// Whether a write of many has the length that its quantity and byte count say.
bool well_formed_write(Bytes request, std::size_t most, std::size_t bytes_of_quantity) {
    return request.size() >= 6 && within(word_at(request, 3), most) &&
           request[5] == bytes_of_quantity && request.size() == 6 + bytes_of_quantity;
}

Pdu answer_write_coils(Circuit& circuit, Bytes request) {
    const std::size_t quantity = request.size() >= 6 ? word_at(request, 3) : 0;
    if (!well_formed_write(request, most_bits_written, (quantity + 7) / 8))
        return refuse(request, illegal_value);
    const auto first = word_at(request, 1);
    if (!addressable(first, quantity))
        return refuse(request, illegal_address);

    std::array<bool, most_bits_written> closed{};
    for (std::size_t i = 0; i < quantity; ++i)
        closed[i] = (request[6 + i / 8] >> (i % 8) & 1u) != 0;
    const auto done = write_coils(circuit, first, std::span{closed}.first(quantity));
    return done ? acknowledge(request) : refuse(request, done.error());
}

Pdu answer_write_words(Circuit& circuit, Bytes request) {
    const std::size_t quantity = request.size() >= 6 ? word_at(request, 3) : 0;
    if (!well_formed_write(request, most_words_written, 2 * quantity))
        return refuse(request, illegal_value);
    const auto first = word_at(request, 1);
    if (!addressable(first, quantity))
        return refuse(request, illegal_address);

    std::array<std::uint16_t, most_words_written> words;
    for (std::size_t i = 0; i < quantity; ++i)
        words[i] = word_at(request, 6 + 2 * i);
    const auto done = write_registers(circuit, first, std::span{words}.first(quantity));
    return done ? acknowledge(request) : refuse(request, done.error());
}

/// Read device identification (6.21): one category as a stream that goes on in the next answer where
/// it does not fit, or one object by its id.
Pdu answer_identification(const Circuit& circuit, Bytes request) {
    const std::vector<IdentityObject>& all = circuit.type().identification;
    if (all.empty() || request.size() < 2 || request[1] != read_device_identification)
        return refuse(request, illegal_function);
    if (request.size() != 4)
        return refuse(request, illegal_value);
    enum Category : std::uint8_t { basic = 1, regular = 2, extended = 3, one_object = 4 };
    const std::uint8_t category = request[2];
    if (category < basic || category > one_object)
        return refuse(request, illegal_value);
    constexpr std::uint8_t last_basic = 2;
    const bool individual = category == one_object;
    const std::uint8_t last = category == basic ? last_basic : 0xFF;
    const auto at = [&](std::uint8_t id) {
        return std::find_if(all.begin(), all.end(),
                            [&](const IdentityObject& object) { return object.id == id; });
    };
    auto object = at(request[3]);
    if (individual && object == all.end())
        return refuse(request, illegal_address);
    // A stream that is asked to begin at an object which is not there begins at the first one.
    if (object == all.end() || object->id > last)
        object = all.begin();

    constexpr std::uint8_t stream_and_individual = 0x80;
    Pdu pdu;
    for (const unsigned byte :
         {unsigned{request[0]}, unsigned{request[1]}, unsigned{category},
          (all.back().id > last_basic ? 2u : 1u) | stream_and_individual, 0u, 0u, 0u})
        append(pdu, byte);
    const auto more = std::size_t{4}, next = std::size_t{5}, count = std::size_t{6};
    for (; object != all.end() && object->id <= last; ++object) {
        if (pdu.size + 2 + object->text.size() > max_pdu) {
            pdu.bytes[more] = 0xFF;
            pdu.bytes[next] = object->id;
            break;
        }
        append(pdu, object->id);
        append(pdu, static_cast<unsigned>(object->text.size()));
        for (const char c : object->text)
            append(pdu, static_cast<unsigned char>(c));
        ++pdu.bytes[count];
        if (individual)
            break;
    }
    return pdu;
}

} // namespace

Pdu answer(Circuit& circuit, std::span<const std::uint8_t> request) {
    circuit.count_request();
    if (request.empty() || !answers_function(circuit.type(), request[0]))
        return refuse(request, illegal_function);
    switch (request[0]) {
    case function::read_coils:
    case function::read_discrete_inputs:
        return answer_read_bits(circuit, request);
    case function::read_holding_registers:
    case function::read_input_registers:
        return answer_read_words(circuit, request);
    case function::write_single_coil:
        return answer_write_coil(circuit, request);
    case function::write_single_register:
        return answer_write_word(circuit, request);
    case function::write_multiple_coils:
        return answer_write_coils(circuit, request);
    case function::write_multiple_registers:
        return answer_write_words(circuit, request);
    case function::encapsulated_transport:
        return answer_identification(circuit, request);
    default:
        return refuse(request, illegal_function);
    }
}

bool is_answer(std::span<const std::uint8_t> pdu) {
    if (pdu.empty())
        return false;
    switch (pdu[0]) {
    case function::read_coils:
    case function::read_discrete_inputs:
    case function::read_holding_registers:
    case function::read_input_registers:
        return pdu.size() > 2 && pdu.size() == std::size_t{2} + pdu[1] && pdu.size() != 5;
    case function::write_multiple_coils:
    case function::write_multiple_registers:
        return pdu.size() == 5;
    case function::encapsulated_transport:
        return pdu.size() > 4;
    default:
        return pdu[0] >= 0x80;
    }
}

std::optional<std::size_t> request_length(std::span<const std::uint8_t> pdu) {
    if (pdu.empty())
        return std::nullopt;
    switch (pdu[0]) {
    case function::read_coils:
    case function::read_discrete_inputs:
    case function::read_holding_registers:
    case function::read_input_registers:
    case function::write_single_coil:
    case function::write_single_register:
        return 5;
    case function::write_multiple_coils:
    case function::write_multiple_registers:
        if (pdu.size() < 6)
            return std::nullopt;
        return std::size_t{6} + pdu[5];
    case function::encapsulated_transport:
        if (pdu.size() < 2)
            return std::nullopt;
        return pdu[1] == read_device_identification ? 4 : 0;
    default:
        return 0;
    }
}

} // namespace kpmsim

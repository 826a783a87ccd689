#pragma once

#include "sim/archive.hpp"
#include "sim/random.hpp"

namespace kpmsim {

namespace field {

template <class T>
std::string layout_text();

template <class... T>
std::string layout_texts(std::type_identity<std::tuple<T...>> /*fields*/) {
    return (std::string{} + ... + (layout_text<T>() + ' '));
}
template <class... T>
std::string layout_texts(std::type_identity<std::variant<T...>> /*kinds*/) {
    return (std::string{} + ... + (layout_text<T>() + ' '));
}

template <Bits T>
constexpr char kind_of_bits() {
    if constexpr (std::same_as<T, bool>)
        return 'b';
    else if constexpr (Enum<T>)
        return 'e';
    else if constexpr (std::same_as<T, std::complex<double>>)
        return 'c';
    else if constexpr (std::is_floating_point_v<T>)
        return 'f';
    else
        return T(-1) < T(0) ? 'i' : 'u';
}

/// Names and types of all that a state holds: "{value, at: f8 t8 }".
template <class T>
std::string layout_text() {
    if constexpr (Bits<T>)
        return kind_of_bits<T>() + std::to_string(size_of_bits<T>);
    else if constexpr (TimePoint<T>)
        return "@" + layout_text<typename T::duration>();
    else if constexpr (Duration<T>)
        return layout_text<typename T::rep>() + "s*" + std::to_string(T::period::num) + '/' +
               std::to_string(T::period::den);
    else if constexpr (Array<T>)
        return layout_text<typename T::value_type>() + '[' + std::to_string(std::tuple_size_v<T>) +
               ']';
    else if constexpr (List<T>)
        return layout_text<typename T::value_type>() + "[]";
    else if constexpr (Map<T>)
        return layout_text<typename T::mapped_type>() + '[' + layout_text<typename T::key_type>() +
               ']';
    else if constexpr (Pair<T>)
        return '(' + layout_text<typename T::first_type>() + ' ' +
               layout_text<typename T::second_type>() + ')';
    else if constexpr (is<T, std::optional>)
        return layout_text<typename T::value_type>() + '?';
    else if constexpr (is<T, Boxed>)
        return layout_text<std::remove_cvref_t<decltype(*std::declval<const T&>())>>() + '?';
    else if constexpr (Variant<T>)
        return "<" + layout_texts(std::type_identity<T>{}) + '>';
    else if constexpr (Struct<T>)
        return std::string{'{'} + T::field_names() + ": " + layout_texts(Types<T>{}) + '}';
    else
        return "-";
}

} // namespace field

/// A number for what these states consist of, in this order: names and types of all fields. It
/// changes with any of them, so that bytes of another program's version are not taken for this
/// one's.
template <class... T>
std::uint64_t layout_of() {
    return hash_name((std::string{} + ... + (field::layout_text<T>() + '\n')));
}

/// Bytes in an envelope that tells what they are and that they are whole: the layout, the bytes,
/// and a sum over both (FNV-1a of 64 bits: one changed byte always changes it).
Bytes seal(std::uint64_t layout, std::span<const std::uint8_t> bytes);
/// The bytes inside. Throws BadState when they are of another layout or not as they were.
std::span<const std::uint8_t> unseal(std::uint64_t layout, std::span<const std::uint8_t> sealed);

} // namespace kpmsim

#pragma once

#include "sim/field_kinds.hpp"

#include <bit>
#include <cstring>
#include <span>
#include <stdexcept>

// States as bytes. What a state consists of, KPMSIM_FIELDS says; how a kind of value is written,
// this file alone:
//
//     number, bool, enum    its bits, low byte first; floating numbers by their pattern (a long double's
//                           80 bits), complex: real, imaginary; bool: 0 or 1
//     duration, time point  its count
//     array, struct, pair   its parts, one after the other
//     vector, deque, string, map   how many (64 bits), then each; a map's keys ascend
//     optional, Boxed       bool, then the value if there is one
//     variant               which (8 bits), then the value
//
// Names and types are not in the bytes: sim/layout.hpp tells whether they are of this layout.
namespace kpmsim {

static_assert(std::endian::native == std::endian::little, "bits are copied as they lie in memory");

using Bytes = std::vector<std::uint8_t>;

/// Bytes that are no such state.
class BadState : public std::runtime_error {
public:
    /// `field` as in "meters[3].samples"; may be empty.
    BadState(const std::string& field, const std::string& why);
};

namespace field {

/// The fewest bytes that a value of this type takes.
template <class T>
constexpr std::size_t least_size();

template <class... T>
constexpr std::size_t least_size_of(std::type_identity<std::tuple<T...>> /*fields*/) {
    return (std::size_t{0} + ... + least_size<T>());
}

template <class T>
constexpr std::size_t least_size() {
    if constexpr (Bits<T>)
        return size_of_bits<T>;
    else if constexpr (Duration<T> || TimePoint<T>)
        return sizeof(typename T::rep);
    else if constexpr (Array<T>)
        return std::tuple_size_v<T> * least_size<typename T::value_type>();
    else if constexpr (List<T> || Map<T>)
        return sizeof(std::uint64_t);
    else if constexpr (Maybe<T> || Variant<T>)
        return 1;
    else if constexpr (Pair<T>)
        return least_size<std::remove_const_t<typename T::first_type>>() +
               least_size<typename T::second_type>();
    else if constexpr (Struct<T>)
        return least_size_of(Types<T>{});
    else
        return 0;
}

/// Gives a value's bytes to put(pointer, size), piece by piece.
template <class T>
void write(const T& x, auto& put) {
    const auto each_of = [&](const auto& parts) {
        if constexpr (Block<T>)
            put(parts.data(), parts.size() * sizeof(typename T::value_type));
        else
            for (const auto& part : parts)
                write(part, put);
    };
    if constexpr (Bits<T>) {
        put(&x, size_of_bits<T>);
    } else if constexpr (TimePoint<T>) {
        write(x.time_since_epoch(), put);
    } else if constexpr (Duration<T>) {
        write(x.count(), put);
    } else if constexpr (Array<T>) {
        each_of(x);
    } else if constexpr (List<T> || Map<T>) {
        write(std::uint64_t{x.size()}, put);
        each_of(x);
    } else if constexpr (Pair<T>) {
        write(x.first, put);
        write(x.second, put);
    } else if constexpr (Maybe<T>) {
        write(x.has_value(), put);
        if (x.has_value())
            write(*x, put);
    } else if constexpr (Variant<T>) {
        static_assert(std::variant_size_v<T> <= 255);
        write(static_cast<std::uint8_t>(x.index()), put);
        std::visit([&](const auto& value) { write(value, put); }, x);
    } else if constexpr (!std::is_empty_v<T>) {
        static_assert(Struct<T>, "a state's structs have KPMSIM_FIELDS");
        x.fields([&](const auto&... part) { (write(part, put), ...); });
    }
}

} // namespace field

/// How many bytes a state takes.
template <class T>
std::size_t state_size(const T& x) {
    std::size_t size = 0;
    auto put = [&](const void*, std::size_t bytes) { size += bytes; };
    field::write(x, put);
    return size;
}

/// Writes states one after the other.
class StateWriter {
public:
    template <class T>
    void write(const T& x) {
        const std::size_t before = bytes_.size();
        bytes_.resize(before + state_size(x));
        std::uint8_t* to = bytes_.data() + before;
        auto put = [&](const void* from, std::size_t size) {
            if (size > 0) // an empty vector has no place for them
                std::memcpy(to, from, size);
            to += size;
        };
        field::write(x, put);
    }
    const Bytes& bytes() const { return bytes_; }
    Bytes take() { return std::move(bytes_); }

private:
    Bytes bytes_;
};

/// Reads what a StateWriter wrote, in the same order.
///
/// Any bytes are met with BadState or a value in which every bool, enum, count and valid() holds.
/// Nothing is made before the bytes for it are seen to be there.
class StateReader {
public:
    explicit StateReader(std::span<const std::uint8_t> bytes) : left_{bytes} {}

    /// `name` begins the field's name in a BadState. What x holds after one is of no use.
    template <class T>
    void read(T& x, std::string_view name = {}) {
        read(x, field::Path{nullptr, name, 0});
    }
    std::size_t left() const { return left_.size(); }
    /// Throws when bytes are left.
    void end() const;

private:
    using Path = field::Path;
    void take(void* to, std::size_t size, const Path& path);
    std::size_t take_count(std::size_t least_size, const Path& path);
    [[noreturn]] static void fail(const Path& path, const std::string& why);

    template <class T>
    void read(T& x, const Path& path);
    template <class T>
    void read_list(T& x, const Path& path);
    template <class T>
    void read_map(T& x, const Path& path);
    template <class T>
    void read_maybe(T& x, const Path& path);
    template <class T>
    void read_variant(T& x, const Path& path);

    std::span<const std::uint8_t> left_;
};

template <class T>
void StateReader::read_list(T& x, const Path& path) {
    using Element = typename T::value_type;
    constexpr std::size_t least = field::least_size<Element>();
    static_assert(least > 0, "a list of nothing says only how long it is");
    const std::size_t count = take_count(least, path);
    x.clear();
    if constexpr (field::Block<T>) {
        x.resize(count);
        take(x.data(), count * sizeof(Element), path);
    } else {
        for (std::size_t n = 0; n < count; ++n)
            read(x.emplace_back(), path.element(n));
    }
}

template <class T>
void StateReader::read_map(T& x, const Path& path) {
    using Key = typename T::key_type;
    using Value = typename T::mapped_type;
    const std::size_t count =
        take_count(field::least_size<Key>() + field::least_size<Value>(), path);
    x.clear();
    for (std::size_t n = 0; n < count; ++n) {
        Key key{};
        read(key, path.element(n).part("first"));
        if (!x.empty() && !x.key_comp()(x.rbegin()->first, key))
            fail(path.element(n), "its key does not follow the one before");
        read(x.emplace_hint(x.end(), std::move(key), Value{})->second, path.element(n));
    }
}

template <class T>
void StateReader::read_maybe(T& x, const Path& path) {
    bool there = false;
    read(there, path);
    if (there)
        read(x.emplace(), path);
    else
        x.reset();
}

template <class T>
void StateReader::read_variant(T& x, const Path& path) {
    constexpr std::size_t size = std::variant_size_v<T>;
    std::uint8_t which = 0;
    read(which, path);
    if (which >= size)
        fail(path, "kind " + std::to_string(which) + " of " + std::to_string(size));
    [&]<std::size_t... n>(std::index_sequence<n...>) {
        ((n == which ? read(x.template emplace<n>(), path) : void()), ...);
    }
    (std::make_index_sequence<size>{});
}

template <class T>
void StateReader::read(T& x, const Path& path) {
    if constexpr (field::Number<T>) {
        take(&x, field::size_of_bits<T>, path);
    } else if constexpr (std::same_as<T, bool>) {
        std::uint8_t byte = 0;
        read(byte, path);
        if (byte > 1)
            fail(path, "neither 0 nor 1 but " + std::to_string(byte));
        x = byte == 1;
    } else if constexpr (field::Enum<T>) {
        std::underlying_type_t<T> number{};
        read(number, path);
        x = static_cast<T>(number);
        if (!valid(x))
            fail(path, "no such value as " + std::to_string(number));
    } else if constexpr (field::TimePoint<T>) {
        typename T::duration since{};
        read(since, path);
        x = T{since};
    } else if constexpr (field::Duration<T>) {
        typename T::rep count{};
        read(count, path);
        x = T{count};
    } else if constexpr (field::Array<T> && field::Block<T>) {
        take(x.data(), sizeof x, path);
    } else if constexpr (field::Array<T>) {
        for (std::size_t n = 0; n < x.size(); ++n)
            read(x[n], path.element(n));
    } else if constexpr (field::List<T>) {
        read_list(x, path);
    } else if constexpr (field::Map<T>) {
        read_map(x, path);
    } else if constexpr (field::Pair<T>) {
        read(x.first, path.part("first"));
        read(x.second, path.part("second"));
    } else if constexpr (field::Maybe<T>) {
        read_maybe(x, path);
    } else if constexpr (field::Variant<T>) {
        read_variant(x, path);
    } else if constexpr (!std::is_empty_v<T>) {
        static_assert(field::Struct<T>, "a state's structs have KPMSIM_FIELDS");
        field::each(
            x, path, [&](const Path& at, auto& part) { read(part, at); });
        if constexpr (requires {
                          { x.valid() } -> std::same_as<bool>;
                      })
            if (!x.valid())
                fail(path, "its parts do not go together");
    }
}

template <class T>
Bytes bytes_of(const T& x) {
    StateWriter writer;
    writer.write(x);
    return writer.take();
}

/// The whole of the bytes.
template <class T>
void from_bytes(std::span<const std::uint8_t> bytes, T& x, std::string_view name = {}) {
    StateReader reader{bytes};
    reader.read(x, name);
    reader.end();
}

} // namespace kpmsim

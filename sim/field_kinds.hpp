#pragma once

#include "sim/boxed.hpp"
#include "sim/fields.hpp"
#include "sim/shared.hpp"

#include <array>
#include <chrono>
#include <complex>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

/// What a state may consist of. Containers without an order of their own (unordered ones) are left
/// out: the same state must have the same bytes.
namespace kpmsim::field {

template <class T, template <class...> class Template>
inline constexpr bool is = false;
template <template <class...> class Template, class... Of>
inline constexpr bool is<Template<Of...>, Template> = true;
template <class T>
inline constexpr bool is_array = false;
template <class T, std::size_t n>
inline constexpr bool is_array<std::array<T, n>> = true;

template <class T>
concept Wide = std::same_as<T, __int128> || std::same_as<T, unsigned __int128>;
/// Every pattern of its bits is a value.
template <class T>
concept Number = Wide<T> ||(std::is_arithmetic_v<T> && !std::same_as<T, bool>) ||
                 std::same_as<T, std::complex<double>>;
template <class T>
concept Enum = std::is_enum_v<T>;
template <class T>
concept Bits = Number<T> || Enum<T> || std::same_as<T, bool>;

template <class T>
concept Duration = is<T, std::chrono::duration>;
template <class T>
concept TimePoint = is<T, std::chrono::time_point>;

template <class T>
concept Array = is_array<T>;
template <class T>
concept List = is<T, std::vector> || is<T, std::deque> || is<T, std::basic_string>;
template <class T>
concept Map = is<T, std::map>;
template <class T>
concept Pair = is<T, std::pair>;
template <class T>
concept Maybe = is<T, std::optional> || is<T, Boxed> || is<T, Shared>;
template <class T>
concept Variant = is<T, std::variant>;
template <class T>
concept Struct = requires(const T& x) {
    x.fields([](const auto&...) {});
    T::field_names();
};

/// Bytes that a value's bits take; a long double of the x87 has 80 bits and padding.
template <Bits T>
inline constexpr std::size_t size_of_bits = std::same_as<T, long double> ? 10 : sizeof(T);
/// The elements lie one after the other just as they are written.
template <class T>
concept Block = (Array<T> || is<T, std::vector> || is<T, std::basic_string>)&&Number<
                    typename T::value_type>&& size_of_bits<typename T::value_type> ==
                sizeof(typename T::value_type);

/// A struct's fields' types, as std::type_identity<std::tuple<…>>.
template <Struct T>
using Types = decltype(std::declval<const T&>().fields([](const auto&... x) {
    return std::type_identity<std::tuple<std::remove_cvref_t<decltype(x)>...>>{};
}));

/// Where a visitor stands: "circuits[0].demand.running". Put together only when somebody asks.
struct Path {
    const Path* above{nullptr};
    std::string_view names{}; ///< of all fields of the struct, as KPMSIM_FIELDS has them
    std::size_t n{0};         ///< which of them; without names, which element

    Path element(std::size_t at) const { return {this, {}, at}; }
    Path part(std::string_view name) const { return {this, name, 0}; }
    std::string text() const;
};

/// Calls visit(path, field) for each field of a struct.
template <class T>
void each(T& x, const Path& path, auto&& visit) {
    x.fields([&](auto&... field) {
        std::size_t n = 0;
        (visit(Path{&path, T::field_names(), n++}, field), ...);
    });
}

} // namespace kpmsim::field

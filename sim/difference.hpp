#pragma once

#include "sim/field_kinds.hpp"

#include <cstring>

namespace kpmsim {

namespace field {

/// Whether x and y differ; then `where` says in which field.
template <class T>
bool differ(const T& x, const T& y, const Path& path, std::string& where) {
    const auto found = [&](const Path& at, bool unequal) {
        if (unequal)
            where = at.text();
        return unequal;
    };
    if constexpr (Bits<T>) {
        return found(path, std::memcmp(&x, &y, size_of_bits<T>) != 0);
    } else if constexpr (TimePoint<T> || Duration<T>) {
        return found(path, x != y);
    } else if constexpr (Array<T> || List<T> || Map<T>) {
        if (x.size() != y.size())
            return found(path.part("size()"), true);
        std::size_t n = 0;
        for (auto a = x.begin(), b = y.begin(); a != x.end(); ++a, ++b)
            if (differ(*a, *b, path.element(n++), where))
                return true;
        return false;
    } else if constexpr (Pair<T>) {
        return differ(x.first, y.first, path.part("first"), where) ||
               differ(x.second, y.second, path.part("second"), where);
    } else if constexpr (Maybe<T>) {
        if (x.has_value() != y.has_value())
            return found(path.part("has_value()"), true);
        return x.has_value() && differ(*x, *y, path, where);
    } else if constexpr (Variant<T>) {
        if (x.index() != y.index())
            return found(path.part("index()"), true);
        return std::visit(
            [&](const auto& a) {
                return differ(a, std::get<std::remove_cvref_t<decltype(a)>>(y), path, where);
            },
            x);
    } else if constexpr (!std::is_empty_v<T>) {
        static_assert(Struct<T>, "a state's structs have KPMSIM_FIELDS");
        return x.fields([&](const auto&... a) {
            return y.fields([&](const auto&... b) {
                std::size_t n = 0;
                return (differ(a, b, Path{&path, T::field_names(), n++}, where) || ...);
            });
        });
    } else {
        return false;
    }
}

} // namespace field

/// The first field, in the order of the bytes, in which two states differ:
/// "circuits[0].demand.seconds"; empty when there is none. Floating numbers are compared by their
/// bits, so that a NaN is like itself.
template <class T>
std::string first_difference(const T& x, const T& y, std::string_view name = {}) {
    std::string where;
    field::differ(x, y, field::Path{nullptr, name, 0}, where);
    return where;
}

} // namespace kpmsim

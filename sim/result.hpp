#pragma once

#include <cassert>
#include <utility>
#include <variant>

namespace kpmsim {

/// The error half of a Result: `return Unexpected{Refusal::illegal_address};`
template <class E>
struct Unexpected {
    E error;
};
template <class E>
Unexpected(E) -> Unexpected<E>;

/// A value, or why there is none. The names are std::expected's (C++23), so that it can take over.
template <class T, class E>
class Result {
public:
    Result(T value) : state_{std::in_place_index<0>, std::move(value)} {}
    Result(Unexpected<E> why) : state_{std::in_place_index<1>, std::move(why.error)} {}

    bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    const T& value() const {
        assert(has_value());
        return *std::get_if<0>(&state_);
    }
    T& value() {
        assert(has_value());
        return *std::get_if<0>(&state_);
    }
    const E& error() const {
        assert(!has_value());
        return *std::get_if<1>(&state_);
    }
    const T& operator*() const { return value(); }
    T& operator*() { return value(); }
    const T* operator->() const { return &value(); }
    T* operator->() { return &value(); }

private:
    std::variant<T, E> state_;
};

} // namespace kpmsim

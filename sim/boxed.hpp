#pragma once

#include <memory>
#include <utility>

namespace kpmsim {

/// An optional whose value lies apart, for a large one that is seldom there. A copy has a value of
/// its own.
template <class T>
class Boxed {
public:
    Boxed() = default;
    Boxed(const Boxed& other)
        : value_{other.value_ ? std::make_unique<T>(*other.value_) : nullptr} {}
    Boxed(Boxed&&) noexcept = default;
    Boxed& operator=(Boxed other) noexcept {
        value_ = std::move(other.value_);
        return *this;
    }
    ~Boxed() = default;

    bool has_value() const noexcept { return value_ != nullptr; }
    explicit operator bool() const noexcept { return has_value(); }
    T& emplace() { return *(value_ = std::make_unique<T>()); }
    void reset() noexcept { value_.reset(); }

    T& operator*() noexcept { return *value_; }
    const T& operator*() const noexcept { return *value_; }
    T* operator->() noexcept { return value_.get(); }
    const T* operator->() const noexcept { return value_.get(); }

private:
    std::unique_ptr<T> value_;
};

} // namespace kpmsim

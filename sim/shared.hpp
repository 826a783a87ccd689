#pragma once

#include <memory>
#include <utility>

namespace kpmsim {

/// An optional whose value never changes, so that all copies share it: for what is large, copied
/// often and replaced seldom.
template <class T>
class Shared {
public:
    Shared() = default;
    explicit Shared(T value) : value_{std::make_shared<T>(std::move(value))} {}

    bool has_value() const noexcept { return value_ != nullptr; }
    explicit operator bool() const noexcept { return has_value(); }
    /// A value of this one's own, to be filled before it is copied.
    T& emplace() { return *(value_ = std::make_shared<T>()); }
    void reset() noexcept { value_.reset(); }

    const T& operator*() const noexcept { return *value_; }
    const T* operator->() const noexcept { return value_.get(); }

private:
    std::shared_ptr<T> value_;
};

} // namespace kpmsim

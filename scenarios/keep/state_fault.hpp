#pragma once

#include "files/mistake.hpp"

#include <stdexcept>
#include <string>
#include <utility>

namespace kpmsim {

/// Why a farm cannot keep its state in a folder, and what to do.
class StateFault : public std::runtime_error {
public:
    enum class Kind {
        of_machine, ///< nothing can be written there, or somebody else does
        of_content, ///< what is there is none of this farm's
    };
    StateFault(Kind kind, Fault fault)
        : std::runtime_error{fault.what + ": " + fault.cure}, kind_{kind}, fault_{
                                                                               std::move(fault)} {}

    Kind kind() const { return kind_; }
    const Fault& fault() const { return fault_; }

private:
    Kind kind_;
    Fault fault_;
};

inline StateFault not_writable(const std::string& path, const std::string& why) {
    return {StateFault::Kind::of_machine,
            {path + " cannot be written: " + why,
             "make room there or make it writable, or take another folder"}};
}

} // namespace kpmsim

#pragma once

#include "servers/faults/fault_kind.hpp"
#include "servers/line/line_fault.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace kpmsim {

/// The faults at one place, on every connection there: those of several actions stack in the order in
/// which they began, and a message goes through all of them in that order.
///
/// Each fault counts the requests that it sees, over all connections; range, chance and draws hang on
/// that number alone, so that the same requests meet the same fate whenever they come. An answer shares
/// the number of its request.
///
/// What is a request. On TCP an ADU; half of one waits for its rest. On RTU what a client wrote in one
/// go: what it adds within 50 ms to what is no whole request yet belongs to that.
class FaultPlace final : public LineFaults {
public:
    /// Whether requests for a unit are meant; empty: all are.
    using Concerns = std::function<bool(int unit)>;

    /// `line`: of an RTU line.
    FaultPlace(WireForm form, LineSettings line = {});

    void begin(std::uint64_t action, FaultSpec spec, Concerns concerns = {});
    /// All that the action began.
    void end(std::uint64_t action);
    bool has(std::uint64_t action) const;

    std::unique_ptr<LineFault> connect() override;
    bool idle() const override;
    bool refuses() const override;
    LineTime lingers() const override;

    struct Parts;

private:
    std::shared_ptr<Parts> parts_;
};

} // namespace kpmsim

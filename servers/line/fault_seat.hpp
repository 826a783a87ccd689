#pragma once

#include "servers/line/byte_service.hpp"
#include "servers/line/line_fault.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace kpmsim {

/// A place for a fault on every connection to what it stands in front of. Empty, it hands each call
/// on as it is: no byte is copied and no moment moved.
class FaultSeat : public ByteServiceFactory {
public:
    explicit FaultSeat(std::shared_ptr<ByteServiceFactory> behind);

    /// From here on, for open connections too; null takes it away. What is on its way through it
    /// arrives as it was let through.
    void put(std::shared_ptr<LineFaults> faults);
    const std::shared_ptr<LineFaults>& faults() const;
    /// To be called when what sits here has begun to refuse connections, or is over with that.
    void refusal_changed();

    std::unique_ptr<ByteService> connect() override;
    std::string_view protocol() const override;
    const Traffic& traffic() const override;
    void on_refusal(std::function<void(bool refuses)> tell) override;

private:
    std::shared_ptr<ByteServiceFactory> behind_;
    std::shared_ptr<std::shared_ptr<LineFaults>> seat_;
    std::vector<std::function<void(bool)>> refusals_;
    bool refused_{false};
};

} // namespace kpmsim

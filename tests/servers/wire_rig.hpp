#pragma once

#include "modbus_rig.hpp"
#include "servers/line/byte_service.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace rig {

/// A transport whose time the test winds: what is sent, and when.
struct Wire {
    std::unique_ptr<kpmsim::ByteService> service;
    Bytes left; ///< offered, and not taken
    std::vector<std::pair<kpmsim::LineTime, Bytes>> sent;

    void send(const Bytes& bytes, kpmsim::LineTime at, std::optional<int> baud = {}) {
        left.insert(left.end(), bytes.begin(), bytes.end());
        Bytes out;
        const auto taken = service->take(left, {at, baud}, out);
        left.erase(left.begin(), left.begin() + static_cast<long>(taken));
        note(at, out);
    }
    void run() {
        while (const auto next = service->next_event()) {
            Bytes out;
            service->advance(*next, out);
            note(*next, out);
        }
    }
    void note(kpmsim::LineTime at, const Bytes& out) {
        if (!out.empty())
            sent.emplace_back(at, out);
    }
};

} // namespace rig

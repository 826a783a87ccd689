#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace kpmsim {

// A capture as network analysers read it: pcapng, draft-ietf-opsawg-pcapng, sections 4.1 to 4.3, little-endian.

/// Link types that stand for whatever both ends agree on (LINKTYPE_USER0, _USER1).
enum class LinkType : std::uint16_t { user0 = 147, user1 = 148 };

/// What was captured on.
struct CaptureInterface {
    std::string name;
    LinkType link{LinkType::user0};
};

struct CapturedPacket {
    std::size_t interface { 0 };
    std::int64_t at_ns{0}; ///< since 1970-01-01 00:00
    bool inbound{true};    ///< towards the interface's owner
    std::string comment{}; ///< empty: none
    std::span<const std::uint8_t> bytes;
};

/// shape   a section header, a description of each interface, each packet in its order
/// unit    times to the nanosecond
std::string pcapng(std::span<const CaptureInterface> interfaces,
                   std::span<const CapturedPacket> packets);

} // namespace kpmsim

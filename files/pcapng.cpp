#include "files/pcapng.hpp"

namespace kpmsim {
namespace {

constexpr std::uint32_t interface_block = 1;
constexpr std::uint32_t packet_block = 6;
constexpr std::uint32_t section_block = 0x0A0D0D0A;
// Options; their codes count anew in each sort of block.
constexpr std::uint16_t opt_end = 0;
constexpr std::uint16_t opt_comment = 1;
constexpr std::uint16_t shb_userappl = 4;
constexpr std::uint16_t if_name = 2;
constexpr std::uint16_t if_tsresol = 9;
constexpr std::uint16_t epb_flags = 2;

/// A block under way: type, total length (known at its end), body, total length again.
class Block {
public:
    explicit Block(std::uint32_t type) { number(type).number<std::uint32_t>(0); }

    template <class T>
    Block& number(T value) {
        for (std::size_t n = 0; n < sizeof value; ++n)
            text_ += static_cast<char>(static_cast<std::uint64_t>(value) >> 8 * n & 0xFF);
        return *this;
    }
    Block& bytes(std::string_view bytes) {
        text_ += bytes;
        text_.append((4 - text_.size() % 4) % 4, '\0');
        return *this;
    }
    Block& option(std::uint16_t code, std::string_view value) {
        number(code).number(static_cast<std::uint16_t>(value.size()));
        return bytes(value);
    }
    std::string take() {
        const auto length = static_cast<std::uint32_t>(text_.size() + 4);
        number(length);
        for (std::size_t n = 0; n < 4; ++n)
            text_[4 + n] = static_cast<char>(length >> 8 * n & 0xFF);
        return std::move(text_);
    }

private:
    std::string text_;
};

std::string_view text_of(std::span<const std::uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

} // namespace

std::string pcapng(std::span<const CaptureInterface> interfaces,
                   std::span<const CapturedPacket> packets) {
    std::string out = Block{section_block}
                          .number<std::uint32_t>(0x1A2B3C4D)
                          .number<std::uint16_t>(1)
                          .number<std::uint16_t>(0)
                          .number<std::int64_t>(-1) // its length is not said
                          .option(shb_userappl, "kpmsim")
                          .option(opt_end, {})
                          .take();
    for (const CaptureInterface& one : interfaces)
        out += Block{interface_block}
                   .number(static_cast<std::uint16_t>(one.link))
                   .number<std::uint16_t>(0)
                   .number<std::uint32_t>(0) // packets of any length
                   .option(if_name, one.name)
                   .option(if_tsresol, "\x09")
                   .option(opt_end, {})
                   .take();
    for (const CapturedPacket& packet : packets) {
        const auto at = static_cast<std::uint64_t>(packet.at_ns);
        const auto length = static_cast<std::uint32_t>(packet.bytes.size());
        Block block{packet_block};
        block.number(static_cast<std::uint32_t>(packet.interface))
            .number(static_cast<std::uint32_t>(at >> 32))
            .number(static_cast<std::uint32_t>(at & 0xFFFFFFFF))
            .number(length)
            .number(length)
            .bytes(text_of(packet.bytes));
        const char direction = packet.inbound ? 1 : 2;
        block.option(epb_flags, std::string{direction, '\0', '\0', '\0'});
        if (!packet.comment.empty())
            block.option(opt_comment, packet.comment);
        out += block.option(opt_end, {}).take();
    }
    return out;
}

} // namespace kpmsim

#include "recordings/bytes.hpp"
#include "recordings/channels.hpp"
#include "recordings/note.hpp"
#include "recordings/wav.hpp"

#include <cmath>

namespace kpmsim {
namespace {

std::size_t bits_of(WavType type) {
    switch (type) {
    case WavType::pcm16:
        return 16;
    case WavType::pcm24:
        return 24;
    case WavType::pcm32:
    case WavType::float32:
        return 32;
    }
    return 0;
}

/// Says why the channel does not fit; empty when it does.
std::string misfit(const RecordedChannel& channel, WavType type) {
    if (channel.skew_us != 0.0)
        return "is skewed against the others; a WAV has one time for all channels";
    if (missing_samples(channel) > 0)
        return "misses samples; a WAV has no sign for that";
    if (type == WavType::float32)
        return {};
    if (channel.codes.empty())
        return "has floating-point values, PCM holds codes; write float32 or turn them into codes";
    const std::int64_t most = std::int64_t{1} << (bits_of(type) - 1);
    for (const std::int32_t code : channel.codes) {
        if (code < -most || code >= most) {
            return "has the code " + std::to_string(code) + ", beyond PCM of " +
                   std::to_string(bits_of(type)) + " bits";
        }
    }
    return {};
}

bool check(const Recording& r, const std::string& file, WavType type,
           std::vector<Mistake>& mistakes) {
    const std::size_t before = mistakes.size();
    if (r.channels.empty() || r.channels.size() > 65535 / (bits_of(type) / 8)) {
        note(mistakes, file, 0,
             "the recording has " + std::to_string(r.channels.size()) + " channels",
             "a WAV has at least one, and frames of at most 65535 bytes");
    }
    if (r.rates.size() != 1 || r.rates[0].hz != std::floor(r.rates[0].hz) ||
        !(r.rates[0].hz > 0.0) || r.rates[0].hz > 4294967295.0) {
        note(mistakes, file, 0, "the recording has not one rate in whole hertz",
             "a WAV holds nothing else; write COMTRADE");
    }
    for (const RecordedChannel& c : r.channels) {
        const std::string why = misfit(c, type);
        if (!why.empty()) {
            note(mistakes, file, 0, '"' + readable(c.name) + "\" " + why,
                 "COMTRADE BINARY32 holds every recording");
        }
        const std::size_t count = c.codes.empty() ? c.values.size() : c.codes.size();
        if (static_cast<std::int64_t>(count) != r.samples() || count == 0) {
            note(mistakes, file, 0, '"' + readable(c.name) + "\" has too few samples",
                 "all channels have the same number, at least one");
        }
    }
    const double size = static_cast<double>(r.samples()) * static_cast<double>(r.channels.size()) *
                        (static_cast<double>(bits_of(type)) / 8);
    if (size > 4.29e9)
        note(mistakes, file, 0, "the recording is larger than 4 GiB", "cut it, or write COMTRADE");
    return mistakes.size() == before;
}

} // namespace

std::optional<std::string> wav_bytes(const Recording& recording, const std::string& file,
                                     WavType type, std::vector<Mistake>& mistakes) {
    if (!check(recording, file, type, mistakes))
        return std::nullopt;
    const auto hz = static_cast<std::uint32_t>(recording.rates[0].hz);
    const auto channels = static_cast<std::uint32_t>(recording.channels.size());
    const std::size_t width = bits_of(type) / 8;
    const auto frame = static_cast<std::uint32_t>(channels * width);
    // 24 bits and more than two channels need WAVE_FORMAT_EXTENSIBLE; so all have it.
    const std::uint32_t sub_format = type == WavType::float32 ? 3 : 1;
    const auto data = static_cast<std::uint32_t>(recording.samples()) * frame;
    const std::uint32_t filler = data % 2;

    std::string out = "RIFF";
    put_u32(out, 4 + (8 + 40) + (8 + 4) + 8 + data + filler);
    out += "WAVEfmt ";
    put_u32(out, 40);
    put_u(out, 0xFFFE, 2);
    put_u(out, channels, 2);
    put_u32(out, hz);
    put_u32(out, hz * frame);
    put_u(out, frame, 2);
    put_u(out, static_cast<std::uint32_t>(8 * width), 2);
    put_u(out, 22, 2);
    put_u(out, static_cast<std::uint32_t>(8 * width), 2);
    put_u32(out, 0); // no loudspeakers
    put_u(out, sub_format, 2);
    out.append("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71", 14);
    out += "fact";
    put_u32(out, 4);
    put_u32(out, static_cast<std::uint32_t>(recording.samples()));
    out += "data";
    put_u32(out, data);
    for (std::int64_t n = 0; n < recording.samples(); ++n) {
        for (const RecordedChannel& c : recording.channels) {
            if (type == WavType::float32) {
                const double v = value(c, n);
                if (!std::isfinite(static_cast<float>(v))) {
                    note(mistakes, file, 0,
                         '"' + readable(c.name) + "\" has a value beyond a 32-bit float",
                         "choose a larger unit for the channel");
                    return std::nullopt;
                }
                put_f32(out, static_cast<float>(v));
            } else {
                put_u(out, static_cast<std::uint32_t>(c.codes[static_cast<std::size_t>(n)]), width);
            }
        }
    }
    out.append(filler, '\0');
    return out;
}

bool write_wav(const Recording& recording, const std::string& path, WavType type,
               std::vector<Mistake>& mistakes) {
    const auto bytes = wav_bytes(recording, path, type, mistakes);
    return bytes && write_bytes(path, *bytes, mistakes);
}

} // namespace kpmsim

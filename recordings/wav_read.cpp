// RIFF: "RIFF", size, "WAVE", then chunks of {name, size, bytes, a filler byte after an odd size}.
// "fmt " says type (1 PCM, 3 float, 0xFFFE: the type is in the sub-format's first two bytes),
// channels, rate, bytes a second, bytes a frame, bits a sample; "data" holds the frames.

#include "files/counted.hpp"
#include "files/text_file.hpp"
#include "recordings/bytes.hpp"
#include "recordings/note.hpp"
#include "recordings/wav.hpp"

#include <cmath>

namespace kpmsim {
namespace {

struct Format {
    std::uint32_t type{0};
    std::size_t channels{0};
    std::uint32_t hz{0};
    std::size_t frame{0};
    std::size_t bits{0};
};

class WavReader {
public:
    WavReader(const std::string& file, std::string_view bytes,
              const std::vector<WavChannel>& channels, std::vector<Mistake>& mistakes)
        : file_{file}, bytes_{bytes}, channels_{channels}, mistakes_{mistakes} {}

    std::optional<Recording> read() {
        if (bytes_.size() < 12 || !bytes_.starts_with("RIFF") || bytes_.substr(8, 4) != "WAVE")
            return wrong(0, "the file is no RIFF/WAVE file", "it begins with RIFF, size, WAVE");
        std::size_t at = 12;
        while (at + 8 <= bytes_.size()) {
            const std::string_view name = bytes_.substr(at, 4);
            const std::size_t size = get_u32(bytes_, at + 4);
            if (size > bytes_.size() - at - 8) {
                return wrong(at + 4,
                             "a chunk of " + counted(size, "byte") + ", and " +
                                 std::to_string(bytes_.size() - at - 8) + " follow",
                             "the file is cut off; get it again from its source");
            }
            if (name == "fmt ") {
                if (!read_format(at, size))
                    return std::nullopt;
            } else if (name == "data") {
                return read_data(at + 8, size);
            }
            at += 8 + size + size % 2;
        }
        return wrong(at, "the file has no data chunk", "the file is cut off");
    }

private:
    std::nullopt_t wrong(std::size_t byte, const std::string& what, std::string cure) {
        note(mistakes_, file_, 0, "byte " + std::to_string(byte) + ": " + what, std::move(cure));
        return std::nullopt;
    }

    bool read_format(std::size_t at, std::size_t size) {
        if (size < 16) {
            wrong(at, "a format chunk of " + counted(size, "byte"), "it has 16 or more");
            return false;
        }
        const std::size_t body = at + 8;
        format_.type = get_u16(bytes_, body);
        format_.channels = get_u16(bytes_, body + 2);
        format_.hz = get_u32(bytes_, body + 4);
        format_.frame = get_u16(bytes_, body + 12);
        format_.bits = get_u16(bytes_, body + 14);
        if (format_.type == 0xFFFE && size >= 26)
            format_.type = get_u16(bytes_, body + 24);
        const bool pcm =
            format_.type == 1 && (format_.bits == 16 || format_.bits == 24 || format_.bits == 32);
        if (!pcm && !(format_.type == 3 && format_.bits == 32)) {
            wrong(body,
                  "samples of type " + std::to_string(format_.type) + " with " +
                      std::to_string(format_.bits) + " bits",
                  "known: PCM (1) of 16, 24 and 32 bits, float (3) of 32 bits");
            return false;
        }
        if (format_.channels == 0 || format_.hz == 0 ||
            format_.frame != format_.channels * (format_.bits / 8)) {
            wrong(body,
                  counted(format_.channels, "channel") + " at " + std::to_string(format_.hz) +
                      " Hz in frames of " + std::to_string(format_.frame) + " bytes",
                  "the header contradicts itself; get the file again");
            return false;
        }
        return true;
    }

    std::optional<Recording> read_data(std::size_t begin, std::size_t size) {
        if (format_.channels == 0)
            return wrong(begin, "data before its format", "the fmt chunk comes first");
        if (!channels_.empty() && channels_.size() != format_.channels) {
            return wrong(begin, "the file has " + counted(format_.channels, "channel"),
                         std::to_string(channels_.size()) + " were described");
        }
        if (size == 0 || size % format_.frame != 0) {
            return wrong(begin + size,
                         "the data ends within a frame of " + std::to_string(format_.frame) +
                             " bytes, or is empty",
                         "the file is cut off; get it again from its source");
        }
        Recording recording;
        recording.nominal_hz = 0.0;
        const std::size_t frames = size / format_.frame;
        recording.rates = {{static_cast<double>(format_.hz), static_cast<std::int64_t>(frames)}};
        recording.channels.resize(format_.channels);
        for (std::size_t c = 0; c < format_.channels; ++c) {
            describe(recording.channels[c], c);
            const std::size_t width = format_.bits / 8;
            for (std::size_t n = 0; n < frames; ++n)
                if (!sample(recording.channels[c], begin + n * format_.frame + c * width))
                    return std::nullopt;
        }
        return recording;
    }

    void describe(RecordedChannel& channel, std::size_t c) {
        const double half = std::ldexp(1.0, static_cast<int>(format_.bits) - 1);
        channel.name = "ch" + std::to_string(c + 1);
        double full_scale = 1.0;
        if (!channels_.empty()) {
            channel.name = channels_[c].name;
            channel.unit = channels_[c].unit;
            full_scale = channels_[c].full_scale;
        }
        if (format_.type == 1) {
            channel.scale = full_scale / half;
            channel.stored_min = -half;
            channel.stored_max = half - 1.0;
        }
    }

    bool sample(RecordedChannel& channel, std::size_t at) {
        if (format_.type == 3) {
            const float stored = get_f32(bytes_, at);
            if (!std::isfinite(stored)) {
                wrong(at, "not a finite number", "mend the program that wrote the file");
                return false;
            }
            channel.values.push_back(stored);
            return true;
        }
        const std::uint32_t code = get_u(bytes_, at, format_.bits / 8) << (32 - format_.bits);
        const std::int32_t whole = static_cast<std::int32_t>(code) >> (32 - format_.bits);
        if (whole == missing_code) {
            wrong(at, "the code -2147483648", "it stands for a missing sample in recordings");
            return false;
        }
        channel.codes.push_back(whole);
        return true;
    }

    const std::string& file_;
    std::string_view bytes_;
    const std::vector<WavChannel>& channels_;
    std::vector<Mistake>& mistakes_;
    Format format_;
};

} // namespace

std::optional<Recording> parse_wav(const std::string& file, std::string_view bytes,
                                   const std::vector<WavChannel>& channels,
                                   std::vector<Mistake>& mistakes) {
    return WavReader{file, bytes, channels, mistakes}.read();
}

std::optional<Recording> read_wav(const std::string& path, const std::vector<WavChannel>& channels,
                                  std::vector<Mistake>& mistakes) {
    const auto bytes = read_file(path, mistakes);
    return bytes ? parse_wav(path, *bytes, channels, mistakes) : std::nullopt;
}

} // namespace kpmsim

// COMTRADE there and back: what a meter's converters gave, written and read again, and a second
// meter that is fed with what was read. Set-ups take the forms in turn: ASCII, BINARY32 and FLOAT32
// as .cfg and .dat, then the same three as .cff.
//
//   codes      stored numbers that came back different
//   readings   readings and energies of the second meter whose bits differ from the first one's
#include "recordings/comtrade.hpp"
#include "verification/source.hpp"

#include <array>
#include <bit>
#include <cmath>

namespace kpmsim {

namespace {

struct Case {
    Source source;
    int windows{20};
};

constexpr int channels = 6;

double stored(const RecordedChannel& channel, std::size_t n) {
    return channel.codes.empty() ? channel.values[n] : static_cast<double>(channel.codes[n]);
}

/// A recording of all channels, still empty.
Recording blank(const Drawn& d, const MeteringConfig& config) {
    Recording r;
    r.station = "verification";
    r.device = "six channels";
    r.nominal_hz = config.nominal_hz;
    for (std::size_t c = 0; c < channels; ++c) {
        RecordedChannel channel;
        channel.name = std::array{"UA", "UB", "UC", "IA", "IB", "IC"}[c];
        channel.phase = std::array{"A", "B", "C"}[c % 3];
        channel.unit = c < 3 ? "V" : "A";
        channel.scale = config.adc[c].full_scale * 0x1p-23;
        channel.stored_min = -adc_max_code;
        channel.stored_max = adc_max_code;
        r.channels.push_back(channel);
    }
    r.rates = {{samples_per_cycle * d.f_hz, 0}};
    return r;
}

/// The codes that the meter's own converters make of the block, whole windows of them.
void record(const SampleBlock& block, const MeteringConfig& config, const Random& noise,
            std::uint64_t first_sample, Recording& into) {
    std::array<std::int32_t, max_samples_per_window> codes{};
    for (int c = 0; c < channels; ++c) {
        RecordedChannel& channel = into.channels[static_cast<std::size_t>(c)];
        const int rows =
            convert(block, c, config.adc[static_cast<std::size_t>(c)], noise, first_sample, codes)
                .rows;
        for (int n = 0; n < block.window.samples(); ++n)
            channel.codes.push_back(codes[static_cast<std::size_t>(n % rows)]);
    }
    into.rates[0].end += block.window.samples();
}

std::optional<Recording> there_and_back(const Recording& r, int form) {
    const ComtradeType type = std::array{ComtradeType::ascii, ComtradeType::binary32,
                                         ComtradeType::float32}[static_cast<std::size_t>(form % 3)];
    std::vector<Mistake> mistakes;
    const auto text = comtrade_text(r, "round trip", {2013, type}, mistakes);
    if (!text)
        return std::nullopt;
    if (form < 3)
        return parse_comtrade({"round.cfg", text->cfg}, {"round.dat", text->dat}, mistakes);
    const std::string cff = cff_text(*text, type);
    return parse_cff({"round.cff", cff}, mistakes);
}

int different_codes(const Recording& a, const Recording& b) {
    int different = 0;
    for (std::size_t c = 0; c < channels; ++c)
        for (std::size_t n = 0; n < a.channels[c].codes.size(); ++n)
            different += stored(a.channels[c], n) != stored(b.channels[c], n) ? 1 : 0;
    return different;
}

/// A window of a recording as a meter's converter wants it; it has `rows` rows, of one cycle or
/// all.
void replay(const Recording& r, std::size_t first, const MeteringConfig& config,
            SampleBlock& block) {
    for (std::size_t c = 0; c < channels; ++c) {
        const RecordedChannel& channel = r.channels[c];
        const std::span<double> rows = block.channel(static_cast<int>(c));
        for (std::size_t n = 0; n < rows.size(); ++n)
            rows[n] =
                value(channel, static_cast<std::int64_t>(first + n)) / config.adc[c].full_scale;
    }
}

int different_bits(const MeterState& a, const MeterState& b) {
    int different = 0;
    for (std::size_t n = 0; n < reading_slots; ++n)
        different += std::bit_cast<std::uint64_t>(a.readings.value[n]) !=
                             std::bit_cast<std::uint64_t>(b.readings.value[n])
                         ? 1
                         : 0;
    for (std::size_t n = 0; n < energy_slots; ++n)
        different += a.energy.count[n] == b.energy.count[n] ? 0 : 1;
    return different;
}

void run(const Case& c, Draw draw, Mode mode, Errors& errors) {
    const Drawn d = draw_source(c.source, draw);
    const MeteringConfig config = converter({}, d.f_hz, mode, d.full_u_v, d.full_i_a);
    Rig rig{d.supply, {}, config, {}, draw, "converter"};
    Recording written = blank(d, config);
    struct Seen {
        Window window;
        int rows;
    };
    std::vector<Seen> windows;
    for (int n = 0; n < c.windows; ++n) {
        const auto first = static_cast<std::uint64_t>(written.rates[0].end);
        rig.open();
        d.into(rig.window);
        rig.close(d.i);
        record(rig.block, config, draw.stream("converter"), first, written);
        windows.push_back({rig.block.window, rig.block.rows});
    }
    const auto back = there_and_back(written, draw.setup() % 6);
    if (!back || back->samples() != written.samples()) {
        errors.add("codes", std::nan(""));
        return;
    }
    errors.add("codes", different_codes(written, *back));

    MeteringConfig quiet = config; // the noise is in the recording
    for (AdcChannel& adc : quiet.adc)
        adc.noise_rms = 0;
    Metering second{quiet, {}, draw.stream("second")};
    std::vector<double> data(static_cast<std::size_t>(channels) * max_samples_per_window);
    SampleBlock block;
    block.channels = channels;
    block.data = data;
    std::size_t first = 0;
    for (const Seen& seen : windows) {
        block.window = seen.window;
        // A meter takes one cycle for all where they are the same; its codes are noisy where not.
        block.rows = mode == Mode::clean ? seen.rows : seen.window.samples();
        replay(*back, first, config, block);
        second.push(block, {});
        first += static_cast<std::size_t>(seen.window.samples());
    }
    errors.add("readings", different_bits(rig.metering.state(0), second.state(0)));
}

} // namespace

Run recording_kind(TomlTable& signal) {
    Case c;
    take(signal, c.source);
    c.windows = static_cast<int>(signal.integer("windows", 1, 1000).value_or(c.windows));
    return [c](Draw draw, Mode mode, Errors& errors) { run(c, draw, mode, errors); };
}

} // namespace kpmsim

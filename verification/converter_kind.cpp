// From samples to codes.
//
// Random rows of up to 130 % of full scale, with a gain error and an offset.
//   codes     less the nearest whole number to 2^23 ((1 + gain) x + offset), stopped at ±(2^23 - 1);
//             of 8 to 24 bits, each a whole step, half ones upwards
//   clipped   samples beyond, counted and told
// And of the noise, 128,000 samples of two channels and two meters (clean: none):
//   mean        in deviations of a mean
//   deviation   over the one asked for
//   ends        greatest deviation, in the noise's: 3.45 and half a code
//   stopped     codes beyond ±(2^23 - 1), or further from their samples than noise reaches, of samples that
//               come so near to full scale that noise takes some beyond it, and of some far beyond, with a gain
//               error and an offset
//   told        how many of these are told to clip, less what the sum of four bytes says, in deviations
//               of such a count
//   numbers     codes of a window in which a sample's number passes 2^32, less those of others about it
//   alike       greatest correlation of channels, meters, of one sample with the next, and with those
//               of eight days later (2^32 samples), in its own deviations
#include "sim/adc.hpp"
#include "verification/kind.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace kpmsim {

namespace {

struct Case {
    Parameter bits{24.0};
    Parameter gain{0.0};
    Parameter offset{0.0};
};

constexpr double full = 8388608; // 2^23

SampleBlock block_of(std::vector<double>& rows, int channels) {
    SampleBlock block;
    block.window.cycles = 10;
    block.channels = channels;
    block.rows = block.window.samples();
    block.data = rows;
    return block;
}

void check_codes(const Case& c, Draw& draw, Errors& errors) {
    AdcChannel adc;
    adc.bits = static_cast<int>(draw(c.bits));
    adc.gain_error = draw(c.gain);
    adc.offset = draw(c.offset);
    std::vector<double> rows(max_samples_per_window);
    const SampleBlock block = block_of(rows, 1);
    for (double& x : rows)
        x = draw.between(-1.3, 1.3);
    // Both ends of the range, and a code to either side of each.
    for (int n = 0; n < 6; ++n)
        rows[static_cast<std::size_t>(n)] =
            ((n < 3 ? 1 : -1) * (full + n % 3 - 1) / full - adc.offset) / (1 + adc.gain_error);
    std::vector<std::int32_t> codes(max_samples_per_window);
    const Codes got = convert(block, 0, adc, draw.stream("none"), 0, codes);
    const double step = std::exp2(24 - adc.bits);
    int beyond = 0;
    for (int n = 0; n < block.rows; ++n) {
        const double exact =
            full * ((1 + adc.gain_error) * rows[static_cast<std::size_t>(n)] + adc.offset);
        const double code = std::clamp(std::nearbyint(exact), 1 - full, full - 1);
        beyond += std::abs(std::nearbyint(exact)) > full ? 1 : 0;
        const double most = step * std::floor((full - 1) / step);
        const double coarse = std::clamp(step * std::floor(code / step + 0.5), -most, most);
        errors.add("codes", codes[static_cast<std::size_t>(n)] - (step > 1 ? coarse : code));
    }
    errors.add("clipped", got.report.clipped - beyond);
}

/// A channel's noise, window after window, of a sine that fills half of the range.
std::vector<double> noise_rows(int channel, double deviation, const Random& stream,
                               std::uint64_t first) {
    constexpr int windows = 100;
    std::vector<double> rows(static_cast<std::size_t>(max_samples_per_window) * 6);
    SampleBlock block = block_of(rows, 6);
    block.rows = samples_per_cycle;
    for (int c = 0; c < block.channels; ++c)
        for (std::size_t n = 0; n < samples_per_cycle; ++n)
            block.channel(c)[n] = 0.5 * std::sin(static_cast<double>(n) * 0.0490873852123405);
    AdcChannel adc;
    adc.noise_rms = deviation;
    std::vector<std::int32_t> codes(max_samples_per_window);
    std::vector<double> noise;
    for (int n = 0; n < windows; ++n) {
        const Codes got = convert(block, channel, adc, stream, first, codes);
        first += static_cast<std::uint64_t>(got.rows);
        for (int k = 0; k < got.rows; ++k)
            noise.push_back(
                codes[static_cast<std::size_t>(k)] / full -
                block.channel(channel)[static_cast<std::size_t>(k % samples_per_cycle)]);
    }
    return noise;
}

double mean_product(const std::vector<double>& x, const std::vector<double>& y, std::size_t later) {
    double sum = 0;
    for (std::size_t n = later; n < x.size(); ++n)
        sum += x[n] * y[n - later];
    return sum / static_cast<double>(x.size() - later);
}

/// Probability that the sum of four numbers of 0 to 255, each as likely, is more than `above` over its mean.
double chance_beyond(double above) {
    std::vector<double> chances{1.0};
    for (int n = 0; n < 4; ++n) {
        std::vector<double> next(chances.size() + 255, 0.0);
        for (std::size_t k = 0; k < chances.size(); ++k)
            for (std::size_t more = 0; more < 256; ++more)
                next[k + more] += chances[k] / 256;
        chances = std::move(next);
    }
    double beyond = 0;
    for (std::size_t sum = 0; sum < chances.size(); ++sum)
        beyond += static_cast<double>(sum) - 510 > above ? chances[sum] : 0;
    return beyond;
}

/// Samples nearer to an end of the range than noise reaches: of both ends in a window, each sixteenth pair far
/// beyond, and of one end alone, from which the offset leads away or beyond which it leads.
void check_ends(const Case& c, Draw& draw, double deviation, Errors& errors) {
    constexpr int windows = 21;
    const double bytes = std::sqrt(4 * (256.0 * 256 - 1) / 12); // deviation of their sum
    const double short_of_it = draw.between(0.2, 2.5);          // in deviations
    const double far = draw.between(1.2, 20);
    std::vector<double> right(max_samples_per_window), rows(max_samples_per_window);
    AdcChannel adc;
    adc.noise_rms = deviation;
    adc.gain_error = draw(c.gain);
    adc.offset = draw(c.offset);
    const SampleBlock block = block_of(rows, 1);
    const auto fill = [&](int only) { // 1, −1: of one end
        for (std::size_t n = 0; n < rows.size(); ++n) {
            const int end = only != 0 ? only : n % 2 == 0 ? 1 : -1;
            right[n] = end * (only == 0 && n % 32 < 2 ? far : 1 - short_of_it * deviation);
            rows[n] = (right[n] - adc.offset) / (1 + adc.gain_error);
        }
    };
    std::vector<std::int32_t> codes(max_samples_per_window);
    const double reach = 3.5 * deviation + 1 / full;
    int wrong = 0, told = 0, samples = 0;
    std::uint64_t first = 0;
    for (int n = 0; n < windows; ++n) {
        fill(n % 3 - 1);
        const Codes got = convert(block, 0, adc, draw.stream("ends"), first, codes);
        told += got.report.clipped;
        for (std::size_t k = 0; k < static_cast<std::size_t>(got.rows); ++k) {
            const bool beyond = std::abs(right[k]) > 1;
            const double most = std::clamp(right[k], -1.0, 1.0);
            wrong += std::abs(codes[k]) > full - 1 ||
                     std::abs(codes[k] / full - most) > (beyond ? 1.5 / full : reach);
            told -= beyond ? 1 : 0;
            samples += beyond ? 0 : 1;
        }
        first += static_cast<std::uint64_t>(got.rows);
    }
    const double a_code = 1 / (deviation * full); // in deviations; half of one is rounded down
    const double chance = chance_beyond((short_of_it + a_code / 2) * bytes);
    errors.add("stopped", wrong);
    errors.add("told", (told - samples * chance) / std::sqrt(samples * chance * (1 - chance)));
}

/// Noise hangs on a sample's number alone, also where that passes 2^32 within a window.
void check_numbers(Draw& draw, double deviation, Errors& errors) {
    std::vector<double> rows(samples_per_cycle, 0.25);
    SampleBlock block = block_of(rows, 1);
    block.rows = samples_per_cycle;
    AdcChannel adc;
    adc.noise_rms = deviation;
    const Random stream = draw.stream("numbers");
    const auto codes_from = [&](std::uint64_t first) {
        std::vector<std::int32_t> codes(max_samples_per_window);
        convert(block, 0, adc, stream, first, codes);
        return codes;
    };
    constexpr std::uint64_t wrap = std::uint64_t{1} << 32;
    const auto before = static_cast<std::size_t>(draw.between(1, 1280));
    const auto across = codes_from(wrap - before);
    const auto after = codes_from(wrap);
    const auto until = codes_from(wrap - 1280);
    for (std::size_t n = 0; n < 1280; ++n) {
        const std::int32_t alone = n < before ? until[1280 - before + n] : after[n - before];
        errors.add("numbers", across[n] - alone);
    }
}

void check_noise(const Case& c, Draw& draw, Mode mode, Errors& errors) {
    const double asked = noise_of(mode);
    const auto first = static_cast<std::uint64_t>(draw.between(0, 1e12));
    const Random one = draw.stream("one");
    const std::vector<double> x = noise_rows(3, asked, one, first);
    const auto count = static_cast<double>(x.size());
    double sum = 0;
    double most = 0;
    for (const double each : x) {
        sum += each;
        most = std::max(most, std::abs(each));
    }
    const double square = mean_product(x, x, 0);
    errors.add("mean", sum / count / (asked / std::sqrt(count)));
    errors.add("deviation", std::sqrt(square - 1.0 / 12 / full / full) / asked - 1);
    errors.add("ends", most / asked - 3.45);
    const auto alike = [&](const std::vector<double>& y, std::size_t later) {
        errors.add("alike", mean_product(x, y, later) / square * std::sqrt(count));
    };
    alike(noise_rows(4, asked, one, first), 0);
    alike(noise_rows(3, asked, draw.stream("another"), first), 0);
    alike(x, 1);
    alike(x, samples_per_cycle);
    alike(noise_rows(3, asked, one, first + (std::uint64_t{1} << 32)), 0);
    check_ends(c, draw, asked, errors);
    check_numbers(draw, asked, errors);
}

} // namespace

Run converter_kind(TomlTable& signal) {
    Case c;
    take(signal, "bits", c.bits);
    take(signal, "gain", c.gain);
    take(signal, "offset", c.offset);
    return [c](Draw draw, Mode mode, Errors& errors) {
        if (mode == Mode::clean)
            check_codes(c, draw, errors);
        else
            check_noise(c, draw, mode, errors);
    };
}

} // namespace kpmsim

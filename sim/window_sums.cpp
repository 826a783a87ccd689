// Codes -> exact sums.
//
// With codes |x| < 2^23 and N <= 1536 samples, sum x y < 2^57: an int64 holds it exactly, and so
// the order of the additions, the width of the vectors and the cutting into cycles cannot show. The
// mean is taken out afterwards, N sum xy - sum x sum y < 2^68, in 128 bits: still exact. A coherent
// window's sums are those of one cycle times the number of cycles: the same integers.
#include "sim/window_sums.hpp"
#include "sim/kernels.hpp"

#include <numeric>

namespace kpmsim {

namespace {

__extension__ typedef __int128 Int128;

/// Mean of (x - mean x)(y - mean y), in codes squared.
double covariance(std::int64_t xy, std::int64_t x, std::int64_t y, int samples) {
    const Int128 n = samples;
    const Int128 exact = n * xy - static_cast<Int128>(x) * y;
    return static_cast<double>(exact) / (static_cast<double>(samples) * samples);
}

double covariance(const ChannelCodes& x, const ChannelCodes& y, int samples) {
    // One may be coherent and the other not, when only one has noise.
    std::int64_t xy = 0;
    if (x.cycles == y.cycles)
        xy = kernels::product(x.codes.data(), y.codes.data(), x.cycles) * x.times;
    else {
        const ChannelCodes& shorter = x.cycles < y.cycles ? x : y;
        const ChannelCodes& longer = x.cycles < y.cycles ? y : x;
        for (int m = 0; m < longer.cycles; ++m)
            xy += kernels::product(shorter.codes.data(),
                                   longer.codes.data() + m * samples_per_cycle, 1);
    }
    return covariance(xy, x.sum, y.sum, samples);
}

/// Converts one channel and adds it up by itself.
void read(const SampleBlock& block, int channel, const AdcChannel& adc, const Random& noise,
          std::uint64_t first_sample, ChannelCodes& x, WindowSums& sums) {
    const Codes codes = convert(block, channel, adc, noise, first_sample, x.codes);
    const auto c = static_cast<std::size_t>(channel);
    sums.clipped[c] = static_cast<std::uint64_t>(codes.report.clipped) *
                      static_cast<std::uint64_t>(block.window.samples() / codes.rows);
    x.cycles = codes.rows / samples_per_cycle;
    x.times = block.window.cycles / x.cycles;
    x.square = kernels::square(x.codes.data(), x.cycles) * x.times;
    kernels::fold(x.codes.data(), x.cycles, x.fold.data());
    if (x.times > 1)
        for (std::int32_t& sum : x.fold)
            sum *= x.times;
    x.sum = std::accumulate(x.fold.begin(), x.fold.end(), std::int64_t{0});
    sums.square[c] = covariance(x.square, x.sum, x.sum, sums.samples);
    folded_dft(x.fold, block.window.cycles, 1.0, sums.x[c]);
}

} // namespace

void sum_window(const SampleBlock& block, const MeteringConfig& config, const Random& noise,
                std::uint64_t first_sample, WindowCodes& codes, WindowSums& sums) {
    const ChannelList channels = config.channels();
    const bool star = metered_phases(config.wiring) > 0;
    const bool b_is_worked_out = config.wiring == Wiring::p3l2;
    const int n = block.window.samples();
    sums.samples = n;
    sums.clipped.fill(0); // of channels that this meter has not
    for (int c = 0; c < channels.phases; ++c) {
        const auto k = static_cast<std::size_t>(c);
        read(block, c, config.adc[k], noise, first_sample, codes.u[k], sums);
    }
    for (std::size_t k = star ? 0 : 2; k < 3 && channels.phases == 3; ++k)
        sums.uu[k] = covariance(codes.u[k], codes.u[(k + 1) % 3], n);
    for (int circuit = 0; circuit < config.circuits; ++circuit) {
        for (int c = 0; c < channels.per_circuit(); ++c) {
            if (c == 1 && b_is_worked_out)
                continue;
            const auto k = static_cast<std::size_t>(c);
            const int channel = channels.current(circuit, c);
            const auto at = static_cast<std::size_t>(channel);
            read(block, channel, config.adc[at], noise, first_sample, codes.i[k], sums);
            if (c < channels.phases && (star || c != 1))
                sums.ui[at] = covariance(codes.u[k], codes.i[k], n);
        }
        if (b_is_worked_out)
            sums.ac[static_cast<std::size_t>(circuit)] = covariance(codes.i[0], codes.i[2], n);
    }
}

} // namespace kpmsim

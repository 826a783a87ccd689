// How fast a KPM312 is simulated: 15 channels, orders 1 to 31 on each, converter noise on, from the
// supply's phasors to the registers. One window of 10 cycles is 0.2 s of the meter's life.
//
// Absolute figures depend on the machine and its other work; BM_ratio takes the pipeline and a
// textbook loop of the same job in turns, so that its ratio does not.
#include "sim/lock.hpp"
#include "sim/metering.hpp"
#include "waveforms/load.hpp"
#include "waveforms/terminals.hpp"

#include <benchmark/benchmark.h>
#include <fftw3.h>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <ctime>
#include <memory>
#include <numbers>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace kpmsim;

constexpr int channels = 15;
constexpr int highest = 31;
constexpr double window_s = 0.2;

/// 101 dB below a full-scale sine (data sheet of the ADE9000), as a fraction of the peak.
const double ade9000_noise = std::pow(10.0, -101.0 / 20) / std::numbers::sqrt2;

std::vector<Harmonic> thirty_harmonics(double size) {
    std::vector<Harmonic> out;
    for (int h = 2; h <= highest; ++h)
        out.push_back({h, size / h, 17.0 * h});
    return out;
}

MeteringConfig kpm312() {
    MeteringConfig config;
    config.loops = max_loops;
    for (std::size_t c = 0; c < max_channels; ++c) {
        config.adc[c].full_scale = (c < 3 ? 400.0 : 100.0) * std::numbers::sqrt2;
        config.adc[c].noise_rms = ade9000_noise;
    }
    return config;
}

Metering make_meter(int number) {
    return {kpm312(), {}, Random{1, "meter/" + std::to_string(number) + "/noise"}};
}

/// One supply with its sample clock, as all its meters see it.
struct Grid {
    explicit Grid(bool drifting) : supply{spec(drifting), Random{1, "supply"}} {}

    static SupplySpec spec(bool drifting) {
        SupplySpec s;
        s.harmonics = thirty_harmonics(0.1);
        if (drifting) {
            s.u_drift = {0.01, 60};
            s.f_drift = {0.02, 60};
        }
        return s;
    }
    void next() { window = supply.through(lock.next()); }

    Supply supply;
    SampleLock lock{50};
    SupplyWindow window;
};

/// What a meter of the farm does in a window: loads, leads, converter, metering.
struct Bay {
    Bay() {
        block.data = data;
        for (std::size_t loop = 0; loop < max_loops; ++loop) {
            loads[loop].p_w.fill(2000.0 + 500.0 * static_cast<double>(loop));
            loads[loop].pf = 0.9;
            loads[loop].harmonics = thirty_harmonics(0.5);
        }
    }
    void meter(const Grid& grid, Metering& m) {
        for (std::size_t loop = 0; loop < max_loops; ++loop)
            drawn[loop] = currents(loads[loop], grid.window.u, grid.window.window.start);
        const TerminalSpectra terminals = wire(wiring, grid.window, drawn);
        sample(terminals, grid.window, grid.supply.stream(), wiring, m.config().adc, block);
        m.push(block, {});
    }

    std::array<LoadSpec, max_loops> loads;
    std::array<PhaseSpectra, max_loops> drawn;
    WiringSpec wiring;
    std::vector<double> data =
        std::vector<double>(static_cast<std::size_t>(max_channels * max_samples_per_window));
    SampleBlock block;
};

struct Pipeline {
    explicit Pipeline(bool drifting) : grid{drifting} {}
    double window() {
        grid.next();
        bay.meter(grid, meter);
        grid.lock.push(bay.block);
        return meter.state(0).readings[Slot::p];
    }
    Grid grid;
    Bay bay;
    Metering meter = make_meter(0);
};

/// The same job as a textbook has it: a sine per sample and order, the library's normal noise,
/// lround, sums in double, Q from a quarter of a period ago, and one FFT per channel and window.
class Textbook {
public:
    Textbook()
        : plan_{fftw_plan_dft_r2c_1d(samples, x_[0].data(),
                                     reinterpret_cast<fftw_complex*>(bins_.data()),
                                     FFTW_ESTIMATE | FFTW_PRESERVE_INPUT)} {
        for (int c = 0; c < channels; ++c)
            for (int h = 1; h <= highest; ++h) {
                amplitude_[at(c)][at(h)] = 0.5 / h;
                angle_[at(c)][at(h)] = 0.3 * h + 0.1 * c;
            }
    }
    ~Textbook() { fftw_destroy_plan(plan_); }
    Textbook(const Textbook&) = delete;
    Textbook& operator=(const Textbook&) = delete;

    double window() {
        for (int c = 0; c < channels; ++c)
            for (int n = 0; n < samples; ++n)
                x_[at(c)][at(n)] = code(c, t_s_ + n / rate_hz);
        t_s_ += window_s;
        double shown = 0;
        for (int loop = 0; loop < max_loops; ++loop)
            for (int p = 0; p < 3; ++p)
                shown += powers(x_[at(p)], x_[at(3 + 3 * loop + p)]);
        for (int c = 0; c < channels; ++c)
            shown += harmonics(x_[at(c)]);
        return shown;
    }

private:
    static constexpr int samples = 1280;
    static constexpr double rate_hz = 6400;
    using Row = std::array<double, samples>;

    static std::size_t at(int n) { return static_cast<std::size_t>(n); }

    double code(int channel, double t_s) {
        double sum = 0;
        for (int h = 1; h <= highest; ++h)
            sum += amplitude_[at(channel)][at(h)] *
                   std::sin(2 * std::numbers::pi * 50 * h * t_s + angle_[at(channel)][at(h)]);
        sum += ade9000_noise * normal_(engine_);
        return static_cast<double>(std::clamp(std::lround(sum * 0x1p23), -8388607L, 8388607L));
    }

    static double powers(const Row& u, const Row& i) {
        double uu = 0, ii = 0, p = 0, q = 0;
        for (int n = 0; n < samples; ++n) {
            uu += u[at(n)] * u[at(n)];
            ii += i[at(n)] * i[at(n)];
            p += u[at(n)] * i[at(n)];
            q += u[at((n + samples - 32) % samples)] * i[at(n)];
        }
        return std::sqrt(uu / samples) * std::sqrt(ii / samples) + p / samples + q / samples;
    }

    double harmonics(Row& x) {
        fftw_execute_dft_r2c(plan_, x.data(), reinterpret_cast<fftw_complex*>(bins_.data()));
        double sum = 0;
        for (int h = 2; h <= highest; ++h)
            sum += std::norm(bins_[at(10 * h)]);
        return std::sqrt(sum / std::norm(bins_[10]));
    }

    std::array<Row, channels> x_{};
    std::array<std::array<double, highest + 1>, channels> amplitude_{};
    std::array<std::array<double, highest + 1>, channels> angle_{};
    std::array<std::complex<double>, samples / 2 + 1> bins_{};
    std::mt19937_64 engine_{1};
    std::normal_distribution<double> normal_;
    fftw_plan plan_;
    double t_s_{0};
};

double thread_seconds() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

benchmark::Counter times_realtime(double simulated_s) {
    return {simulated_s, benchmark::Counter::kIsRate};
}

void BM_kpm312_pipeline(benchmark::State& state) {
    Pipeline pipeline{state.range(0) != 0};
    for (int n = 0; n < 10; ++n) // until the lock stands
        pipeline.window();
    for (auto _ : state)
        benchmark::DoNotOptimize(pipeline.window());
    state.counters["x_realtime"] =
        times_realtime(window_s * static_cast<double>(state.iterations()));
}
BENCHMARK(BM_kpm312_pipeline)->ArgName("drifting")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

void BM_textbook(benchmark::State& state) {
    const auto textbook = std::make_unique<Textbook>();
    for (auto _ : state)
        benchmark::DoNotOptimize(textbook->window());
    state.counters["x_realtime"] =
        times_realtime(window_s * static_cast<double>(state.iterations()));
}
BENCHMARK(BM_textbook)->Unit(benchmark::kMicrosecond);

/// Both in turns; the ratio of their thread's CPU time, its minimum, median and maximum.
void BM_ratio(benchmark::State& state) {
    Pipeline pipeline{false};
    const auto textbook = std::make_unique<Textbook>();
    for (int n = 0; n < 10; ++n)
        pipeline.window();
    constexpr int in_a_turn = 50; // windows of the pipeline for one of the textbook
    std::vector<double> ratios;
    for (auto _ : state) {
        const double start = thread_seconds();
        benchmark::DoNotOptimize(textbook->window());
        const double middle = thread_seconds();
        for (int n = 0; n < in_a_turn; ++n)
            benchmark::DoNotOptimize(pipeline.window());
        ratios.push_back((middle - start) * in_a_turn / (thread_seconds() - middle));
    }
    std::sort(ratios.begin(), ratios.end());
    state.counters["ratio_min"] = ratios.front();
    state.counters["ratio_median"] = ratios[ratios.size() / 2];
    state.counters["ratio_max"] = ratios.back();
}
BENCHMARK(BM_ratio)->Iterations(41)->Unit(benchmark::kMillisecond);

/// Many KPM312 on one supply, window after window, as one thread of a farm takes them.
void BM_kpm312_farm(benchmark::State& state) {
    Grid grid{state.range(1) != 0};
    Bay bay;
    std::vector<Metering> meters;
    for (int n = 0; n < state.range(0); ++n)
        meters.push_back(make_meter(n));
    for (auto _ : state) {
        grid.next();
        for (Metering& m : meters)
            bay.meter(grid, m);
        grid.lock.push(bay.block);
    }
    const auto windows = static_cast<double>(state.iterations());
    state.counters["x_realtime"] = times_realtime(window_s * windows);
    state.counters["meters_realtime"] =
        times_realtime(window_s * windows * static_cast<double>(state.range(0)));
}
BENCHMARK(BM_kpm312_farm)
    ->ArgNames({"meters", "drifting"})
    ->Args({100, 0})
    ->Args({1000, 0})
    ->Args({1000, 1})
    ->Args({4000, 0})
    ->Unit(benchmark::kMillisecond);

/// Heap and object of the metering of one meter that has seen a window and now idles.
void BM_idle_meter_memory(benchmark::State& state) {
    const auto heap = [] {
        const struct mallinfo2 info = mallinfo2();
        return static_cast<double>(info.uordblks + info.hblkhd);
    };
    constexpr int count = 1000;
    MeteringConfig config = kpm312();
    config.loops = static_cast<int>(state.range(0));
    double bytes = 0;
    for (auto _ : state) {
        Grid grid{false};
        grid.next();
        Bay bay;
        std::vector<Metering> meters;
        meters.reserve(count);
        const double before = heap();
        for (int n = 0; n < count; ++n)
            meters.emplace_back(config, MeteringSettings{}, Random{1, "noise"});
        for (Metering& m : meters)
            bay.meter(grid, m);
        bytes = (heap() - before) / count + sizeof(Metering);
    }
    state.counters["bytes_per_meter"] = bytes;
}
BENCHMARK(BM_idle_meter_memory)
    ->ArgName("loops")
    ->Arg(1)
    ->Arg(4)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

} // namespace

#include "verification/drawn_units.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <string>

namespace kpmsim {

namespace {

constexpr int units = 60;
constexpr double arc_minute = 1.0 / 60 / 57.29577951308232;

/// How much of its range a part fills: all of it; most, for the factory keeps some back; or it is only inside.
enum class Fill : std::uint8_t { all, most, inside };

/// Values of one part of all units.
struct Part {
    double low, high; ///< its range
    Fill fill;
    double least{std::numeric_limits<double>::infinity()};
    double most{-std::numeric_limits<double>::infinity()};

    double off() const {
        const double width = high - low;
        const double outside = std::max(low - least, most - high) / width;
        if (!(outside <= 1e-9))
            return 1 + outside;
        const double empty = std::max(least - low, high - most) / width;
        return fill == Fill::all || (fill == Fill::most && empty > 0.4) ? empty : 0;
    }
};

class Shelf {
public:
    void meet(const std::string& part, double value, double low, double high, Fill fill) {
        Part& of = parts_.try_emplace(part, Part{low, high, fill}).first->second;
        of.least = std::min(of.least, value);
        of.most = std::max(of.most, value);
    }
    void around(const std::string& part, double value, double most, Fill fill) {
        meet(part, value, -most, most, fill);
    }
    double worst() const {
        double worst = 0;
        for (const auto& part : parts_)
            worst = std::max(worst, part.second.off());
        return worst;
    }

private:
    std::map<std::string, Part> parts_;
};

void meet_channel(Shelf& shelf, const std::string& which, const ChannelErrors& e, double gain,
                  double per_kelvin, Fill fill) {
    shelf.around(which + " gain", e.gain, gain, fill);
    shelf.around(which + " offset", e.offset, 0.001, Fill::all);
    shelf.around(which + " per kelvin", e.gain_per_k, 0.4 * per_kelvin, Fill::all);
    shelf.meet(which + " noise", e.noise_rms, 0.8 * 6.3e-6, 1.25 * 6.3e-6, Fill::all);
}

/// 0.1 to 0.4 of the class, ±0.05 at each point, too little and early; less what is left at the rated current.
void meet_transformer(Shelf& shelf, const AccuracyClass& limits, const LevelErrors& e) {
    const bool s02 = limits.ct == CtClass::s02;
    const std::array<double, 5> percent =
        s02 ? std::array{0.75, 0.35, 0.2, 0.2, 0.2} : std::array{1.5, 0.75, 0.5, 0.5, 0.5};
    const std::array<double, 5> minutes =
        s02 ? std::array{30.0, 15.0, 10.0, 10.0, 10.0} : std::array{90.0, 45.0, 30.0, 30.0, 30.0};
    for (std::size_t n = 0; n < percent.size(); ++n) {
        const auto meet = [&](const std::string& part, double value, double class_n, double rated) {
            // Of a unit with the part r of its class: -(r ± 0.05) class + (r ± 0.05) rated.
            const double scatter = n == 3 ? 1e-12 : 0.05 * (class_n + rated);
            shelf.meet(part + std::to_string(n), value, -0.4 * (class_n - rated) - scatter,
                       -0.1 * (class_n - rated) + scatter, n == 3 ? Fill::inside : Fill::most);
        };
        meet("ratio at ", e.ct_ratio[n], percent[n] / 100, percent[3] / 100);
        meet("lag at ", e.ct_phase_rad[n], minutes[n] * arc_minute, minutes[3] * arc_minute);
    }
    shelf.meet("compression", e.compression, 0, 0.05 * limits.i, Fill::most);
}

} // namespace

double off_the_scale(const MeterErrors& unit, double factor) {
    const MeterErrors other = scaled(unit, factor);
    double worst = 0;
    const auto meet = [&](double shown, double own) {
        const double off = std::abs(shown - factor * own);
        worst = std::max(worst, own == 0 ? off : off / std::abs(factor * own));
    };
    meet(other.crystal, unit.crystal);
    meet(other.crystal_per_k2, unit.crystal_per_k2);
    for (std::size_t c = 0; c < unit.channel.size(); ++c) {
        const ChannelErrors& shown = other.channel[c];
        const ChannelErrors& own = unit.channel[c];
        meet(shown.gain, own.gain);
        meet(shown.phase_rad, own.phase_rad);
        meet(shown.offset, own.offset);
        meet(shown.noise_rms, own.noise_rms);
        meet(shown.gain_per_k, own.gain_per_k);
        meet(shown.level.compression, own.level.compression);
        for (std::size_t n = 0; n < ct_levels.size(); ++n) {
            meet(shown.level.ct_ratio[n], own.level.ct_ratio[n]);
            meet(shown.level.ct_phase_rad[n], own.level.ct_phase_rad[n]);
        }
        worst = shown.bits == own.bits ? worst : 1;
    }
    return worst;
}

double off_the_table(const AccuracyClass& limits, const ChannelList& channels, double per_kelvin,
                     const Draw& draw) {
    const auto active = static_cast<std::size_t>(limits.active);
    const double half_class = std::array{0.002, 0.005, 0.01, 0.02}[active] / 2;
    const double lag = std::array{0.003, 0.006, 0.01, 0.02}[active] / std::sqrt(3.0);
    AccuracyClass lax = limits;
    lax.active = ActiveClass::two;
    for (double* limit : {&lax.u, &lax.i, &lax.clock})
        *limit *= 2;
    Shelf shelf;
    for (int n = 0; n < units; ++n) {
        // Two circuits share voltages and crystal, which the stricter one rules.
        const bool strict_first = n % 2 == 0;
        const std::array circuits{strict_first ? limits : lax, strict_first ? lax : limits};
        const MeterErrors unit =
            draw_errors(circuits, channels, draw.stream("unit " + std::to_string(n)));
        shelf.around("crystal", unit.crystal, 0.8 * limits.clock, Fill::all);
        shelf.meet("crystal per square kelvin", unit.crystal_per_k2, -0.040e-6, -0.028e-6,
                   Fill::all);
        for (int phase = 0; phase < channels.phases; ++phase) {
            const ChannelErrors& u = unit.channel[static_cast<std::size_t>(phase)];
            meet_channel(shelf, "voltage's", u, 0.8 * std::min(limits.u, half_class), per_kelvin,
                         Fill::all);
            shelf.around("voltage's lag", u.phase_rad, 0.05 * lag, Fill::all);
            const ChannelErrors& i = unit.channel[static_cast<std::size_t>(
                channels.current(strict_first ? 0 : 1, phase))];
            meet_channel(shelf, "current's", i, 0.8 * std::min(limits.i, half_class), per_kelvin,
                         Fill::most);
            shelf.around("current's lag", i.phase_rad, 0.75 * lag, Fill::most);
            meet_transformer(shelf, limits, i.level);
            if (phase == 0)
                continue;
            const ChannelErrors& first =
                unit.channel[static_cast<std::size_t>(channels.current(strict_first ? 0 : 1, 0))];
            shelf.around("lags apart", i.phase_rad - first.phase_rad, 0.4 * lag, Fill::most);
        }
    }
    return shelf.worst();
}

} // namespace kpmsim

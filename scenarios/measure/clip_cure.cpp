#include "scenarios/measure/clip_cure.hpp"

#include <array>
#include <fmt/format.h>

namespace kpmsim {
namespace {

/// Rated primary values of transformers that are in use (IEC 61869-2, -3), V and A.
constexpr std::array primary_v{10e3, 35e3, 110e3, 220e3, 400e3, 765e3};
constexpr std::array primary_a{400.0, 1000.0, 2000.0, 5000.0, 10e3, 30e3};

/// The first that leads the peak into the converter's range, as an option's text; empty when none does.
template <class Primaries>
std::string ratio_for(double peak, double full_scale, double secondary,
                      const Primaries& primaries) {
    for (const double primary : primaries)
        if (peak * secondary / primary <= full_scale)
            return fmt::format("{:g}/{:g}", primary, secondary);
    return {};
}

} // namespace

std::string clip_cure(const MeasureSpec& spec, const ClipCase& of) {
    const MeterType& type = *spec.type;
    const std::string key = of.current ? "ct" : "pt";
    const std::string another = of.current ? "--rating" : "--model";
    if (of.has_ratio && spec.primary)
        return fmt::format("choose another {}--{}", of.current ? "--rating or " : "", key);
    const CurrentRating& rating =
        spec.rating.empty() ? type.currents.front() : *type.current(spec.rating);
    const std::string ratio =
        of.current ? ratio_for(of.peak, rating.full_scale_a, rating.rated_a, primary_a)
                   : ratio_for(of.peak, type.u_full_scale_v, 100.0, primary_v);
    if (!of.has_ratio || !of.may_be_primary || ratio.empty())
        return "choose another " + another;
    const std::optional<double> own = of.current ? spec.ct : spec.pt;
    const double full_scale = of.current ? rating.full_scale_a : type.u_full_scale_v;
    const bool own_suffices = own && of.peak / *own <= full_scale;
    return fmt::format("{}if the values are the primary side's, add --primary{}",
                       of.current ? "choose another --rating, or, " : "",
                       own_suffices ? "" : fmt::format(" with --{} {}", key, ratio));
}

} // namespace kpmsim

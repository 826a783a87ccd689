#include "speed/farms.hpp"

#include "models/type/meter_type.hpp"
#include "speed/kpm312.hpp"

#include <fmt/format.h>

namespace kpmsim {

namespace {

const TypeLibrary& types() {
    static const TypeLibrary library = TypeLibrary::builtin();
    return library;
}

std::string harmonics_text(double size) {
    std::string text;
    for (const Harmonic& h : thirty_harmonics(size))
        text += fmt::format("{}{} = \"{:.6f} % @ {}deg\"", text.empty() ? "" : ", ", h.order,
                            100 * h.fraction, h.angle_deg);
    return text;
}

} // namespace

FarmPlan kpm312_farm(int meters) {
    std::string text = fmt::format(R"(
[farm]
clock = "free"
[supply.main]
harmonics.u = {{ {} }}
[[meter]]
name = "meter-{{n}}"
model = "kpm312"
count = {}
loads = ["load0", "load1", "load2", "load3"]
options = "1B2B3B4B-R"
adc.noise = "{:.8f} %"
modbus_tcp = "127.0.0.1:0"
)",
                                   harmonics_text(0.1), meters, 100 * ade9000_noise);
    for (int loop = 0; loop < max_circuits; ++loop)
        text += fmt::format(R"(
[load.load{}]
p = "{} W"
pf = "0.9 ind"
harmonics.i = {{ {} }}
)",
                            loop, 6000 + 1500 * loop, harmonics_text(0.5));
    return parse_farm(text, "bench", types());
}

FarmPlan stepping_farm(int meters) {
    FarmPlan plan = kpm312_farm(meters);
    plan.fidelity = Fidelity::window;
    for (LoadPlan& load : plan.loads) {
        const std::array<double, 3> p_w = load.spec.p_w;
        load.spec.kind = LoadKind::profile;
        load.spec.profile_shape = ProfileShape::steps;
        constexpr int steps = 60;
        std::vector<ProfilePoint> rows;
        for (int n = 0; n <= steps; ++n) {
            ProfilePoint row{std::chrono::minutes{n}, p_w, load.spec.pf};
            for (double& p : row.p_w)
                p *= 0.5 + 0.5 * (n * 37 % steps) / steps;
            rows.push_back(row);
        }
        load.spec.profile = std::move(rows);
    }
    return plan;
}

FarmPlan kpm33b_farm(int meters) {
    return parse_farm(fmt::format(R"(
[farm]
clock = "free"
[supply.main]
[load.office]
p = "6 kW"
[[meter]]
name = "meter-{{n}}"
model = "kpm33b"
count = {}
load = "office"
modbus_tcp = "127.0.0.1:0"
)",
                                  meters),
                      "bench", types());
}

} // namespace kpmsim

#pragma once

#include "farms.hpp"
#include "folder.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

/// A one-phase meter, "single": a KPM33B but for its wiring and its map.
namespace kpmsim::test {

inline const std::string single_map = R"(
reference = "none"
source = "ours"
[[block]]
at = 0
type = "f32"
points = ["u_a", "i_a", "p", "p_a", "q", "s", "pf", "f", "angle_i_a", "thd_u_a", "thd_i_a", "h_i_a_3",
    "e_p_import", "e_p_export", "e_q_import", "e_p_import_a", "demand_p", "demand_i_a"]
)";

/// `keys` go before the others of meter.toml.
inline TypeLibrary single_types(const Folder& folder, const std::string& keys = "",
                                const std::string& map = single_map) {
    std::ostringstream text;
    text << std::ifstream{source("models/kpm33b/meter.toml")}.rdbuf();
    std::string meter = text.str();
    const std::string wirings = "wirings = [\"P4L\"]";
    const auto at = meter.find(wirings);
    REQUIRE(at != std::string::npos);
    meter.replace(at, wirings.size(), keys + "\nwirings = [\"1P2W\"]");
    std::filesystem::create_directories(folder / "single");
    std::ofstream{folder / "single/meter.toml"} << meter;
    std::ofstream{folder / "single/registers.toml"} << map;
    return TypeLibrary::with_folder(folder.path());
}

} // namespace kpmsim::test

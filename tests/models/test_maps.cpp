#include "own_model.hpp"

#include "models/faces/map_export.hpp"
#include "models/faces/registers.hpp"
#include "models/type/fitting.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

using namespace kpmsim;
using test::library;
using test::OwnModel;

TEST_SUITE("unit") {

    TEST_CASE("The four meters are built in, and each map is sorted, free of overlap and named "
              "from the catalogue") {
        CHECK(library().names() == std::vector<std::string>{"kpm312", "kpm33b", "kpm37", "kpm53"});
        for (const std::string& name : library().names()) {
            CAPTURE(name);
            const MeterType& type = *library().find(name);
            std::set<std::string> names;
            int free_from = 0;
            for (const RegisterRow& row : type.registers.rows) {
                CAPTURE(row.name);
                CHECK(row.address >= free_from);
                free_from = row.end();
                CHECK(names.insert(row.name).second);
                CHECK_FALSE(row.title.empty());
                CHECK(row.vendor == (name == "kpm33b"));
                if (row.holds != RegisterHolds::point)
                    continue;
                const Point& point = type.points[row.point];
                CHECK(row.name == point.name);
                CHECK(row.unit == point.unit);
                if (point.kind == PointKind::quantity) {
                    const auto found = find_quantity(row.name);
                    REQUIRE(found);
                    CHECK(point.index == found->index);
                } else if (point.kind == PointKind::month) {
                    CHECK(info(Quantity{point.index}).kind == QuantityKind::energy);
                }
            }
        }
    }

    TEST_CASE("Every reading in a map has its extremes there, but for angles and harmonics") {
        for (const char* name : {"kpm312", "kpm37", "kpm53"}) {
            CAPTURE(name);
            const MeterType& type = *library().find(name);
            int readings = 0;
            for (const RegisterRow& row : type.registers.rows) {
                if (row.holds != RegisterHolds::point)
                    continue;
                const Point& point = type.points[row.point];
                const bool reading =
                    point.kind == PointKind::temperature ||
                    (point.kind == PointKind::quantity &&
                     info(Quantity{point.index}).kind == QuantityKind::reading &&
                     info(Quantity{point.index}).slot < static_cast<std::uint16_t>(Slot::h_first));
                if (!reading || row.name.starts_with("angle_"))
                    continue;
                CAPTURE(row.name);
                for (const char* of : {"_max", "_max_time", "_min", "_min_time"})
                    CHECK(type.registers.find(row.name + of) != nullptr);
                ++readings;
            }
            CHECK(readings >= 43);
        }
    }

    TEST_CASE("The KPM33B has its vendor's addresses, and nothing between them") {
        const RegisterMap& map = library().find("kpm33b")->registers;
        const std::vector<std::pair<int, std::string>> rows{{0x0000, "password"},
                                                            {0x0001, "address"},
                                                            {0x0002, "line"},
                                                            {0x000C, "command"},
                                                            {0x000E, "prepaid_energy"},
                                                            {0x0012, "serial"},
                                                            {0x001A, "wireless"},
                                                            {0x0023, "clock"},
                                                            {0x0026, "load_threshold"},
                                                            {0x0030, "u_a"},
                                                            {0x0036, "i_a"},
                                                            {0x003C, "u_ab"},
                                                            {0x0040, "u_ca"},
                                                            {0x0042, "p_a"},
                                                            {0x0048, "p"},
                                                            {0x004A, "q_a"},
                                                            {0x0050, "q"},
                                                            {0x0052, "s_a"},
                                                            {0x0058, "s"},
                                                            {0x005A, "pf_a"},
                                                            {0x0060, "pf"},
                                                            {0x0062, "f"},
                                                            {0x0068, "e_p_import_a"},
                                                            {0x006C, "e_p_import_c"},
                                                            {0x006E, "e_p_export_a"},
                                                            {0x0074, "e_q_import_a"},
                                                            {0x007A, "e_q_export_a"},
                                                            {0x0080, "e_p_total"},
                                                            {0x0082, "e_p_import"},
                                                            {0x0084, "e_p_export"},
                                                            {0x0086, "e_q_total"},
                                                            {0x0088, "e_q_import"},
                                                            {0x008A, "e_q_export"},
                                                            {0x008C, "e_p_total_t1"},
                                                            {0x0092, "e_p_total_t4"},
                                                            {0x0094, "e_q_total_t1"},
                                                            {0x009A, "e_q_total_t4"},
                                                            {0x009C, "e_p_total_month_0"},
                                                            {0x00B4, "e_p_total_month_12"},
                                                            {0x00B6, "e_q_total_month_0"},
                                                            {0x00D0, "e_p_total_t1_month_0"},
                                                            {0x00EA, "e_q_total_t1_month_0"},
                                                            {0x0104, "e_p_total_t2_month_0"},
                                                            {0x011E, "e_q_total_t2_month_0"},
                                                            {0x0138, "e_p_total_t3_month_0"},
                                                            {0x0152, "e_q_total_t3_month_0"},
                                                            {0x016C, "e_p_total_t4_month_0"},
                                                            {0x0186, "e_q_total_t4_month_0"},
                                                            {0x019E, "e_q_total_t4_month_12"},
                                                            {0x0200, "demand_s_a"},
                                                            {0x0204, "demand_s_c"}};
        for (const auto& expected : rows) {
            CAPTURE(expected.second);
            const RegisterRow* row = map.at(static_cast<std::uint16_t>(expected.first));
            REQUIRE(row != nullptr);
            CHECK(row->name == expected.second);
            CHECK(row->address == expected.first);
        }
        const std::vector<std::pair<int, int>> holes{
            {0x0003, 0x000B}, {0x0010, 0x0011}, {0x0022, 0x0022}, {0x0027, 0x002F},
            {0x0064, 0x0067}, {0x01A0, 0x01FF}, {0x0206, 0xFFFF}};
        std::size_t in_holes = 0;
        for (const auto& [first, last] : holes)
            for (int a = first; a <= last; ++a, ++in_holes)
                REQUIRE(map.at(static_cast<std::uint16_t>(a)) == nullptr);
        std::size_t words = 0;
        for (const RegisterRow& row : map.rows)
            words += row.words;
        CHECK(words + in_holes == 0x10000);
    }

    TEST_CASE("What a manual says of line, ratings and menu is in the data") {
        const MeterType& b = *library().find("kpm33b");
        CHECK(b.line.format == "8E1");
        CHECK(b.functions == std::vector<int>{1, 3, 5, 16});
        CHECK(b.coil_base == 1);
        const MeterType& k312 = *library().find("kpm312");
        CHECK(k312.circuits == 4);
        CHECK(k312.current("D")->rated_a == 800);
        CHECK(k312.setting("start_current_ma")->factory == 20);
        CHECK(k312.setting("demand_minutes")->factory == 5);
        const MeterType& k37 = *library().find("kpm37");
        CHECK(k37.line.min_frame_interval_ms == 100);
        CHECK(k37.setting("pt")->shown(k37.setting("pt")->most) == 6000.0);
        CHECK(k37.setting("start_current_ma")->factory == 15);
        CHECK(k37.current("100")->pulse_constant == 1600);
        const MeterType& k53 = *library().find("kpm53");
        CHECK(k53.functions == std::vector<int>{1, 2, 3, 5, 16});
        CHECK(k53.setting("start_current_ma")->factory == 10);
        CHECK(k53.upload.empty());
        for (const std::string& name : library().names())
            CHECK(library().find(name)->setting("password")->factory == 6666);
    }

    TEST_CASE("The recovered tariff table: eight periods, the night is valley") {
        const TariffTable& table = library().find("kpm33b")->tariff;
        CHECK(table.periods.size() == 8);
        const std::vector<std::pair<std::string, int>> hours{
            {"00:00:00", 3}, {"06:59:59", 3}, {"07:00:00", 2}, {"10:00:00", 1}, {"14:00:00", 2},
            {"17:00:00", 1}, {"18:00:00", 0}, {"19:00:00", 1}, {"21:00:00", 2}, {"23:00:00", 3}};
        for (const auto& [time, tariff] : hours)
            CHECK(table.at(test::civil("2026-01-12T" + time)) == tariff);
    }

    TEST_CASE("The exports agree with the map, row by row") {
        for (const std::string& name : library().names()) {
            const MeterType& type = *library().find(name);
            const auto json = nlohmann::json::parse(map_as_json(type));
            REQUIRE(json["registers"].size() == type.registers.rows.size());
            for (std::size_t n = 0; n < type.registers.rows.size(); ++n) {
                CHECK(json["registers"][n]["address"] == type.registers.rows[n].address);
                CHECK(json["registers"][n]["name"] == type.registers.rows[n].name);
            }
            const std::string csv = map_as_csv(type);
            CHECK(std::count(csv.begin(), csv.end(), '\n') ==
                  static_cast<std::ptrdiff_t>(type.registers.rows.size() + 1));
            const std::string page = reference_page(type);
            for (const SettingRow& setting : type.settings)
                CHECK(page.find("`" + setting.name + "`") != std::string::npos);
        }
        CHECK(map_as_markdown(*library().find("kpm33b"))
                  .find("| 0030H | 48 | 2 | f32 | r | 03 | `u_a` | Voltage, phase a | V | 1 | "
                        "vendor |") != std::string::npos);
        CHECK(
            map_as_csv(*library().find("kpm37"))
                .find("0004,4,1,u16,rw,03 16,pt,\"Voltage ratio, 0.1 to 6000.0\",,0.1,ours,,\n") !=
            std::string::npos);
    }

    TEST_CASE("The exports say which units have a row, and where coils and inputs are") {
        const MeterType& four = *library().find("kpm312");
        const auto fitted = [&](const char* name) {
            return units_with(four, *four.registers.find(name));
        };
        CHECK(fitted("relays") == "with R");
        CHECK(fitted("alarm_select") == "with R");
        CHECK(fitted("inputs") == "with K");
        CHECK(fitted("i_residual") == "with S");
        CHECK(fitted("temp") == "not with S");
        CHECK(fitted("alarms").empty()); // one of four is about an input
        CHECK(fitted("u_a").empty());
        CHECK(units_with(*library().find("kpm53"), Fitting::reactive_pulses) == "not with RS485");
        CHECK(units_with(*library().find("kpm33b"), Fitting::relays).empty());
        const std::string md = map_as_markdown(four);
        CHECK(md.find("| 0001H | 1 | coil | 01 05 | `relay_1` | with R |\n") != std::string::npos);
        CHECK(md.find("| 0001H | 1 | discrete input | 02 | `input_1` | with K |\n") !=
              std::string::npos);
        const auto json = nlohmann::json::parse(map_as_json(four));
        CHECK(json["bits"][0]["fitted"] == "with R");
        for (const auto& row : json["registers"])
            CHECK(row.contains("fitted") ==
                  !units_with(four, *four.registers.find(row["name"].get<std::string>())).empty());
    }

    TEST_CASE("The exports say what words mean where they are not the value") {
        const OwnModel model = OwnModel::with("", R"(
register = [
    { at = 0, name = "format", access = "read_write", codes = { 0 = "8N1", 1 = "8E1", 3 = "8N2" } },
    { at = 2, name = "f", type = "i16", none = 0x8000 },
    { at = 3, name = "line", type = "u16", packed = [{ point = "baud", bits = 2, codes = [1200, 2400, 9600] }, { point = "wireless", bit = 8 }] },
    { at = 4, name = "do", type = "u16", access = "write", actions = { 0x5578 = "clear_energy" } },
    { at = 5, name = "u_a" },
]
)");
        const MeterType& type = model.type();
        const std::string codes = "0 = 8N1, 1 = 8E1, 3 = 8N2";
        const std::string packed =
            "bits 0 to 1 baud (0 = 1200, 1 = 2400, 2 = 9600); bit 8 wireless";
        const std::string md = map_as_markdown(type);
        CHECK(md.find("| ours |  | " + codes + " |\n") != std::string::npos);
        CHECK(md.find("| 8000H = no value |\n") != std::string::npos);
        CHECK(md.find("| " + packed + " |\n") != std::string::npos);
        CHECK(md.find("| 5578H = clear_energy |\n") != std::string::npos);
        CHECK(md.find("| V | 1 | ours |  |  |\n") != std::string::npos);
        CHECK(map_as_csv(type).find(",\"" + codes + "\"\n") != std::string::npos);
        const auto rows = nlohmann::json::parse(map_as_json(type))["registers"];
        CHECK(rows[0]["code_values"][1] ==
              nlohmann::json{{"code", 1}, {"value", 0}, {"means", "8E1"}});
        CHECK(rows[0]["codes"] == nlohmann::json{3, 4, 16});
        CHECK(rows[1]["none_hex"] == "8000");
        CHECK(rows[2]["fields"][0]["point"] == "baud");
        CHECK(rows[2]["fields"][0]["code_values"][2]["value"] == 9600);
        CHECK(rows[2]["fields"][1]["bit"] == 8);
        CHECK(rows[3]["commands"][0]["does"] == "clear_energy");
        for (const char* key : {"code_values", "none_hex", "fields", "commands"})
            CHECK_FALSE(rows[4].contains(key));
        // A setting's numbers come with their names.
        CHECK(reference_page(type).find("| 2 (8N1) | 2 (8N1), 0 (8E1), 3 (8N2) |") !=
              std::string::npos);
    }

    TEST_CASE("A row that some units lack says which have it, and no other row does") {
        for (const std::string& name : library().names()) {
            const MeterType& type = *library().find(name);
            if (type.options.empty())
                continue;
            for (const RegisterRow& row : type.registers.rows) {
                CAPTURE(name);
                CAPTURE(row.name);
                bool everywhere = true;
                for (unsigned parts = 0; parts < 32; ++parts) {
                    MeterSpec unit; // as a code makes it
                    unit.type = &type;
                    unit.inputs_fitted = (parts & 1) != 0;
                    unit.relays_fitted = (parts & 2) != 0;
                    unit.sensors_fitted = (parts & 4) != 0;
                    unit.residual_fitted = (parts & 8) != 0;
                    unit.reactive_pulses_fitted =
                        (parts & 16) != 0 || !has_option(type.options, Option::second_line);
                    everywhere = everywhere && fitted(unit, row);
                }
                CHECK(units_with(type, row).empty() == everywhere);
            }
        }
        for (const char* name : {"kpm312", "kpm37"})
            for (const char* row : {"sensors_below_range", "sensors_above_range"}) {
                const MeterType& type = *library().find(name);
                CHECK(units_with(type, *type.registers.find(row)) == "with T or S");
            }
    }

    TEST_CASE("A page says of each setting what it does") {
        for (const char* name : {"kpm312", "kpm37", "kpm53"}) {
            CAPTURE(name);
            const std::string page = reference_page(*library().find(name));
            CHECK(page.find("| % | raises `alarm_over_voltage` | ") != std::string::npos);
            CHECK(page.find("| % | kept and shown |") == std::string::npos);
            CHECK(page.find("## Options\n") != std::string::npos);
            CHECK(page.find("| relay.alarm | ") != std::string::npos);
        }
        CHECK(reference_page(*library().find("kpm33b")).find("## Options") == std::string::npos);
        const MeterType& panel = *library().find("kpm37");
        CHECK(panel.points[*panel.points.find("temp_n")].title == "Temperature, sensor n");
    }
}

TEST_SUITE("exchange") {

    TEST_CASE("The pages in docs/reference/meters are those of the data") {
        for (const std::string& name : library().names()) {
            std::ifstream file{std::string{KPMSIM_SOURCE_DIR} + "/docs/reference/meters/" + name +
                               ".md"};
            std::stringstream text;
            text << file.rdbuf();
            // The cure: kpmsim map NAME --format page > docs/reference/meters/NAME.md
            CHECK_MESSAGE(text.str() == reference_page(*library().find(name)), name);
        }
    }
}

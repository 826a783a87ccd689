#include "farms.hpp"

#include "files/csv.hpp"
#include "files/text_file.hpp"
#include "models/type/serial.hpp"
#include "scenarios/measure/record.hpp"
#include "scenarios/measure/wave.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <sstream>
#include <unistd.h>

using namespace kpmsim;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

struct Scratch {
    fs::path path = fs::temp_directory_path() / ("kpmsim-record-" + std::to_string(getpid()));
    Scratch() { fs::remove_all(path); }
    ~Scratch() { fs::remove_all(path); }
};

std::string content(const fs::path& path) {
    std::vector<Mistake> mistakes;
    const auto text = read_text(path.string(), mistakes);
    REQUIRE_MESSAGE(text.has_value(), path.string());
    return *text;
}

void run(const FarmPlan& plan, int threads, SimDuration length, const fs::path& folder) {
    Recorder recorder{folder.string()};
    Farm farm{plan, threads};
    for (SimTime to{}; to < SimTime{length};) {
        to += 1s;
        farm.advance(to);
        farm.publish(to);
        for (const Message& message : farm.take_messages())
            recorder.message(
                farm.site_time(),
                farm.meters()[message.meter].circuits()[static_cast<std::size_t>(message.circuit)],
                message);
    }
    recorder.finish(farm);
}

} // namespace

TEST_SUITE("scenario") {
    TEST_CASE("a farm recorded twice gives the same bytes, with one thread or two") {
        const Scratch scratch;
        const FarmPlan plan = load_farm(test::source("examples/quickstart.toml"), test::types());
        run(plan, 1, 65s, scratch.path / "one");
        run(plan, 2, 65s, scratch.path / "two");
        for (const char* name : {"mqtt.jsonl", "registers.csv", "truth.csv"}) {
            const std::string one = content(scratch.path / "one" / name);
            CHECK(one.size() > 10000);
            CHECK(one == content(scratch.path / "two" / name));
        }
        CHECK(std::distance(fs::directory_iterator{scratch.path / "one"}, {}) == 4);

        FarmPlan of_windows = plan;
        of_windows.fidelity = Fidelity::window;
        run(of_windows, 1, 2s, scratch.path / "windows");
        CHECK(content(scratch.path / "windows/run.json") ==
              "{\"seed\":42,\"fidelity\":\"window\",\"start\":\"2026-01-12T08:30:00\","
              "\"end\":\"2026-01-12T08:30:02\"}\n");
        CHECK(content(scratch.path / "one/run.json").find("\"sample\"") != std::string::npos);

        const std::string messages = content(scratch.path / "one/mqtt.jsonl");
        CHECK(messages.starts_with("{\"t\":\"2026-01-12T08:3"));
        CHECK(messages.find("\"topic\":\"MQTT_ENY_NOW\"") != std::string::npos);
        CHECK(messages.find("\"meter\":\"floor-2\",\"circuit\":3") != std::string::npos);
        CHECK(messages.find("\\\"isend\\\"") != std::string::npos);
    }

    TEST_CASE("the tables hold every register, and the truth beside every reading") {
        const Scratch scratch;
        const FarmPlan plan = parse_farm(test::with_meter("model = \"kpm312\"\naddress = 5\n"
                                                          "loads = [\"x\", \"none\", \"x\"]\n"),
                                         "f.toml", test::types());
        run(plan, 1, 2s, scratch.path);
        std::vector<Mistake> mistakes;
        const CsvTable registers = load_csv((scratch.path / "registers.csv").string(), mistakes);
        const CsvTable truth = load_csv((scratch.path / "truth.csv").string(), mistakes);
        REQUIRE(mistakes.empty());
        std::size_t readable = 0;
        const MeterSpec& spec = plan.meters[0].spec;
        for (const RegisterRow& row : spec.type->registers.rows) {
            const bool there =
                row.holds != RegisterHolds::point || fitted(spec, spec.type->points[row.point]);
            readable += row.readable() && there ? 1 : 0;
        }
        CHECK(registers.rows.size() == 4 * readable);
        std::map<std::string, std::string> value;
        for (const CsvTable::Row& row : registers.rows) {
            value[row.cell[1] + '/' + row.cell[4]] = row.cell[5];
            CHECK(row.cell[2] == std::to_string(4 + std::stoi(row.cell[1])));
        }
        CHECK(value["1/serial"] == plan.meters[0].spec.serial);
        CHECK(value["4/serial"] ==
              circuit_serial(plan.meters[0].spec.type->serial, plan.meters[0].spec.serial, 3));
        CHECK(std::stod(value["3/p"]) == doctest::Approx(3000).epsilon(1e-5));
        int close = 0;
        for (const CsvTable::Row& row : truth.rows) {
            if (row.cell[2] == "p" || row.cell[2] == "u_a" || row.cell[2] == "h_u_a_1") {
                CHECK(std::stod(row.cell[3]) ==
                      doctest::Approx(std::stod(row.cell[4])).epsilon(1e-5));
                ++close;
            }
        }
        CHECK(close == 12);
    }

    TEST_CASE("a truth without a value is an empty cell") {
        const Scratch scratch;
        const FarmPlan plan =
            parse_farm("[supply.main]\nrotation = \"acb\"\n[load.x]\np = \"3 kW\"\n[[meter]]\n"
                       "name = \"m\"\nmodel = \"kpm312\"\nloads = [\"x\"]\n",
                       "f.toml", test::types());
        run(plan, 1, 1s, scratch.path);
        std::vector<Mistake> mistakes;
        const CsvTable truth = load_csv((scratch.path / "truth.csv").string(), mistakes);
        REQUIRE(mistakes.empty());
        std::string empty;
        for (const CsvTable::Row& row : truth.rows) {
            if (row.cell[4].empty()) {
                empty += row.cell[1] == "1" ? row.cell[2] + ' ' : "";
                CHECK(row.cell[3] == "0"); // which is what the meter shows
            } else {
                CHECK(std::abs(std::stod(row.cell[4])) < 1e4);
            }
        }
        CHECK(empty == "unb_u2 unb_u0 ");
        std::ostringstream wave;
        write_wave(plan, plan.meters[0], 1, SimTime{}, wave);
        CHECK(wave.str().find("# truth circuit 1: u_pos = 0 V") != std::string::npos);
        CHECK(wave.str().find("unb_u2") == std::string::npos);
        CHECK(wave.str().find("nan") == std::string::npos);
    }

    TEST_CASE("without a neutral no phase has a true voltage, power or energy") {
        const Scratch scratch;
        const FarmPlan plan =
            parse_farm("[supply.main]\n[load.x]\np = \"3 kW\"\n[[meter]]\nname = \"m\"\n"
                       "model = \"kpm53\"\nwiring = \"2LL3CT\"\nload = \"x\"\n",
                       "f.toml", test::types());
        run(plan, 1, 1s, scratch.path);
        std::vector<Mistake> mistakes;
        const CsvTable truth = load_csv((scratch.path / "truth.csv").string(), mistakes);
        REQUIRE(mistakes.empty());
        std::map<std::string, std::string> value;
        for (const CsvTable::Row& row : truth.rows)
            value[row.cell[2]] = row.cell[4];
        for (const char* of : {"u_", "p_", "q_", "s_", "pf_", "e_p_import_", "e_p_export_",
                               "e_q_import_", "e_q_export_"})
            for (const char* phase : {"a", "b", "c"}) {
                CAPTURE(of);
                CAPTURE(phase);
                CHECK(value.at(std::string{of} + phase).empty());
            }
        CHECK(std::stod(value.at("e_p_import")) == doctest::Approx(3.0 / 3600).epsilon(1e-3));
        for (const char* none : {"e_p_export", "e_q_q1", "e_q_q2", "e_q_q3", "e_p_import_t2"})
            CHECK(value.at(none) == "0");
    }

    TEST_CASE("a folder that cannot be written is told at once") {
        CHECK_THROWS_AS(Recorder{"/proc/nowhere/record"}, CannotRecord);
        CHECK_THROWS_WITH_AS(Recorder{"/dev/null"},
                             "cannot make the folder /dev/null: Not a directory; name a folder, "
                             "not a file",
                             CannotRecord);
    }

    TEST_CASE("a full disk is an error, and leaves nothing of the recording behind") {
        const Scratch scratch;
        fs::create_directories(scratch.path);
        fs::create_symlink("/dev/full", scratch.path / "registers.csv.part");
        const FarmPlan plan = parse_farm(test::with_meter("model = \"kpm33b\"\nload = \"x\"\n"),
                                         "f.toml", test::types());
        std::string said;
        try {
            run(plan, 1, 1s, scratch.path);
        } catch (const CannotRecord& error) {
            said = error.what();
        }
        CHECK(said == "cannot write " + (scratch.path / "registers.csv.part").string() +
                          ": No space left on device; free some space, or record into another "
                          "folder");
        CHECK_FALSE(fs::exists(scratch.path / "mqtt.jsonl"));
        CHECK_FALSE(fs::exists(scratch.path / "registers.csv"));
        CHECK_FALSE(fs::exists(scratch.path / "truth.csv"));
        CHECK_FALSE(fs::exists(scratch.path / "mqtt.jsonl.part"));
        CHECK(fs::is_symlink(scratch.path / "registers.csv.part")); // none of ours
    }

    TEST_CASE("a written wave has the truth above it and agrees with it") {
        const FarmPlan plan = load_farm(test::source("examples/quickstart.toml"), test::types());
        const MeterPlan* meter = find_meter(plan, "floor-2");
        REQUIRE(meter != nullptr);
        CHECK(find_meter(plan, "floor-9") == nullptr);
        std::ostringstream out;
        write_wave(plan, *meter, 10, SimTime{2s}, out);
        std::istringstream lines{out.str()};
        std::map<std::string, double> truth;
        std::string header;
        std::vector<double> sum(16);
        double first = 0;
        int rows = 0;
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with("# truth circuit 3: ")) {
                std::istringstream words{line.substr(19)};
                std::string name;
                std::string equals;
                double value = 0;
                words >> name >> equals >> value;
                truth[name] = value;
            } else if (line.starts_with('#')) {
                continue;
            } else if (header.empty()) {
                header = line;
            } else {
                std::istringstream cells{line};
                std::string cell;
                for (std::size_t c = 0; std::getline(cells, cell, ','); ++c) {
                    const double x = std::stod(cell);
                    first = rows == 0 && c == 0 ? x : first;
                    sum.at(c) += x * x;
                }
                ++rows;
            }
        }
        CHECK(header == "time_s,ua_v,ub_v,uc_v,ia1_a,ib1_a,ic1_a,ia2_a,ib2_a,ic2_a,ia3_a,ib3_a,"
                        "ic3_a,ia4_a,ib4_a,ic4_a");
        CHECK(rows == 1280);
        CHECK(first >= 2.0);
        CHECK(first < 2.2);
        const auto rms = [&](std::size_t c) { return std::sqrt(sum[c] / rows); };
        CHECK(rms(2) == doctest::Approx(truth.at("u_b")).epsilon(1e-5));
        CHECK(rms(10) == doctest::Approx(truth.at("i_a")).epsilon(1e-5));
    }
}

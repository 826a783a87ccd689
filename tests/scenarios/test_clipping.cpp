#include "farms.hpp"
#include "folder.hpp"
#include "models/faces/registers.hpp"

#include "files/csv.hpp"
#include "scenarios/farm/clip_watch.hpp"
#include "scenarios/farm/held_watch.hpp"
#include "scenarios/measure/record.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace kpmsim;
using test::Folder;
using namespace std::chrono_literals;

namespace {

/// 16 A peak and 24 A peak to converters that end at 20 A: only the second clips.
const char* const loud_and_quiet = R"(
[supply.main]
[load.fair]
i = "11.3 A"
[load.loud]
i = "17 A"
[[meter]]
name = "four"
model = "kpm312"
options = "1A2A3A4A"
loads = ["fair", "loud", "none", "none"]
address = 1
[[meter]]
name = "fair"
model = "kpm53"
load = "fair"
ct = "5/5 A"
address = 10
)";

FarmPlan plan_of(const std::string& text) { return parse_farm(text, "f.toml", test::types()); }

std::uint16_t word(const Circuit& circuit, const std::string& name) {
    const RegisterRow* row = circuit.type().registers.find(name);
    REQUIRE(row != nullptr);
    std::array<std::uint16_t, 2> words{};
    REQUIRE(read_registers(circuit, row->address, std::span{words}.first(row->words)));
    return words[row->words - 1U];
}

} // namespace

TEST_SUITE("scenario") {
    TEST_CASE("a load beyond the converter's range shows in the registers of its own circuit") {
        Farm farm{plan_of(loud_and_quiet), 1};
        farm.advance(SimTime{1s});
        farm.publish(SimTime{1s});
        auto& circuits = farm.meters()[0].circuits();
        for (std::size_t circuit = 0; circuit < 4; ++circuit) {
            CHECK(word(circuits[circuit], "clip_i") == (circuit == 1 ? 7 : 0));
            CHECK(word(circuits[circuit], "clip_u") == 0);
            CHECK(word(circuits[circuit], "clip_windows") ==
                  (circuit == 1 ? 5 : 0)); // five a second
        }
        CHECK(word(farm.meters()[1].circuits()[0], "clip_i") == 0);
        CHECK(farm.clipped(0) > 0);
    }

    TEST_CASE("a recording of the farm holds the status beside the readings") {
        const Folder folder;
        {
            Farm farm{plan_of(loud_and_quiet), 1};
            farm.advance(SimTime{1s});
            farm.publish(SimTime{1s});
            Recorder{folder.path()}.finish(farm);
        }
        std::vector<Mistake> mistakes;
        const CsvTable registers = load_csv(folder / "registers.csv", mistakes);
        const CsvTable truth = load_csv(folder / "truth.csv", mistakes);
        REQUIRE(mistakes.empty());
        std::string found;
        for (const CsvTable::Row& row : registers.rows)
            if (row.cell[4] == "clip_i" && row.cell[5] != "0")
                found += row.cell[0] + ' ' + row.cell[1] + ' ' + row.cell[5] + '\n';
        CHECK(found == "four 2 7\n");
        found.clear();
        for (const CsvTable::Row& row : truth.rows)
            if (row.cell[2].starts_with("clip_") && row.cell[3] != "0")
                found +=
                    row.cell[1] + ' ' + row.cell[2] + ' ' + row.cell[3] + ' ' + row.cell[4] + '\n';
        CHECK(found == "2 clip_i 7 0\n2 clip_windows 5 0\n");
    }

    TEST_CASE("the log hears of a channel once when it begins to clip and once when it is over") {
        const Folder folder;
        std::ofstream{folder / "l.csv"} << "time,p_a,p_b,p_c\n0,2300,2300,2300\n2,2300,2300,2300\n"
                                           "2.001,3910,3910,2300\n2.99,3910,3910,2300\n"
                                           "3,2300,2300,2300\n5,2300,2300,2300\n"
                                           "5.001,3910,2300,2300\n5.99,3910,2300,2300\n"
                                           "6,2300,2300,2300\n";
        Farm farm{
            parse_farm("[supply.main]\n[load.x]\nprofile = \"l.csv\"\nprofile_end = \"hold\"\n"
                       "[[meter]]\nname = \"m\"\nmodel = \"kpm53\"\nload = \"x\"\nct = \"5/5 A\"\n",
                       folder / "f.toml", test::types()),
            1};
        ClipWatch watch;
        std::string told;
        for (int n = 0; n <= 24; ++n) {
            farm.advance(SimTime{n * 1s});
            farm.publish(SimTime{n * 1s});
            const ClipWatch::Remarks remarks = watch.look(farm);
            for (const auto* const lines : {&remarks.begun, &remarks.over})
                for (const std::string& line : *lines)
                    told += std::to_string(n) + ": " + line + '\n';
        }
        CHECK(told == "3: meter m: ia, ib beyond the converter's range at 2026-01-01T00:00:03: "
                      "their readings "
                      "are too small and distorted (clip_u, clip_i)\n"
                      "13: meter m: back in the converter's range: ib (clipped in 5 windows until "
                      "2026-01-01T00:00:03)\n"
                      "16: meter m: back in the converter's range: ia (clipped in 10 windows until "
                      "2026-01-01T00:00:06)\n");
    }

    TEST_CASE(
        "what keeps window fidelity from jumping is told once a meter, and where nothing does") {
        const auto told = [](const std::string& meter, Fidelity fidelity, int seconds) {
            FarmPlan plan = plan_of("[supply.main]\n[load.fair]\ni = \"11.3 A\"\n[load.near]\n"
                                    "i = \"14.13 A\"\n[load.loud]\ni = \"17 A\"\n[[meter]]\n"
                                    "name = \"m\"\nmodel = \"kpm53\"\nct = \"5/5 A\"\n" +
                                    meter);
            plan.fidelity = fidelity;
            Farm farm{plan, 1};
            HeldWatch watch;
            std::string all;
            for (int n = 0; n <= seconds; ++n) {
                farm.advance(SimTime{n * 1s});
                farm.publish(SimTime{n * 1s});
                for (const std::string& line : watch.look(farm))
                    all += line + '\n';
            }
            return all;
        };
        const std::string sampled =
            "meter m: from 2026-01-01T00:00:01 on each window is sampled, as "
            "slowly as in sample fidelity: ";
        const std::string beyond = sampled + "it is at the end of its converter's range; a higher "
                                             "rating, pt or ct brings it back\n";
        CHECK(told("load = \"loud\"\n", Fidelity::window, 70) == beyond);
        CHECK(told("load = \"loud\"\n", Fidelity::sample, 2) == "");
        CHECK(told("load = \"fair\"\n", Fidelity::window, 70) == "");
        CHECK(told("load = \"near\"\n", Fidelity::window, 2) == "");
        CHECK(told("load = \"near\"\nadc.noise = \"0.1 %\"\n", Fidelity::window, 2) == beyond);
        CHECK(told("load = \"fair\"\nadc.i.bits = 16\n", Fidelity::window, 2) ==
              sampled + "its converter has 16 bits, and only one of 24 lets them be jumped over "
                        "(adc.bits)\n");
    }

    TEST_CASE("the voltages of a meter with four circuits are told once, and what clips from the "
              "start is") {
        Farm farm{
            plan_of(
                "[supply.main]\nu = \"450 V\"\n[load.x]\ni = \"17 A\"\n[[meter]]\nname = \"m\"\n"
                "model = \"kpm312\"\noptions = \"1A2A3A4A\"\n"
                "loads = [\"none\", \"x\", \"none\", \"none\"]\n"),
            1};
        ClipWatch watch;
        CHECK(watch.look(farm).begun.empty());
        farm.advance(SimTime{1s});
        farm.publish(SimTime{1s});
        const ClipWatch::Remarks remarks = watch.look(farm);
        REQUIRE(remarks.begun.size() == 1);
        CHECK(remarks.begun[0].starts_with("meter m: ua, ub, uc, ia2, ib2, ic2 beyond "));
        CHECK(remarks.begun[0].find(" at 2026-01-01T00:00:01: ") != std::string::npos);
        for (int n = 2; n <= 12; ++n) { // it goes on: nothing to tell
            farm.advance(SimTime{n * 1s});
            farm.publish(SimTime{n * 1s});
            CHECK(watch.look(farm).begun.empty());
        }
    }
}

// Energies as each model's registers show them: both kinds both ways, sum and net, phases, and a KPM53's months.
#include "program_rig.hpp"

#include <array>
#include <cmath>

using namespace kpmsim;
using test::Bench;
using test::civil;

namespace {

Energy moved(Energy first, int n) { return static_cast<Energy>(static_cast<int>(first) + n); }

/// The models whose maps are ours; the KPM33B's has no net energies.
constexpr std::array models{"kpm312", "kpm37", "kpm53"};

} // namespace

TEST_SUITE("exchange") {

    TEST_CASE("Import, export, their sum and their distance of P and of Q are registers of every "
              "circuit") {
        for (const char* const model : models) {
            CAPTURE(model);
            Bench b{model};
            for (std::size_t n = 0; n < b.states.size(); ++n) {
                const auto more = static_cast<std::int64_t>(10 * n);
                b.states[n].energy[Energy::p_import] = test::wh(3000 + more);
                b.states[n].energy[Energy::p_export] = test::wh(1000);
                b.states[n].energy[Energy::q_import] = test::wh(500);
                b.states[n].energy[Energy::q_export] = test::wh(2700 + more);
            }
            for (std::size_t n = 0; n < b.states.size(); ++n) {
                CAPTURE(n);
                const double more = 0.01 * static_cast<double>(n);
                for (const auto& [name, kilo] :
                     {std::pair{"e_p_import", 3 + more}, std::pair{"e_p_export", 1.0},
                      std::pair{"e_p_total", 4 + more}, std::pair{"e_p_net", 2 + more},
                      std::pair{"e_q_import", 0.5}, std::pair{"e_q_export", 2.7 + more},
                      std::pair{"e_q_total", 3.2 + more}, std::pair{"e_q_net", 2.2 + more}})
                    CHECK_MESSAGE(b.value(name, n) == doctest::Approx(kilo).epsilon(1e-6), name);
            }
        }
    }

    TEST_CASE("Twelve energies of the phases are registers, of every circuit") {
        constexpr std::array families{std::pair{"e_p_import", Energy::p_import_a},
                                      std::pair{"e_p_export", Energy::p_export_a},
                                      std::pair{"e_q_import", Energy::q_import_a},
                                      std::pair{"e_q_export", Energy::q_export_a}};
        for (const char* const model : models) {
            CAPTURE(model);
            Bench b{model};
            // A register's place is its value.
            const auto kilo = [](std::size_t circuit, std::size_t family, int phase) {
                return static_cast<std::int64_t>(100 * (circuit + 1) + 10 * (family + 1)) + phase;
            };
            for (std::size_t n = 0; n < b.states.size(); ++n)
                for (std::size_t of = 0; of < families.size(); ++of)
                    for (int phase = 0; phase < 3; ++phase)
                        b.states[n].energy[moved(families[of].second, phase)] =
                            test::wh(1000 * kilo(n, of, phase));
            for (std::size_t n = 0; n < b.states.size(); ++n)
                for (std::size_t of = 0; of < families.size(); ++of)
                    for (int phase = 0; phase < 3; ++phase)
                        CHECK(b.value(fmt::format("{}_{}", families[of].first, "abc"[phase]), n) ==
                              static_cast<double>(kilo(n, of, phase)));
        }
    }

    TEST_CASE("A KPM53 has this month's energies and those of the two before, closed at 0:00 of "
              "the first") {
        test::ProgramRig rig{"kpm53", {}, civil("2026-01-31T12:00:00")};
        EnergyRegisters& energy = rig.states[0].energy;
        const auto use = [&](std::int64_t import, std::int64_t exported) {
            energy[Energy::p_import].wh += import;
            energy[Energy::p_export].wh += exported;
            energy[Energy::q_import].wh += 10 * import;
            energy[Energy::q_export].wh += 10 * exported;
        };
        const auto months = [&](const std::string& name) {
            Bench b{"kpm53"};
            b.meter.image().memory = rig.program.memory();
            b.states = rig.states;
            std::vector<double> all;
            for (int month = 0; month < 3; ++month)
                all.push_back(std::round(1000 * b.value(fmt::format("{}_month_{}", name, month))));
            CHECK(b.meter.type().registers.find(name + "_month_3") == nullptr);
            return all;
        };
        const auto are = [](double now, double last, double before) {
            return std::vector{now, last, before};
        };
        use(100, 1);
        rig.run_to(civil("2026-01-31T23:59:59"));
        CHECK(months("e_p_import") == are(100, 0, 0));
        rig.run_to(civil("2026-02-01T00:00:00"));
        CHECK(months("e_p_import") == are(0, 100, 0));
        use(200, 2);
        rig.run_to(civil("2026-03-01T00:00:00"));
        use(300, 3);
        CHECK(months("e_p_import") == are(300, 200, 100));
        CHECK(months("e_p_export") == are(3, 2, 1));
        CHECK(months("e_q_import") == are(3000, 2000, 1000));
        CHECK(months("e_q_export") == are(30, 20, 10));
        CHECK(months("e_p_total") == are(303, 202, 101));
        CHECK(months("e_q_total") == are(3030, 2020, 1010));
        rig.run_to(civil("2026-04-01T00:00:00"));
        CHECK(months("e_p_import") == are(0, 300, 200));
    }
}

#include "sim/meter_state.hpp"
#include "sim/quantity.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace kpmsim;

TEST_SUITE("unit") {

    TEST_CASE("every quantity is found by its name, and no two share one") {
        std::set<std::string> names;
        for (std::size_t i = 0; i < catalogue().size(); ++i) {
            const QuantityInfo& row = catalogue()[i];
            CHECK(names.insert(row.name).second);
            const auto found = find_quantity(row.name);
            REQUIRE(found);
            CHECK(found->index == i);
            CHECK(&info(*found) == &row);
            CHECK(!row.title.empty());
        }
        CHECK(!find_quantity("u_d"));
        CHECK(!find_quantity(""));
        CHECK(!find_quantity("hr_u_a_1"));
        CHECK(!find_quantity("h_u_a_32"));
        CHECK(!find_quantity("e_p_import_t7"));
    }

    TEST_CASE("slots and names of the catalogue mean the same") {
        struct Row {
            const char* name;
            Quantity quantity;
            const char* unit;
        };
        const Row rows[] = {
            {"u_a", quantity(Slot::u_a), "V"},
            {"u_ca", quantity(Slot::u_ca), "V"},
            {"i_c", quantity(Slot::i_c), "A"},
            {"p", quantity(Slot::p), "W"},
            {"q_b", quantity(Slot::q_b), "var"},
            {"s", quantity(Slot::s), "VA"},
            {"pf", quantity(Slot::pf), ""},
            {"f", quantity(Slot::f), "Hz"},
            {"u_zero", quantity(Slot::u_zero), "V"},
            {"i_neg", quantity(Slot::i_neg), "A"},
            {"angle_u_a", quantity(Slot::angle_u_a), "deg"},
            {"angle_i_c", quantity(Slot::angle_i_c), "deg"},
            {"unb_u", quantity(Slot::unb_u), "%"},
            {"unb_u0", quantity(Slot::unb_u0), "%"},
            {"thd_u_a", quantity(Slot::thd_u_a), "%"},
            {"thd_i_c", quantity(Slot::thd_i_c), "%"},
            {"temp", quantity(Slot::temp), "degC"},
            {"i_residual", quantity(Slot::i_residual), "A"},
            {"h_u_a_1", quantity(harmonic_slot(0, 1)), "V"},
            {"h_u_c_31", quantity(harmonic_slot(2, 31)), "V"},
            {"h_i_a_5", quantity(harmonic_slot(3, 5)), "A"},
            {"h_i_c_31", quantity(harmonic_slot(5, 31)), "A"},
            {"e_p_import", quantity(Energy::p_import), "kWh"},
            {"e_p_export_c", quantity(Energy::p_export_c), "kWh"},
            {"e_q_import_a", quantity(Energy::q_import_a), "kvarh"},
            {"e_q_q1", quantity(Energy::q_q1), "kvarh"},
            {"e_q_q4", quantity(Energy::q_q4), "kvarh"},
            {"e_s", quantity(Energy::s), "kVAh"},
            {"e_p_import_t1", quantity(Energy::p_import_t1), "kWh"},
            {"e_p_export_t6", quantity(Energy::p_export_t6), "kWh"},
            {"e_q_import_t2", quantity(Energy::q_import_t2), "kvarh"},
            {"e_q_export_t6", quantity(Energy::q_export_t6), "kvarh"},
            {"e_p_total", quantity(Energy::p_total), "kWh"},
            {"e_p_net", quantity(Energy::p_net), "kWh"},
            {"e_q_total", quantity(Energy::q_total), "kvarh"},
            {"e_q_net", quantity(Energy::q_net), "kvarh"},
            {"e_p_total_t1", quantity(Energy::p_total_t1), "kWh"},
            {"e_q_total_t6", quantity(Energy::q_total_t6), "kvarh"},
            {"demand_p", quantity(Demand::p), "W"},
            {"demand_i_a", quantity(Demand::i_a), "A"},
            {"demand_s_c", quantity(Demand::s_c), "VA"},
            {"demand_p_max", quantity(Demand::p_max), "W"},
            {"demand_p_max_time", quantity(Demand::p_max_time), "s"},
            {"demand_s_max_time", quantity(Demand::s_max_time), "s"},
            {"clip_u", quantity(Status::clip_u), ""},
            {"clip_i", quantity(Status::clip_i), ""},
            {"clip_windows", quantity(Status::clip_windows), ""},
        };
        for (const Row& row : rows) {
            CHECK_MESSAGE(info(row.quantity).name == row.name, row.name);
            CHECK(info(row.quantity).unit == row.unit);
        }
    }

    TEST_CASE("get() finds what was put into any slot, under the slot's name") {
        MeterState state;
        for (std::size_t i = 0; i < reading_slots; ++i)
            state.readings.value[i] = 1000 + static_cast<double>(i);
        for (std::size_t i = 0; i < energy_slots; ++i)
            state.energy.count[i].wh = 1000 * (2000 + static_cast<std::int64_t>(i));
        for (std::size_t i = 0; i < demand_slots; ++i)
            state.demand.value[i] = 3000 + static_cast<double>(i);
        for (std::size_t i = 0; i < catalogue().size(); ++i) {
            const QuantityInfo& row = catalogue()[i];
            const double value = state.get(Quantity{static_cast<std::uint16_t>(i)});
            if (row.kind == QuantityKind::reading)
                CHECK(value == 1000 + row.slot);
            else if (row.kind == QuantityKind::demand)
                CHECK(value == 3000 + row.slot);
            else if (row.kind == QuantityKind::energy && row.slot < energy_slots)
                CHECK(value == 2000 + row.slot);
        }
        state.readings[harmonic_slot(4, 1)] = 50;
        state.readings[harmonic_slot(4, 7)] = 2;
        CHECK(state.get(*find_quantity("hr_i_b_7")) == doctest::Approx(4.0));
        state.readings[Slot::thd_i_b] = 0; // a dead channel
        CHECK(state.get(*find_quantity("hr_i_b_7")) == 0);
    }

    TEST_CASE("a misspelt name is answered with the nearest ones") {
        CHECK(nearest_quantity("u_aa").find("u_a") != std::string::npos);
        CHECK(nearest_quantity("e_p_improt") == "e_p_import");
        CHECK(nearest_quantity("demand_pmax") == "demand_p_max");
        CHECK(nearest_quantity("thd_ua") == "thd_u_a");
        CHECK(nearest_quantity("xyzzy_plugh") == "");
    }

} // TEST_SUITE

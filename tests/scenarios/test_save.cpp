#include "wound_farm.hpp"

#include "sim/random.hpp"

#include <algorithm>

using namespace kpmsim;
using namespace std::chrono_literals;
using namespace kpmsim::test;

namespace {

/// Goes to `end` with the commands on its way, saved and restored into a fresh farm at `moments`.
Seen with_saves(const FarmPlan& plan, SimTime end, const std::vector<Told>& commands,
                const std::vector<SimTime>& moments) {
    auto farm = std::make_unique<Farm>(plan, 2);
    for (const Told& each : commands)
        REQUIRE(farm->schedule(each.meter, each.at,
                               {{point_of(*farm, each), each.circuit, each.value}}));
    Seen seen;
    for (const SimTime moment : moments) {
        farm->advance(moment);
        farm->publish(moment);
        const Bytes saved = farm->save();
        farm = std::make_unique<Farm>(plan, 1);
        farm->restore(saved);
        CHECK(farm->now() == moment);
        CHECK((farm->save() == saved));
        take(*farm, seen);
    }
    farm->advance(end);
    farm->publish(end);
    look(*farm, seen);
    return seen;
}

std::vector<SimTime> random_moments(SimTime end, int count, std::uint64_t seed) {
    const Random random{seed, "moments"};
    std::vector<SimTime> all;
    for (int n = 0; n < count; ++n)
        all.emplace_back(std::chrono::nanoseconds{
            static_cast<std::int64_t>(random.uniform(static_cast<std::uint64_t>(n)) *
                                      static_cast<double>(end.time_since_epoch().count()))});
    std::sort(all.begin(), all.end());
    return all;
}

} // namespace

TEST_SUITE("scenario") {

    TEST_CASE("A farm that is saved and restored at a hundred moments goes on to the bit") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            const SimTime end{fidelity == Fidelity::sample ? SimDuration{10min} : SimDuration{6h}};
            FarmPlan plan =
                four_models("2026-01-31T23:55:00", fidelity, fidelity == Fidelity::window);
            plan.mqtt.jitter = 45s; // messages are on their way when it is saved
            const std::vector<Told> commands = commands_within(end.time_since_epoch());
            const Seen once = in_one_step(plan, end, commands);
            check_same(once, with_saves(plan, end, commands, random_moments(end, 100, 5)));
        }
    }

    TEST_CASE("A command that was acknowledged and has not acted is saved with the farm") {
        const FarmPlan plan = four_models("2026-01-01T00:00:00", Fidelity::sample, false);
        Farm farm{plan, 1};
        farm.advance(SimTime{1s});
        farm.publish(SimTime{1s});
        REQUIRE(farm.meters()[2].circuits()[0].set("ct", 3, Access::wire));
        const Bytes saved = farm.save();
        Farm other{plan, 1};
        other.restore(saved);
        CHECK(other.meters()[2].circuits()[0].get("ct", Access::wire)->number == 3);
        farm.advance(SimTime{3s});
        farm.publish(SimTime{3s});
        other.advance(SimTime{3s});
        other.publish(SimTime{3s});
        CHECK(same_states(farm, other));
    }

    TEST_CASE(
        "A state of another farm, another version, or half a state is refused with what differs") {
        FarmPlan plan = four_models("2026-01-01T00:00:00", Fidelity::sample, false);
        Farm farm{plan, 1};
        const Bytes saved = farm.save();
        const auto refusal = [&](const FarmPlan& of, Bytes bytes) -> std::string {
            Farm other{of, 1};
            try {
                other.restore(bytes);
                return "";
            } catch (const BadState& why) {
                return why.what();
            }
        };
        CHECK(refusal(plan, saved) == "");
        FarmPlan moved = plan;
        moved.meters[1].spec.serial = "31212256C0629";
        CHECK(refusal(moved, saved).find("31212256C0629") != std::string::npos);
        FarmPlan later = plan;
        later.start += 1s;
        CHECK(refusal(later, saved).find("start") != std::string::npos);
        for (const std::size_t size :
             {std::size_t{0}, std::size_t{10}, saved.size() / 2, saved.size() - 1})
            CHECK(refusal(plan, Bytes(saved.begin(),
                                      saved.begin() + static_cast<std::ptrdiff_t>(size))) != "");
        const Random random{3, "flips"};
        for (std::uint64_t n = 0; n < 200; ++n) {
            Bytes flipped = saved;
            const auto at =
                static_cast<std::size_t>(random.uniform(n) * static_cast<double>(saved.size()));
            flipped[at] ^= static_cast<std::uint8_t>(1u << (n % 8));
            CHECK(refusal(plan, flipped) != "");
        }
    }
}

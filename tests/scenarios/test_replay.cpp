#include "play_rig.hpp"
#include "tests/short_life.hpp"

#include <span>

using namespace kpmsim;
using namespace kpmsim::test;
using namespace std::chrono_literals;

namespace {

/// What may be begun in a step.
const std::vector<std::string>& actions() {
    static const std::vector<std::string> all{
        "{'kind': 'dip', 'residual': '40 %', 'for': '5 cycles'}",
        "{'kind': 'set-supply', 'u': '236 V', 'edge': '1 s', 'for': '4 s'}",
        "{'kind': 'set-supply', 'f': '50.05 Hz'}",
        "{'kind': 'load-scale', 'load': 'shop', 'by': '80 %', 'for': '2 s', 'edge': '1 s'}",
        ("{'kind': 'load-off', 'meter': 'four', 'circuit': 2, 'for': '1 s', 'every': '1500 ms', "
         "'times': 2}"),
        "{'kind': 'inrush', 'load': 'heat', 'factor': 1.5, 'decay': '200 ms'}",
        "{'kind': 'ct-swapped', 'meter': 'shop-*', 'phases': 'ac', 'for': '3 s'}",
        "{'kind': 'power-off', 'tag': 'street', 'for': '1 s'}",
        "{'kind': 'clock-jump', 'model': 'kpm312', 'by': '7 s'}",
        "{'kind': 'point-jump', 'meter': 'heat', 'point': 'p', 'by': 5, 'for': '4 s'}",
        "{'kind': 'reboot', 'meter': 'heat', 'takes': '1 s', 'every': '2 s', 'times': 2}",
    };
    return all;
}

constexpr std::size_t begun = life(1000, 100);

/// So many actions at random moments, begun and ended.
SimTime act_at_random(Play& play) {
    const Random random{11, "steps"};
    auto draw = [&, n = std::uint64_t{0}](double below) mutable {
        return random.uniform(n++) * below;
    };
    SimTime at{};
    for (std::size_t step = 0; step < begun; ++step) {
        at += SimDuration{1 + static_cast<std::int64_t>(draw(0.1e9))};
        play.to(at - SimTime{});
        const auto which =
            static_cast<std::size_t>(draw(static_cast<double>(actions().size()) + 2));
        if (which < actions().size())
            play.act(actions()[which]);
        else
            play.actions.end(1 + static_cast<std::uint64_t>(
                                     draw(static_cast<double>(play.actions.all().size()))));
    }
    return at;
}

/// What a farm's own list of its actions says was done.
struct Step {
    SimTime at{};
    std::uint64_t id{0};
    std::string begins; ///< as JSON; empty: it is ended by hand
};
std::vector<Step> log_of(const Actions& actions) {
    std::vector<Step> steps;
    for (const ToldAction& told : actions.all()) {
        steps.push_back({told.told, told.id, told.written});
        if (told.ended)
            steps.push_back({*told.until, told.id, {}});
    }
    std::stable_sort(steps.begin(), steps.end(),
                     [](const Step& a, const Step& b) { return a.at < b.at; });
    return steps;
}

void do_again(Play& play, std::span<const Step> steps) {
    for (const Step& step : steps) {
        play.to(step.at - SimTime{});
        if (step.begins.empty())
            CHECK(play.actions.end(step.id));
        else
            CHECK(play.act(step.begins) == step.id);
    }
}

} // namespace

TEST_SUITE("scenario") {

    TEST_CASE("A thousand random actions come out the same when they are done again from the "
              "farm's own list") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            Play one{"", fidelity, 1};
            const SimDuration end = act_at_random(one) - SimTime{} + 5s;
            one.to(end);
            const std::vector<Step> steps = log_of(one.actions);
            REQUIRE(steps.size() > begun * 8 / 10); // not everything could be ended
            const std::span all{steps};
            const Bytes last = one.actions.save();
            const Seen a = one.seen();

            Play two{"", fidelity, 2};
            do_again(two, all.first(all.size() / 2));
            Play three{"", fidelity, 1}; // restored half-way
            three.actions.restore(two.actions.save());
            for (Play* play : {&two, &three}) {
                do_again(*play, all.subspan(all.size() / 2));
                play->to(end);
                CHECK((play->actions.save() == last));
                check_same(play->seen(), a);
            }
        }
    }
}

#include "scenarios/keep/replay.hpp"

#include "files/json_node.hpp"

#include <algorithm>
#include <optional>
#include <variant>

namespace kpmsim {
namespace {

using namespace std::chrono_literals;

/// What a farm has to send is laid up no longer than that.
constexpr SimDuration longest_step = 1min;

class Replay {
public:
    Replay(Farm& farm, Actions& actions, SimTime sent)
        : farm_{farm}, actions_{actions}, sent_{sent} {
        drop_sent();
    }

    void go_to(SimTime to) {
        while (farm_.now() < to) {
            SimTime step = std::min(to, farm_.now() + longest_step);
            if (farm_.now() < sent_)
                step = std::min(step, sent_);
            farm_.advance(step);
            farm_.publish(step);
            drop_sent();
        }
    }

    void operator()(const WrittenCommand& written) {
        for (Meter& meter : farm_.meters())
            if (meter.spec().name == written.meter) {
                if (!meter.set(written.command.what, Access::local, written.command.also))
                    throw BadState{"journal", written.meter + " does not take what it took"};
                return;
            }
        throw BadState{"journal", "there is no meter " + written.meter};
    }

    void operator()(const Deed& deed) {
        std::vector<Mistake> mistakes;
        switch (deed.kind) {
        case Deed::Kind::begin: {
            const auto id = actions_.start(parse_json(deed.text, "action", mistakes), mistakes);
            if (mistakes.empty() && id != deed.id)
                throw BadState{"journal", "an action is not the one that it was"};
            break;
        }
        case Deed::Kind::end:
            if (!actions_.end(deed.id))
                throw BadState{"journal", "an action is ended that does not run"};
            break;
        case Deed::Kind::add_meters:
            before_ = farm_.plan().meters.size();
            actions_.add_meters(parse_json(deed.text, "meter", mistakes), mistakes);
            break;
        case Deed::Kind::take_back:
            if (!before_)
                throw BadState{"journal", "meters are taken back that did not come"};
            actions_.take_back_meters(*before_);
            before_.reset();
            break;
        case Deed::Kind::remove_meter:
            if (const auto done = actions_.remove_meter(deed.text); !done)
                throw BadState{"journal", done.error().why.what};
            break;
        }
        if (!mistakes.empty())
            throw BadState{"journal", to_text(mistakes.front())};
    }

private:
    void drop_sent() {
        if (farm_.now() <= sent_)
            farm_.take_messages();
    }

    Farm& farm_;
    Actions& actions_;
    SimTime sent_;
    std::optional<std::size_t> before_; ///< so many meters were there when others came
};

} // namespace

void replay(Farm& farm, Actions& actions, std::span<const JournalLine> lines,
            const FarmMoments& moments) {
    Replay again{farm, actions, moments.sent};
    for (const JournalLine& line : lines) {
        again.go_to(line.at());
        std::visit(again, line.what);
    }
    again.go_to(moments.shown);
}

} // namespace kpmsim

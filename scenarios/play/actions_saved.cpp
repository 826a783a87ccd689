#include "scenarios/play/actions.hpp"

#include "files/json_node.hpp"
#include "scenarios/farm/farm_state.hpp"
#include "sim/layout.hpp"

#include <utility>

namespace kpmsim {

Bytes Actions::save() { return with(farm_.save()); }
Bytes Actions::save_metered(SimTime to) const { return with(farm_.save_metered(to)); }

Bytes Actions::with(const Bytes& farm) const {
    StateWriter actions;
    actions.write(told_);
    actions.write(deeds_);
    Bytes bytes = seal(layout_of<ToldAction, Deed>(), actions.take());
    StateWriter size;
    size.write(static_cast<std::uint64_t>(bytes.size()));
    Bytes all = size.take();
    all.reserve(all.size() + bytes.size() + farm.size());
    all.insert(all.end(), bytes.begin(), bytes.end());
    all.insert(all.end(), farm.begin(), farm.end());
    return all;
}

void Actions::restore(std::span<const std::uint8_t> saved, OfFile file) {
    std::uint64_t size = 0;
    if (saved.size() >= sizeof size)
        StateReader{saved.first(sizeof size)}.read(size, "actions");
    if (size == 0 || size > saved.size() - sizeof size)
        throw BadState{"", "these bytes are no saved farm"};
    const std::span<const std::uint8_t> of_farm = saved.subspan(sizeof size + size);
    if (file == OfFile::this_one)
        check_same_farm(farm_.plan(), of_farm);
    StateReader actions{unseal(layout_of<ToldAction, Deed>(), saved.subspan(sizeof size, size))};
    std::vector<ToldAction> told;
    std::vector<Deed> deeds;
    actions.read(told, "actions");
    actions.read(deeds, "deeds");
    actions.end();
    for (std::size_t n = 0; n < farm_.plan().actions.size(); ++n)
        if (n >= told.size() || told[n].written != json_text(farm_.plan().actions[n]))
            throw BadState{"actions", "the farm file had others"};
    farm_.begin_again();
    ++restored_;
    begin_set_points();
    told_ = std::move(told);
    deeds_ = std::move(deeds);
    do_again();
    farm_.restore(of_farm);
}

void Actions::do_again() {
    for (const Deed& deed : deeds_) {
        std::vector<Mistake> mistakes;
        switch (deed.kind) {
        case Deed::Kind::begin:
        case Deed::Kind::end:
            if (deed.id == 0 || deed.id > told_.size())
                throw BadState{"deeds", "of an action that nobody told"};
            if (deed.kind == Deed::Kind::end)
                forget(deed.id, deed.at);
            else
                begin_again(told_[deed.id - 1], mistakes);
            break;
        case Deed::Kind::add_meters: {
            std::vector<MeterPlan> more =
                read_more_meters(parse_json(deed.text, "meter", mistakes), farm_.plan(), mistakes);
            if (more.empty())
                throw BadState{"deeds", "meters that cannot be added"};
            stand(std::move(more), deed.text, deed.at);
            break;
        }
        case Deed::Kind::take_back:
            throw BadState{"deeds", "what was taken back is among them"};
        case Deed::Kind::remove_meter:
            if (const auto place = place_of(deed.text))
                farm_.remove(*place);
            else
                throw BadState{"deeds", "a meter was taken away that is not there"};
            break;
        }
        if (!mistakes.empty())
            throw BadState{"deeds", to_text(mistakes.front())};
    }
}

void Actions::begin_again(const ToldAction& told, std::vector<Mistake>& mistakes) {
    const auto action = read_action(parse_json(told.written, "action", mistakes), farm_.plan(),
                                    told.told, mistakes);
    if (action && mistakes.empty())
        add(*action, told.id);
}

} // namespace kpmsim

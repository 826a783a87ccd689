#include "scenarios/file/farm_reader.hpp"

#include <cstddef>

namespace kpmsim {
namespace {

/// Blocks tell whose mistakes are whose: those of the meters that are there were told long ago.
constexpr int block_of_those_there = 0;
constexpr int block_of_more = 1;

MeterDraft draft_of(const MeterPlan& plan) {
    MeterDraft draft;
    draft.plan = plan;
    draft.block = block_of_those_there;
    draft.name = draft.address = draft.unit = draft.serial = draft.sum_of = plan.place;
    return draft;
}

} // namespace

std::vector<MeterPlan> read_more_meters(const TomlNode& node, const FarmPlan& farm,
                                        std::vector<Mistake>& mistakes) {
    const std::size_t before = mistakes.size();
    if (!node.is_table()) {
        note(mistakes, node.place, "a meter is not a table",
             "write an object with the keys of [[meter]]");
        return {};
    }
    FarmReading reading{*farm.types, mistakes, farm.file};
    reading.start = farm.start;
    reading.broker = farm.broker;
    reading.client_id = farm.client_id;
    reading.client_id_place = node.place;
    std::vector<MeterDraft> drafts;
    for (const MeterPlan& plan : farm.meters)
        drafts.push_back(draft_of(plan));
    const auto there = static_cast<std::ptrdiff_t>(drafts.size());
    for (MeterDraft& draft : read_meters(node, block_of_more, farm, reading))
        drafts.push_back(std::move(draft));
    if (mistakes.size() != before) // what hangs on them would only be told of beside them
        return {};
    number_meters(drafts, farm.start, mistakes);
    name_clients(drafts, reading);
    check_meters(drafts, mistakes);
    check_ports(drafts, farm.buses, mistakes);
    settle_sums(drafts, mistakes);
    std::vector<MeterPlan> more;
    if (mistakes.size() == before)
        for (auto draft = drafts.begin() + there; draft != drafts.end(); ++draft)
            more.push_back(std::move(draft->plan));
    return more;
}

} // namespace kpmsim

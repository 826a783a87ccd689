#include "scenarios/file/farm_reader.hpp"

#include <algorithm>

namespace kpmsim {
namespace {

/// A recorded current has a phase only beside the voltage that was recorded with it.
void check_recorded(const FarmPlan& farm, const std::string& name, const std::string& supply_name,
                    const Place& place, std::vector<Mistake>& mistakes) {
    const auto load = std::find_if(
        farm.loads.begin(), farm.loads.end(),
        [&](const LoadPlan& one) { return one.name == name; });
    const auto supply =
        std::find_if(farm.supplies.begin(), farm.supplies.end(),
                     [&](const SupplyPlan& one) { return one.name == supply_name; });
    if (load == farm.loads.end() || supply == farm.supplies.end() || !load->recording ||
        (supply->recording && supply->recording->file == load->recording->file))
        return;
    note(mistakes, place,
         "load " + name + " is recorded in " + load->recording->file + ", and supply " +
             supply->name + " is not",
         "a recorded current is right only beside the voltage recorded with it: give the meter "
         "a supply with the same recording");
}

} // namespace

void read_loads(TomlTable& table, const TomlNode& node, const FarmPlan& farm, MeterPlan& plan,
                std::vector<Mistake>& mistakes) {
    const std::vector<std::string> known = names_of(farm.loads);
    const auto take = [&](const std::string& name, int circuit, const Place& place) {
        if (name == "none")
            return;
        if (!is_among(name, known)) {
            const std::string near = nearest(name, known);
            note(mistakes, place, "unknown load \"" + name + '"',
                 (near.empty() ? "" : "did you mean " + near + "? ") + "known: " + listed(known));
            return;
        }
        plan.loads[static_cast<std::size_t>(circuit)] = name;
        check_recorded(farm, name, plan.supply, place, mistakes);
    };
    const auto load = table.text("load");
    const auto loads = table.texts("loads");
    if (load && node.find("loads") != nullptr) {
        table.wrong("load", "load and loads are both given", "keep one of them");
    } else if (load && plan.spec.type->circuits > 1) {
        table.wrong("load", "load does not say which circuit",
                    "write loads = [\"" + *load + "\", \"none\", …], one for each circuit");
    } else if (load) {
        take(*load, 0, table.place_of("load"));
    }
    if (!loads)
        return;
    const int circuits = plan.spec.type->circuits;
    if (loads->size() > static_cast<std::size_t>(circuits)) {
        table.wrong("loads", "loads holds " + std::to_string(loads->size()) + " loads",
                    "a " + plan.spec.type->name + " has " + std::to_string(circuits) + " circuit" +
                        (circuits == 1 ? "" : "s"));
        return;
    }
    const auto& items = std::get<TomlArray>(node.find("loads")->value);
    for (std::size_t i = 0; i < loads->size(); ++i)
        take((*loads)[i], static_cast<int>(i), items[i].place);
}

} // namespace kpmsim

#pragma once

#include "scenarios/file/farm_reader.hpp"
#include "scenarios/play/action.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kpmsim {

/// One action being read; for read_action() alone. Who is meant, when it is and what it does stand in a
/// file each: read_action_who.cpp, _when.cpp, _what.cpp.
class ActionReader {
public:
    ActionReader(const TomlNode& node, const FarmPlan& plan, SimTime now,
                 std::vector<Mistake>& mistakes);
    std::optional<FarmAction> read();

private:
    bool has(std::string_view key) const { return node_.find(std::string{key}) != nullptr; }

    static FarmAction action_of(const TomlNode& node);
    static const ActionKind* kind_of(const TomlNode& node);
    void note_kind();

    // Who
    std::vector<std::string> patterns(const std::string& key);
    template <class Named, class NameOf>
    std::vector<std::size_t> chosen(const std::string& key, const std::vector<Named>& all,
                                    const NameOf& name);
    void read_who();
    void read_lines();
    /// Of what is selected, where the kind has a meaning; nothing of that is a mistake.
    void keep_places();
    bool is_reached(const MeterPlan& meter, WirePlaces places) const;
    void keep_uploaders();
    /// Of meters, those whose wiring has the lead or the transformer that the kind is about.
    void keep_wired();
    bool is_wired(const MeterPlan& meter) const;
    /// What is the whole meter's is not one circuit's.
    void refuse_circuit();
    void read_supplies();
    std::vector<std::size_t> read_meters();
    std::vector<std::size_t> tagged();
    void read_loads(const std::vector<std::size_t>& meters, std::optional<int> circuit);

    // When
    /// Of the first supply that is meant.
    std::optional<double> cycle_hz() const;
    std::optional<SimDuration> duration(const std::string& key);
    void read_moment();
    void refuse(const std::string& key, const std::string& why);
    void take_length(SimDuration length);
    void take_edge(SimDuration edge);
    /// Of a transient whose end nobody wrote: e^-20 of it is below what any meter shows.
    SimDuration own_length() const;
    /// The same for every kind: each time is a whole action, from its begin to its end.
    void read_repeats();
    void read_at();

    // What
    bool is_disturbance() const;
    /// By the words and the checks of [[supply.NAME.disturbance]].
    void read_disturbances();
    void read_parameters();
    void take(const std::string& key, const ActionParameter& parameter, double value,
              const std::string& shown);
    void read_parameter(const std::string& key, const ActionParameter& parameter);
    void read_json(const std::string& key);
    void read_name(const std::string& key, ParameterForm form);
    /// Every selected meter has it, and it is a number; of a kind that is about counters, an energy.
    void check_point(const std::string& key, const std::string& name);
    /// It can be that of another unit in the place of the one meter that is selected.
    void check_serial(const std::string& key, const std::string& serial);
    /// A meter's clock shows where it leads.
    void check_jump();
    void read_phases(const std::string& key, std::size_t least, std::size_t most);
    void read_transformer(const std::string& key, const ActionParameter& parameter);
    /// What is needed of several parameters together.
    void check_together();
    /// Of the requests that a fault hits.
    void check_range();
    void check_inputs();
    void check_auxiliary();
    /// At its keys every selected meter takes the value.
    void check_keys();
    void read_factors(const std::string& key, const ActionParameter& parameter);
    void read_time(const std::string& key);

    const TomlNode& node_;
    const FarmPlan& plan_;
    SimTime now_;
    std::vector<Mistake>& mistakes_;
    FarmAction action_;
    TomlTable table_;
};

} // namespace kpmsim

#pragma once

#include "files/units.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace kpmsim {

/// What an action acts on.
enum class ActionTarget : std::uint8_t {
    supply,
    load, ///< every meter's copy of it, or that of the meters that are selected
    meter,
    line,   ///< the bytes on a line, or those to and from meters
    broker, ///< the messages of meters, on their way
};

/// How a parameter is written.
enum class ParameterForm : std::uint8_t {
    quantity,     ///< a text with a unit: "40 %"
    duration,     ///< "200 ms", "15m", "10 cycles"
    number,       ///< 1.5
    integer,      ///< 3
    choice,       ///< one of `choices`
    text,         ///< any
    phases,       ///< "a", "bc", "abc"
    phase,        ///< one of them
    harmonics,    ///< { 5 = "2.5 % @ 180deg" }
    factors,      ///< three ratios, of phases a, b, c
    moment,       ///< a time of the site
    two_phases,   ///< "ab"
    power_factor, ///< "0.95 ind"; negative where the current leads
    ct_ratio,     ///< "200/5 A"
    pt_ratio,     ///< "1000/100 V"
    load,         ///< the name of a load of the farm
    point,        ///< the name of a point that every selected meter has
    serial,       ///< a serial number
    topic,        ///< of MQTT, or a part of one, to which something is published
    json,         ///< any text, or what it says as a table or list
};

struct ActionParameter {
    std::string_view name;
    std::string_view title;
    ParameterForm form{ParameterForm::quantity};
    Unit unit{Unit::fraction}; ///< of a quantity
    double least{0};           ///< of a quantity in its SI unit, of a number, of a duration in s
    double most{0};
    bool needed{false};
    std::string_view example;
    std::string_view otherwise; ///< what holds without it, as it would be written
    std::vector<std::string_view> choices;
};

/// For how long it may be asked to last.
enum class Lasting : std::uint8_t {
    instant, ///< it happens, and that is all: no `for`
    any,     ///< `for`, or until it is ended
    needed,  ///< `for` must be given
    own,     ///< `for`, or as long as its parameters make of it
};

/// Where a fault of the wire has a meaning.
enum class WirePlaces : std::uint8_t {
    all,
    rtu,        ///< two wires, or a pty
    connection, ///< TCP
};

/// One kind of action. The farm file, the command line, the API, the reference page and the schema all
/// take it from here.
struct ActionKind {
    std::string_view name; ///< dip
    std::string_view title;
    ActionTarget target{ActionTarget::supply};
    Lasting lasting{Lasting::any};
    bool edge{false}; ///< it may go there and back in a straight line
    std::vector<ActionParameter> parameters;
    WirePlaces places{WirePlaces::all}; ///< of one on lines

    const ActionParameter* find(std::string_view parameter) const;
};

/// All kinds: supplies, loads, wiring, meters, lines, brokers.
std::span<const ActionKind> action_kinds();
const ActionKind* find_action_kind(std::string_view name);

std::string_view name_of(ActionTarget target);
std::string_view name_of(ParameterForm form);
std::string_view name_of(Lasting lasting);

} // namespace kpmsim

#include "scenarios/file/farm_reader.hpp"

#include "models/type/serial.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <tuple>

namespace kpmsim {
namespace {

int circuits_of(const MeterDraft& meter) { return meter.plan.spec.type->circuits; }
const std::string& name_of(const MeterDraft& meter) { return meter.plan.spec.name; }

std::string range(int first, int count) {
    return count == 1 ? std::to_string(first)
                      : std::to_string(first) + " to " + std::to_string(first + count - 1);
}

/// Who holds which numbers of one line or port; one complaint for each pair of [[meter]] blocks,
/// not one for each meter of a count.
class Holders {
public:
    const MeterDraft* take(const std::string& where, int first, const MeterDraft& meter) {
        for (int number = first; number < first + circuits_of(meter); ++number) {
            const auto [held, fresh] = held_.try_emplace({where, number}, &meter);
            if (!fresh && told_.insert({where, held->second->block, meter.block}).second)
                return held->second;
        }
        return nullptr;
    }

private:
    std::map<std::pair<std::string, int>, const MeterDraft*> held_;
    std::set<std::tuple<std::string, int, int>> told_;
};

std::string apart(const MeterDraft& a, const MeterDraft& b) {
    const int circuits = std::max(circuits_of(a), circuits_of(b));
    return circuits == 1 ? "give each meter an address of its own"
                         : "a KPM312 takes four in a row: leave four between, such as \"1 + 4*n\"";
}

/// By its own serial number it has a radio, or nobody knows what it has.
bool may_upload(const MeterSpec& spec) {
    const SerialRule& rule = spec.type->serial;
    if (rule.form != SerialRule::Form::compere)
        return true;
    switch (carrier_of(rule, spec.serial)) {
    case Carrier::rs485:
    case Carrier::lora:
    case Carrier::profibus:
        return false;
    case Carrier::gsm:
    case Carrier::wifi:
        break;
    }
    return true; // digits that no table has are on meters that upload
}

} // namespace

void number_meters(std::vector<MeterDraft>& meters, CivilTime start,
                   std::vector<Mistake>& mistakes) {
    std::set<std::string> taken;
    const auto take = [&](const MeterType& type, const std::string& serial) {
        for (int circuit = 0; circuit < type.circuits; ++circuit)
            taken.insert(circuit_serial(type.serial, serial, circuit));
    };
    const auto is_taken = [&](const MeterType& type, const std::string& serial) {
        for (int circuit = 0; circuit < type.circuits; ++circuit)
            if (taken.contains(circuit_serial(type.serial, serial, circuit)))
                return true;
        return false;
    };
    for (const MeterDraft& meter : meters)
        if (const MeterSpec& spec = meter.plan.spec; !spec.serial.empty())
            take(*spec.type, spec.serial);
    const CivilFields made = fields_of(start);
    // By the maker's rule: a type that was copied from another one counts on with it.
    std::map<std::tuple<std::string, char, std::string>, int> made_so_far;
    std::set<int> told;
    for (MeterDraft& meter : meters) {
        MeterSpec& spec = meter.plan.spec;
        const SerialRule& rule = spec.type->serial;
        if (rule.form == SerialRule::Form::none)
            continue;
        while (spec.serial.empty()) {
            const int place = made_so_far[{rule.model_code, rule.letter, rule.pattern}]++;
            const auto serial =
                nth_serial(rule, meter.carrier, made.year, made.month, spec.type->circuits, place);
            if (!serial) {
                if (told.insert(meter.block).second)
                    note(mistakes, meter.name, "there are no serial numbers left for " + spec.name,
                         "give the pattern in [serial] of its model more #");
                break;
            }
            if (!is_taken(*spec.type, *serial)) {
                take(*spec.type, *serial);
                spec.serial = *serial;
            }
        }
    }
}

void check_meters(const std::vector<MeterDraft>& meters, std::vector<Mistake>& mistakes) {
    std::map<std::string, const MeterDraft*> names;
    std::map<std::string, const MeterDraft*> serials;
    std::set<std::pair<int, int>> same_name;
    std::set<int> serial_told;
    std::set<int> no_radio_told;
    Holders lines;
    Holders ports;
    for (const MeterDraft& meter : meters) {
        const MeterPlan& plan = meter.plan;
        const MeterSpec& spec = plan.spec;
        const auto [twin, fresh] = names.try_emplace(spec.name, &meter);
        // A count without {n} in its name has been told so.
        if (!fresh && !spec.name.empty() &&
            (twin->second->block != meter.block || meter.name_varies) &&
            same_name.insert({twin->second->block, meter.block}).second) {
            note(mistakes, meter.name, "there are two meters \"" + spec.name + '"',
                 "give each a name of its own; in a block with a count, {n} counts");
        }
        for (const std::string& bus : plan.buses) {
            if (spec.address <= 0)
                break;
            if (const MeterDraft* other = lines.take(bus, spec.address, meter);
                other != nullptr && other != &meter) {
                note(mistakes, meter.address,
                     name_of(meter) + " has address " + range(spec.address, circuits_of(meter)) +
                         " on bus " + bus + ", where " + name_of(*other) + " has " +
                         range(other->plan.spec.address, circuits_of(*other)),
                     apart(meter, *other));
            }
        }
        for (const EndpointPlan& endpoint : plan.endpoints) {
            if (endpoint.protocol != WireProtocol::modbus_tcp || endpoint.connects ||
                endpoint.at.port == 0 || plan.unit <= 0)
                continue;
            const std::string where = to_text(endpoint.at);
            if (const MeterDraft* other = ports.take(where, plan.unit, meter)) {
                note(mistakes, meter.unit,
                     name_of(meter) + " has unit " + range(plan.unit, circuits_of(meter)) + " at " +
                         where + ", where " + name_of(*other) + " has " +
                         range(other->plan.unit, circuits_of(*other)),
                     apart(meter, *other));
            }
        }
        const bool ordered = meter.carrier == Carrier::wifi || meter.carrier == Carrier::gsm;
        if (plan.mqtt && ordered && !may_upload(spec) && no_radio_told.insert(meter.block).second)
            note(mistakes, meter.serial,
                 fmt::format("{} has the serial {}, of a meter without a radio for MQTT",
                             name_of(meter), spec.serial),
                 "write 1 (4G) or 2 (WiFi) as its 5th character, or leave mqtt out");
        for (int circuit = 0; circuit < spec.type->circuits; ++circuit) {
            const std::string serial = circuit_serial(spec.type->serial, spec.serial, circuit);
            const auto [same, alone] = serials.try_emplace(serial, &meter);
            if (!alone && same->second != &meter && !serial.empty() &&
                serial_told.insert(meter.block).second) {
                note(mistakes, meter.serial,
                     name_of(meter) + " has the serial " + serial + " of " + name_of(*same->second),
                     "leave serial out, and each meter gets one of its own");
            }
        }
    }
}

} // namespace kpmsim

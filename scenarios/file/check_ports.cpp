#include "scenarios/file/farm_reader.hpp"

#include <map>
#include <set>

namespace kpmsim {
namespace {

/// Who listens at which ports; one complaint for each owner: a line, or the meters of one [[meter]].
class Ports {
public:
    explicit Ports(std::vector<Mistake>& mistakes) : mistakes_{mistakes} {}

    void take(const std::vector<EndpointPlan>& endpoints, const std::string& who,
              const std::string& owner) {
        for (const EndpointPlan& endpoint : endpoints)
            if (!endpoint.connects && endpoint.at.port != 0)
                take(endpoint, who, owner);
    }

private:
    struct Taken {
        EndpointPlan endpoint;
        std::string who;
    };

    void take(const EndpointPlan& mine, const std::string& who, const std::string& owner) {
        std::vector<Taken>& others = taken_[mine.at.port];
        for (const Taken& other : others) {
            if (!collide(other.endpoint.at, mine.at))
                continue;
            // Meters behind one port of Modbus-TCP are told apart by their unit ids.
            const bool gateway = mine.protocol == WireProtocol::modbus_tcp &&
                                 other.endpoint.protocol == WireProtocol::modbus_tcp;
            if (gateway && other.endpoint.at == mine.at)
                return;
            if (!told_.insert(owner).second)
                return;
            if (gateway) {
                note(mistakes_, mine.place,
                     "port " + std::to_string(mine.at.port) + " is written as " +
                         to_text(other.endpoint.at) + " and as " + to_text(mine.at),
                     "write it the same way everywhere, or use another port");
            } else {
                note(mistakes_, mine.place,
                     who + " listens at " + to_text(mine.at) + ", where " + other.who +
                         " does already",
                     "use another port; meters that share one of RTU stand on a [bus.NAME] that "
                     "has it as its rtu_tcp");
            }
            return;
        }
        others.push_back({mine, who});
    }

    std::vector<Mistake>& mistakes_;
    std::map<unsigned short, std::vector<Taken>> taken_;
    std::set<std::string> told_;
};

} // namespace

void check_ports(const std::vector<MeterDraft>& meters, const std::vector<BusPlan>& buses,
                 std::vector<Mistake>& mistakes) {
    Ports ports{mistakes};
    for (const BusPlan& bus : buses)
        ports.take(bus.endpoints, "bus " + bus.name, "bus " + bus.name);
    for (const MeterDraft& meter : meters)
        ports.take(meter.plan.endpoints, meter.plan.spec.name,
                   "meter " + std::to_string(meter.block));
}

} // namespace kpmsim

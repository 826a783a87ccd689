#include "scenarios/file/farm_reader.hpp"

#include <map>
#include <set>
#include <unordered_map>

namespace kpmsim {
namespace {

struct Taken {
    EndpointPlan endpoint;
    std::string who;
};

/// The listeners of one port, of which no two collide. So there is little to look at for another,
/// however many addresses of a machine have the port: who is at :: or 0.0.0.0 is alone, or among the
/// other protocol's addresses.
class ListenersOfPort {
public:
    /// The first that it collides with; null when it can be at the same time as all of them.
    const Taken* against(const Endpoint& mine) const {
        if (mine.host == "::")
            return all_.empty() ? nullptr : &all_.front();
        if (mine.host == "0.0.0.0" && first_v4_)
            return &all_[*first_v4_];
        for (const std::string& host : {mine.host, std::string{"::"}, std::string{"0.0.0.0"}})
            if (const auto at = by_host_.find(host);
                at != by_host_.end() && collide(all_[at->second].endpoint.at, mine))
                return &all_[at->second];
        return nullptr;
    }

    void add(Taken one) {
        const std::string& host = one.endpoint.at.host;
        by_host_.emplace(host, all_.size());
        if (!first_v4_ && host.find(':') == std::string::npos)
            first_v4_ = all_.size();
        all_.push_back(std::move(one));
    }

private:
    std::vector<Taken> all_;
    std::unordered_map<std::string, std::size_t> by_host_;
    std::optional<std::size_t> first_v4_;
};

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
    void take(const EndpointPlan& mine, const std::string& who, const std::string& owner) {
        ListenersOfPort& others = taken_[mine.at.port];
        const Taken* other = others.against(mine.at);
        if (other == nullptr) {
            others.add({mine, who});
            return;
        }
        // Meters behind one port of Modbus-TCP are told apart by their unit ids.
        const bool gateway = mine.protocol == WireProtocol::modbus_tcp &&
                             other->endpoint.protocol == WireProtocol::modbus_tcp;
        if (gateway && other->endpoint.at == mine.at)
            return;
        if (!told_.insert(owner).second)
            return;
        if (gateway) {
            note(mistakes_, mine.place,
                 "port " + std::to_string(mine.at.port) + " is written as " +
                     to_text(other->endpoint.at) + " and as " + to_text(mine.at),
                 "write it the same way everywhere, or use another port");
        } else {
            note(mistakes_, mine.place,
                 who + " listens at " + to_text(mine.at) + ", where " + other->who +
                     " does already",
                 "use another port; meters that share one of RTU stand on a [bus.NAME] that has it "
                 "as its rtu_tcp");
        }
    }

    std::vector<Mistake>& mistakes_;
    std::map<unsigned short, ListenersOfPort> taken_;
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

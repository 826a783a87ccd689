#pragma once

#include "servers/client/ledger.hpp"
#include "servers/client/poll_plan.hpp"
#include "servers/client/simulated_client.hpp"
#include "servers/faults/wire_form.hpp"
#include "servers/line/byte_service.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kpmsim {

/// A Modbus master: whom it asks for what, and how patient it is.
struct MasterPlan {
    std::string name;
    WireForm form{WireForm::tcp};
    LineSettings line; ///< its own end's, on two wires
    std::vector<ClientUnit> units;
    std::vector<std::string> points;   ///< by name, of each unit that has a register of it
    std::vector<RegisterBlock> blocks; ///< of each unit
    SimTime from{};                    ///< the first round
    SimDuration every{std::chrono::seconds{10}};
    SimDuration timeout{std::chrono::seconds{1}}; ///< from the end of the request on
    int retries{0};                               ///< after a failure, of the same request
    Ledger::Plan books;
    ClientMistakes mistakes;
};

/// Polls meters over a byte service: on TCP by transaction, on two wires one request after another,
/// with the silences that the specification and the meters ask for. A round that is not over when the
/// next one is due goes on; the next one begins at the first due moment after its end.
///
/// Without mistakes it takes nothing for an answer but what can be one: its transaction, its unit, its
/// function, its length, a right check, and on two wires no sooner than the request and its silence
/// are over.
class ModbusMaster final : public SimulatedClient {
public:
    /// Connects at its first request; `behind` outlives it.
    ModbusMaster(MasterPlan plan, ByteServiceFactory& behind);

    const std::string& name() const override { return plan_.name; }
    SimTime next_event() const override;
    void advance(SimTime to) override;
    const ClientLog& log() const override { return log_; }

private:
    void step(SimTime at);
    void begin_round(SimTime at);
    void send(SimTime at);
    void heard(SimTime at, const std::vector<std::uint8_t>& bytes);
    void judge_rtu(SimTime at);
    void judge_tcp(SimTime at);
    void judge_pdu(SimTime at, std::span<const std::uint8_t> pdu);
    void take_values(SimTime at, std::span<const std::uint8_t> data);
    void fail(SimTime at, std::string why);
    void next_request(SimTime at);
    SimDuration pause() const;
    void look_after_connection(SimTime at);
    void hang_up();
    const PollRequest& request() const { return round_[place_]; }
    const ClientUnit& unit() const { return plan_.units[request().unit]; }
    void note(SimTime at, ClientEvent event, std::string what, std::string text = {});
    bool does(ClientMistake mistake) const { return plan_.mistakes.contains(mistake); }

    MasterPlan plan_;
    ByteServiceFactory& behind_;
    std::unique_ptr<ByteService> service_; ///< null: not connected
    std::shared_ptr<bool> refused_;
    std::vector<PollRequest> round_;
    Ledger ledger_;
    ClientLog log_;
    SimTime now_{};
    SimTime next_round_{};
    std::size_t place_{0}; ///< in the round; its size when it is over
    int attempt_{0};
    SimTime ready_{};                 ///< the next request does not go out sooner
    std::optional<SimTime> deadline_; ///< of the answer that is waited for
    SimTime soonest_{};               ///< no meter can have begun to answer before
    std::uint16_t transaction_{0};
    std::vector<std::uint8_t> in_;
    std::vector<std::uint8_t> unsent_; ///< what the service has not taken
};

} // namespace kpmsim

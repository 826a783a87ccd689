#pragma once

#include "scenarios/play/actions.hpp"
#include "servers/api/actions_port.hpp"

namespace kpmsim {

/// The actions of a farm as its control API sees them.
class FarmActions : public ActionsPort {
public:
    FarmActions(Actions& actions, const Farm& farm) : actions_{actions}, farm_{farm} {}

    std::string kinds() const override;
    /// [{"id", "kind", "from", "until", "state", "action"}]: state is planned, running, over or ended;
    /// those that are over are left out.
    std::string list() const override;
    Result<StartedAction, std::vector<Mistake>> start(std::string_view json) override;
    bool end(const std::string& id) override;
    std::size_t end_all() override;

private:
    Actions& actions_;
    const Farm& farm_;
};

} // namespace kpmsim

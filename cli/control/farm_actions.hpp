#pragma once

#include "scenarios/play/actions.hpp"
#include "servers/api/actions_port.hpp"

#include <functional>
#include <string>
#include <utility>

namespace kpmsim {

/// The actions of a farm as its control API sees them.
class FarmActions : public ActionsPort {
public:
    /// `tell`: called after something was started or ended.
    FarmActions(Actions& actions, const Farm& farm, std::function<void()> tell)
        : actions_{actions}, farm_{farm}, tell_{std::move(tell)} {}

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
    std::function<void()> tell_;
};

/// "a3".
std::string id_text(const ToldAction& told);

} // namespace kpmsim

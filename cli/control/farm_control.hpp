#pragma once

#include "cli/control/farm_actions.hpp"
#include "cli/serve/farm_server.hpp"
#include "cli/serve/runner.hpp"
#include "scenarios/farm/farm.hpp"
#include "servers/api/control.hpp"

#include <functional>
#include <map>
#include <string>
#include <utility>

namespace kpmsim {

class FarmEvents;
class KeptFarm;

/// The control API's farm: what is asked of it goes to the farm, its server and its runner.
class FarmControl : public Control {
public:
    /// Keeps the farm's state of this moment for reset().
    FarmControl(Farm& farm, FarmServer& server, Runner& runner, Actions& actions,
                FarmEvents& events, std::function<void()> shut_down);

    const ApiFarm& farm() const override { return facts_; }
    std::vector<ApiMeter> meters() const override;
    std::optional<ApiMeter> meter(const std::string& name) const override;
    std::size_t meter_count() const override { return places_.size(); }
    std::vector<std::string> meter_names() const override;
    bool ready() const override { return true; } // it is made when every listener is bound
    std::optional<Fault> stands_still() const override;
    std::vector<ApiMetric> metrics() const override;
    MeterState truth(const std::string& meter, int circuit) const override;
    void between_steps(std::function<void()> work) override;

    SimTime now() const override { return farm_.now(); }
    Pace pace() const override { return runner_.pace(); }
    void set_pace(const Pace& pace, std::function<void()> done) override {
        runner_.set_pace(pace, std::move(done));
    }
    bool advancing() const override { return runner_.advancing(); }
    void advance(ApiAdvance what, std::function<void(const ApiAdvanced&)> done) override;
    Result<std::function<bool()>, Fault> condition(std::string_view text) override;

    Bytes save() override { return actions_.save(); }
    std::optional<Fault> restore(std::span<const std::uint8_t> saved) override;
    std::optional<Fault> reset() override;
    Result<std::vector<ApiMeter>, ApiRefusal> add_meters(const std::string& json) override;
    std::optional<ApiRefusal> remove_meter(const std::string& name) override;
    void shut_down() override { shut_down_(); }
    ActionsPort* actions() override { return &port_; }
    ExpectationsPort* expectations() override { return expectations_; }
    void judged_by(ExpectationsPort* expectations) { expectations_ = expectations; }
    void kept_by(KeptFarm* kept) { kept_ = kept; }

private:
    ApiMeter describe(std::size_t n) const;
    void list_meters(); ///< after they have come or gone
    /// Throws BadState or CannotListen.
    void put(std::span<const std::uint8_t> saved);
    std::optional<Fault> try_to_put(std::span<const std::uint8_t> saved);

    Farm& farm_;
    FarmServer& server_;
    Runner& runner_;
    Actions& actions_;
    FarmEvents& events_;
    FarmActions port_;
    ExpectationsPort* expectations_{nullptr};
    KeptFarm* kept_{nullptr};
    std::function<void()> shut_down_;
    ApiFarm facts_;
    std::map<std::string, std::size_t, std::less<>> places_; ///< of meters, by name
    Bytes start_;
};

} // namespace kpmsim

#include "models/upload.hpp"

#include "models/serial.hpp"

#include <fmt/format.h>

#include <cmath>

namespace kpmsim {

namespace {

/// The digits of a packet's number, trailing zeros kept.
void append_number(std::string& json, const UploadField& field, double value) {
    double shown = value / field.scale;
    if (field.truncate) {
        // A thousandth of the last digit counts as reached: the float nearest to 0.996 is a little
        // below it, and a resistive load's P/S may be.
        const double unit = std::pow(10.0, field.decimals);
        shown = std::trunc(shown * unit + std::copysign(1e-3, shown)) / unit;
    }
    const std::size_t from = json.size();
    json += fmt::format("{:.{}f}", shown, field.decimals);
    if (json.find_first_not_of("-0.", from) == std::string::npos && json[from] == '-')
        json.erase(from, 1); // no minus before a zero
}

bool on_grid(CivilTime t, std::int64_t period_s) {
    return t.time_since_epoch().count() % period_s == 0;
}

} // namespace

const UploadPlan& upload_plan(const DeviceType& type, const std::string& serial) {
    const bool gsm = carrier_of(serial) == Carrier::gsm;
    return gsm && !type.upload_4g.empty() ? type.upload_4g : type.upload;
}

std::vector<std::string> packets(const UploadTopic& topic, const std::string& id,
                                 const MeterState& state, CivilTime stamp) {
    std::vector<std::string> all;
    const std::string time = compact_text(stamp);
    for (std::size_t n = 0; n < topic.packets.size(); ++n) {
        std::string json = fmt::format("{{\"id\":\"{}\"", id);
        for (const UploadField& field : topic.packets[n]) {
            const std::string_view quote = field.as_text ? "\"" : "";
            json += fmt::format(",\"{}\":{}", field.key, quote);
            append_number(json, field, state.get(field.quantity));
            json += quote;
        }
        const bool last = n + 1 == topic.packets.size();
        json += fmt::format(",\"time\":\"{}\",\"isend\":\"{}\"}}", time, last ? 1 : 0);
        all.push_back(std::move(json));
    }
    return all;
}

std::vector<Upload> uploads_at(const Device& device, CivilTime site) {
    const UploadPlan& plan = upload_plan(device.type(), device.serial());
    std::vector<Upload> out;
    if (plan.empty())
        return out;

    const Instrument& meter = device.instrument();
    const auto send = [&](const UploadTopic& topic, CivilTime stamp) {
        for (std::string& packet : packets(topic, device.serial(), device.state(), stamp))
            out.push_back({topic.topic, std::move(packet)});
    };
    const std::int64_t every_s = meter.setting("second_interval_s");
    const std::int64_t every_min = meter.setting("minute_interval_min");
    const auto energy_due = [&](CivilTime t) {
        return !plan.energy.packets.empty() && on_grid(t, 60 * every_min);
    };

    const std::chrono::seconds delay{plan.realtime_delay_s};
    const auto realtime_if = [&](CivilTime stamp) {
        if (on_grid(stamp, every_s))
            send(plan.realtime, stamp);
    };
    // A clock that runs fast or slow leaves out a second now and then, or shows one twice; each
    // still counts once.
    const MeterClock& clock = meter.clock();
    const CivilTime now = clock.shown(site);
    for (CivilTime rtc = clock.shown(site - std::chrono::seconds{1}); rtc < now;) {
        rtc += std::chrono::seconds{1};
        if (energy_due(rtc))
            send(plan.energy, rtc);
        if (delay.count() > 0 && energy_due(rtc - delay))
            realtime_if(rtc - delay);
        if (delay.count() == 0 || !energy_due(rtc))
            realtime_if(rtc);
    }
    return out;
}

} // namespace kpmsim

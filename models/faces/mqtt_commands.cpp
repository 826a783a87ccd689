#include "models/faces/mqtt_commands.hpp"

#include "files/number.hpp"
#include "models/faces/register_tunnel.hpp"
#include "models/faces/registers.hpp"
#include "models/type/serial.hpp"
#include "sim/iso_time.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace kpmsim {

namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t most_payload = 4096;
constexpr std::size_t oprid_length = 32;
constexpr int most_relays = 32;

/// Of an id, for a topic: as in the topics of uploads no wildcard stands in it.
std::string last_eight(const std::string& serial) {
    std::string tail = serial.substr(serial.size() - std::min<std::size_t>(serial.size(), 8));
    std::replace_if(
        tail.begin(), tail.end(), [](char c) { return c == '+' || c == '#'; }, '_');
    return tail;
}

/// Characters of a text in UTF-8: bytes that continue none.
std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(),
        [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// All scalars of the protocol are texts; nothing where there is none.
std::optional<std::string> text_of(const Json& request, const std::string& key) {
    const auto found = request.find(key);
    if (found == request.end() || !found->is_string())
        return std::nullopt;
    return found->get<std::string>();
}

std::string reason_of(Refusal why) {
    return why == Refusal::unknown ? "no such parameter" : std::string{name_of(why)};
}

/// One request, and its answer as it grows.
class Request {
public:
    Request(Circuit& circuit, const Json& request, std::string oprid)
        : circuit_{circuit}, request_{request} {
        answer_["id"] = circuit.serial();
        answer_["oprid"] = std::move(oprid);
    }

    void commod_set() {
        const auto point = frequency();
        if (!point)
            fail("Cmd is neither 0000 nor 0001");
        if (const auto value = number_of_types("value"); value && reason_.empty())
            done(circuit_.set(*point, *value, Access::wire));
        answer_["code"] = code();
    }

    void commod_read() {
        const auto point = frequency();
        answer_["Cmd"] = text_of(request_, "Cmd").value_or("");
        const auto value = point ? circuit_.get(*point, Access::wire)
                                 : Result<PointValue, Refusal>{Unexpected{Refusal::unknown}};
        if (!value)
            fail("Cmd is neither 0000 nor 0001");
        types();
        answer_["value"] = reason_.empty() ? number_text(value->number) : "";
        answer_["code"] = code();
    }

    void settime() {
        const auto time = text_of(request_, "time");
        const bool formed = time && is_moment(*time);
        const auto moment = formed ? moment_of(*time) : std::nullopt;
        if (!formed)
            fail("time is no YYYYMMDDhhmmss");
        else if (!moment)
            fail("time is no day or hour that there is");
        else
            done(circuit_.set("clock", static_cast<double>(moment->time_since_epoch().count()),
                              Access::wire));
        tell_reason();
    }

    void telectrl() {
        std::vector<Assignment> what;
        for (int n = 1; n <= most_relays; ++n) {
            const std::string key = fmt::format("do{}", n);
            if (!request_.contains(key))
                continue;
            const std::string told = text_of(request_, key).value_or("");
            answer_[key] = told;
            const auto& relays = circuit_.type().relay_points;
            if (!circuit_.meter().spec().relays_fitted ||
                static_cast<std::size_t>(n) > relays.size())
                fail(fmt::format("there is no {}", key));
            else if (told != "0" && told != "1")
                fail(fmt::format("{} is neither 0 nor 1", key));
            else
                what.push_back({relays[static_cast<std::size_t>(n - 1)], circuit_.index(),
                                told == "1" ? 1.0 : 0.0});
        }
        if (reason_.empty() && what.empty())
            fail("no relay is named");
        if (reason_.empty())
            done(circuit_.meter().set(std::move(what), Access::wire));
        tell_reason();
    }

    void sys_cfg() {
        if (const auto address = register_address()) {
            const auto words = numbers().words(text_of(request_, "value").value_or(""));
            if (!words)
                fail(words.error());
            else if (std::string why =
                         numbers().misfit(circuit_.type().registers, *address, words->size());
                     !why.empty())
                fail(std::move(why));
            else
                done(write_registers(circuit_, *address, *words));
        }
        answer_["code"] = code();
    }

    void sys_read() {
        std::string value;
        if (const auto address = register_address()) {
            const auto count = whole("lenth");
            if (!count || *count < 1 || *count > most_tunnelled) {
                fail(fmt::format("lenth is no number from 1 to {}", most_tunnelled));
            } else {
                std::vector<std::uint16_t> words(static_cast<std::size_t>(*count) *
                                                 numbers().words_each());
                done(read_registers(circuit_, *address, words));
                if (reason_.empty())
                    value = numbers().text(words);
            }
        }
        for (const char* key : {"addr", "lenth"})
            answer_[key] = text_of(request_, key).value_or("");
        answer_["value"] = value;
        answer_["type"] = text_of(request_, "type").value_or("");
    }

    void reconfig() {
        Intervention to_the_platform;
        to_the_platform.kind = InterventionKind::broker;
        to_the_platform.value = 1;
        done(circuit_.meter().set({}, Access::wire, {to_the_platform}));
        tell_reason();
    }

    /// A month's freeze: what was done in a packet of its own, then the readings; or all of it in one.
    void recall() {
        const auto months = months_ago();
        const EnergyRegisters* frozen = nullptr;
        const MeterImage& image = circuit_.meter().image();
        const auto place = static_cast<std::size_t>(circuit_.index());
        if (!months)
            fail("date is no yyyyMM");
        else if (text_of(request_, "oprtype") != "2")
            fail("oprtype is not 2 (monthly)");
        else if (frozen = image.memory.months[place].at_end_of(*months); frozen == nullptr)
            fail("there is no freeze of that month");
        tell_reason();
        answer_["frz_type"] = "2";
        const CivilTime now = circuit_.meter().rtc();
        answer_["time"] = compact_text(now);
        answer_["isend"] = frozen == nullptr ? "1" : "0";
        if (frozen == nullptr)
            return;
        std::vector<MeterState> then = image.metered;
        then[place].energy = *frozen;
        MeterView view = circuit_.meter().view();
        view.metered = then;
        const UploadTopic& topic =
            upload_plan(circuit_.type(), circuit_.meter().spec().serial).recall;
        if (topic.packets.size() > 1) {
            more_ = packets(topic, view, circuit_.index(), now, R"("frz_type":"2",)");
            return;
        }
        const std::string head = OrderedJson{
            {"oprid", answer_["oprid"]},
            {"code", answer_["code"]},
            {"msg", answer_["msg"]},
            {"frz_type", "2"}}.dump();
        whole_ =
            packets(topic, view, circuit_.index(), now, head.substr(1, head.size() - 2) + ',')[0];
    }

    /// The payloads that go out, in order.
    std::vector<std::string> answers() const {
        std::vector<std::string> all{
            whole_.empty() ? answer_.dump(-1, ' ', false, Json::error_handler_t::replace) : whole_};
        all.insert(all.end(), more_.begin(), more_.end());
        return all;
    }
    const std::string& reason() const { return reason_; }

private:
    void fail(std::string why) {
        if (reason_.empty())
            reason_ = std::move(why);
    }
    void done(const Meter::Done& how) {
        if (!how)
            fail(reason_of(how.error()));
    }
    std::string code() const { return reason_.empty() ? "01" : "02"; }
    void tell_reason() {
        answer_["code"] = code();
        answer_["msg"] = reason_;
    }

    std::optional<std::int64_t> whole(const char* key, int base = 10) const {
        const auto text = text_of(request_, key);
        return text ? whole_number(*text, base) : std::nullopt;
    }

    /// How COMMOD writes its value: 1 an integer, 2 a float.
    std::optional<bool> types() {
        const auto text = text_of(request_, "types");
        if (text == "1" || text == "2")
            return text == "2";
        fail("types is neither 1 (integer) nor 2 (float)");
        return std::nullopt;
    }

    /// A whole number in the form that `types` says.
    std::optional<double> number_of_types(const char* key) {
        const auto is_float = types();
        if (!is_float)
            return std::nullopt;
        const auto text = text_of(request_, key);
        std::optional<double> value;
        if (text && *is_float)
            value = read_number(*text);
        else if (const auto integer = whole(key))
            value = static_cast<double>(*integer);
        if (!value)
            fail(fmt::format("{} is no {}", key, *is_float ? "number" : "integer"));
        else if (std::trunc(*value) != *value)
            fail(fmt::format("{} is no whole number", key));
        return value;
    }

    /// The point of the upload frequency that Cmd names: 0000 in seconds, 0001 in minutes.
    std::optional<std::string> frequency() const {
        const auto cmd = text_of(request_, "Cmd");
        if (cmd != "0000" && cmd != "0001")
            return std::nullopt;
        const SettingRow* setting =
            circuit_.type().setting(cmd == "0000" ? Role::upload_seconds : Role::upload_minutes);
        return setting == nullptr ? std::nullopt : std::optional{setting->name};
    }

    static bool is_moment(const std::string& text) {
        return text.size() == 14 &&
               std::all_of(
                   text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    }

    /// Nothing when there is no such date or time.
    static std::optional<CivilTime> moment_of(const std::string& text) {
        const auto part = [&](std::size_t from, std::size_t count) {
            return text.substr(from, count);
        };
        const auto time = read_iso(part(0, 4) + '-' + part(4, 2) + '-' + part(6, 2) + 'T' +
                                   part(8, 2) + ':' + part(10, 2) + ':' + part(12, 2));
        return time ? std::optional{time->whole} : std::nullopt;
    }

    // A month's freeze.

    /// How many months ago the one that is asked for began, the running one being 0.
    std::optional<int> months_ago() const {
        const auto date = text_of(request_, "date");
        const auto number = date && date->size() == 6 ? whole_number(*date) : std::nullopt;
        if (!number || *number < 0 || *number % 100 < 1 || *number % 100 > 12)
            return std::nullopt;
        const int day = static_cast<int>(circuit_.meter().shown(Role::history_day, 1));
        const auto next =
            fields_of(settlement_after(circuit_.meter().rtc(), day)); // a month after it began
        const auto count = [](int year, int month) { return year * 12 + month; };
        const int asked = static_cast<int>(*number);
        return count(next.year, next.month) - 1 - count(asked / 100, asked % 100);
    }

    // The tunnel to the registers.

    /// Where, and how they are written down.
    std::optional<std::uint16_t> register_address() {
        const auto text = text_of(request_, "addr");
        const std::int64_t address =
            text && text->size() == 4 ? whole_number(*text, 16).value_or(-1) : -1;
        const auto type = text_of(request_, "type");
        if (address < 0)
            fail("addr is no register of four hexadecimal digits");
        else if (type != "1" && type != "2")
            fail("type is neither 1 (integer) nor 2 (float)");
        return reason_.empty() ? std::optional{static_cast<std::uint16_t>(address)} : std::nullopt;
    }
    TunnelNumbers numbers() const {
        return {text_of(request_, "type") == "2", circuit_.meter().word_order()};
    }

    Circuit& circuit_;
    const Json& request_;
    OrderedJson answer_;
    std::string whole_;             ///< in its place, where it holds more than texts
    std::vector<std::string> more_; ///< behind it
    std::string reason_;
};

struct Face {
    MqttCommand command;
    std::string_view answer; ///< its topic
    void (Request::*carry_out)();
};

constexpr std::array faces{
    Face{MqttCommand::commod_set, "MQTT_COMMOD_SET_REP", &Request::commod_set},
    Face{MqttCommand::commod_read, "MQTT_COMMOD_READ_REP", &Request::commod_read},
    Face{MqttCommand::settime, "MQTT_METER_TIME_REP", &Request::settime},
    Face{MqttCommand::telectrl, "MQTT_TELECTRL_REP", &Request::telectrl},
    Face{MqttCommand::recall, "MQTT_RECALL_REP", &Request::recall},
    Face{MqttCommand::sys_cfg, "MQTT_SYS_SET_REP", &Request::sys_cfg},
    Face{MqttCommand::sys_read, "MQTT_SYS_REPLY", &Request::sys_read},
    Face{MqttCommand::reconfig, "MQTT_RECONFIG_REPLY", &Request::reconfig},
    Face{MqttCommand::set, "MQTT_METER_REPLY", nullptr},
};

/// The maintenance platform's word, which has no oprid.
CommandAnswer answer_set(Circuit& circuit, const Json& request, std::string_view topic) {
    Meter& meter = circuit.meter();
    const bool wifi = carrier_of(meter.type().serial, meter.spec().serial) != Carrier::gsm;
    const auto info = text_of(request, "info");
    if (!info)
        return {{}, "info is no text"};
    CommandAnswer answer;
    const auto read = read_broker_info(*info, wifi);
    if (!read) {
        answer.remark = read.error();
    } else {
        Intervention there;
        there.kind = InterventionKind::broker;
        there.text = *info;
        if (const auto done = meter.set({}, Access::wire, {there}); !done)
            answer.remark = reason_of(done.error());
    }
    const OrderedJson reply{{"code", circuit.serial()},
                            {"status", answer.remark.empty() ? "ok" : "fail"}};
    answer.messages.push_back({std::string{topic}, reply.dump()});
    return answer;
}

std::vector<std::string> topics_of(MqttCommand command, const Circuit& circuit) {
    const std::string tail = '_' + last_eight(circuit.serial());
    std::vector<std::string> topics{fmt::format("MQTT_{}{}", name_of(command), tail)};
    if (command == MqttCommand::sys_cfg)
        topics.push_back("MQTT_SYS__CFG" + tail);
    return topics;
}

const Face* face_of(const Circuit& circuit, std::string_view topic) {
    for (const MqttCommand command : circuit.type().mqtt_commands) {
        const auto topics = topics_of(command, circuit);
        if (std::find(topics.begin(), topics.end(), topic) != topics.end())
            return &*std::find_if(faces.begin(), faces.end(),
                                  [&](const Face& face) { return face.command == command; });
    }
    return nullptr;
}

} // namespace

std::vector<std::string> command_topics(const Circuit& circuit) {
    std::vector<std::string> all;
    for (const MqttCommand command : circuit.type().mqtt_commands)
        for (std::string& topic : topics_of(command, circuit))
            all.push_back(std::move(topic));
    return all;
}

bool answers_command(std::string_view topic) {
    return std::any_of(
        faces.begin(), faces.end(), [&](const Face& face) { return face.answer == topic; });
}

Upload config_request(const Circuit& circuit) {
    return {"MQTT_METER_REQ_CFG", OrderedJson{{"code", circuit.serial()}}.dump()};
}

std::string command_topic(const Circuit& circuit, std::string_view command) {
    for (const MqttCommand each : all_mqtt_commands())
        if (name_of(each) == command)
            return fmt::format("MQTT_{}_{}", command, last_eight(circuit.serial()));
    return fmt::format("MQTT_{}", command);
}

CommandAnswer answer_command(Circuit& circuit, std::string_view topic, std::string_view payload) {
    const Face* const face = face_of(circuit, topic);
    const bool debug = circuit.meter().image().memory.broker.debug;
    if (face == nullptr || !circuit.meter().powered() ||
        (debug && face->command != MqttCommand::set))
        return {};
    if (payload.size() > most_payload)
        return {{},
                fmt::format("the payload has {} bytes, more than the {} that a meter takes",
                            payload.size(), most_payload)};
    const Json request = Json::parse(payload, nullptr, false);
    if (!request.is_object())
        return {{}, "the payload is no JSON object"};
    if (face->command == MqttCommand::set)
        return answer_set(circuit, request, face->answer);
    auto oprid = text_of(request, "oprid");
    if (!oprid || characters(*oprid) != oprid_length)
        return {{}, "oprid is no text of 32 characters"};
    Request asked{circuit, request, std::move(*oprid)};
    (asked.*face->carry_out)();
    CommandAnswer answer;
    for (std::string& one : asked.answers())
        answer.messages.push_back({std::string{face->answer}, std::move(one)});
    answer.remark = asked.reason();
    return answer;
}

} // namespace kpmsim

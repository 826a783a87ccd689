#include "scenarios/play/kinds.hpp"

#include "models/engine/upload_habit.hpp"
#include "models/type/mqtt_command.hpp"
#include "scenarios/play/parameter_words.hpp"

namespace kpmsim {
namespace {

using namespace words;
using Form = ParameterForm;

std::vector<std::string_view> command_names() {
    std::vector<std::string_view> names;
    for (const MqttCommand command : all_mqtt_commands())
        names.push_back(name_of(command));
    return names;
}

} // namespace

std::vector<ActionKind> meter_kinds() {
    using enum ActionTarget;
    return {
        {"power-off",
         "no auxiliary supply: it measures nothing, answers nothing, its clock goes on",
         meter,
         Lasting::any,
         false,
         {otherwise("0 V",
                    other("u", "its voltage instead: one that the meter works with does no harm",
                          Form::text, "\"110 V DC\""))}},
        {"blackout",
         "several lose their auxiliary supply at once and come back one by one: all their clients "
         "and radios return in a storm",
         meter,
         Lasting::needed,
         false,
         {otherwise("0 s", within(0, 86400,
                                  other("spread", "each comes back up to so much later",
                                        Form::duration, "\"30 s\"")))}},
        {"reboot",
         "off and on again",
         meter,
         Lasting::own,
         false,
         {otherwise("3 s",
                    within(0.2, 3600,
                           other("takes", "how long it is silent", Form::duration, "\"3 s\"")))}},
        {"clock-set",
         "its clock is put to a time",
         meter,
         Lasting::instant,
         false,
         {needed(other("to", "the time", Form::moment, "\"2005-01-01T00:00:00\""))}},
        {"clock-jump",
         "its clock is put forward, or back",
         meter,
         Lasting::instant,
         false,
         {needed(quantity("by", "how far", Unit::second, -3e9, 3e9, "\"-90 s\""))}},
        {"clock-drift",
         "its crystal runs fast, or slow",
         meter,
         Lasting::instant,
         false,
         {needed(
             within(-1e5, 1e5,
                    other("ppm", "parts in a million, instead of its own", Form::number, "200")))}},
        {"point-stuck",
         "a value that stands still, wherever it shows",
         meter,
         Lasting::any,
         false,
         {needed(other("point", "its name", Form::point, "\"u_a\"")),
          within(
              -1e15, 1e15,
              other("value", "where it stands; without it, where it is", Form::number, "230.5"))}},
        {"point-jump",
         "a value that is off by something, wherever it shows",
         meter,
         Lasting::any,
         false,
         {needed(other("point", "its name", Form::point, "\"e_p_import\"")),
          needed(within(-1e15, 1e15,
                        other("by", "what is added, in the point's unit", Form::number, "-100")))}},
        {"counter-reset",
         "an energy begins again at zero, wherever it shows",
         meter,
         Lasting::any,
         false,
         {otherwise("e_p_import", other("point", "its name", Form::point, "\"e_p_import\""))}},
        {"counter-rollover",
         "an energy that begins again at zero where its digits end, wherever it "
         "shows",
         meter,
         Lasting::any,
         false,
         {otherwise("e_p_import", other("point", "its name", Form::point, "\"e_p_import\"")),
          needed(
              within(1e-3, 1e15,
                     other("digits_end", "where, in the point's unit", Form::number, "10000")))}},
        {"energies-cleared",
         "every energy and maximum is cleared in the meter itself",
         meter,
         Lasting::instant,
         false,
         {}},
        {"meter-swap",
         "another unit of the same model in its place: a new serial, energies at zero",
         meter,
         Lasting::any,
         false,
         {needed(other("serial", "of the new one", Form::serial, "\"31212257C0336\""))}},
        {"habit",
         "its firmware does what firmware of the field does to its messages",
         meter,
         Lasting::any,
         false,
         {needed(one_of(upload_habits(),
                        other("habit", "what: docs/reference/line-faults.md says what each is",
                              Form::choice, "\"ghost-messages\"")))}},
        {"mqtt-command",
         "a platform publishes a command of MQTT V1.9 to it, and it answers as "
         "docs/reference/mqtt-commands.md says",
         meter,
         Lasting::instant,
         false,
         {needed(one_of(command_names(), other("command", "which", Form::choice, "\"TELECTRL\""))),
          needed(other("payload", "its JSON: as a text, or as the object itself", Form::json,
                       R"('{"oprid":"0123456789abcdef0123456789abcdef","do1":"0"}')")),
          other("to",
                "the last eight characters of the id in its topic, where they are another meter's",
                Form::topic, "\"25950028\"")}},
        {"keys",
         "somebody enters the password at its keys and writes a point there; where that is not its "
         "password, nothing is written, and the log says so",
         meter,
         Lasting::instant,
         false,
         {needed(
              within(0, 9999,
                     other("password", "what is entered; a model without a password takes anything",
                           Form::integer, "6666"))),
          needed(other("point", "its name", Form::point, "\"demand_minutes\"")),
          needed(within(-1e15, 1e15,
                        other("value",
                              "what is written, in the point's unit; of a circuit's own "
                              "setting without circuit, to all of them",
                              Form::number, "10")))}},
        {"input",
         "a contact at a digital input closes, or opens; the meter sees it once it has been so for "
         "its debounce time",
         meter,
         Lasting::any,
         false,
         {otherwise("1",
                    within(1, 64, other("input", "which input of a circuit", Form::integer, "1"))),
          otherwise("closed", one_of({"closed", "open"},
                                     other("state", "what it does", Form::choice, "\"closed\"")))}},
        {"relay-stuck",
         "a relay's contact stays as it is, whatever the relay is told and shows: welded, or worn "
         "out",
         meter,
         Lasting::any,
         false,
         {otherwise("1",
                    within(1, 64, other("relay", "which relay of a circuit", Form::integer, "1"))),
          otherwise("closed", one_of({"closed", "open"},
                                     other("state", "how it stays", Form::choice, "\"closed\"")))}},
        {"factory-settings",
         "every setting is again what it was when it left the factory, its address, line and "
         "tariff tables too, "
         "and "
         "it sends to the broker of the farm file; energies and clock stay",
         meter,
         Lasting::instant,
         false,
         {}},
        {"temperature",
         "a temperature sensor gets as warm, or as cold",
         meter,
         Lasting::any,
         false,
         {needed(quantity("to", "its temperature", Unit::celsius, -60, 200, "\"85 degC\"")),
          within(
              1, 4,
              other("input", "which sensor of a circuit; without it, all", Form::integer, "1"))}},
        {"sensor-open",
         "the lead of a temperature sensor is open",
         meter,
         Lasting::any,
         false,
         {within(
             1, 4,
             other("input", "which sensor of a circuit; without it, all", Form::integer, "1"))}},
        {"leakage",
         "so much current leaks to earth, at the voltage that is written for its supply",
         meter,
         Lasting::any,
         false,
         {needed(quantity("to", "the current", Unit::ampere, 0, 100, "\"300 mA\""))}},
        {"converter-saturated",
         "its current inputs get more than they can take",
         meter,
         Lasting::any,
         false,
         {otherwise("20", within(1, 1000,
                                 other("factor", "what the transformers give, times so much",
                                       Form::number, "20")))}},
    };
}

} // namespace kpmsim

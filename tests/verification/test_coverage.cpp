// What a meter can show, and the rows that judge it: nothing may be added to the catalogue or to a
// model without one.
#include "models/type/meter_type.hpp"
#include "verification/builtin_cases.hpp"
#include "verification/case.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <tuple>

using namespace kpmsim;

namespace {

constexpr const char* all_wirings[] = {"p4l", "p3l3", "p3l2", "1p2w"};

const char* name_of(Wiring wiring) { return all_wirings[static_cast<std::size_t>(wiring)]; }

/// Model, wiring and "4g" or "" of the cases that read a model's registers and packets; or of those that
/// read what it keeps.
std::set<std::tuple<std::string, std::string, std::string>> models_read(bool kept = false) {
    std::set<std::tuple<std::string, std::string, std::string>> read;
    for (const EmbeddedFile& file : builtin_cases()) {
        std::vector<Mistake> mistakes;
        const TomlNode root = parse_toml(std::string{file.text}, "case.toml", mistakes);
        TomlTable table{root, "", mistakes};
        if (table.text("kind") != "registers")
            continue;
        TomlTable signal{*root.find("signal"), "", mistakes};
        if (signal.boolean("kept").value_or(false) == kept)
            read.emplace(signal.text("model").value(), signal.text("wiring").value(),
                         signal.boolean("gsm").value_or(false) ? "4g" : "");
    }
    return read;
}

/// Over 4G it writes its readings another way than over WiFi.
bool realtime_differs(const MeterType& type) {
    return !type.upload_4g.empty() &&
           type.upload_4g.realtime.packets.size() != type.upload.realtime.packets.size();
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("every quantity of the catalogue has a row in every wiring that has it, both modes") {
        const std::vector<VerificationCase> cases = load_cases(builtin_cases());
        for (const Wiring way : {Wiring::p4l, Wiring::p3l3, Wiring::p3l2, Wiring::one_phase})
            for (const Mode mode : {Mode::clean, Mode::adc})
                for (const QuantityInfo& q : catalogue()) {
                    const char* const wiring = name_of(way);
                    const ChannelList channels = channel_list(way, 1, way == Wiring::one_phase);
                    if (!has_quantity(channels, *find_quantity(q.name)))
                        continue;
                    CAPTURE(wiring);
                    CAPTURE(name_of(mode));
                    CAPTURE(q.name);
                    const bool judged =
                        std::any_of(cases.begin(), cases.end(), [&](const VerificationCase& c) {
                            return c.wiring == wiring &&
                                   std::any_of(c.quantities.begin(), c.quantities.end(),
                                               [&](const CaseQuantity& of) {
                                                   return of.limit(mode) &&
                                                          std::count(of.covers.begin(),
                                                                     of.covers.end(), q.name) > 0;
                                               });
                        });
                    CHECK(judged);
                }
    }

    TEST_CASE("what a model keeps of the past is read, in star and in delta where it has both") {
        const auto read = models_read(true);
        const TypeLibrary library = TypeLibrary::builtin();
        for (const std::string& model : library.names()) {
            CAPTURE(model);
            const MeterType& type = *library.find(model);
            const auto reads = [&](bool star) {
                return std::any_of(read.begin(), read.end(), [&](const auto& of) {
                    return std::get<0>(of) == model && (std::get<1>(of) == "p4l") == star;
                });
            };
            const bool keeps = type.freeze || type.days || type.extremes || type.hours;
            CHECK(reads(true) == keeps);
            CHECK(reads(false) == (keeps && type.wirings.size() > 1));
        }
    }

    TEST_CASE("every model's registers and packets are read, in every wiring that it has") {
        const auto read = models_read();
        const TypeLibrary library = TypeLibrary::builtin();
        for (const std::string& model : library.names()) {
            CAPTURE(model);
            const MeterType& type = *library.find(model);
            for (const std::string& named : type.wirings) {
                Wiring wiring{};
                REQUIRE(wiring_from(named, wiring));
                CAPTURE(named);
                CHECK(read.count({model, name_of(wiring), ""}) == 1);
            }
            if (realtime_differs(type))
                CHECK(read.count({model, "p4l", "4g"}) == 1);
        }
    }
}

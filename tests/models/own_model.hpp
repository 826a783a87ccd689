#pragma once

#include "models_folder.hpp"

#include "sim/clock.hpp"

#include <memory>
#include <string>
#include <vector>

namespace kpmsim::test {

/// The least that a meter of one's own says; a test adds what it is about. Keys of the top of a
/// file go before the tables.
inline const std::string own_keys = R"(
title = "Own"
summary = "a meter of a test"
functions = [3, 4, 6, 16]
wirings = ["P4L"]
setting = [
    { name = "address", role = "line.address", title = "Address", factory = 1, least = 1, most = 247 },
    { name = "baud", role = "line.baud", title = "Baud", factory = 9600, choices = [1200, 2400, 9600] },
    { name = "format", role = "line.format", title = "Format", factory = "8N1", choices = ["8N1", "8E1", "8N2"] },
    { name = "spare_time", title = "Kept and shown", factory = 5 },
]
)";
inline const std::string own_tables = R"(
[serial]
pattern = "00######"

[voltage]
nominal_v = 230
full_scale_v = 600

[[current]]
code = "5"
rated_a = 5
full_scale_a = 20

[line]
baud = 9600
bauds = [1200, 2400, 9600]
)";
inline const std::string own_map = R"(
reference = "a test"
source = "ours"
)";

/// A meter of one's own from the texts of its files; its mistakes, when it has some.
class OwnModel {
public:
    OwnModel(const std::string& meter, const std::string& registers, const std::string& mqtt = "") {
        const ModelsFolder folder;
        folder.write("own/meter.toml", meter);
        folder.write("own/registers.toml", registers);
        if (!mqtt.empty())
            folder.write("own/mqtt.toml", mqtt);
        try {
            types_ = std::make_shared<TypeLibrary>(TypeLibrary::with_folder(folder.path()));
        } catch (const FileError& error) {
            for (const Mistake& each : error.mistakes())
                mistakes_ += to_text(each) + "\n";
        }
    }
    /// With `more` among the keys of meter.toml, and `map` behind the top of the map.
    static OwnModel with(const std::string& more, const std::string& map) {
        return OwnModel{own_keys + more + own_tables, own_map + map};
    }

    const std::string& mistakes() const { return mistakes_; }
    bool says(const std::string& part) const { return mistakes_.find(part) != std::string::npos; }
    const MeterType& type() const {
        REQUIRE_MESSAGE(mistakes_.empty(), mistakes_);
        return *types_->find("own");
    }

private:
    std::shared_ptr<TypeLibrary> types_;
    std::string mistakes_;
};

/// One meter of it, whose readings a test sets.
struct OwnMeter {
    OwnModel model;
    Meter meter;
    MeterState& state;

    explicit OwnMeter(OwnModel of, MeterSpec spec = {})
        : model{std::move(of)}, meter{filled(model, std::move(spec))},
          state{meter.image().metered[0]} {
        meter.keep_time([] { return SimTime{}; }, civil("2026-01-12T16:39:00"));
        meter.image().site = civil("2026-01-12T16:39:00");
    }
    static MeterSpec filled(const OwnModel& model, MeterSpec spec) {
        spec.type = &model.type();
        spec.name = "own one";
        spec.serial = "00123456";
        return spec;
    }

    Circuit& circuit() { return meter.circuits()[0]; }
    /// The words in hexadecimal, or why not.
    std::string read(int first, std::size_t count, RegisterSpace space = RegisterSpace::holding) {
        std::vector<std::uint16_t> words(count);
        const auto done =
            read_registers(circuit(), static_cast<std::uint16_t>(first), words, space);
        if (!done)
            return std::string{name_of(done.error())};
        return fmt::format("{:04X}", fmt::join(words, " "));
    }
    std::string input(int first, std::size_t count) {
        return read(first, count, RegisterSpace::input);
    }
    std::string write(int first, std::vector<std::uint16_t> words) {
        const auto done = write_registers(circuit(), static_cast<std::uint16_t>(first), words);
        return done ? "done" : std::string{name_of(done.error())};
    }
    double value(const std::string& point) {
        const auto got = circuit().get(point, Access::wire);
        REQUIRE_MESSAGE(got, point);
        return got->number;
    }
};

} // namespace kpmsim::test

#include "cli/play/client_plan.hpp"

#include "files/duration.hpp"
#include "files/name_pattern.hpp"
#include "models/engine/lacking.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace kpmsim {
namespace {

constexpr std::array keys{
    ClientKey{"name", "by which expectations find it", "\"scada\""},
    ClientKey{
        "kind",
        "\"modbus\" (it polls), \"mqtt\" (it listens) or \"commander\" (it sends commands over "
        "MQTT)",
        "\"mqtt\""},
    ClientKey{"line", "the bus over which it polls; without it each meter by its own way",
              "\"line1\""},
    ClientKey{"meter", "the meters, by name; * and ? stand for any characters; without it all",
              "\"shop-*\""},
    ClientKey{"points", "what it reads, by the points' names", "[\"u_a\", \"e_p_import\"]"},
    ClientKey{"blocks", "… and by registers", "[{ first = 0x30, words = 20, function = 3 }]"},
    ClientKey{"at", "the first round, after the farm's start", "\"1 s\""},
    ClientKey{"every", "from one round to the next, or from one record to the next", "\"10 s\""},
    ClientKey{"timeout", "how long it waits for an answer", "\"1 s\""},
    ClientKey{"retries", "how often it asks again", "2"},
    ClientKey{"books", "the counter whose differences it books", "\"e_p_import\""},
    ClientKey{"mistakes", "what it gets wrong", "[\"take-late\"]"},
    ClientKey{
        "commands",
        "what a commander sends: `at`, `meter` and `circuit`, the `command` of V1.9 and its "
        "`keys`, texts all; an `oprid` is made where none is written",
        "[{ at = \"10 min\", command = \"SYS_READ\", keys = { addr = \"0006\", lenth = \"1\", "
        "type = \"1\" } }]"},
};

class ClientReader {
public:
    ClientReader(const TomlNode& node, const FarmPlan& farm, std::vector<Mistake>& mistakes)
        : farm_{farm}, mistakes_{mistakes}, table_{node, "client", mistakes} {}

    std::optional<ClientPlan> read() {
        const std::size_t before = mistakes_.size();
        plan_.name = table_.text("name").value_or("client");
        const std::string kind =
            table_.choice("kind", {"modbus", "mqtt", "commander"}).value_or("modbus");
        plan_.commands = kind == "commander";
        plan_.mqtt = kind != "modbus";
        plan_.books = table_.text("books").value_or("e_p_import");
        plan_.from = SimTime{} + length("at", std::chrono::seconds{1});
        plan_.every = length("every", plan_.mqtt ? SimDuration{std::chrono::minutes{5}}
                                                 : SimDuration{std::chrono::seconds{10}});
        plan_.timeout = length("timeout", std::chrono::seconds{1});
        plan_.retries = static_cast<int>(table_.integer("retries", 0, 100).value_or(0));
        read_line();
        read_meters();
        read_points();
        read_blocks();
        read_mistakes();
        read_commands();
        if (plan_.every < std::chrono::milliseconds{1})
            table_.wrong("every", "every is too short", "write 1 ms or more");
        table_.finish();
        if (mistakes_.size() != before)
            return std::nullopt;
        return std::move(plan_);
    }

private:
    SimDuration length(const std::string& key, SimDuration without) {
        return table_.duration(key).value_or(without);
    }

    void read_line() {
        const auto name = table_.text("line");
        if (!name)
            return;
        for (std::size_t n = 0; n < farm_.buses.size(); ++n)
            if (farm_.buses[n].name == *name)
                plan_.line = n;
        if (!plan_.line)
            table_.wrong("line", fmt::format("unknown line \"{}\"", *name),
                         farm_.buses.empty() ? "the farm has none: write [bus.line1]"
                                             : "known: " + farm_.buses.front().name + ", …");
    }

    bool may_be_asked(const MeterPlan& meter) const {
        if (plan_.line)
            return meter.is_on(farm_.buses[*plan_.line].name);
        return !plan_.mqtt || meter.mqtt.has_value();
    }

    void read_meters() {
        std::vector<std::string> patterns{"*"};
        if (const TomlNode* node = table_.node("meter")) {
            if (node->is_text())
                patterns = {std::get<std::string>(node->value)};
            else
                patterns = table_.texts("meter").value_or(std::vector<std::string>{});
        }
        for (std::size_t n = 0; n < farm_.meters.size(); ++n)
            if (may_be_asked(farm_.meters[n]) &&
                std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
                    return fits(farm_.meters[n].spec.name, pattern);
                }))
                plan_.meters.push_back(n);
        if (plan_.meters.empty())
            table_.wrong("meter", "no meter is selected that it could hear of",
                         plan_.mqtt ? "name meters with mqtt = true"
                                    : "name meters of the farm, on the line where one is given");
    }

    void read_points() {
        plan_.points = table_.texts("points").value_or(std::vector<std::string>{});
        if (plan_.meters.empty())
            return;
        std::vector<const MeterSpec*> selected;
        for (const std::size_t n : plan_.meters)
            selected.push_back(&farm_.meters[n].spec);
        for (const std::string& point : plan_.points)
            if (const auto fault =
                    lacking(selected, point,
                            {fmt::format("no selected meter has a point \"{}\"", point),
                             "`kpmsim map MODEL` lists them"}))
                table_.wrong("points", fault->what, fault->cure);
    }

    void read_blocks() {
        const TomlNode* const node = table_.array("blocks");
        if (node != nullptr)
            for (const TomlNode& each : std::get<TomlArray>(node->value))
                read_block(each);
        if (!plan_.mqtt && plan_.points.empty() && plan_.blocks.empty())
            table_.missing("points", "points = [\"u_a\", \"p\"]");
    }

    void read_block(const TomlNode& node) {
        if (!node.is_table()) {
            note(mistakes_, node.place, "a block is no table",
                 "write { first = 0x30, words = 20 }");
            return;
        }
        TomlTable table{node, "a block", mistakes_};
        RegisterBlock block;
        block.first = static_cast<int>(table.integer("first", 0, 65535).value_or(0));
        block.words = static_cast<int>(table.integer("words", 1, 125).value_or(1));
        block.function = static_cast<int>(table.integer("function", 3, 4).value_or(3));
        table.finish();
        plan_.blocks.push_back(block);
    }

    void read_commands() {
        plan_.orders = read_command_orders(table_, plan_, farm_, mistakes_);
        const bool written = table_.node("commands") != nullptr;
        if (plan_.commands && !written)
            table_.missing("commands",
                           "commands = [{ at = \"10 min\", command = \"SETTIME\", keys = "
                           "{ time = \"20260101000000\" } }]");
        else if (!plan_.commands && written)
            table_.wrong("commands", "this client sends no commands",
                         "write kind = \"commander\", or leave commands out");
    }

    void read_mistakes() {
        for (const std::string& name :
             table_.texts("mistakes").value_or(std::vector<std::string>{}))
            if (const auto mistake = find_client_mistake(name))
                plan_.mistakes.insert(*mistake);
            else
                table_.wrong("mistakes", fmt::format("no client makes a mistake \"{}\"", name),
                             fmt::format("known: {}", fmt::join(client_mistakes(), ", ")));
    }

    const FarmPlan& farm_;
    std::vector<Mistake>& mistakes_;
    TomlTable table_;
    ClientPlan plan_;
};

} // namespace

std::span<const ClientKey> client_keys() { return keys; }

std::optional<ClientPlan> read_client(const TomlNode& node, const FarmPlan& farm,
                                      std::vector<Mistake>& mistakes) {
    if (!node.is_table()) {
        note(mistakes, node.place, "a client is no table", "write [[client]]");
        return std::nullopt;
    }
    return ClientReader{node, farm, mistakes}.read();
}

} // namespace kpmsim

#include "scenarios/file/expression.hpp"
#include "scenarios/file/farm_reader.hpp"

#include <algorithm>

namespace kpmsim {
namespace {

constexpr int last_address = 247;

/// The meters of one [[meter]], each with its name, address, endpoint and serial number.
class Unroller {
public:
    Unroller(TomlTable& table, const TomlNode& node, const MeterDraft& block, std::int64_t count,
             const FarmPlan& farm, std::vector<Mistake>& mistakes)
        : table_{table}, node_{node}, block_{block}, count_{count}, farm_{farm}, mistakes_{
                                                                                     mistakes} {}

    std::vector<MeterDraft> unroll() {
        const auto name_pattern = table_.text("name");
        if (node_.find("name") == nullptr)
            table_.missing("name", count_ > 1 ? "name = \"feeder-{n}\"" : "name = \"feeder-1\"");
        if (count_ > 1 && name_pattern && !is_pattern(*name_pattern)) {
            table_.wrong("name",
                         std::to_string(count_) + " meters would be named \"" + *name_pattern + '"',
                         "write {n} into the name: \"" + *name_pattern + "-{n}\"");
        }
        const auto serial = table_.text("serial");
        if (serial && count_ > 1 && !is_pattern(*serial)) {
            table_.wrong("serial",
                         std::to_string(count_) + " meters would have the serial \"" + *serial +
                             '"',
                         "leave serial out, or write the number as {n+1:04}");
        }
        std::vector<MeterDraft> drafts;
        for (std::int64_t n = 0; n < count_; ++n) {
            MeterDraft draft = block_;
            draft.n = n;
            draft.name_varies = name_pattern && is_pattern(*name_pattern);
            MeterSpec& spec = draft.plan.spec;
            spec.name = name(name_pattern, n);
            const int standard = 1 + circuits() * static_cast<int>(n);
            const bool overflow = standard + circuits() - 1 > last_address;
            spec.address = address("address", n,
                                   !overflow                  ? standard
                                   : draft.plan.buses.empty() ? 1
                                                              : 0);
            draft.plan.unit = address("unit", n, spec.address);
            endpoints("modbus_tcp", WireProtocol::modbus_tcp, n, draft.plan);
            endpoints("rtu_tcp", WireProtocol::modbus_rtu, n, draft.plan);
            if (overflow && node_.find("address") == nullptr && !draft.plan.buses.empty() &&
                !told("address")) {
                complained_.emplace_back("address");
                table_.wrong("count",
                             "the line has no address left for number " + std::to_string(n),
                             "addresses go from 1 to 247: share the meters out over more lines");
            }
            if (serial) {
                spec.serial = filled("serial", *serial, n);
                check_serial(spec.serial);
            }
            draft.name = table_.place_of("name");
            draft.address = table_.place_of("address");
            draft.unit = table_.place_of(node_.find("unit") != nullptr ? "unit" : "address");
            draft.serial = table_.place_of("serial");
            draft.sum_of = table_.place_of("sum_of");
            if (draft.plan.sum)
                for (std::string& pattern : draft.plan.sum->of)
                    pattern = filled("sum_of", pattern, n);
            drafts.push_back(std::move(draft));
        }
        return drafts;
    }

private:
    /// A text that may hold {expressions}; complains once a key.
    std::string filled(const std::string& key, const std::string& pattern, std::int64_t n) {
        std::string why;
        if (const auto text = fill_in(pattern, n, why))
            return *text;
        if (!told(key)) {
            complained_.push_back(key);
            table_.wrong(key, key + " \"" + pattern + "\" " + why,
                         "write \"feeder-{n}\", \"{n+1:02}\"; n counts from 0");
        }
        return {};
    }

    /// A number, or an expression of n, that gives an address. The last circuit's counts too.
    int address(const std::string& key, std::int64_t n, int otherwise) {
        const TomlNode* value = table_.node(key);
        if (value == nullptr)
            return otherwise;
        const auto complain = [&](const std::string& what, const std::string& cure) {
            if (!told(key)) {
                complained_.push_back(key);
                table_.wrong(key, what, cure);
            }
            return 0;
        };
        std::int64_t result = 0;
        if (const auto* whole = std::get_if<std::int64_t>(&value->value)) {
            result = *whole;
        } else if (const auto* text = std::get_if<std::string>(&value->value)) {
            std::string why;
            const auto worked_out = evaluate(*text, n, why);
            if (!worked_out) {
                return complain(key + " \"" + *text + "\" " + why,
                                "write a number, or an expression such as \"1 + 4*n\"");
            }
            result = *worked_out;
        } else {
            return complain(key + " is no whole number",
                            "write a number, or an expression such as \"1 + 4*n\"");
        }
        const std::int64_t last = last_address + 1 - circuits();
        if (result < 1 || result > last) {
            return complain(key + (count_ > 1 ? " of number " + std::to_string(n) : "") + " is " +
                                std::to_string(result),
                            circuits() > 1
                                ? "a meter of " + std::to_string(circuits()) +
                                      " circuits has room from 1 to " + std::to_string(last)
                                : "addresses go from 1 to 247");
        }
        return static_cast<int>(result);
    }

    /// Adds those under a key, whose texts may hold {expressions}.
    void endpoints(const std::string& key, WireProtocol protocol, std::int64_t n, MeterPlan& plan) {
        if (told(key))
            return;
        const EndpointRules rules{protocol, farm_.bind,
                                  [&](const std::string& pattern) -> std::optional<std::string> {
                                      auto text = filled(key, pattern, n);
                                      const bool filled_in = !text.empty() || !told(key);
                                      return filled_in ? std::optional{text} : std::nullopt;
                                  }};
        const auto read = read_endpoints(table_, key, rules, mistakes_);
        if (read)
            plan.endpoints.insert(plan.endpoints.end(), read->begin(), read->end());
        else if (!told(key))
            complained_.push_back(key);
    }

    std::string name(const std::optional<std::string>& pattern, std::int64_t n) {
        std::string text = pattern ? filled("name", *pattern, n) : "";
        const bool odd = std::any_of(text.begin(), text.end(),
                                     [](char c) { return static_cast<unsigned char>(c) < 32; });
        if (pattern && !told("name") && (text.empty() || odd || text.size() > 80)) {
            complained_.emplace_back("name");
            table_.wrong("name", "this is no name", "write 1 to 80 characters on one line");
        }
        return text;
    }

    void check_serial(std::string& serial) {
        const MeterType* type = block_.plan.spec.type;
        if (type == nullptr || told("serial")) {
            serial.clear();
            return;
        }
        const std::string fault = serial_fault(type->serial, serial, circuits());
        if (!fault.empty()) {
            complained_.emplace_back("serial");
            const CivilFields f = fields_of(farm_.start);
            const std::string one = serial_number(type->serial, block_.carrier, f.year, f.month, 1);
            table_.wrong("serial", "serial \"" + serial + "\": " + fault,
                         one.empty() ? "leave serial out" : "write one such as \"" + one + '"');
            serial.clear();
        }
    }

    int circuits() const {
        const MeterType* type = block_.plan.spec.type;
        return type != nullptr ? type->circuits : 1;
    }
    /// Whether a key was wrong for an earlier n.
    bool told(const std::string& key) const {
        return std::find(complained_.begin(), complained_.end(), key) != complained_.end();
    }

    TomlTable& table_;
    const TomlNode& node_;
    const MeterDraft& block_;
    std::int64_t count_;
    const FarmPlan& farm_;
    std::vector<Mistake>& mistakes_;
    std::vector<std::string> complained_;
};

} // namespace

std::vector<MeterDraft> unroll(TomlTable& table, const TomlNode& node, const MeterDraft& block,
                               std::int64_t count, const FarmPlan& farm,
                               std::vector<Mistake>& mistakes) {
    return Unroller{table, node, block, count, farm, mistakes}.unroll();
}

} // namespace kpmsim

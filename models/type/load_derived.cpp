#include "models/type/load_type.hpp"

#include <fmt/format.h>

#include <array>
#include <limits>

namespace kpmsim {

namespace {

/// A key that says how a point is worked out.
struct Operation {
    const char* key;
    Derivation how;
    std::size_t least; ///< points
    std::size_t most;
};

constexpr std::size_t many = 100;
constexpr std::array operations{
    Operation{"sum", Derivation::sum, 1, many},
    Operation{"difference", Derivation::sum, 2, many},
    Operation{"average", Derivation::sum, 1, many},
    Operation{"absolute", Derivation::absolute, 1, 1},
    Operation{"positive", Derivation::positive, 1, 1},
    Operation{"greatest", Derivation::greatest, 2, many},
    Operation{"least", Derivation::least, 2, many},
    Operation{"angle", Derivation::angle, 2, 2},
};

bool is_number(const Point& point) { return !point.text && point.kind != PointKind::clock; }

/// Adds the point under a name that no other has.
void add_point(MeterType& type, TomlTable& t, Point point) {
    if (type.points.find(point.name))
        t.wrong("name", fmt::format("the meter has a point \"{}\"", point.name),
                "take another name");
    else
        type.points.add(std::move(point));
}

/// One of [[derived]] being read.
class DerivedReader {
public:
    DerivedReader(TomlTable& t, MeterType& type, std::vector<Mistake>& mistakes)
        : t_{t}, type_{type}, mistakes_{mistakes} {}

    void read() {
        const std::string name = required_text(t_, "name", "name = \"e_p_signed\"");
        check_name(t_, "name", name);
        const std::string title = required_text(t_, "title", "title = \"Active energy, net\"");
        Point point = plain_point(name, title, PointKind::derived, Rights::read);
        const Operation* operation = nullptr;
        const std::size_t before = mistakes_.size();
        for (const Operation& each : operations) {
            if (t_.node(each.key) == nullptr)
                continue;
            if (operation != nullptr)
                t_.wrong(each.key, fmt::format("{} has {} and {}", name, operation->key, each.key),
                         "work one of them out in a point of its own");
            operation = &each;
        }
        row_.factor = t_.number("factor").value_or(1);
        if (row_.factor == 0)
            t_.wrong("factor", fmt::format("{} would always be 0", name),
                     "write a factor other than 0, or a [[constant]]");
        const auto unit = t_.text("unit");
        if (operation == nullptr)
            t_.missing("sum", "sum = [\"e_p_import\", \"e_p_export\"]; also known: difference, "
                              "average, absolute, positive, greatest, least, angle");
        else
            read_terms(*operation);
        t_.finish();
        if (mistakes_.size() != before)
            return;
        point.unit = operation->how == Derivation::angle ? "deg" : unit_;
        if (unit && t_.node("factor") == nullptr)
            t_.wrong("unit",
                     fmt::format("{} is in {}, as what it is worked out of", name,
                                 point.unit.empty() ? "no unit" : point.unit),
                     "leave unit out, or give the factor that leads to it");
        point.unit = unit.value_or(point.unit);
        point.index = static_cast<std::uint16_t>(type_.derived.size());
        type_.derived.push_back(std::move(row_));
        add_point(type_, t_, std::move(point));
    }

private:
    void read_terms(const Operation& operation) {
        row_.how = operation.how;
        const TomlNode& node = *t_.node(operation.key);
        if (operation.most == 1) {
            read_term(node, operation);
        } else if (const TomlNode* list = t_.array(operation.key)) {
            for (const TomlNode& item : std::get<TomlArray>(list->value))
                read_term(item, operation);
            if (const std::size_t n = std::get<TomlArray>(list->value).size();
                n < operation.least || n > operation.most)
                t_.wrong(operation.key, fmt::format("{} of {} points", operation.key, n),
                         operation.most == many
                             ? fmt::format("name {} points or more", operation.least)
                             : fmt::format("name {} points", operation.most));
        }
        if (operation.key == std::string_view{"difference"})
            for (std::size_t n = 1; n < row_.terms.size(); ++n)
                row_.terms[n].factor = -1;
        if (operation.key == std::string_view{"average"} && !row_.terms.empty())
            row_.factor /= static_cast<double>(row_.terms.size());
    }

    void read_term(const TomlNode& node, const Operation& operation) {
        const auto* name = std::get_if<std::string>(&node.value);
        if (name == nullptr) {
            mistakes_.push_back({node.place, fmt::format("{} names points", operation.key),
                                 "write e.g. \"e_p_import\""});
            return;
        }
        const auto found = named_point(type_, *name, node.place, mistakes_);
        if (!found)
            return;
        const Point& of = type_.points[*found];
        if (!is_number(of) || !may_read(of.rights)) {
            mistakes_.push_back({node.place, fmt::format("\"{}\" is no number", *name),
                                 "name a quantity, a setting, a constant or a derived point"});
            return;
        }
        if (operation.how == Derivation::angle)
            check_parts(of, node.place);
        else if (!row_.terms.empty() && of.unit != unit_)
            mistakes_.push_back(
                {node.place,
                 fmt::format("{} is in {}, not {}", *name, of.unit.empty() ? "no unit" : of.unit,
                             unit_.empty() ? "no unit" : unit_),
                 "derive a point with a factor and a unit first"});
        if (row_.terms.empty())
            unit_ = of.unit;
        row_.terms.push_back({*found, 1});
    }

    /// An angle's parts: of one unit, or active and reactive.
    void check_parts(const Point& of, const Place& place) {
        if (row_.terms.empty() || of.unit == unit_ || (unit_ == "W" && of.unit == "var") ||
            (unit_ == "kWh" && of.unit == "kvarh"))
            return;
        mistakes_.push_back({place, fmt::format("no angle has parts in {} and {}", unit_, of.unit),
                             "write angle = [\"p\", \"q\"], active first"});
    }

    TomlTable& t_;
    MeterType& type_;
    std::vector<Mistake>& mistakes_;
    DerivedRow row_;
    std::string unit_; ///< of the terms
};

} // namespace

void read_constant(const TomlNode& node, MeterType& type, std::vector<Mistake>& mistakes) {
    TomlTable t{node, "constant", mistakes};
    ConstantRow row;
    Point point = plain_point(required_text(t, "name", "name = \"meter_code\""),
                              required_text(t, "title", "title = \"Meter code\""),
                              PointKind::constant, Rights::read);
    check_name(t, "name", point.name);
    point.unit = t.text("unit").value_or("");
    point.per_circuit = false;
    const TomlNode* value = t.node("value");
    if (value == nullptr) {
        t.missing("value", "value = 0x0020 (or a text)");
    } else if (value->is_text()) {
        row.text = std::get<std::string>(value->value);
        point.text = true;
    } else {
        row.number = t.number("value").value_or(0);
    }
    t.finish();
    point.index = static_cast<std::uint16_t>(type.constants.size());
    type.constants.push_back(std::move(row));
    add_point(type, t, std::move(point));
}

void read_derived(const TomlNode& node, MeterType& type, std::vector<Mistake>& mistakes) {
    TomlTable t{node, "derived point", mistakes};
    DerivedReader{t, type, mistakes}.read();
}

} // namespace kpmsim

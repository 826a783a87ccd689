#include "verification/parameter.hpp"

#include <algorithm>

namespace kpmsim {

namespace {

constexpr std::uint64_t seed = 20'261;

bool number(const TomlNode& node, double& out) {
    if (const auto* whole = std::get_if<std::int64_t>(&node.value))
        out = static_cast<double>(*whole);
    else if (const auto* real = std::get_if<double>(&node.value))
        out = *real;
    else
        return false;
    return true;
}

bool numbers(const TomlNode& node, std::vector<double>& out) {
    const auto* list = std::get_if<TomlArray>(&node.value);
    if (list == nullptr || list->empty())
        return false;
    out.resize(list->size());
    for (std::size_t n = 0; n < out.size(); ++n)
        if (!number((*list)[n], out[n]))
            return false;
    return true;
}

} // namespace

void take(TomlTable& table, const std::string& key, Parameter& into) {
    const TomlNode* node = table.node(key);
    if (node == nullptr)
        return;
    std::vector<double> value(1);
    const TomlNode* list = node->find("in_turn");
    if (number(*node, value[0]))
        into.how = Parameter::How::fixed;
    else if (numbers(*node, value) && value.size() == 2 && value[0] <= value[1])
        into.how = Parameter::How::drawn;
    else if (list != nullptr && numbers(*list, value))
        into.how = Parameter::How::in_turn;
    else {
        table.wrong(key, key + " is neither a number, a range nor a list",
                    "write 50, [45, 65] or { in_turn = [0, 60, -36.87] }");
        return;
    }
    into.value = std::move(value);
}

std::vector<std::vector<double>> number_lists(TomlTable& table, const std::string& key,
                                              std::size_t width) {
    const TomlNode* node = table.node(key);
    if (node == nullptr)
        return {};
    std::vector<std::vector<double>> out;
    const auto* rows = std::get_if<TomlArray>(&node->value);
    bool right = rows != nullptr && !rows->empty();
    for (std::size_t n = 0; right && n < rows->size(); ++n) {
        out.emplace_back();
        right = numbers((*rows)[n], out.back()) && out.back().size() == width;
    }
    if (right)
        return out;
    table.wrong(key, key + " is not a list of lists of " + std::to_string(width) + " numbers",
                "write [[1, 2], [3, 4]], with as many numbers in each");
    return {};
}

Draw::Draw(std::string_view case_name, int setup)
    : random_{seed, "verification/" + std::string{case_name} + "/" + std::to_string(setup)},
      setup_{setup}, turn_{setup} {}

double Draw::operator()(const Parameter& p) {
    switch (p.how) {
    case Parameter::How::fixed:
        return p.value[0];
    case Parameter::How::drawn:
        return between(p.value[0], p.value[1]);
    case Parameter::How::in_turn:
        break;
    }
    const int length = static_cast<int>(p.value.size());
    const double value = p.value[static_cast<std::size_t>(turn_ % length)];
    turn_ /= length;
    return value;
}

double Draw::between(double low, double high) {
    return low + (high - low) * random_.uniform(drawn_++);
}

Random Draw::stream(std::string_view name) const { return Random{random_.key(), name}; }

} // namespace kpmsim

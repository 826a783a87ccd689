#include "recordings/written_unit.hpp"

#include <string>

namespace kpmsim {
namespace {

struct Word {
    std::string_view text;
    Measured kind;
};
/// Longer ones first: each is looked for at the end of what is left.
constexpr Word words[]{
    {"amperes", Measured::current},
    {"ampere", Measured::current},
    {"amps", Measured::current},
    {"amp", Measured::current},
    {"a", Measured::current},
    {"volts", Measured::voltage},
    {"volt", Measured::voltage},
    {"v", Measured::voltage},
    {"\xD0\x90", Measured::current}, // А and В, Cyrillic
    {"\xD0\x92", Measured::voltage},
    {"\xC3\x80", Measured::current}, // the same in Windows-1251, read as Latin-1: À and Â
    {"\xC3\x82", Measured::voltage},
};

constexpr std::string_view endings[]{"rms", "eff", "peak", "pk", "ac", "dc"};

struct Prefix {
    std::string_view text;
    double factor;
};
constexpr Prefix
    prefixes
        []{
            {"k", 1e3},         {"K", 1e3},      {"kilo", 1e3},     {"M", 1e6},
            {"mega", 1e6},      {"m", 1e-3},     {"milli", 1e-3},   {"u", 1e-6},
            {"\xC2\xB5", 1e-6}, // the micro sign, and the Greek letter
            {"\xCE\xBC", 1e-6}, {"micro", 1e-6}, {"\xD0\xBA", 1e3}, // к, Cyrillic, and in Windows-1251
            {"\xC3\xAA", 1e3},
        };

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool ends_in(std::string_view text, std::string_view ending) {
    if (text.size() < ending.size())
        return false;
    text = text.substr(text.size() - ending.size());
    for (std::size_t i = 0; i < ending.size(); ++i)
        if (lower(text[i]) != ending[i])
            return false;
    return true;
}

} // namespace

WrittenUnit written_unit(std::string_view text) {
    std::string unit;
    for (const char c : text)
        if (std::string_view{" \t._-()[]"}.find(c) == std::string_view::npos)
            unit += c;
    std::string_view rest = unit;
    for (const std::string_view ending : endings) {
        if (ends_in(rest, ending)) {
            rest.remove_suffix(ending.size());
            break;
        }
    }
    for (const Word& word : words) {
        if (!ends_in(rest, word.text))
            continue;
        rest.remove_suffix(word.text.size());
        if (rest.empty())
            return {word.kind, 1.0};
        for (const auto& [prefix, factor] : prefixes) {
            const bool spelled = prefix.size() > 2; // then large letters will do
            if (rest == prefix ||
                (spelled && rest.size() == prefix.size() && ends_in(rest, prefix)))
                return {word.kind, factor};
        }
        return {};
    }
    return {};
}

} // namespace kpmsim

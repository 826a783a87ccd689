#include "recordings/written_unit.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
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
    {"amp\xC3\xA8res", Measured::current},
    {"amp\xC3\xA8re", Measured::current},
    {"amperios", Measured::current},
    {"amperio", Measured::current},
    {"amper", Measured::current},
    {"amps", Measured::current},
    {"amp", Measured::current},
    {"a", Measured::current},
    {"volts", Measured::voltage},
    {"volt", Measured::voltage},
    {"voltios", Measured::voltage},
    {"voltio", Measured::voltage},
    {"v\xC3\xB6lt", Measured::voltage},
    {"v", Measured::voltage},
    {"\xD0\x90", Measured::current}, // А and В, Cyrillic
    {"\xD0\x92", Measured::voltage},
    {"\xC3\x80", Measured::current}, // the same in Windows-1251, read as Latin-1: À and Â
    {"\xC3\x82", Measured::voltage},
};

/// What is said besides: how the value is meant, and of which side of a transformer.
constexpr std::string_view endings[]{"rms", "eff",  "peak",    "pk",  "p",
                                     "ac",  "dc",   "~",       "=",   "secondary",
                                     "sec", "prim", "primary", "pri", "inst"};

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

/// "kVolts"; nothing where the text does not end in a word, other where what stands before it is no
/// prefix.
std::optional<WrittenUnit> word_with_prefix(std::string_view text) {
    const auto* const word = std::find_if(std::begin(words), std::end(words),
                                          [&](const Word& w) { return ends_in(text, w.text); });
    if (word == std::end(words))
        return std::nullopt;
    text.remove_suffix(word->text.size());
    if (text.empty())
        return WrittenUnit{word->kind, 1.0};
    for (const auto& [prefix, factor] : prefixes) {
        const bool spelled = prefix.size() > 2; // then large letters will do
        if (text == prefix || (spelled && text.size() == prefix.size() && ends_in(text, prefix)))
            return WrittenUnit{word->kind, factor};
    }
    return WrittenUnit{};
}

} // namespace

WrittenUnit written_unit(std::string_view text) {
    std::string unit;
    for (const char c : text)
        if (std::string_view{" \t._-()[]"}.find(c) == std::string_view::npos)
            unit += c;
    std::string_view rest = unit;
    if (ends_in(rest, "pp")) // from peak to peak
        return {};
    for (;;) {
        if (const auto read = word_with_prefix(rest))
            return *read;
        const auto* const ending =
            std::find_if(std::begin(endings), std::end(endings),
                         [&](std::string_view e) { return ends_in(rest, e); });
        if (ending == std::end(endings))
            return {};
        rest.remove_suffix(ending->size());
    }
}

} // namespace kpmsim

#include "models/type/load_type.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kpmsim {

namespace {

/// What a response of 253 bytes has room for beside its own 7 bytes and an object's 2.
constexpr std::size_t longest_object = 244;

bool printable_ascii(const std::string& text) {
    return std::all_of(
        text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

void read_compere(TomlTable& t, SerialRule& rule) {
    rule.form = SerialRule::Form::compere;
    rule.model_code = required_text(t, "model_code", "model_code = \"307\"");
    const std::string letter = required_text(t, "letter", "letter = \"0\"");
    if (rule.model_code.size() != 3)
        t.wrong("model_code", "a model code has three characters", "write e.g. \"307\"");
    if (letter.size() == 1)
        rule.letter = letter[0];
    else
        t.wrong("letter", "a model letter is one character", "write e.g. \"0\"");
}

void read_pattern(TomlTable& t, SerialRule& rule) {
    rule.form = SerialRule::Form::pattern;
    rule.pattern = t.text("pattern").value_or("");
    const std::string& pattern = rule.pattern;
    const auto first = pattern.find('#');
    const auto last = pattern.rfind('#');
    const auto digits = std::count(pattern.begin(), pattern.end(), '#');
    const bool one_run = first != std::string::npos &&
                         last - first + 1 == static_cast<std::size_t>(digits) && digits <= 9;
    if (!one_run || pattern.size() > 64 || !printable_ascii(pattern))
        t.wrong("pattern", fmt::format("\"{}\" is no pattern of a serial number", pattern),
                "write up to 64 characters of ASCII with one run of 1 to 9 # for the number, such "
                "as \"SN-######\"");
    if (t.node("model_code") != nullptr || t.node("letter") != nullptr)
        t.wrong("pattern", "a pattern needs no model_code and no letter",
                "write either a pattern or the two others, which are a Compere's");
}

} // namespace

void read_serial(const TomlNode& node, MeterType& type, std::vector<Mistake>& mistakes) {
    TomlTable t{node, "serial", mistakes};
    if (t.node("pattern") != nullptr)
        read_pattern(t, type.serial);
    else
        read_compere(t, type.serial);
    t.finish();
}

void read_identification(const TomlNode& node, MeterType& type, std::vector<Mistake>& mistakes) {
    struct Object {
        std::uint8_t id;
        const char* key;
        const char* example; ///< of one that must be there
    };
    static constexpr Object objects[]{
        {0x00, "vendor", "vendor = \"Compere\""},
        {0x01, "product_code", "product_code = \"KPM37\""},
        {0x02, "revision", "revision = \"V1.2\""},
        {0x03, "vendor_url", nullptr},
        {0x04, "product_name", nullptr},
        {0x05, "model_name", nullptr},
        {0x06, "application_name", nullptr},
    };
    TomlTable t{node, "identification", mistakes};
    for (const Object& object : objects) {
        if (object.example != nullptr && t.node(object.key) == nullptr)
            t.missing(object.key, object.example);
        const auto text = t.text(object.key);
        if (!text)
            continue;
        if (text->empty() || text->size() > longest_object || !printable_ascii(*text))
            t.wrong(object.key, fmt::format("{} cannot be sent", object.key),
                    fmt::format("write 1 to {} characters of ASCII", longest_object));
        type.identification.push_back({object.id, *text});
    }
    t.finish();
}

} // namespace kpmsim

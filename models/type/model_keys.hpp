#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace kpmsim {

/// What a key of a model file takes.
enum class KeyKind : std::uint8_t {
    text,
    boolean,
    whole,       ///< a whole number from least to most
    number,      ///< any number
    positive,    ///< a number from least, above 0, to most
    choice,      ///< one of the words in `known`
    texts,       ///< a list of texts; where `known` has words, of those
    wholes,      ///< a list of whole numbers from least to most
    table,       ///< the table `of`
    tables,      ///< a list of the table `of`
    value,       ///< a whole number, or the name of one
    values,      ///< a list of such
    constant,    ///< a number or a text
    codes,       ///< a list of values, or a table of code = value
    none,        ///< a whole number, or "nan"
    actions,     ///< a table of word = action
    point_texts, ///< a list of names of points
    fields,      ///< a table of key = point, or the table `of`
    packets,     ///< a list of lists of keys
    payload,     ///< a table of any shape
};

/// One key of a model file. `table` is the path of its table: "meter.current" for `rated_a` of
/// [[current]] in meter.toml. The reference page (docs/reference/model-files.md) and the JSON
/// Schema are written from these, and tests hold them to what the readers take.
struct ModelKey {
    std::string_view table;
    std::string_view key;
    KeyKind kind;
    bool required;
    std::string_view otherwise; ///< what counts without it
    double least, most;
    std::string_view known; ///< words between blanks
    std::string_view of;    ///< path of the table inside
    std::string_view meaning;
};

/// A table of a model file, in the order of the page.
struct ModelTable {
    std::string_view path;  ///< "registers.block"
    std::string_view title; ///< "[[block]] of registers.toml"
    std::string_view about;
};

std::span<const ModelTable> model_tables();
std::span<const ModelKey> model_keys();

} // namespace kpmsim

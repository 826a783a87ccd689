#include "cli/terminal/library.hpp"
#include "cli/terminal/table.hpp"
#include "cli/verbs.hpp"
#include "files/json_text.hpp"
#include "files/printable.hpp"
#include "models/faces/fidelity_card.hpp"
#include "models/faces/map_export.hpp"
#include "models/faces/model_files.hpp"
#include "models/faces/row_meaning.hpp"
#include "models/type/fitting.hpp"
#include "models/type/model_keys.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace kpmsim {

namespace {

std::string protocols_of(const MeterType& type) {
    return type.upload.empty() ? "Modbus" : "Modbus, MQTT";
}

void show_card(const MeterType& type, const std::string& format) {
    if (format == "json")
        fmt::print("{}\n", card_as_json(type));
    else
        fmt::print("{}",
                   printable_lines(format == "page" ? card_as_markdown(type) : card_as_text(type)));
}

void print_bits(const MeterType& type) {
    TextTable table{{{"address"}, {"kind"}, {"codes"}, {"name"}, {"fitted"}}};
    const auto bits = bits_of(type);
    for (const BitRange& range : bits)
        for (int n = 0; n < range.per_unit; ++n) {
            std::string codes;
            for (const int code : range.codes)
                codes += fmt::format("{}{:02}", codes.empty() ? "" : " ", code);
            table.row({fmt::format("{:04X}", range.first + n), range.kind, codes,
                       fmt::format("{}_{}", range.name, n + 1), range.fitted});
        }
    if (!bits.empty())
        fmt::print("\n{}", table.text());
}

} // namespace

Exit list_models(const ModelsOptions& options) {
    if (!options.schema.empty()) {
        fmt::print("{}\n", model_file_schema(options.schema));
        return Exit::ok;
    }
    if (options.keys) {
        for (const ModelTable& table : model_tables())
            fmt::print("{}\n", model_table_as_markdown(table.path));
        return Exit::ok;
    }
    const TypeLibrary library = load_library(options.models);
    if (!options.model.empty()) {
        show_card(need_model(library, options.model), options.json ? "json" : options.format);
        return Exit::ok;
    }
    if (options.json) {
        auto list = nlohmann::ordered_json::array();
        for (const std::string& name : library.names()) {
            const MeterType& type = *library.find(name);
            list.push_back({{"name", type.name},
                            {"title", type.title},
                            {"summary", type.summary},
                            {"circuits", type.circuits},
                            {"registers", type.registers.rows.size()},
                            {"functions", type.functions},
                            {"wirings", type.wirings},
                            {"baud", type.line.baud},
                            {"format", type.line.format},
                            {"mqtt", !type.upload.empty()}});
        }
        fmt::print("{}\n", json_text(std::move(list)));
        return Exit::ok;
    }
    TextTable table{
        {{"model"}, {"circuits", true}, {"registers", true}, {"protocols"}, {"what it is"}}};
    for (const std::string& name : library.names()) {
        const MeterType& type = *library.find(name);
        table.row({type.name, fmt::to_string(type.circuits),
                   fmt::to_string(type.registers.rows.size()), protocols_of(type), type.summary});
    }
    fmt::print("{}", table.text());
    return Exit::ok;
}

Exit show_map(const MapOptions& options) {
    const TypeLibrary library = load_library(options.models);
    const MeterType& type = need_model(library, options.model);
    if (options.format == "json") {
        fmt::print("{}\n", map_as_json(type));
    } else if (options.format == "csv") {
        fmt::print("{}", printable_lines(map_as_csv(type)));
    } else if (options.format == "md") {
        fmt::print("{}", printable_lines(map_as_markdown(type)));
    } else if (options.format == "page") {
        fmt::print("{}", printable_lines(reference_page(type)));
    } else {
        const bool spaces = type.registers.separate;
        std::vector<TextTable::Column> columns{{"address"}, {"words", true}, {"name"},
                                               {"unit"},    {"title"},       {"source"},
                                               {"fitted"},  {"words mean"}};
        if (spaces)
            columns.insert(columns.begin(), {"space"});
        TextTable table{columns};
        for (const RegisterRow& row : type.registers.rows) {
            std::vector<std::string> cells{fmt::format("{:04X}", row.address),
                                           fmt::to_string(row.words),
                                           row.name,
                                           row.unit,
                                           row.title,
                                           row.vendor ? "vendor" : "ours",
                                           units_with(type, row),
                                           meaning_of(type, row)};
            if (spaces)
                cells.insert(cells.begin(), std::string{name_of(row.space)});
            table.row(cells);
        }
        fmt::print("{}", table.text());
        print_bits(type);
    }
    return Exit::ok;
}

} // namespace kpmsim

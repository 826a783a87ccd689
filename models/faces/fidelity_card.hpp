#pragma once

#include "models/type/meter_type.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// A statement of a meter's documents, and whether it holds here: a row of docs/reference/manuals.md.
struct Statement {
    std::string id;                  ///< A07
    std::string text;                ///< in our words
    std::vector<std::string> meters; ///< "KPM37, KPM312: …" is of these; empty = of all
    char state{'N'};                 ///< Y, P in part, N
    std::vector<std::string> tests;
    std::string reason; ///< of what is not Y
};

/// The statements of one document.
struct DocumentCoverage {
    std::string title; ///< "KPM312, manual"
    std::vector<Statement> statements;
};

/// What of a meter is its documents', what is assumed, and what is not there.
struct FidelityCard {
    std::vector<DocumentCoverage>
        documents;                     ///< that speak of it; those of other makes have none here
    std::vector<std::string> modelled; ///< [notes] of its meter.toml
    std::vector<std::string> assumed;  ///< [notes], then what its settings and registers say of
                                       ///< themselves
    std::vector<std::string> not_modelled; ///< [notes]
};

/// All documents of a page as docs/reference/manuals.md is.
std::vector<DocumentCoverage> read_coverage(std::string_view page);
/// Of the page that was compiled in, the documents that name the meter, and of MQTT V1.9 where its packets
/// come from there; of each what is not of other meters alone.
FidelityCard fidelity_card(const MeterType& type);

std::string card_as_text(const MeterType& type);     ///< for a terminal
std::string card_as_markdown(const MeterType& type); ///< docs/reference/fidelity/NAME.md
std::string card_as_json(const MeterType& type);

} // namespace kpmsim

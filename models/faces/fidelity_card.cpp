#include "models/faces/fidelity_card.hpp"

#include "files/json_text.hpp"
#include "models/faces/coverage_files.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace kpmsim {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view mqtt_document = "MQTT protocol V1.9";

std::string_view stripped(std::string_view text) {
    const std::size_t from = text.find_first_not_of(' ');
    if (from == std::string_view::npos)
        return {};
    return text.substr(from, text.find_last_not_of(' ') - from + 1);
}

std::vector<std::string_view> cells_of(std::string_view line) {
    std::vector<std::string_view> cells;
    for (std::size_t at = 1; at < line.size();) {
        const std::size_t end = std::min(line.find('|', at), line.size());
        cells.push_back(stripped(line.substr(at, end - at)));
        at = end + 1;
    }
    return cells;
}

/// The names before the colon of "KPM37, KPM312: RECALL of a month"; none of any other statement.
std::vector<std::string> meters_of(std::string_view statement) {
    std::vector<std::string> names;
    std::string_view head = statement.substr(0, statement.find(": "));
    if (head.size() == statement.size())
        return names;
    while (!head.empty()) {
        const std::string_view name = head.substr(0, head.find(", "));
        if (!name.starts_with("KPM") || name.find(' ') != std::string_view::npos)
            return {};
        names.emplace_back(name);
        head.remove_prefix(std::min(name.size() + 2, head.size()));
    }
    return names;
}

/// `room/test_x.cpp: its case`, …; what follows them is the reason.
Statement statement_of(const std::vector<std::string_view>& cells) {
    Statement row{std::string{cells[0]},
                  std::string{cells[1]},
                  meters_of(cells[1]),
                  cells[2].front(),
                  {},
                  {}};
    std::string_view proof = cells[3];
    while (proof.starts_with('`')) {
        const std::size_t end = std::min(proof.find('`', 1), proof.size() - 1);
        row.tests.emplace_back(proof.substr(1, end - 1));
        proof = proof.substr(end + 1);
        const std::size_t next = proof.find_first_not_of(",; ");
        proof = next == std::string_view::npos ? std::string_view{} : proof.substr(next);
    }
    row.reason = proof;
    return row;
}

bool is_id(std::string_view cell) {
    return cell.size() == 3 && cell[0] >= 'A' && cell[0] <= 'Z' && cell[1] >= '0' &&
           cell[1] <= '9' && cell[2] >= '0' && cell[2] <= '9';
}

const std::vector<DocumentCoverage>& compiled_in() {
    static const std::vector<DocumentCoverage> all = read_coverage(coverage_files().front().text);
    return all;
}

/// The title's last word: "Compere KPM312" is the KPM312 of a manual.
std::string word_for(const MeterType& type) { return type.title.substr(type.title.rfind(' ') + 1); }

bool speaks_of(const DocumentCoverage& document, const MeterType& type) {
    if (document.title == mqtt_document)
        return type.upload_source.starts_with(mqtt_document);
    return document.title.starts_with(word_for(type) + ',');
}

bool is_of_another(const Statement& one, const MeterType& type) {
    return !one.meters.empty() &&
           std::find(one.meters.begin(), one.meters.end(), word_for(type)) == one.meters.end();
}

bool is_ours(const std::string& source) {
    return source.find("ours") != std::string::npos || source.find("assumed") != std::string::npos;
}

struct Part {
    char state;
    std::string_view title;
};
constexpr std::array parts{Part{'Y', "As the document says"}, Part{'P', "In part"},
                           Part{'N', "Not modelled"}};

std::size_t count(const DocumentCoverage& document, char state) {
    return static_cast<std::size_t>(std::count_if(
        document.statements.begin(), document.statements.end(),
        [&](const Statement& one) { return one.state == state; }));
}

std::string of_the_protocol(const MeterType& type) {
    std::string text = " What is of other meters alone is left out. Of its commands this one takes";
    for (const MqttCommand command : type.mqtt_commands)
        text += fmt::format(" {}", name_of(command));
    return text + '.';
}

/// One card as text, with the marks of Markdown or without.
class CardWriter {
public:
    explicit CardWriter(bool markdown) : markdown_{markdown} {}

    void title(const std::string& text) { out_ += (markdown_ ? "# " : "") + text + "\n\n"; }
    void text(const std::string& text) { out_ += text + "\n\n"; }
    void part(const std::string& title) {
        out_ += (markdown_ ? "## " : "") + title + (markdown_ ? "\n\n" : "\n");
    }
    void item(const std::string& text) { out_ += (markdown_ ? "- " : "  - ") + text + '\n'; }
    void list(const std::string& title, const std::vector<std::string>& items) {
        if (items.empty())
            return;
        part(title);
        for (const std::string& each : items)
            item(each);
        end_of_part();
    }
    void statements(const DocumentCoverage& document, const Part& part_of) {
        if (count(document, part_of.state) == 0)
            return;
        part(fmt::format("{}: {}", document.title, part_of.title));
        for (const Statement& one : document.statements)
            if (one.state == part_of.state)
                item(fmt::format("{} {}{}{}", one.id, one.text, one.reason.empty() ? "" : ". ",
                                 one.reason));
        end_of_part();
    }
    std::string take() {
        while (out_.ends_with("\n\n"))
            out_.pop_back();
        return std::move(out_);
    }

private:
    void end_of_part() { out_ += '\n'; }

    bool markdown_;
    std::string out_;
};

std::string written(const MeterType& type, bool markdown) {
    const FidelityCard card = fidelity_card(type);
    CardWriter out{markdown};
    out.title(type.title + (markdown ? ": how true it is" : ", " + type.summary));
    if (markdown)
        out.text(fmt::format("*Written by `kpmsim models {} --format page` from `models/{}/` and "
                             "[the statements of the documents](../manuals.md), where each has its "
                             "test; do not edit.*",
                             type.name, type.name));
    for (const DocumentCoverage& document : card.documents)
        out.text(fmt::format("{}: {} statements; {} are so here, {} in part, {} not.{}",
                             document.title, document.statements.size(), count(document, 'Y'),
                             count(document, 'P'), count(document, 'N'),
                             document.title == mqtt_document ? of_the_protocol(type) : ""));
    out.list("Modelled", card.modelled);
    out.list("Assumed", card.assumed);
    out.list("Not modelled", card.not_modelled);
    for (const Part& part : parts)
        for (const DocumentCoverage& document : card.documents)
            out.statements(document, part);
    return out.take();
}

} // namespace

std::vector<DocumentCoverage> read_coverage(std::string_view page) {
    std::vector<DocumentCoverage> all;
    for (std::size_t at = 0; at < page.size();) {
        const std::size_t end = std::min(page.find('\n', at), page.size());
        const std::string_view line = page.substr(at, end - at);
        at = end + 1;
        if (line.starts_with("## ")) {
            const std::size_t colon = line.find(": ");
            all.push_back({std::string{colon == std::string_view::npos ? line.substr(3)
                                                                       : line.substr(colon + 2)},
                           {}});
        } else if (line.starts_with('|') && !all.empty()) {
            const auto cells = cells_of(line);
            if (cells.size() >= 4 && is_id(cells[0]) && !cells[2].empty())
                all.back().statements.push_back(statement_of(cells));
        }
    }
    return all;
}

FidelityCard fidelity_card(const MeterType& type) {
    FidelityCard card;
    for (const DocumentCoverage& document : compiled_in())
        if (speaks_of(document, type)) {
            card.documents.push_back(document);
            std::erase_if(card.documents.back().statements,
                          [&](const Statement& one) { return is_of_another(one, type); });
        }
    card.modelled = type.modelled;
    card.assumed = type.assumed;
    for (const SettingRow& row : type.settings)
        if (is_ours(row.source))
            card.assumed.push_back(fmt::format("setting `{}`: {}", row.name, row.source));
    const auto& rows = type.registers.rows;
    const auto ours =
        std::count_if(rows.begin(), rows.end(), [](const RegisterRow& row) { return !row.vendor; });
    if (ours > 0)
        card.assumed.push_back(
            fmt::format("{} of {} registers are ours; `kpmsim map {}` says which", ours,
                        rows.size(), type.name));
    card.not_modelled = type.not_modelled;
    return card;
}

std::string card_as_text(const MeterType& type) { return written(type, false); }
std::string card_as_markdown(const MeterType& type) { return written(type, true); }

std::string card_as_json(const MeterType& type) {
    const FidelityCard card = fidelity_card(type);
    Json documents = Json::array();
    for (const DocumentCoverage& document : card.documents) {
        Json rows = Json::array();
        for (const Statement& one : document.statements)
            rows.push_back({{"id", one.id},
                            {"statement", one.text},
                            {"state", std::string{one.state}},
                            {"tests", one.tests},
                            {"reason", one.reason}});
        documents.push_back({{"title", document.title}, {"statements", std::move(rows)}});
    }
    return json_text(Json{{"name", type.name},
                          {"title", type.title},
                          {"modelled", card.modelled},
                          {"assumed", card.assumed},
                          {"not_modelled", card.not_modelled},
                          {"documents", std::move(documents)}});
}

} // namespace kpmsim

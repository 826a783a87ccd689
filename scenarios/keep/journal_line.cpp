#include "scenarios/keep/journal_line.hpp"

#include "sim/layout.hpp"

#include <fmt/format.h>

namespace kpmsim {
namespace {

std::uint64_t layout() {
    static const std::uint64_t layout = layout_of<JournalLine>();
    return layout;
}

} // namespace

SimTime JournalLine::at() const {
    if (const auto* const written = std::get_if<WrittenCommand>(&what))
        return written->command.at;
    return std::get<Deed>(what).at;
}

Bytes sealed(const JournalLine& line) { return seal(layout(), bytes_of(line)); }

JournalLine unsealed(std::span<const std::uint8_t> bytes) {
    JournalLine line;
    from_bytes(unseal(layout(), bytes), line, "line");
    return line;
}

std::string text_of(const WrittenCommand& written, const MeterType& type) {
    std::string text = written.meter + " is written";
    for (const Assignment& each : written.command.what)
        text += fmt::format(" {}{} = {}", type.points[each.point].name,
                            type.circuits == 1 ? "" : fmt::format("[{}]", each.circuit + 1),
                            each.value);
    for (const Intervention& each : written.command.also)
        if (each.kind == InterventionKind::broker)
            text += each.value == 1 ? " and asks the maintenance platform" : " and has a broker";
    return text;
}

std::string text_of(const Deed& deed) {
    switch (deed.kind) {
    case Deed::Kind::begin:
        return fmt::format("action {} begins: {}", deed.id, deed.text);
    case Deed::Kind::end:
        return fmt::format("action {} is ended", deed.id);
    case Deed::Kind::add_meters:
        return "meters come: " + deed.text;
    case Deed::Kind::take_back:
        return "they are taken back";
    case Deed::Kind::remove_meter:
        break;
    }
    return deed.text + " is taken away";
}

} // namespace kpmsim

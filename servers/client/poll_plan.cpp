#include "servers/client/poll_plan.hpp"

#include <algorithm>

namespace kpmsim {
namespace {

bool has_number(const MeterType& type, const RegisterRow& row) {
    return row.holds == RegisterHolds::point && row.readable() && !type.points[row.point].text &&
           row.type != RegisterType::ascii;
}

bool answers(const MeterType& type, int function) {
    return std::find(type.functions.begin(), type.functions.end(), function) !=
           type.functions.end();
}

int function_for(const MeterType& type, RegisterSpace space) {
    return space == RegisterSpace::input || !answers(type, 3) ? 4 : 3;
}

std::vector<const RegisterRow*> rows_of(const MeterType& type,
                                        const std::vector<std::string>& points) {
    std::vector<const RegisterRow*> rows;
    for (const RegisterRow& row : type.registers.rows)
        if (has_number(type, row) &&
            std::find(points.begin(), points.end(), type.points[row.point].name) != points.end())
            rows.push_back(&row); // in the map's order: by space, then ascending
    return rows;
}

std::vector<const RegisterRow*> rows_in(const MeterType& type, const RegisterBlock& block) {
    std::vector<const RegisterRow*> rows;
    const RegisterSpace space = type.registers.space_of(block.function);
    for (const RegisterRow& row : type.registers.rows)
        if (row.space == space && has_number(type, row) && row.address >= block.first &&
            row.end() <= block.first + block.words)
            rows.push_back(&row);
    return rows;
}

} // namespace

std::vector<PollRequest> requests_of(const std::vector<ClientUnit>& units,
                                     const std::vector<std::string>& points,
                                     const std::vector<RegisterBlock>& blocks) {
    std::vector<PollRequest> all;
    for (std::size_t n = 0; n < units.size(); ++n) {
        const ClientUnit& unit = units[n];
        for (const RegisterBlock& block : blocks)
            all.push_back({n, block, rows_in(*unit.type, block)});
        const std::size_t first = all.size();
        for (const RegisterRow* row : rows_of(*unit.type, points)) {
            const int function = function_for(*unit.type, row->space);
            if (all.size() > first) {
                PollRequest& last = all.back();
                if (last.block.function == function &&
                    last.block.first + last.block.words == row->address &&
                    last.block.words + row->words <= unit.max_read_words) {
                    last.block.words += row->words;
                    last.rows.push_back(row);
                    continue;
                }
            }
            all.push_back({n, {function, row->address, row->words}, {row}});
        }
    }
    return all;
}

} // namespace kpmsim

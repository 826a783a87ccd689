#pragma once

#include "scenarios/keep/database.hpp"
#include "sim/random.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <optional>

namespace kpmsim {

/// A row of numbers in a table, behind which a sum over them stands.
template <std::size_t size>
using SummedRow = std::array<std::int64_t, size>;

template <std::size_t size>
std::int64_t sum_of(const SummedRow<size>& row) {
    return std::bit_cast<std::int64_t>(
        hash_name({reinterpret_cast<const char*>(row.data()), sizeof row}));
}

/// Runs a statement whose places are the numbers and their sum.
template <std::size_t size>
void write_row(Query& query, const SummedRow<size>& row) {
    int place = 0;
    for (const std::int64_t number : row)
        query.bind(++place, number);
    query.bind(++place, sum_of(row)).run();
}

/// The next row; nothing where there is none, or it is not as it was written.
template <std::size_t size>
std::optional<SummedRow<size>> read_row(Query& query) {
    if (!query.row())
        return std::nullopt;
    SummedRow<size> row{};
    int column = 0;
    for (std::int64_t& number : row)
        number = query.number(column++);
    return query.number(column) == sum_of(row) ? std::optional{row} : std::nullopt;
}

} // namespace kpmsim

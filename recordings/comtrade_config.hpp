#pragma once

#include "recordings/comtrade.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace kpmsim {

/// What a .cfg says: the recording without its samples, and how to read them.
struct ComtradeConfig {
    Recording recording; ///< rates as the file has them; the last may end one sample early
    ComtradeType type{ComtradeType::ascii};
    std::int64_t promised{0};  ///< number of the last sample
    int promised_line{0};      ///< where it is promised
    double stamp_unit_ns{1e3}; ///< of a stamp that says 1
};

/// What an editor may have put in front of a text.
ComtradePiece without_byte_order_mark(const ComtradePiece& text);

std::optional<ComtradeConfig> parse_config(const ComtradePiece& cfg,
                                           std::vector<Mistake>& mistakes);

/// A date and time of a .cfg; `fraction_digits` tells microseconds (6) from nanoseconds (9).
struct ComtradeDate {
    CivilTime whole{};
    std::int64_t ns{0};
    int fraction_digits{0};
    bool exists{true}; ///< false: "09/44/2025,25:00:00", which is the epoch
};
/// "dd/mm/yyyy,hh:mm:ss.ssssss", in 1991 "mm/dd/yy"; the other order is taken where only it gives a
/// date; dd.mm.yyyy and yyyy-mm-dd are read as well. An empty or all-zero date is the epoch, and so is
/// what cannot be read; nothing when the text is a line of another kind.
std::optional<ComtradeDate> read_date(std::string_view text, bool month_first);
std::string date_text(CivilTime whole, std::int64_t ns, int fraction_digits);

} // namespace kpmsim

#include "models/device.hpp"
#include "models/instrument_parts.hpp"
#include "models/serial.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

namespace kpmsim {

namespace {

/// The longest row that a map may have.
constexpr std::size_t max_row_words = 32;

const MeterState& nothing_metered() {
    static const MeterState state;
    return state;
}

Unexpected<Refusal> refuse(Refusal why) { return {why}; }

} // namespace

Device::Device(Instrument& instrument, int loop)
    : instrument_{&instrument}, loop_{loop}, serial_{loop == 0
                                                         ? instrument.spec().serial
                                                         : loop_serial(instrument.spec().serial,
                                                                       loop)},
      state_{&nothing_metered()} {}

int Device::address() const {
    const Instrument::Parts& parts = *instrument_->parts_;
    return static_cast<int>(parts.kept[parts.address].front()) + loop_;
}

bool Device::answers_function(int code) const {
    const std::vector<int>& known = type().functions;
    return std::find(known.begin(), known.end(), code) != known.end();
}

// The register image --------------------------------------------------------------------------

void Device::encode_row(const RegisterRow& row, std::span<std::uint16_t> out) const {
    const WordOrder order = instrument_->word_order();
    const Instrument::Parts& parts = *instrument_->parts_;
    switch (row.source) {
    case RegisterSource::quantity:
        return encode(row, order, state_->get(row.quantity), out);
    case RegisterSource::history: {
        const auto e = static_cast<Energy>(info(row.quantity).slot);
        return encode(row, order, parts.history[static_cast<std::size_t>(loop_)].kilo(e, row.month),
                      out);
    }
    case RegisterSource::setting: {
        const SettingRow* setting = type().setting(row.name);
        return encode(row, order, setting->shown(instrument_->setting(row.name, loop_)), out);
    }
    case RegisterSource::serial:
        return encode_text(serial_, out);
    case RegisterSource::clock:
        return encode_clock(instrument_->rtc(), out);
    case RegisterSource::status: {
        double word = parts.wireless[static_cast<std::size_t>(loop_)];
        if (row.name != "wireless") {
            const bool relays = row.name == "relays";
            const std::vector<bool>& bits = relays ? parts.relays : parts.inputs;
            const std::size_t width = bits.size() / static_cast<std::size_t>(type().loops);
            word = 0;
            for (std::size_t n = 0; n < width; ++n)
                if (bits[static_cast<std::size_t>(loop_) * width + n])
                    word += 1 << n;
        }
        return encode(row, order, word, out);
    }
    case RegisterSource::line: {
        const std::vector<int>& bauds = type().line.bauds;
        const auto baud = std::find(bauds.begin(), bauds.end(), instrument_->setting("baud"));
        out[0] = static_cast<std::uint16_t>(instrument_->setting("format") << 8 |
                                            (baud - bauds.begin()));
        return;
    }
    case RegisterSource::spare: {
        const auto& kept = parts.spare[static_cast<std::size_t>(loop_)];
        const auto found = kept.find(row.address);
        if (found != kept.end())
            std::copy(found->second.begin(), found->second.end(), out.begin());
        else
            std::fill(out.begin(), out.end(), std::uint16_t{0});
        return;
    }
    case RegisterSource::command:
        std::fill(out.begin(), out.end(), std::uint16_t{0});
        return;
    }
}

Device::Done Device::read_registers(std::uint16_t first, std::span<std::uint16_t> out) const {
    const std::vector<RegisterRow>& rows = type().registers.rows;
    const RegisterRow* row = type().registers.at(first);
    std::array<std::uint16_t, max_row_words> image{};
    std::size_t done = 0;
    while (done < out.size()) {
        const int address = first + static_cast<int>(done);
        if (row == nullptr || row == rows.data() + rows.size() || row->address > address ||
            !row->readable())
            return refuse(Refusal::illegal_address);
        encode_row(*row, std::span{image}.first(row->words));
        const auto from = static_cast<std::size_t>(address - row->address);
        const std::size_t count = std::min(row->words - from, out.size() - done);
        std::copy_n(image.begin() + static_cast<std::ptrdiff_t>(from), count,
                    out.begin() + static_cast<std::ptrdiff_t>(done));
        done += count;
        ++row;
    }
    return std::monostate{};
}

// Writing -------------------------------------------------------------------------------------

namespace {

/// The kept number that a written register means; nothing when it is no number.
std::optional<std::int64_t> kept_number(const SettingRow& setting, double shown) {
    const double kept = std::round(shown * setting.scale);
    if (!(std::abs(kept) < 9e15)) // also not-a-number
        return {};
    return static_cast<std::int64_t>(kept);
}

} // namespace

bool Device::accepts(const RegisterRow& row, std::span<const std::uint16_t> words) const {
    switch (row.source) {
    case RegisterSource::setting: {
        const SettingRow* setting = type().setting(row.name);
        const auto kept = kept_number(*setting, decode(row, instrument_->word_order(), words));
        return kept && setting->allows(*kept);
    }
    case RegisterSource::clock: {
        CivilTime t;
        return decode_clock(words, t);
    }
    case RegisterSource::command:
        return std::any_of(row.actions.begin(), row.actions.end(),
                           [&](const RegisterCommand& c) { return c.value == words[0]; });
    case RegisterSource::line:
        return static_cast<std::size_t>(words[0] & 0xFF) < type().line.bauds.size() &&
               static_cast<std::size_t>(words[0] >> 8) < line_formats().size();
    case RegisterSource::spare:
        return true;
    case RegisterSource::quantity:
    case RegisterSource::serial:
    case RegisterSource::history:
    case RegisterSource::status:
        break;
    }
    return false;
}

void Device::apply(const RegisterRow& row, std::span<const std::uint16_t> words) {
    Instrument::Parts& parts = *instrument_->parts_;
    switch (row.source) {
    case RegisterSource::setting: {
        const SettingRow* setting = type().setting(row.name);
        const auto kept = kept_number(*setting, decode(row, instrument_->word_order(), words));
        instrument_->set(row.name, *kept, loop_);
        return;
    }
    case RegisterSource::clock: {
        CivilTime t;
        decode_clock(words, t);
        parts.clock.offset_s = (t - parts.site).count();
        parts.clock.since = parts.site;
        return;
    }
    case RegisterSource::command:
        for (const RegisterCommand& command : row.actions)
            if (command.value == words[0])
                parts.perform(command.action, *instrument_);
        return;
    case RegisterSource::line:
        instrument_->set("baud", type().line.bauds[words[0] & 0xFF]);
        instrument_->set("format", words[0] >> 8);
        return;
    case RegisterSource::spare:
        parts.spare[static_cast<std::size_t>(loop_)][row.address].assign(words.begin(),
                                                                         words.end());
        return;
    case RegisterSource::quantity:
    case RegisterSource::serial:
    case RegisterSource::history:
    case RegisterSource::status:
        break;
    }
    assert(false && "a row that accepts nothing was written");
}

Device::Done Device::write_registers(std::uint16_t first, std::span<const std::uint16_t> words) {
    const RegisterMap& map = type().registers;
    const int end = first + static_cast<int>(words.size());
    const auto rows_written = [&](auto&& visit) {
        for (int address = first; address < end;) {
            const RegisterRow* row =
                address > 0xFFFF ? nullptr : map.at(static_cast<std::uint16_t>(address));
            if (row == nullptr || row->address != address || row->end() > end || !visit(*row))
                return false;
            address = row->end();
        }
        return true;
    };
    const auto part = [&](const RegisterRow& row) {
        return words.subspan(static_cast<std::size_t>(row.address - first), row.words);
    };
    // First every address, then every value, and only then the deed.
    if (!rows_written([](const RegisterRow& row) { return row.writable(); }))
        return refuse(Refusal::illegal_address);
    if (!rows_written([&](const RegisterRow& row) { return accepts(row, part(row)); }))
        return refuse(Refusal::illegal_value);
    rows_written([&](const RegisterRow& row) {
        apply(row, part(row));
        return true;
    });
    return std::monostate{};
}

// Relays and inputs ---------------------------------------------------------------------------

namespace {

/// Copies the bits first .. first + out.size() of a unit whose own begin at `base`.
bool read_bits(const std::vector<bool>& bits, int own_first, int own_count, int base, int first,
               std::span<bool> out) {
    if (first < base || first + static_cast<int>(out.size()) > base + own_count)
        return false;
    for (std::size_t n = 0; n < out.size(); ++n)
        out[n] = bits[static_cast<std::size_t>(own_first + first - base) + n];
    return true;
}

} // namespace

Device::Done Device::read_coils(std::uint16_t first, std::span<bool> out) const {
    const int count = instrument_->spec().relays_fitted ? type().coils_per_unit() : 0;
    if (!read_bits(instrument_->parts_->relays, loop_ * count, count, type().coil_base, first, out))
        return refuse(Refusal::illegal_address);
    return std::monostate{};
}

Device::Done Device::write_coil(std::uint16_t address, bool closed) {
    const int count = instrument_->spec().relays_fitted ? type().coils_per_unit() : 0;
    const int n = address - type().coil_base;
    if (n < 0 || n >= count)
        return refuse(Refusal::illegal_address);
    instrument_->set_relay(loop_ * count + n, closed);
    return std::monostate{};
}

Device::Done Device::read_inputs(std::uint16_t first, std::span<bool> out) const {
    const int count = instrument_->spec().inputs_fitted ? type().inputs_per_unit() : 0;
    if (!read_bits(instrument_->parts_->inputs, loop_ * count, count, type().input_base, first,
                   out))
        return refuse(Refusal::illegal_address);
    return std::monostate{};
}

} // namespace kpmsim

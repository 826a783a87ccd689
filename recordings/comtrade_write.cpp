#include "recordings/bytes.hpp"
#include "recordings/channels.hpp"
#include "recordings/comtrade_config.hpp"
#include "recordings/comtrade_data.hpp"
#include "recordings/note.hpp"
#include "recordings/numbers.hpp"
#include "recordings/timeline.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace kpmsim {
namespace {

constexpr double most_float = std::numeric_limits<float>::max();

class Writer {
public:
    Writer(const Recording& recording, const std::string& file, const ComtradeFormat& format,
           std::vector<Mistake>& mistakes)
        : r_{recording}, file_{file}, format_{format}, mistakes_{mistakes},
          samples_{recording.samples()} {}

    std::optional<ComtradeText> write() {
        const std::size_t before = mistakes_.size();
        check_format();
        check_shape();
        check_names();
        if (mistakes_.size() == before) {
            for (const RecordedChannel& channel : r_.channels)
                check_range(channel);
            choose_stamps();
        }
        if (mistakes_.size() != before)
            return std::nullopt;
        return ComtradeText{cfg(), format_.type == ComtradeType::ascii ? ascii() : binary()};
    }

private:
    void wrong(std::string what, std::string cure) {
        note(mistakes_, file_, 0, std::move(what), std::move(cure));
    }

    void check_format() {
        if (format_.revision != 1999 && format_.revision != 2013) {
            wrong("COMTRADE " + std::to_string(format_.revision) + " is not written",
                  "known: 1999, 2013");
        }
        if (format_.revision == 1999 &&
            (format_.type == ComtradeType::binary32 || format_.type == ComtradeType::float32))
            wrong("COMTRADE 1999 has no " + name_of(format_.type), "write revision 2013");
        if (format_.revision == 1999 && fraction_digits() == 9) {
            wrong("COMTRADE 1999 has dates in whole microseconds",
                  "write revision 2013, which has nanoseconds");
        }
    }

    void check_shape() {
        const auto short_of = [&](const std::string& name, std::size_t count) {
            if (static_cast<std::int64_t>(count) != samples_)
                wrong('"' + readable(name) + "\" has " + std::to_string(count) + " of " +
                          std::to_string(samples_) + " samples",
                      "all channels of a recording have the same number");
        };
        for (const RecordedChannel& c : r_.channels)
            short_of(c.name, c.codes.empty() ? c.values.size() : c.codes.size());
        for (const RecordedDigital& d : r_.digitals)
            short_of(d.name, d.state.size());
        if (samples_ == 0)
            wrong("the recording has no samples", "record something first");
        std::int64_t last = 0;
        for (const RecordedRate& rate : r_.rates) {
            if (!(rate.hz > 0.0) || !std::isfinite(rate.hz) || rate.end <= last) {
                wrong("the sampling rates do not follow each other",
                      "a rate is above 0 and ends after the one before");
            }
            last = rate.end;
        }
        if (!r_.rates.empty() && last != samples_) {
            wrong("the sampling rates end at sample " + std::to_string(last),
                  "the recording has " + std::to_string(samples_));
        }
    }

    void check_names() {
        const auto check = [&](const std::string& text, std::ptrdiff_t most, const char* what) {
            const auto characters = std::count_if(text.begin(), text.end(), [](char c) {
                return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
            });
            if (text.find_first_of(",\r\n") != std::string::npos)
                wrong('"' + readable(text) + "\" has a comma or a line end in it",
                      "COMTRADE has no quotes: use another sign");
            else if (characters > most)
                wrong('"' + readable(text) + "\" is too long for the " + what,
                      "at most " + std::to_string(most) + " characters");
        };
        const std::ptrdiff_t longest = format_.revision == 2013 ? 128 : 64;
        check(r_.station, 64, "station");
        check(r_.device, 64, "device");
        for (const std::string* code :
             {&r_.time_code, &r_.local_code, &r_.clock_quality, &r_.leap_second})
            check(*code, 6, "codes of the clock");
        for (const RecordedChannel& c : r_.channels) {
            check(c.name, longest, "name of a channel");
            check(c.phase, 2, "phase");
            check(c.component, 64, "circuit");
            check(c.unit, 32, "unit");
        }
        for (const RecordedDigital& d : r_.digitals) {
            check(d.name, longest, "name of a channel");
            check(d.phase, 2, "phase");
            check(d.component, 64, "circuit");
        }
    }

    void check_range(const RecordedChannel& channel) {
        const std::string who = '"' + readable(channel.name) + '"';
        for (const double n : {channel.scale, channel.offset, channel.skew_us, channel.primary,
                               channel.secondary, channel.stored_min, channel.stored_max}) {
            if (!std::isfinite(n)) {
                wrong(who + " has a factor that is not finite", "give it a number");
                return;
            }
        }
        if (format_.type == ComtradeType::float32) {
            check_float_range(channel, who);
            return;
        }
        if (!channel.values.empty()) {
            wrong(who + " has floating-point values, " + name_of(format_.type) +
                      " holds whole numbers",
                  "write FLOAT32, or turn the values into codes first");
            return;
        }
        const std::int32_t most = most_code();
        for (const std::int32_t code : channel.codes) {
            if (code != missing_code && (code > most || code < -most)) {
                wrong(who + " has the code " + std::to_string(code) + ", " + name_of(format_.type) +
                          " holds at most ±" + std::to_string(most),
                      "write BINARY32 (revision 2013)");
                return;
            }
        }
    }

    void check_float_range(const RecordedChannel& channel, const std::string& who) {
        for (const std::int32_t code : channel.codes) {
            if (code != missing_code && static_cast<double>(static_cast<float>(code)) != code) {
                wrong(who + " has the code " + std::to_string(code) +
                          ", which the 24 bits of FLOAT32 do not hold",
                      "write BINARY32");
                return;
            }
        }
        for (const double v : channel.values) {
            if (std::isinf(v) || std::abs(v) >= most_float) {
                wrong(who + " has a value beyond the range of FLOAT32",
                      "choose a larger unit for the channel");
                return;
            }
        }
    }

    std::int32_t most_code() const {
        switch (format_.type) {
        case ComtradeType::binary:
            return -(missing_code16 + 1);
        case ComtradeType::ascii:
            if (format_.revision == 1999)
                return missing_ascii - 1;
            [[fallthrough]];
        default:
            return std::numeric_limits<std::int32_t>::max();
        }
    }

    int fraction_digits() const {
        return r_.start_ns % 1000 == 0 && r_.trigger_ns % 1000 == 0 ? 6 : 9;
    }

    /// Stamps are 32-bit counts of a unit: the date's last digit times a power of ten. The first
    /// unit is taken that all stamps are whole multiples of and that lets the last one fit.
    void choose_stamps() {
        stamps_ = r_.stamps_ns;
        const bool exact = !stamps_.empty();
        if (!exact) {
            if (r_.rates.empty()) {
                wrong("the recording has neither rates nor stamps", "give it a rate");
                return;
            }
            for (const Stretch& s : timeline_of(r_)) {
                for (std::int64_t k = 0; k < s.count; ++k) {
                    stamps_.push_back(
                        std::llround((s.begin_s + static_cast<double>(k) / s.hz) * 1e9));
                }
            }
        }
        if (static_cast<std::int64_t>(stamps_.size()) != samples_) {
            wrong(std::to_string(stamps_.size()) + " stamps for " + std::to_string(samples_) +
                      " samples",
                  "give every sample one, or none");
            return;
        }
        const auto [least, most] = std::minmax_element(stamps_.begin(), stamps_.end());
        constexpr std::int64_t units[] = {
            1000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000, 1, 10, 100};
        const std::int64_t base = fraction_digits() == 9 ? 1 : 1000;
        for (const std::int64_t unit : units) {
            const bool whole = !exact || std::all_of(stamps_.begin(), stamps_.end(),
                                                     [&](std::int64_t s) { return s % unit == 0; });
            if (*least >= 0 && *most / unit < 0xFFFFFFFE && whole) {
                stamp_unit_ns_ = unit;
                stamp_factor_ = static_cast<double>(unit) / static_cast<double>(base);
                return;
            }
        }
        wrong("the stamps do not fit 32 bits",
              "drop the stamps of a recording that has rates; they rule");
    }

    std::int64_t stamp(std::int64_t sample) const {
        return (stamps_[static_cast<std::size_t>(sample)] + stamp_unit_ns_ / 2) / stamp_unit_ns_;
    }

    void line(std::string& out, std::initializer_list<std::string> cells) const {
        bool first = true;
        for (const std::string& cell : cells) {
            out += (first ? "" : ",") + cell;
            first = false;
        }
        out += "\r\n";
    }

    std::string cfg() const {
        std::string out;
        line(out, {r_.station, r_.device, std::to_string(format_.revision)});
        const std::size_t analogs = r_.channels.size();
        const std::size_t digitals = r_.digitals.size();
        line(out, {std::to_string(analogs + digitals), std::to_string(analogs) + 'A',
                   std::to_string(digitals) + 'D'});
        for (std::size_t i = 0; i < analogs; ++i) {
            const RecordedChannel& c = r_.channels[i];
            const bool ranged = c.stored_min != 0.0 || c.stored_max != 0.0;
            const double most = format_.type == ComtradeType::float32
                                    ? most_float
                                    : static_cast<double>(most_code());
            line(out, {std::to_string(i + 1), c.name, c.phase, c.component, c.unit,
                       number_text(c.scale), number_text(c.offset), number_text(c.skew_us),
                       number_text(ranged ? c.stored_min : -most),
                       number_text(ranged ? c.stored_max : most), number_text(c.primary),
                       number_text(c.secondary),
                       !c.side_is_told        ? ""
                       : c.values_are_primary ? "P"
                                              : "S"});
        }
        for (std::size_t i = 0; i < digitals; ++i) {
            const RecordedDigital& d = r_.digitals[i];
            line(out, {std::to_string(i + 1), d.name, d.phase, d.component, d.normal ? "1" : "0"});
        }
        line(out, {number_text(r_.nominal_hz)});
        line(out, {std::to_string(r_.rates.size())});
        for (const RecordedRate& rate : r_.rates)
            line(out, {number_text(rate.hz), std::to_string(rate.end)});
        if (r_.rates.empty())
            line(out, {"0", std::to_string(samples_)});
        line(out, {date_text(r_.start, r_.start_ns, fraction_digits())});
        line(out, {date_text(r_.trigger, r_.trigger_ns, fraction_digits())});
        line(out, {name_of(format_.type)});
        line(out, {number_text(stamp_factor_)});
        if (format_.revision == 2013) {
            line(out, {r_.time_code, r_.local_code});
            line(out, {r_.clock_quality, r_.leap_second});
        }
        return out;
    }

    std::string ascii() const {
        std::string out;
        for (std::int64_t n = 0; n < samples_; ++n) {
            const auto at = static_cast<std::size_t>(n);
            out += std::to_string(n + 1) + ',' + std::to_string(stamp(n));
            for (const RecordedChannel& c : r_.channels) {
                out += ',';
                if (c.codes[at] != missing_code)
                    out += std::to_string(c.codes[at]);
                else if (format_.revision == 1999 && c.stored_max < missing_ascii)
                    out += std::to_string(missing_ascii);
            }
            for (const RecordedDigital& d : r_.digitals)
                out += d.state[at] ? ",1" : ",0";
            out += "\r\n";
        }
        return out;
    }

    std::string binary() const {
        std::string out;
        for (std::int64_t n = 0; n < samples_; ++n) {
            const auto at = static_cast<std::size_t>(n);
            put_u32(out, static_cast<std::uint32_t>(n + 1));
            put_u32(out, static_cast<std::uint32_t>(stamp(n)));
            for (const RecordedChannel& c : r_.channels) {
                if (format_.type == ComtradeType::float32) {
                    put_f32(out, stored_float(c, at));
                } else if (format_.type == ComtradeType::binary32) {
                    put_u32(out, static_cast<std::uint32_t>(c.codes[at]));
                } else {
                    const std::int32_t code = c.codes[at];
                    put_u(out,
                          static_cast<std::uint32_t>(code == missing_code ? missing_code16 : code),
                          2);
                }
            }
            for (std::size_t i = 0; i < r_.digitals.size(); i += 16) {
                std::uint32_t word = 0;
                for (std::size_t bit = 0; bit < 16 && i + bit < r_.digitals.size(); ++bit)
                    word |= r_.digitals[i + bit].state[at] ? 1u << bit : 0u;
                put_u(out, word, 2);
            }
        }
        return out;
    }

    static float stored_float(const RecordedChannel& c, std::size_t at) {
        if (!c.codes.empty())
            return c.codes[at] == missing_code ? missing_float : static_cast<float>(c.codes[at]);
        return std::isnan(c.values[at]) ? missing_float : static_cast<float>(c.values[at]);
    }

    const Recording& r_;
    const std::string& file_;
    const ComtradeFormat& format_;
    std::vector<Mistake>& mistakes_;
    std::int64_t samples_;
    std::vector<std::int64_t> stamps_;
    std::int64_t stamp_unit_ns_{1000};
    double stamp_factor_{1.0};
};

} // namespace

std::optional<ComtradeText> comtrade_text(const Recording& recording, const std::string& file,
                                          const ComtradeFormat& format,
                                          std::vector<Mistake>& mistakes) {
    return Writer{recording, file, format, mistakes}.write();
}

bool write_comtrade(const Recording& recording, const std::string& path,
                    const ComtradeFormat& format, std::vector<Mistake>& mistakes) {
    const std::filesystem::path as_path{path};
    const std::string extension = as_path.extension().string();
    const bool one_file = extension == ".cff" || extension == ".CFF";
    if (!one_file && extension != ".cfg" && extension != ".CFG") {
        note(mistakes, path, 0, "is no name for a COMTRADE recording",
             "let it end in .cfg (a .dat is written beside it) or in .cff");
        return false;
    }
    if (one_file && format.revision < 2013) {
        note(mistakes, path, 0, "a .cff needs revision 2013",
             "write .cfg and .dat, or revision 2013");
        return false;
    }
    const auto text = comtrade_text(recording, path, format, mistakes);
    if (!text)
        return false;
    if (one_file)
        return write_bytes(path, cff_text(*text, format.type), mistakes);
    std::filesystem::path dat = as_path;
    dat.replace_extension(extension == ".CFG" ? ".DAT" : ".dat");
    return write_bytes(path, text->cfg, mistakes) && write_bytes(dat.string(), text->dat, mistakes);
}

} // namespace kpmsim

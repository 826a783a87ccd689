#include "recordings/channels.hpp"

#include "files/number.hpp"
#include "files/printable.hpp"
#include "files/utf8.hpp"
#include "recordings/timeline.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <string_view>

namespace kpmsim {
namespace {

/// Letters and digits only, in small letters; other bytes than ASCII stay.
std::string folded(const std::string& text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80)
            out += c;
        else if (std::isalnum(byte) != 0)
            out += static_cast<char>(std::tolower(byte));
    }
    return out;
}

/// "a", "b", "c", "n", "ab", "bc", "ca" from the ways in which files write a phase; "" otherwise.
std::string phase_of(const std::string& text) {
    static constexpr std::string_view ways[][8] = {
        {"a", "a", "an", "l1", "l1n", "r", "rn", "1"},
        {"b", "b", "bn", "l2", "l2n", "s", "sn", "2"},
        {"c", "c", "cn", "l3", "l3n", "t", "tn", "3"},
        {"n", "n", "0", "ng", "", "", "", ""},
        {"ab", "ab", "l1l2", "l12", "rs", "12", "", ""},
        {"bc", "bc", "l2l3", "l23", "st", "23", "", ""},
        {"ca", "ca", "l3l1", "l31", "tr", "31", "", ""},
    };
    const std::string plain = folded(text);
    if (plain.empty())
        return {};
    for (const auto& way : ways) {
        for (const std::string_view written : way)
            if (plain == written)
                return std::string{way[0]};
    }
    return {};
}

Measured kind_of_letter(char c) {
    switch (c) {
    case 'u':
    case 'v':
        return Measured::voltage;
    case 'i':
        return Measured::current;
    default:
        return Measured::other;
    }
}

bool is_quantity(const RecordedChannel& channel, Measured kind, const std::string& phase) {
    const std::string name = folded(readable(channel.name));
    const Measured by_name = name.empty() ? Measured::other : kind_of_letter(name[0]);
    const Measured by_unit = measured(channel);
    if ((by_unit == Measured::other ? by_name : by_unit) != kind)
        return false;
    const std::string given = phase_of(readable(channel.phase));
    return (given.empty() && !name.empty() ? phase_of(name.substr(1)) : given) == phase;
}

std::string list_of(const Recording& recording) {
    constexpr std::size_t enough = 60;
    std::string text;
    for (std::size_t i = 0; i < std::min(recording.channels.size(), enough); ++i) {
        const std::string name = readable(recording.channels[i].name);
        const std::string by = label(recording, i);
        text += (i == 0 ? "" : ", ") + (by == name     ? name
                                        : name.empty() ? by
                                                       : name + " (" + by + ')');
    }
    if (recording.channels.size() > enough)
        text += " and " + std::to_string(recording.channels.size() - enough) + " more";
    return text.empty() ? "no channel" : text;
}

/// The only channel that `is` true of; false in `clear` when there are several.
template <class Is>
std::optional<std::size_t> only(const Recording& recording, bool& clear, Is is) {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < recording.channels.size(); ++i) {
        if (is(recording.channels[i])) {
            clear = clear && !found;
            found = i;
        }
    }
    return found;
}

/// The letters of Latin-1 as UTF-8; it has none below A0.
std::string from_latin1(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0xA0) {
            out += static_cast<char>(0xC0 | (byte >> 6));
            out += static_cast<char>(0x80 | (byte & 0x3F));
        } else {
            out += c;
        }
    }
    return out;
}

/// A part of the text that is a unit of that kind: "kV" of "kV L1".
std::string unit_within(const std::string& text, Measured kind) {
    constexpr std::string_view between{" \t()[]{},;:/|"};
    for (std::size_t at = text.find_first_not_of(between); at != std::string::npos;) {
        const std::size_t end = std::min(text.find_first_of(between, at), text.size());
        std::string part = text.substr(at, end - at);
        if (written_unit(part).kind == kind)
            return part;
        at = text.find_first_not_of(between, end);
    }
    return {};
}

/// "#12"
std::optional<std::size_t> by_number(const Recording& recording, const std::string& wanted) {
    const auto number =
        wanted.starts_with('#') ? whole_number(std::string_view{wanted}.substr(1)) : std::nullopt;
    const auto count = static_cast<std::int64_t>(recording.channels.size());
    if (!number || *number < 1 || *number > count)
        return std::nullopt;
    return static_cast<std::size_t>(*number - 1);
}

} // namespace

Measured measured(const RecordedChannel& channel) {
    return written_unit(readable(channel.unit)).kind;
}

std::optional<double> unit_factor(const RecordedChannel& channel, std::string& why) {
    const WrittenUnit unit = written_unit(readable(channel.unit));
    if (unit.kind != Measured::other)
        return unit.factor;
    why = '"' + readable(channel.name) + "\" has the unit \"" + readable(channel.unit) +
          "\", which is neither volts nor amperes";
    return std::nullopt;
}

std::optional<double> si_factor(const RecordedChannel& channel, Side side, std::string& why) {
    const auto unit = unit_factor(channel, why);
    const bool usable = channel.primary > 0.0 && channel.secondary > 0.0;
    if (!unit || (usable && channel.primary == channel.secondary))
        return unit;
    if (!channel.side_is_told) {
        why = '"' + readable(channel.name) +
              "\" does not say on which side of its transformer the values are";
        return std::nullopt;
    }
    if (channel.values_are_primary == (side == Side::primary))
        return unit;
    if (!usable) {
        why = '"' + readable(channel.name) + "\" gives no ratio of its transformer";
        return std::nullopt;
    }
    return side == Side::primary ? *unit * (channel.primary / channel.secondary)
                                 : *unit * (channel.secondary / channel.primary);
}

std::string take_as(RecordedChannel& channel, Measured kind, const std::string& who) {
    const std::string written = readable(channel.unit);
    const std::string part = unit_within(written, kind);
    channel.unit = !part.empty() ? part : kind == Measured::current ? "A" : "V";
    const bool plain = written_unit(channel.unit).factor == 1.0;
    return "is taken as " +
           (!plain                      ? part
            : kind == Measured::current ? "amperes"
                                        : "volts") +
           ", as " + who + " says" +
           (written.empty() ? "; it has no unit" : "; its unit is \"" + written + '"');
}

std::string label(const Recording& recording, std::size_t channel) {
    const std::string& name = recording.channels[channel].name;
    const auto same =
        std::count_if(recording.channels.begin(), recording.channels.end(),
                      [&](const RecordedChannel& other) { return other.name == name; });
    return name.empty() || same > 1 ? '#' + std::to_string(channel + 1) : readable(name);
}

std::optional<std::size_t> find_channel(const Recording& recording, const std::string& wanted,
                                        std::string& why) {
    bool clear = true;
    auto found = only(recording, clear, [&](const RecordedChannel& c) {
        return c.name == wanted || readable(c.name) == wanted;
    });
    if (!found)
        found = by_number(recording, wanted);
    const std::string plain = folded(readable(wanted));
    if (!found && !plain.empty()) {
        found = only(
            recording, clear,
            [&](const RecordedChannel& c) { return folded(readable(c.name)) == plain; });
    }
    if (!found && plain.size() > 1) {
        const Measured kind = kind_of_letter(plain[0]);
        const std::string phase = phase_of(plain.substr(1));
        if (kind != Measured::other && !phase.empty()) {
            found = only(
                recording, clear,
                [&](const RecordedChannel& c) { return is_quantity(c, kind, phase); });
        }
    }
    if (!found || !clear) {
        why = (found ? "more than one channel could be \"" : "there is no channel \"") +
              readable(wanted) + "\"; the recording has " + list_of(recording);
        return std::nullopt;
    }
    return found;
}

double duration_s(const Recording& recording) {
    const Timeline timeline = timeline_of(recording);
    return timeline.empty() ? 0.0 : timeline.back().end_s();
}

std::string readable(const std::string& text) {
    return printable(is_utf8(text) ? text : from_latin1(text));
}

} // namespace kpmsim

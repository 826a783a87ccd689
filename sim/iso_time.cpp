#include "sim/iso_time.hpp"

#include <cstdio>
#include <cstdlib>

namespace kpmsim {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes a text apart from its front; what does not fit fails all that follows.
class Front {
public:
    explicit Front(std::string_view text) : rest_{text} {}

    bool fits() const { return fits_; }
    bool empty() const { return rest_.empty(); }
    std::string_view rest() const { return rest_; }

    bool take(std::string_view any_of) {
        const bool there = !rest_.empty() && any_of.find(rest_.front()) != std::string_view::npos;
        if (there)
            rest_.remove_prefix(1);
        return there;
    }
    void need(std::string_view any_of) { fits_ = take(any_of) && fits_; }
    int digits(std::size_t count) {
        int number = 0;
        for (std::size_t n = 0; n < count; ++n) {
            if (rest_.empty() || !is_digit(rest_.front())) {
                fits_ = false;
                return 0;
            }
            number = number * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return number;
    }
    std::size_t digits_ahead() const {
        std::size_t count = 0;
        while (count < rest_.size() && is_digit(rest_[count]))
            ++count;
        return count;
    }

private:
    std::string_view rest_;
    bool fits_{true};
};

} // namespace

std::optional<std::chrono::minutes> read_utc_offset(std::string_view text) {
    if (text == "Z")
        return std::chrono::minutes{0};
    Front front{text};
    const bool west = text.starts_with('-');
    front.need("+-");
    const int hours = front.digits(front.digits_ahead() == 1 ? 1 : 2);
    int minutes = 0;
    if (!front.empty()) {
        front.take(":");
        minutes = front.digits(2);
    }
    if (!front.fits() || !front.empty() || minutes > 59 || hours * 60 + minutes > 14 * 60)
        return std::nullopt;
    const std::chrono::minutes offset{hours * 60 + minutes};
    return west ? -offset : offset;
}

std::string utc_offset_text(std::chrono::minutes offset) {
    const int minutes = std::abs(static_cast<int>(offset.count()));
    char text[32];
    std::snprintf(text, sizeof text, "%c%02d:%02d", offset.count() < 0 ? '-' : '+', minutes / 60,
                  minutes % 60);
    return text;
}

std::optional<IsoTime> read_iso(std::string_view text) {
    Front front{text};
    CivilFields f;
    f.year = front.digits(4);
    front.need("-");
    f.month = front.digits(2);
    front.need("-");
    f.day = front.digits(2);
    front.need("T ");
    f.hour = front.digits(2);
    front.need(":");
    f.minute = front.digits(2);
    IsoTime time;
    if (front.take(":")) {
        f.second = front.digits(2);
        if (front.take(".,")) {
            const std::size_t digits = front.digits_ahead();
            if (digits == 0 || digits > 9)
                return std::nullopt;
            time.fraction_digits = static_cast<int>(digits);
            time.ns = front.digits(digits);
            for (std::size_t n = digits; n < 9; ++n)
                time.ns *= 10;
        }
    }
    if (!front.fits() || !from_fields(f, time.whole))
        return std::nullopt;
    if (front.empty())
        return time;
    front.take(" ");
    time.offset = read_utc_offset(front.rest());
    return time.offset ? std::optional{time} : std::nullopt;
}

std::string moment_text(CivilTime start, SimTime at) {
    const auto since = std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch());
    const auto whole = std::chrono::floor<std::chrono::seconds>(since);
    char text[8];
    std::snprintf(text, sizeof text, ".%03d", static_cast<int>((since - whole).count()));
    return iso_text(start + whole) + text;
}

} // namespace kpmsim

#include "scenarios/file/expression.hpp"

#include <cctype>
#include <charconv>

namespace kpmsim {
namespace {

/// sum = product {(+|-) product};  product = part {* part};  part = number | n | -part | (sum)
class Reader {
public:
    Reader(std::string_view text, std::int64_t n) : text_{text}, n_{n} {}

    std::optional<std::int64_t> read(std::string& why) {
        const std::int64_t value = sum();
        if (fault_.empty() && peek() != '\0')
            fault_ = std::string{"cannot be followed at \""} + std::string{text_.substr(at_)} + '"';
        if (!fault_.empty()) {
            why = fault_;
            return std::nullopt;
        }
        return value;
    }

private:
    char peek() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0)
            ++at_;
        return at_ < text_.size() ? text_[at_] : '\0';
    }
    bool take(char c) {
        if (peek() != c)
            return false;
        ++at_;
        return true;
    }
    void too_large() { fault_ = "gives a number that is too large"; }

    std::int64_t sum() {
        std::int64_t value = product();
        for (;;) {
            if (take('+')) {
                if (__builtin_add_overflow(value, product(), &value))
                    too_large();
            } else if (take('-')) {
                if (__builtin_sub_overflow(value, product(), &value))
                    too_large();
            } else {
                return value;
            }
        }
    }
    std::int64_t product() {
        std::int64_t value = part();
        while (take('*'))
            if (__builtin_mul_overflow(value, part(), &value))
                too_large();
        return value;
    }
    std::int64_t part() {
        if (++depth_ > 50) {
            fault_ = "is nested too deeply";
            at_ = text_.size();
            return 0;
        }
        const std::int64_t value = unnested_part();
        --depth_;
        return value;
    }
    std::int64_t unnested_part() {
        const char c = peek();
        if (take('(')) {
            const std::int64_t value = sum();
            if (!take(')') && fault_.empty())
                fault_ = "lacks a closing bracket";
            return value;
        }
        if (take('-'))
            return -part();
        if (take('n'))
            return n_;
        std::int64_t value = 0;
        if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
            const auto [end, error] =
                std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
            at_ = static_cast<std::size_t>(end - text_.data());
            if (error != std::errc{} || value > (std::int64_t{1} << 53)) {
                too_large();
                value = 0;
            }
            return value;
        }
        if (fault_.empty()) {
            fault_ = c == '\0' ? std::string{"ends too soon"}
                               : std::string{"cannot be followed at \""} +
                                     std::string{text_.substr(at_)} + '"';
        }
        at_ = text_.size();
        return 0;
    }

    std::string_view text_;
    std::int64_t n_;
    std::size_t at_{0};
    int depth_{0};
    std::string fault_;
};

} // namespace

std::optional<std::int64_t> evaluate(std::string_view expression, std::int64_t n,
                                     std::string& why) {
    return Reader{expression, n}.read(why);
}

bool is_pattern(std::string_view text) { return text.find('{') != std::string_view::npos; }

std::optional<std::string> fill_in(std::string_view pattern, std::int64_t n, std::string& why,
                                   const PatternWords& words) {
    std::string out;
    for (std::size_t at = 0; at < pattern.size();) {
        const std::size_t open = pattern.find_first_of("{}", at);
        if (open == std::string_view::npos) {
            out += pattern.substr(at);
            break;
        }
        const std::size_t close = pattern.find('}', open);
        if (pattern[open] == '}' || close == std::string_view::npos) {
            why = pattern[open] == '}' ? "has a } without a {" : "has a { without a }";
            return std::nullopt;
        }
        out += pattern.substr(at, open - at);
        const std::string_view inside = pattern.substr(open + 1, close - open - 1);
        if (const auto word = words.find(inside); word != words.end()) {
            out += word->second;
            at = close + 1;
            continue;
        }
        const std::size_t colon = inside.find(':');
        const auto value = evaluate(inside.substr(0, colon), n, why);
        if (!value)
            return std::nullopt;
        std::string number = std::to_string(*value);
        if (colon != std::string_view::npos) {
            const std::string_view form = inside.substr(colon + 1);
            std::size_t width = 0;
            const auto [end, error] =
                std::from_chars(form.data(), form.data() + form.size(), width);
            if (error != std::errc{} || end != form.data() + form.size() || width > 20) {
                why = "has the unknown form \"" + std::string{form} + "\" after the colon";
                return std::nullopt;
            }
            if (number.size() < width) {
                const bool zeros = form.front() == '0';
                number.insert(zeros && number.front() == '-' ? 1 : 0, width - number.size(),
                              zeros ? '0' : ' ');
            }
        }
        out += number;
        at = close + 1;
    }
    return out;
}

} // namespace kpmsim

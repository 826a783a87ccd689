#include "files/mistake.hpp"

#include "files/printable.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <set>
#include <utility>

namespace kpmsim {
namespace {

std::string joined(const std::vector<Mistake>& mistakes) {
    std::string text;
    for (const Mistake& m : mistakes) {
        if (!text.empty())
            text += '\n';
        text += to_text(m);
    }
    return text;
}

/// What is told once need not be told again: a file may be read for several reasons.
std::vector<Mistake> without_repeats(std::vector<Mistake> mistakes) {
    std::set<std::string> told;
    std::erase_if(mistakes, [&](const Mistake& m) { return !told.insert(to_text(m)).second; });
    return mistakes;
}

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

/// How many letters must be put in, taken out, changed or swapped with a neighbour; - and _ count
/// as one letter, and so do small and large.
std::size_t typing_errors(const std::string& a, const std::string& b) {
    const auto same = [](char x, char y) {
        return lower(x == '-' ? '_' : x) == lower(y == '-' ? '_' : y);
    };
    std::vector<std::size_t> before2(b.size() + 1);
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> now(b.size() + 1);
    std::iota(before.begin(), before.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = same(a[i - 1], b[j - 1]) ? 0 : 1;
            now[j] = std::min({before[j] + 1, now[j - 1] + 1, before[j - 1] + change});
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                now[j] = std::min(now[j], before2[j - 2] + 1);
        }
        std::swap(before2, before);
        std::swap(before, now);
    }
    return before[b.size()];
}

} // namespace

std::string to_text(const Place& place) {
    std::string text = printable(place.file);
    if (place.line > 0) {
        text += ':' + std::to_string(place.line);
        if (place.column > 0)
            text += ':' + std::to_string(place.column);
    }
    return text;
}

std::string to_text(const Mistake& mistake) {
    std::string text = to_text(mistake.place) + ": " + printable(mistake.what);
    if (!mistake.cure.empty())
        text += "; " + printable(mistake.cure);
    return text;
}

void note(std::vector<Mistake>& mistakes, Place place, std::string what, std::string cure) {
    mistakes.push_back({std::move(place), std::move(what), std::move(cure)});
}

FileError::FileError(std::vector<Mistake> mistakes)
    : std::runtime_error{joined(mistakes = without_repeats(std::move(mistakes)))},
      mistakes_{std::move(mistakes)} {}

std::string nearest(const std::string& name, const std::vector<std::string>& known) {
    constexpr std::size_t longest = 100;
    if (name.size() > longest)
        return {};
    std::size_t best = std::max<std::size_t>(1, name.size() / 3);
    std::vector<std::string> near;
    for (const std::string& candidate : known) {
        const std::size_t errors = typing_errors(name, candidate);
        // As many errors as letters make any word of any other.
        if (errors > best || errors >= std::min(name.size(), candidate.size()))
            continue;
        if (errors < best) {
            near.clear();
            best = errors;
        }
        near.push_back(candidate);
    }
    std::string text;
    for (const std::string& one : near)
        text += (text.empty() ? "" : " or ") + one;
    return text;
}

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text.empty() ? "none yet" : text;
}

} // namespace kpmsim

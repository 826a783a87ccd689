#include "models/faces/habit_uploads.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <utility>

namespace kpmsim {
namespace {

/// A piece of a flat JSON object's text: a text with its quotes, a number, or what stands between.
struct Token {
    enum class Kind { key, text, number, other } kind{Kind::other};
    std::string chars;
};

bool in_number(char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.';
}

std::vector<Token> tokens_of(const std::string& json) {
    std::vector<Token> all;
    for (std::size_t at = 0; at < json.size();) {
        std::size_t end = at + 1;
        Token token;
        if (json[at] == '"') {
            while (end < json.size() && json[end] != '"')
                end += json[end] == '\\' ? 2 : 1;
            end = std::min(end + 1, json.size());
            const bool key = end < json.size() && json[end] == ':';
            token.kind = key ? Token::Kind::key : Token::Kind::text;
        } else if (in_number(json[at])) {
            while (end < json.size() && in_number(json[end]))
                ++end;
            token.kind = Token::Kind::number;
        }
        token.chars = json.substr(at, end - at);
        all.push_back(std::move(token));
        at = end;
    }
    return all;
}

bool is_frame(const std::string& key) {
    return key == "\"id\"" || key == "\"time\"" || key == "\"isend\"";
}

/// The record with each token as `change` makes it, which knows the key before it.
template <class Change>
std::string changed(const std::string& json, Change&& change) {
    std::string out;
    std::string key;
    for (Token& token : tokens_of(json)) {
        if (token.kind == Token::Kind::key)
            key = token.chars;
        change(key, token);
        out += token.chars;
    }
    return out;
}

/// The next number behind the same letters: 33B1225950027 and 33B1225950028, in quotes.
std::string next_serial(std::string quoted) {
    for (std::size_t n = quoted.size() - 1; n-- > 1;) {
        char& c = quoted[n];
        if (std::isdigit(static_cast<unsigned char>(c)) == 0)
            break;
        if (c != '9') {
            ++c;
            break;
        }
        c = '0';
    }
    return quoted;
}

std::string ghost_of(const std::string& json) {
    return changed(
        json,
        [](const std::string& key, Token& token) {
            if (token.kind == Token::Kind::text && key == "\"id\"") {
                token.chars = next_serial(token.chars);
            } else if (token.kind == Token::Kind::number) {
                std::erase(token.chars, '-');
                for (char& c : token.chars)
                    if (c != '.')
                        c = '0';
                while (token.chars.size() > 1 && token.chars[0] == '0' && token.chars[1] == '0')
                    token.chars.erase(0, 1); // 163.486 is 0.000
            }
        });
}

std::string with_capital_keys(const std::string& json) {
    return changed(
        json,
        [](const std::string&, Token& token) {
            if (token.kind == Token::Kind::key && !is_frame(token.chars))
                for (char& c : token.chars)
                    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        });
}

std::string with_texts(const std::string& json) {
    return changed(
        json,
        [](const std::string&, Token& token) {
            if (token.kind == Token::Kind::number)
                token.chars = '"' + token.chars + '"';
        });
}

std::string with_isend_inverted(const std::string& json) {
    return changed(
        json,
        [](const std::string& key, Token& token) {
            if (key == "\"isend\"" && token.kind == Token::Kind::text)
                token.chars = token.chars == "\"1\"" ? "\"0\"" : "\"1\"";
        });
}

struct Rewriting {
    UploadHabit habit;
    std::string (*apply)(const std::string& json);
};

} // namespace

std::vector<Upload> with_habits(std::vector<Upload> record, const std::vector<HabitNow>& habits,
                                bool energy) {
    if (habits.empty())
        return record;
    if (energy && has_habit(habits, UploadHabit::ghost_messages)) {
        const std::vector<Upload> real = record;
        for (const Upload& upload : real)
            record.push_back({upload.topic, ghost_of(upload.payload)});
    }
    constexpr std::array<Rewriting, 3> rewritings{
        {{UploadHabit::capital_keys, with_capital_keys},
         {UploadHabit::numbers_as_text, with_texts},
         {UploadHabit::inverted_isend, with_isend_inverted}}};
    for (const Rewriting& each : rewritings)
        if (has_habit(habits, each.habit))
            for (Upload& upload : record)
                upload.payload = each.apply(upload.payload);
    return record;
}

} // namespace kpmsim

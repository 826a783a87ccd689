#include "files/json_parse.hpp"

#include <set>

namespace kpmsim {
namespace {

using Json = nlohmann::ordered_json;
constexpr int most_depth = 16;

/// What a parser tells of the text on its way.
class Watch {
public:
    explicit Watch(std::string file) : path_{{std::move(file), {}}} {}

    bool see(int depth, Json::parse_event_t event, const Json& parsed) {
        using Event = Json::parse_event_t;
        deep = deep || depth > most_depth;
        if (event == Event::object_start) {
            path_.push_back({key_, {}});
            key_.clear();
        } else if (event == Event::object_end && path_.size() > 1) {
            path_.pop_back();
        } else if (event == Event::key) {
            key_ = parsed.get<std::string>();
            if (!path_.back().keys.insert(key_).second && twice.empty()) {
                for (const Object& one : path_)
                    twice += one.name.empty() ? "" : one.name + '/';
                twice += key_;
            }
        }
        return !deep;
    }

    bool deep{false};
    std::string twice; ///< the first key that stands twice, with its path

private:
    struct Object {
        std::string name;
        std::set<std::string> keys;
    };
    std::vector<Object> path_;
    std::string key_;
};

} // namespace

Json parse_sent_json(const std::string& text, const std::string& file, const std::string& example,
                     std::vector<Mistake>& mistakes) {
    Watch watch{file};
    const std::string cure = "write an object such as " + example;
    Json json;
    try {
        json = Json::parse(
            text, [&](int depth, Json::parse_event_t event,
                      Json& parsed) { return watch.see(depth, event, parsed); });
    } catch (const Json::parse_error& error) {
        note(mistakes, {file, 0, 0},
             error.byte > text.size()
                 ? "this is no JSON: it breaks off after byte " + std::to_string(text.size())
                 : "this is no JSON: it goes wrong at byte " + std::to_string(error.byte),
             cure);
        return nullptr;
    } catch (const Json::out_of_range&) { // what no double holds: 1e400
        note(mistakes, {file, 0, 0}, "a number in this is too large", cure);
        return nullptr;
    }
    if (watch.deep)
        note(mistakes, {file, 0, 0}, "this is nested too deeply", cure);
    else if (!watch.twice.empty())
        note(mistakes, {watch.twice, 0, 0}, "this key stands twice", "leave one of them out");
    else
        return json;
    return nullptr;
}

} // namespace kpmsim

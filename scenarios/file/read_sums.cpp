#include "scenarios/file/farm_reader.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

// Meters that see what others draw: `sum_of` is read with its meter, and looked up when all are known.

namespace kpmsim {
namespace {

bool is_glob(const std::string& text) { return text.find_first_of("*?[") != std::string::npos; }

class Sums {
public:
    Sums(std::vector<MeterDraft>& meters, std::vector<Mistake>& mistakes)
        : meters_{meters}, mistakes_{mistakes}, members_(meters.size()), state_(meters.size()) {
        for (std::size_t n = 0; n < meters.size(); ++n)
            by_name_.emplace(name(n), n);
    }

    void settle() {
        const std::size_t before = mistakes_.size();
        for (std::size_t n = 0; n < meters_.size(); ++n)
            if (meters_[n].plan.sum)
                find_members(n);
        for (std::size_t n = 0; n < meters_.size(); ++n)
            follow(n);
        if (mistakes_.size() != before)
            return;
        for (std::size_t n = 0; n < meters_.size(); ++n)
            if (meters_[n].plan.sum)
                take_terms(n);
    }

private:
    enum class State : std::uint8_t { unseen, open, done };

    const std::string& name(std::size_t n) const { return meters_[n].plan.spec.name; }

    /// One complaint for each [[meter]] and thing, not one for each meter of a count.
    void wrong(std::size_t n, const std::string& about, std::string what, std::string cure) {
        if (told_.insert({meters_[n].block, about}).second)
            note(mistakes_, meters_[n].sum_of, std::move(what), std::move(cure));
    }

    std::vector<std::size_t> found(std::size_t n, const std::string& pattern) {
        std::vector<std::size_t> out;
        if (const auto one = by_name_.find(pattern); one != by_name_.end()) {
            out.push_back(one->second);
        } else if (is_glob(pattern)) {
            for (std::size_t m = 0; m < meters_.size(); ++m)
                if (fnmatch(pattern.c_str(), name(m).c_str(), 0) == 0)
                    out.push_back(m);
        }
        if (!out.empty())
            return out;
        std::vector<std::string> names;
        for (std::size_t m = 0; m < meters_.size(); ++m)
            names.push_back(name(m));
        const std::string near = nearest(pattern, names);
        wrong(n, pattern, "no meter is named \"" + pattern + '"',
              (near.empty() ? "" : "did you mean " + near + "? ") +
                  std::string{"write names of meters, or patterns such as \"shop-*\""});
        return out;
    }

    void find_members(std::size_t n) {
        const MeterPlan& plan = meters_[n].plan;
        std::set<std::size_t> all;
        for (const std::string& pattern : plan.sum->of)
            for (const std::size_t m : found(n, pattern)) {
                const MeterPlan& other = meters_[m].plan;
                if (m == n)
                    wrong(n, pattern, '"' + pattern + "\" is " + name(n) + " itself, too",
                          "name the meters behind it only: give them names of a kind, such as "
                          "\"shop-*\"");
                else if (other.supply != plan.supply)
                    wrong(n, pattern,
                          name(n) + " is on supply " + plan.supply + ", and " + name(m) + " on " +
                              other.supply,
                          "sum meters of one supply");
                else
                    all.insert(m);
            }
        members_[n].assign(all.begin(), all.end());
    }

    /// Down through the sums; a meter that is met on its own way down sums itself.
    void follow(std::size_t n) {
        if (state_[n] == State::done)
            return;
        if (state_[n] == State::open) {
            auto at = std::find(way_.begin(), way_.end(), n);
            std::string what = name(n) + " sums ";
            for (++at; at != way_.end(); ++at)
                what += name(*at) + ", which sums ";
            wrong(n, "circle", what + name(n), "leave one of them out");
            return;
        }
        state_[n] = State::open;
        way_.push_back(n);
        for (const std::size_t m : members_[n])
            follow(m);
        way_.pop_back();
        state_[n] = State::done;
    }

    void take_terms(std::size_t n) {
        std::map<std::size_t, std::size_t> by; // meter -> the member of n that it came with
        SumPlan& sum = *meters_[n].plan.sum;
        sum.of.clear(); // who comes later is not in it
        for (const std::size_t m : members_[n])
            sum.of.push_back(name(m));
        std::vector<SumPlan::Term>& terms = sum.terms;
        terms.clear();
        for (const std::size_t m : members_[n])
            add_terms(n, m, m, 1.0 + meters_[n].plan.sum->losses, by, terms);
        // Not in the order of the file, which must not show in a last digit.
        std::sort(terms.begin(), terms.end(),
                  [&](const auto& a, const auto& b) { return name(a.meter) < name(b.meter); });
    }

    void add_terms(std::size_t n, std::size_t member, std::size_t m, double factor,
                   std::map<std::size_t, std::size_t>& by, std::vector<SumPlan::Term>& terms) {
        if (const auto [first, fresh] = by.try_emplace(m, member); !fresh) {
            const auto way = [&](std::size_t from) {
                return from == m ? std::string{"by itself"} : "by " + name(from);
            };
            wrong(n, "twice",
                  name(n) + " counts " + name(m) + " twice: " + way(first->second) + " and " +
                      way(member),
                  "name each meter once: the sum, or what it sums");
            return;
        }
        if (const auto& sum = meters_[m].plan.sum)
            for (const std::size_t of : members_[m])
                add_terms(n, member, of, factor * (1.0 + sum->losses), by, terms);
        else
            terms.push_back({m, factor});
    }

    std::vector<MeterDraft>& meters_;
    std::vector<Mistake>& mistakes_;
    std::map<std::string, std::size_t> by_name_;
    std::vector<std::vector<std::size_t>> members_;
    std::vector<State> state_;
    std::vector<std::size_t> way_;
    std::set<std::pair<int, std::string>> told_;
};

} // namespace

void read_sum(TomlTable& table, const TomlNode& node, MeterPlan& plan) {
    const auto of = table.texts("sum_of");
    const auto losses = table.quantity("losses", Unit::fraction);
    if (losses)
        keep_within(table, "losses", *losses, 0.0, 0.5, "0 % to 50 %",
                    "what comes on top of a sum");
    if (node.find("sum_of") == nullptr) {
        if (losses)
            table.wrong("losses", "losses come on top of a sum, and this meter has none",
                        "write sum_of = [\"shop-*\"], or leave losses out");
        return;
    }
    if (!of)
        return;
    if (of->empty())
        table.wrong("sum_of", "sum_of names no meter",
                    "write names of meters, or patterns: [\"shop-*\"]");
    for (const char* key : {"load", "loads"})
        if (node.find(key) != nullptr)
            table.wrong(key, "a meter that sums others has no load of its own",
                        "leave " + std::string{key} +
                            " out, or give the load a meter that is summed");
    const TomlNode* const switches = node.find("relay_switches");
    const bool* const on = switches != nullptr ? std::get_if<bool>(&switches->value) : nullptr;
    if (on != nullptr && *on)
        table.wrong("relay_switches",
                    "the loads of a meter that sums others are not behind its relay",
                    "write relay_switches at the meters that it sums");
    plan.sum = SumPlan{*of, losses.value_or(0.0), {}};
}

void settle_sums(std::vector<MeterDraft>& meters, std::vector<Mistake>& mistakes) {
    Sums{meters, mistakes}.settle();
}

} // namespace kpmsim

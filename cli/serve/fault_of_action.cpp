#include "cli/serve/fault_of_action.hpp"

#include "scenarios/play/fault_presets.hpp"
#include "servers/faults/fault_kind.hpp"

#include <cmath>
#include <fmt/format.h>

namespace kpmsim {
namespace {

/// A fault's parameters as they are written, by an action or by a preset.
struct Words {
    std::string_view kind;
    const std::map<std::string, double>& number;
    const std::map<std::string, std::string>& text;

    double value(const char* key, double without) const {
        const auto at = number.find(key);
        return at == number.end() ? without : at->second;
    }
    LineTime time(const char* key) const { return LineTime{std::llround(1e9 * value(key, 0))}; }
    std::uint64_t count(const char* key, double without) const {
        return static_cast<std::uint64_t>(value(key, without));
    }
    /// What the table says where nothing is written.
    std::string word(const char* key) const {
        if (const auto at = text.find(key); at != text.end())
            return at->second;
        const ActionParameter* const parameter = find_action_kind(kind)->find(key);
        return parameter != nullptr ? std::string{parameter->otherwise} : std::string{};
    }
};

FaultSpec spec_of(const Words& words) {
    FaultSpec spec;
    spec.kind = find_fault_kind(words.kind);
    spec.toxicity = words.value("toxicity", 1);
    const std::string direction = words.word("direction");
    spec.upstream = direction == "upstream" || direction == "both";
    spec.downstream = direction != "upstream";
    spec.first =
        words.number.contains("skip") ? words.count("skip", 0) + 1 : words.count("first", 1);
    if (words.number.contains("count"))
        spec.last = spec.first + words.count("count", 1) - 1;
    else if (words.number.contains("last"))
        spec.last = words.count("last", 1);
    spec.delay = words.time("delay");
    spec.jitter = words.time("jitter");
    const std::string law = words.word("distribution");
    spec.law = law == "log-normal" ? DelayLaw::log_normal
               : law == "uniform"  ? DelayLaw::uniform
                                   : DelayLaw::fixed;
    spec.bytes_per_s = words.value("rate", 1e9);
    const bool by_packet = words.number.contains("packet");
    const double usual = words.kind == "noise-bytes" ? 3 : words.kind == "slicer" ? 1 : 0;
    spec.bytes = static_cast<std::size_t>(by_packet ? words.count("packet", 0)
                                                    : words.count("bytes", usual));
    spec.vary = static_cast<std::size_t>(words.count("vary", 0));
    spec.code = static_cast<int>(words.value("code", 4));
    spec.baud = static_cast<int>(words.value("baud", 9600));
    spec.odd = words.word("parity") == "odd";
    return spec;
}

} // namespace

std::vector<FaultOfAction> faults_of(const FarmAction& action, std::uint64_t id, std::uint64_t seed,
                                     const std::string& place) {
    std::vector<Words> all;
    if (action.kind->name == "line-preset")
        for (const PresetFault& fault : find_fault_preset(action.text.at("preset"))->faults)
            all.push_back({fault.kind, fault.number, fault.text});
    else
        all.push_back({action.kind->name, action.number, action.text});
    if (const auto own = action.number.find("seed"); own != action.number.end())
        seed = static_cast<std::uint64_t>(own->second);
    std::vector<FaultOfAction> faults;
    for (const Words& words : all) {
        FaultSpec spec = spec_of(words);
        spec.stream = Random{seed, fmt::format("fault/a{}/{}/{}", id, place, faults.size())};
        faults.push_back({std::string{words.kind}, spec});
    }
    return faults;
}

} // namespace kpmsim

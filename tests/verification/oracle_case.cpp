#include "oracle_case.hpp"

#include "verification/builtin_cases.hpp"

#include <fmt/format.h>

#include <utility>

namespace kpmsim::test {

std::vector<OracleCase> oracle_cases(std::string_view id, std::string_view kind) {
    std::vector<OracleCase> out;
    for (const EmbeddedFile& file : builtin_cases()) {
        std::vector<VerificationCase> one = load_cases({&file, 1});
        if (one[0].id != id)
            continue;
        std::vector<Mistake> mistakes;
        TomlNode root = parse_toml(std::string{file.text}, "case.toml", mistakes);
        TomlTable table{root, "", mistakes};
        if (kind.empty() || table.text("kind") == kind)
            out.push_back({std::move(one[0]), std::move(root)});
    }
    return out;
}

void judge(const VerificationCase& c, Mode mode, const Errors& errors, Verdict& verdict,
           double room) {
    for (const CaseQuantity& q : c.quantities) {
        if (!q.limit(mode) || !errors.has(q.name))
            continue;
        ++verdict.judged;
        const double limit = q.limit(mode)->limit * (mode == Mode::adc ? room : 1);
        const double worst = errors.worst(q.name);
        if (!(worst <= limit))
            verdict.over += fmt::format("{}: {}, {}: {} is above {}\n", c.name, q.name,
                                        name_of(mode), worst, limit);
    }
}

} // namespace kpmsim::test

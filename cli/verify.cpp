#include "cli/verify.hpp"

#include "cli/terminal/progress.hpp"
#include "cli/terminal/report.hpp"
#include "cli/terminal/table.hpp"
#include "files/json_text.hpp"
#include "verification/builtin_cases.hpp"
#include "verification/verify.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <set>
#include <thread>

namespace kpmsim {

namespace {

std::vector<VerificationCase> wanted_cases(const std::string& row) {
    std::vector<VerificationCase> cases = load_cases(builtin_cases());
    if (row.empty())
        return cases;
    std::vector<VerificationCase> wanted;
    std::string known;
    std::set<std::string> told;
    for (const VerificationCase& c : cases) {
        if (c.id == row)
            wanted.push_back(c);
        if (told.insert(c.id).second)
            known += (known.empty() ? "" : ", ") + c.id;
    }
    if (wanted.empty())
        wrong_flag("--row", "there is no row \"" + row + "\"", "known: " + known);
    return wanted;
}

void print_table(const std::vector<VerifiedRow>& rows) {
    TextTable table{{{"row"},
                     {"title"},
                     {"cases", true},
                     {"quantity"},
                     {"mode"},
                     {"worst", true},
                     {"standard", true},
                     {"ours", true},
                     {"unit"},
                     {"pass"}}};
    for (const VerifiedRow& r : rows)
        table.row({r.id, r.title, fmt::to_string(r.cases), r.quantity, std::string{name_of(r.mode)},
                   two_digits(r.worst), r.standard_limit ? two_digits(*r.standard_limit) : "-",
                   two_digits(r.our_limit), r.unit, r.pass ? "yes" : "NO"});
    fmt::print("{}", table.text());
    for (const VerifiedRow& r : rows)
        if (!r.pass && r.worst_of != r.quantity)
            fmt::print("row {}, {}, {}: the worst is {}\n", r.id, r.quantity, name_of(r.mode),
                       r.worst_of);
    std::set<std::string> told;
    for (const VerifiedRow& r : rows)
        if (!r.reason.empty() && told.insert(r.id + r.reason).second)
            fmt::print("row {}, {}, {}: planned {}, allowed {}: {}\n", r.id, r.quantity,
                       name_of(r.mode), two_digits(r.target), two_digits(r.our_limit), r.reason);
}

/// Calls `tell` for each quantity and mode that cannot have a figure.
void each_without(
    const std::vector<VerificationCase>& cases,
    const std::function<void(const VerificationCase&, const CaseQuantity&, Mode)>& tell) {
    for (const VerificationCase& c : cases)
        for (const CaseQuantity& q : c.quantities)
            for (const Mode mode : {Mode::clean, Mode::adc})
                if (!q.limit(mode))
                    tell(c, q, mode);
}

nlohmann::ordered_json as_json(const std::vector<VerifiedRow>& rows,
                               const std::vector<VerificationCase>& cases) {
    auto list = nlohmann::ordered_json::array();
    for (const VerifiedRow& r : rows) {
        nlohmann::ordered_json standard; // null where no standard has a limit
        if (r.standard_limit)
            standard = *r.standard_limit;
        list.push_back({{"id", r.id},
                        {"title", r.title},
                        {"cases", r.cases},
                        {"quantity", r.quantity},
                        {"mode", name_of(r.mode)},
                        {"worst", r.worst},
                        {"unit", r.unit},
                        {"standard_limit", standard},
                        {"our_limit", r.our_limit},
                        {"pass", r.pass},
                        {"reason", r.reason}});
    }
    auto without = nlohmann::ordered_json::array();
    each_without(cases, [&](const VerificationCase& c, const CaseQuantity& q, Mode mode) {
        without.push_back({{"id", c.id},
                           {"title", c.title},
                           {"quantity", q.name},
                           {"mode", name_of(mode)},
                           {"reason", q.no_limit(mode)}});
    });
    return {{"rows", list}, {"without", without}};
}

} // namespace

Exit verify_metering(const VerifyOptions& options) {
    if (!options.sweep.empty())
        return verify_sweep(options);
    const std::vector<VerificationCase> cases = wanted_cases(options.row);
    const int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    Progress bar;
    const std::vector<VerifiedRow> rows = verify(cases, threads, std::ref(bar));
    if (options.json) {
        fmt::print("{}\n", json_text(as_json(rows, cases)));
    } else {
        print_table(rows);
        each_without(cases, [](const VerificationCase& c, const CaseQuantity& q, Mode mode) {
            fmt::print("row {}, {}: no figure in {}: {}\n", c.id, q.name, name_of(mode),
                       q.no_limit(mode));
        });
    }
    const auto failed =
        std::count_if(rows.begin(), rows.end(), [](const VerifiedRow& r) { return !r.pass; });
    if (!options.json)
        fmt::print("{} of {} within their limits\n", static_cast<long>(rows.size()) - failed,
                   rows.size());
    return failed == 0 ? Exit::ok : Exit::failed;
}

} // namespace kpmsim

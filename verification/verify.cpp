#include "verification/verify.hpp"

#include "verification/paper_deviations.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <thread>

namespace kpmsim {

namespace {

/// One set-up of a case in one mode.
struct Job {
    const VerificationCase* of;
    Mode mode;
    int setup;
    Errors errors{};
};

bool wanted(const VerificationCase& c, Mode mode) {
    return std::any_of(
        c.quantities.begin(), c.quantities.end(),
        [&](const CaseQuantity& q) { return q.limit(mode).has_value(); });
}

struct Worst {
    double error{0}; ///< not a number when nobody measured it
    std::string of;
};

/// Of all set-ups, and of all that the quantity covers. What some set-ups do not have is the worst of
/// the others.
Worst worst_of(const CaseQuantity& q, std::span<const Job> jobs) {
    Worst worst;
    const std::vector<std::string> itself{q.name};
    for (const std::string& covered : q.covers.empty() ? itself : q.covers) {
        const std::string name = q.against_noise ? against_noise(covered) : covered;
        Errors all;
        for (const Job& job : jobs)
            if (job.errors.has(name))
                all.add(name, job.errors.worst(name));
        const double error = all.worst(name);
        if (worst.of.empty() || !(error <= worst.error))
            worst = {error, name};
        if (std::isnan(error))
            break;
    }
    return worst;
}

VerifiedRow row_of(const VerificationCase& c, const CaseQuantity& q, Mode mode,
                   const Worst& worst) {
    const Limit& limit = *q.limit(mode);
    VerifiedRow row;
    row.id = c.id;
    row.title = c.title;
    row.cases = c.setups;
    row.quantity = q.name;
    row.mode = mode;
    row.worst = worst.error;
    row.worst_of = worst.of;
    row.unit = q.unit;
    row.standard_limit = q.standard;
    row.our_limit = limit.limit;
    row.pass = row.worst <= limit.limit && (!q.standard || row.worst <= *q.standard);
    row.reason = limit.reason;
    row.target = limit.target;
    row.case_name = c.name;
    return row;
}

} // namespace

std::vector<VerifiedRow> verify(std::span<const VerificationCase> cases, int threads,
                                const std::function<void(int, int)>& progress) {
    std::vector<Job> jobs;
    for (const VerificationCase& c : cases)
        for (const Mode mode : {Mode::clean, Mode::adc})
            for (int setup = 0; wanted(c, mode) && setup < c.setups; ++setup)
                jobs.push_back({&c, mode, setup});

    std::atomic<std::size_t> next{0};
    std::mutex telling;
    int done = 0;
    const auto work = [&] {
        for (std::size_t n = next++; n < jobs.size(); n = next++) {
            Job& job = jobs[n];
            job.of->run(Draw{job.of->name, job.setup}, job.mode, job.errors);
            const std::lock_guard lock{telling};
            ++done;
            if (progress)
                progress(done, static_cast<int>(jobs.size()));
        }
    };
    std::vector<std::thread> others;
    for (int n = 1; n < threads; ++n)
        others.emplace_back(work);
    work();
    for (std::thread& t : others)
        t.join();

    std::vector<VerifiedRow> rows;
    auto job = jobs.begin();
    for (const VerificationCase& c : cases)
        for (const Mode mode : {Mode::clean, Mode::adc}) {
            if (!wanted(c, mode))
                continue;
            const auto end = job + c.setups;
            for (const CaseQuantity& q : c.quantities)
                if (q.limit(mode))
                    rows.push_back(row_of(c, q, mode, worst_of(q, {job, end})));
            job = end;
        }
    return rows;
}

} // namespace kpmsim

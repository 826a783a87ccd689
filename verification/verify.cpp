#include "verification/verify.hpp"

#include <algorithm>
#include <atomic>
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

VerifiedRow row_of(const VerificationCase& c, const CaseQuantity& q, Mode mode, double worst) {
    const Limit& limit = *q.limit(mode);
    VerifiedRow row;
    row.id = c.id;
    row.title = c.title;
    row.cases = c.setups;
    row.quantity = q.name;
    row.mode = mode;
    row.worst = worst;
    row.unit = q.unit;
    row.standard_limit = q.standard;
    row.our_limit = limit.limit;
    row.pass = worst <= limit.limit && (!q.standard || worst <= *q.standard);
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
            for (const CaseQuantity& q : c.quantities) {
                if (!q.limit(mode))
                    continue;
                Errors all;
                // A quantity that some set-ups do not have is the worst of the others.
                std::for_each(job, end, [&](const Job& j) {
                    if (j.errors.has(q.name))
                        all.add(q.name, j.errors.worst(q.name));
                });
                rows.push_back(row_of(c, q, mode, all.worst(q.name)));
            }
            job = end;
        }
    return rows;
}

} // namespace kpmsim

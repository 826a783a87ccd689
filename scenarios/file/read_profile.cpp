#include "files/csv.hpp"
#include "files/number.hpp"
#include "scenarios/file/farm_reader.hpp"
#include "scenarios/file/profile_time.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace kpmsim {
namespace {

using namespace std::chrono_literals;

ProfilePoint between(const ProfilePoint& a, const ProfilePoint& b, double part, SimDuration at) {
    ProfilePoint point = a;
    point.at = at;
    for (std::size_t i = 0; i < 3; ++i)
        point.p_w[i] = a.p_w[i] + (b.p_w[i] - a.p_w[i]) * part;
    return point;
}

/// A day that is written by the clock and repeated comes round at midnight: the last row leads on
/// to the first, or holds until it.
void close_the_day(std::vector<ProfilePoint>& profile, ProfileShape shape) {
    const SimDuration first = profile.front().at;
    const SimDuration last = profile.back().at;
    const SimDuration gap = 24h - last + first;
    if (gap <= SimDuration::zero())
        return;
    const ProfilePoint midnight =
        between(profile.back(), profile.front(),
                shape == ProfileShape::steps ? 0.0 : seconds(24h - last) / seconds(gap), 24h);
    if (last < 24h)
        profile.push_back(midnight);
    if (first > SimDuration::zero()) {
        profile.insert(profile.begin(), midnight);
        profile.front().at = SimDuration::zero();
    }
}

const std::vector<std::string> columns{"time", "p_a", "p_b", "p_c", "pf"};
constexpr double largest_w = 1e12;

/// One profile's file on its way into a load.
class ProfileReader {
public:
    ProfileReader(const std::string& path, LoadPlan& plan, FarmReading& reading,
                  std::vector<Mistake>& mistakes)
        : path_{path}, plan_{plan}, reading_{reading}, mistakes_{mistakes} {}

    void read() {
        const std::size_t before = mistakes_.size();
        table_ = load_csv(path_, mistakes_);
        if (table_.header.empty())
            return;
        find_columns();
        if (mistakes_.size() > before)
            return;
        for (const CsvTable::Row& row : table_.rows) {
            if (mistakes_.size() - before >= enough_mistakes) {
                wrong(0, "has further mistakes", "mend these first");
                return;
            }
            // What the first time is not, the others are not either.
            if (!take(row) && &row == &table_.rows.front())
                return;
        }
        if (profile_.empty()) {
            if (mistakes_.size() == before)
                wrong(0, "has no rows", "a profile needs at least one row below its header");
            return;
        }
        settle_clock();
        tell();
        plan_.spec.profile = std::move(profile_);
    }

private:
    void wrong(int line, std::string what, std::string cure) {
        note(mistakes_, {path_, line, 0}, std::move(what), std::move(cure));
    }
    const std::string& cell(const CsvTable::Row& row, std::size_t c) const {
        return row.cell[static_cast<std::size_t>(at_[c])];
    }

    void find_columns() {
        std::vector<std::string> lacking;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            at_[i] = table_.column(columns[i]);
            if (at_[i] < 0 && columns[i] != "pf")
                lacking.push_back(columns[i]);
        }
        if (!lacking.empty()) {
            wrong(table_.header_line,
                  "lacks the column" + std::string{lacking.size() > 1 ? "s " : " "} +
                      listed(lacking),
                  "its header is time,p_a,p_b,p_c[,pf]: the power of each phase");
        }
        for (const std::string& name : table_.header) {
            if (std::find(columns.begin(), columns.end(), name) != columns.end())
                continue;
            const std::string near = nearest(name, columns);
            wrong(table_.header_line, "has the unknown column \"" + name + '"',
                  near.empty() ? "known: " + listed(columns) : "did you mean " + near + '?');
        }
    }

    /// False when its time is none.
    bool take(const CsvTable::Row& row) {
        const auto time = next_time(row);
        if (!time)
            return false;
        ProfilePoint point;
        point.at = *time;
        for (std::size_t i = 0; i < 3; ++i) {
            const auto p = read_number(cell(row, i + 1), table_.dialect.decimal);
            const std::string written = columns[i + 1] + " \"" + cell(row, i + 1) + '"';
            if (!p)
                wrong(row.line, written + " is no power",
                      (has_thousands_marks(cell(row, i + 1))
                           ? "write watts without marks between the thousands"
                           : "write watts without a unit") +
                          mark_text());
            else if (std::abs(*p) > largest_w)
                wrong(row.line, written + " is out of range",
                      "a phase's power goes to 1e12 W, 1000000 MW");
            point.p_w[i] = p.value_or(0.0);
        }
        point.pf = plan_.spec.capacitive ? -plan_.spec.pf : plan_.spec.pf;
        if (at_[4] >= 0) {
            const auto pf = read_number(cell(row, 4), table_.dialect.decimal);
            if (!pf || std::abs(*pf) > 1.0 || std::abs(*pf) < 0.01) {
                wrong(row.line, "pf \"" + cell(row, 4) + "\" is no power factor",
                      "write 0.01 to 1, with a minus when the current leads (capacitive)");
            }
            point.pf = pf.value_or(1.0);
        }
        profile_.push_back(point);
        return true;
    }

    std::string mark_text() const {
        return table_.dialect.decimal == ',' ? "; the file's decimal mark is a comma" : "";
    }

    /// The row's time, if it is one and follows on the row before.
    std::optional<SimDuration> next_time(const CsvTable::Row& row) {
        const std::string& text = cell(row, 0);
        std::string cure;
        const auto time = read_profile_time(text, {table_.dialect.decimal, reading_.zone}, cure);
        const auto fail = [&](const std::string& what, std::string how) {
            wrong(row.line, "time \"" + text + "\" " + what, std::move(how));
            return std::nullopt;
        };
        if (!time)
            return fail("cannot be read", cure);
        if (!profile_.empty() && time->clock != clock_)
            return fail("is written another way than before",
                        "write all times in seconds, all as hh:mm, or all as dates, with a zone or "
                        "without");
        if (!profile_.empty() && time->at <= profile_.back().at) {
            return fail("is not after the row before",
                        time->clock == ProfileClock::dates
                            ? "put the rows in order, each time once; where clocks are put back, "
                              "times need their zone: 2026-10-25T02:30+01:00"
                            : "put the rows in order, each time once");
        }
        if (profile_.empty() && time->clock == ProfileClock::seconds &&
            time->at != SimDuration::zero())
            wrong(row.line, "begins at " + text + " s", "begin with a row at time 0");
        clock_ = time->clock;
        return time->at;
    }

    void settle_clock() {
        switch (clock_) {
        case ProfileClock::seconds:
            break;
        case ProfileClock::day:
            if (plan_.spec.profile_end == ProfileEnd::repeat) {
                close_the_day(profile_, plan_.spec.profile_shape);
            } else if (profile_.front().at > SimDuration::zero()) {
                profile_.insert(profile_.begin(), profile_.front());
                profile_.front().at = SimDuration::zero();
            }
            plan_.by_clock = true;
            break;
        case ProfileClock::dates:
        case ProfileClock::instants: {
            DatedProfile& dates = plan_.dated.emplace();
            dates.file = path_;
            dates.first = CivilTime{std::chrono::floor<std::chrono::seconds>(profile_.front().at)};
            for (ProfilePoint& point : profile_)
                point.at -= dates.first.time_since_epoch();
            dates.last = civil_time(dates.first, SimTime{profile_.back().at});
            break;
        }
        }
    }

    /// What is no mistake, and could have been meant otherwise.
    void tell() {
        const auto remark = [&](const std::string& text) {
            reading_.remarks.push_back(path_ + ": " + text);
        };
        if (const std::string dialect = told(table_.dialect); !dialect.empty())
            remark(dialect);
        if (plan_.dated) {
            remark("from " + iso_text(plan_.dated->first) + " to " + iso_text(plan_.dated->last) +
                   " by the site's clock" +
                   (clock_ == ProfileClock::instants
                        ? ", which is at UTC" + utc_offset_text(*reading_.zone)
                        : ""));
        }
    }

    const std::string& path_;
    LoadPlan& plan_;
    FarmReading& reading_;
    std::vector<Mistake>& mistakes_;
    CsvTable table_;
    std::array<int, 5> at_{}; ///< where each of `columns` stands, -1 nowhere
    ProfileClock clock_{};
    std::vector<ProfilePoint> profile_;
};

} // namespace

void load_profile(const std::string& path, LoadPlan& plan, FarmReading& reading,
                  std::vector<Mistake>& mistakes) {
    ProfileReader{path, plan, reading, mistakes}.read();
}

void check_start(const FarmPlan& plan) {
    std::vector<Mistake> mistakes;
    for (const LoadPlan& load : plan.loads) {
        if (!load.dated || (plan.start >= load.dated->first && plan.start <= load.dated->last))
            continue;
        note(mistakes, {load.dated->file, 0, 0},
             "goes from " + iso_text(load.dated->first) + " to " + iso_text(load.dated->last) +
                 ", and the farm starts at " + iso_text(plan.start),
             "write start = \"" + iso_text(load.dated->first) +
                 "\" in [farm], or times as hh:mm for a day that comes again");
    }
    if (!mistakes.empty())
        throw FileError{std::move(mistakes)};
}

} // namespace kpmsim

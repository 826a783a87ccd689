// What a prepayment meter makes of its relay: a paid balance that counts down, an overdraft, load control, forced
// switching and commands, in an order drawn by chance, window by window; the load is behind the relay.
//
// On paper time is counted in windows of 0.2 s, and energy in whole microjoules of power times time.
//
//   balance   what is left, shown less paper
//   relay     windows in which it stands otherwise
//   words     of forced switching and its minutes: those that are shown otherwise
#include "models/engine/image.hpp"
#include "models/engine/prepayment.hpp"
#include "models/engine/program.hpp"
#include "verification/kind.hpp"
#include "verification/program_watch.hpp"
#include "verification/tested_meter.hpp"

#include <algorithm>
#include <array>

namespace kpmsim {

namespace {

constexpr int windows = 3000;
constexpr int of_a_second = 5; ///< windows
constexpr SimDuration window{std::chrono::milliseconds{200}};
constexpr std::int64_t uj_per_kwh{3'600'000'000'000};
constexpr std::int64_t a_step = uj_per_kwh / 100; ///< of what is paid

/// docs/reference/prepayment.md, in windows.
struct PaperPrepayment {
    std::int64_t left_uj{0};
    std::int64_t overdraft_uj{0};
    bool local{false};
    int load_s{0};
    double limit_w{65'535e3};
    std::int64_t how{0}; ///< forced_open, forced_closed, or nothing
    int minutes{0};
    int forced{0};       ///< windows for which it is forced yet
    int above{0};        ///< windows in a row with too much of a load
    int relieved{0};     ///< windows for which load control keeps it open yet
    bool lasts{false};   ///< something is left, the overdraft included
    bool closed{true};   ///< the relay
    bool unforced{true}; ///< … when nothing forces it
    bool powered{true};

    bool valid() const { return (how == forced_open || how == forced_closed) && minutes > 0; }

    void pass(std::int64_t uj, double greatest_w) {
        const bool watched = watches();
        if (forced > 0 && --forced == 0) {
            how = minutes = 0;
            closed = unforced;
        }
        relieved = std::max(0, relieved - 1);
        if (!powered)
            return;
        if (lasts)
            left_uj -= uj;
        above = watched && greatest_w > limit_w ? above + 1 : 0;
        look();
    }
    /// A word of forced switching was written.
    void force() {
        if (forced > 0 && !valid())
            closed = unforced;
        forced = valid() ? minutes * 60 * of_a_second : 0;
    }
    void look() {
        lasts = left_uj > -overdraft_uj;
        if (!watches())
            above = relieved = 0;
        if (above > load_s * of_a_second) {
            above = 0;
            relieved = load_s * of_a_second;
        }
        if (forced > 0) {
            closed = how == forced_closed;
            return;
        }
        if (local)
            closed = lasts && relieved == 0;
        unforced = closed;
    }

private:
    bool watches() const { return local && load_s > 0 && forced == 0; }
};

class PrepaidMeter {
public:
    PrepaidMeter(const MeterSpec& spec, CivilTime start)
        : spec_{spec}, start_{start}, program_{spec_, start, false} {
        port_.states.resize(1);
    }

    bool closed() const { return paper_.closed; }
    void pass(double limit_w, Draw& draw) {
        if (draw.between(0, 20) < 1)
            for (double& w : load_w_)
                w = limit_w * draw.between(-0.2, 1.3);
        std::array<double, 3> w{};
        if (closed() && paper_.powered)
            w = load_w_;
        Readings& readings = port_.states[0].readings;
        for (int phase = 0; phase < 3; ++phase)
            readings[slot_at(Slot::p_a, phase)] = w[static_cast<std::size_t>(phase)];
        const auto uj =
            static_cast<std::int64_t>(std::max(0.0, 1e6 * seconds(window) * (w[0] + w[1] + w[2])));
        port_.states[0].energy.count[static_cast<std::size_t>(Energy::p_import)].add_uj(uj);
        at_ += window;
        if (paper_.powered)
            program_.control_load(at_, port_.states[0], port_);
        while (program_.due() <= at_)
            program_.run(port_);
        paper_.pass(uj, *std::max_element(w.begin(), w.end()));
    }
    void order(Draw& draw) {
        if (const bool on = !paper_.powered; on || draw.between(0, 10) < 1) {
            cut(on);
            return;
        }
        switch (static_cast<int>(draw.between(0, 10))) {
        case 0:
        case 1:
            paper_.left_uj = a_step * static_cast<int>(draw.between(0, 30));
            write("prepaid_energy", kwh(paper_.left_uj));
            break;
        case 2:
            paper_.overdraft_uj = a_step * static_cast<int>(draw.between(0, 10));
            write("overdraft", kwh(paper_.overdraft_uj));
            break;
        case 3:
            paper_.left_uj = 0;
            write("clear_prepaid", 1);
            break;
        case 4:
            paper_.local = !paper_.local || draw.between(0, 3) < 2;
            write("control_mode",
                  static_cast<double>(paper_.local ? local_control : remote_control));
            break;
        case 5:
            paper_.how = std::array{std::int64_t{0}, forced_open,
                                    forced_closed}[static_cast<std::size_t>(draw.between(0, 3))];
            paper_.force();
            write("forced_switching", static_cast<double>(paper_.how));
            break;
        case 6:
            paper_.minutes = static_cast<int>(draw.between(0, 3));
            paper_.force();
            write("forced_switching_minutes", paper_.minutes);
            break;
        case 7:
            paper_.load_s = static_cast<int>(draw.between(0, 10));
            write("load_control_s", paper_.load_s);
            break;
        case 8:
            write("clear_energy", 1);
            break;
        default:
            const bool told = draw.between(0, 2) < 1;
            if (!paper_.local && paper_.forced == 0)
                paper_.closed = told;
            write("relay_1", told ? 1 : 0);
        }
    }
    void set_limit(int kw) {
        paper_.limit_w = 1000 * kw;
        write("load_threshold", kw);
    }
    void check(Errors& errors) const {
        if (!paper_.powered)
            return;
        errors.add("relay", program_.memory().relay(0) == paper_.closed ? 0 : 1);
        errors.add("balance", shown("prepaid_energy") - kwh(paper_.left_uj));
        errors.add("words", shown("forced_switching") == static_cast<double>(paper_.how) ? 0 : 1);
        errors.add("words", shown("forced_switching_minutes") == paper_.minutes ? 0 : 1);
    }

private:
    static double kwh(std::int64_t uj) {
        return static_cast<double>(uj) / static_cast<double>(uj_per_kwh);
    }
    double shown(const char* name) const {
        static const std::array<std::uint16_t, max_circuits> no_radio{};
        const MeterView view{&spec_, &program_.memory(), port_.states, no_radio,
                             civil_time(start_, at_)};
        return number(view, *spec_.type->points.find(name), 0);
    }
    void write(const char* name, double value) {
        carry_out({at_, {{*spec_.type->points.find(name), 0, value}}});
        paper_.look();
    }
    void cut(bool on) {
        Intervention power;
        power.kind = on ? InterventionKind::end : InterventionKind::cut_power;
        power.action = 1;
        paper_.powered = on;
        carry_out({at_, {}, {power}});
        paper_.above = 0;
        if (on)
            paper_.look();
    }
    void carry_out(const Command& command) {
        const Effects effects = program_.carry_out(command, at_, port_);
        if (effects.clear_energy)
            port_.states[0].energy = {};
    }

    MeterSpec spec_;
    CivilTime start_;
    ProgramWatch port_;
    MeterProgram program_;
    PaperPrepayment paper_;
    SimTime at_{};
    std::array<double, 3> load_w_{};
};

void run(Draw& draw, Errors& errors) {
    const CivilTime start{std::chrono::seconds{1'768'000'000}};
    PrepaidMeter meter{some_meter(*tested_types().find("kpm33b"), Wiring::p4l, false, 0, draw).spec,
                       start};
    int limit_kw = 5;
    meter.set_limit(limit_kw);
    for (int n = 0; n < windows; ++n) {
        if (draw.between(0, 40) < 1)
            meter.order(draw);
        if (n % 500 == 499)
            meter.set_limit(limit_kw = static_cast<int>(draw.between(1, 60)));
        meter.check(errors);
        meter.pass(1000.0 * limit_kw, draw);
        meter.check(errors);
    }
}

} // namespace

Run prepayment_kind(TomlTable&) {
    return [](Draw draw, Mode, Errors& errors) { run(draw, errors); };
}

} // namespace kpmsim

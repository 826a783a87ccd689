// Files that were damaged on the way. Each mutation starts from a good file of one of the formats:
// bytes changed, pieces cut out, doubled or swapped for others, the end cut off, numbers replaced.
// Reading one must end in a recording whose shape is whole or in mistakes with place and cure.

#include "recordings/channels.hpp"
#include "recordings/comtrade.hpp"
#include "recordings/csv_recording.hpp"
#include "recordings/resample.hpp"
#include "recordings/wav.hpp"
#include "tests/recordings/sample_recording.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;
using namespace kpmsim::test;

namespace {

class Mutator {
public:
    explicit Mutator(std::uint64_t seed) : random_{seed, "mutation"} {}

    std::string operator()(std::string text) {
        for (std::size_t edits = 1 + pick(4); edits > 0 && !text.empty(); --edits)
            edit(text);
        return text;
    }

    std::size_t pick(std::size_t below) { return random_.bits(n_++) % below; }

private:
    void edit(std::string& text) {
        static const char* const numbers[] = {"-1",         "0", "99999999999", "1e309", "nan",
                                              "4294967295", "",  "-2147483648", "inf",   "1e-320"};
        const std::size_t at = pick(text.size());
        const std::size_t length = std::min(text.size() - at, 1 + pick(20));
        switch (pick(7)) {
        case 0:
            text[at] = static_cast<char>(pick(256));
            break;
        case 1:
            text.erase(at, length);
            break;
        case 2:
            text.insert(pick(text.size() + 1), text.substr(at, length));
            break;
        case 3:
            text.resize(at);
            break;
        case 4:
            text.insert(at, std::string(length, ",\n\r\x1A\xFF"[pick(5)]));
            break;
        default: { // a number of a text: from one comma or line end to the next
            const std::size_t from = text.find_first_of(",\n", at);
            const std::size_t to =
                from == std::string::npos ? from : text.find_first_of(",\r\n", from + 1);
            if (to != std::string::npos && to - from < 40)
                text.replace(from + 1, to - from - 1, numbers[pick(10)]);
            else
                text[at] = static_cast<char>(0xFF);
        }
        }
    }

    Random random_;
    std::uint64_t n_{0};
};

/// Whole, or told with place and cure; and it can be asked for whatever a reader does next.
void check_end(const std::optional<Recording>& recording, const std::vector<Mistake>& mistakes,
               bool resampled) {
    if (!recording) {
        CHECK(!mistakes.empty());
        for (const Mistake& m : mistakes) {
            CHECK(!m.place.file.empty());
            CHECK(!m.what.empty());
            CHECK(!m.cure.empty());
        }
        return;
    }
    CHECK(mistakes.empty());
    const auto samples = static_cast<std::size_t>(recording->samples());
    std::vector<SignalChannel> all;
    for (const RecordedChannel& c : recording->channels) {
        CHECK(c.codes.size() + c.values.size() == samples);
        CHECK((c.codes.empty() || c.values.empty()));
        CHECK(std::isfinite(c.scale));
        all.push_back({all.size(), 1.0});
    }
    for (const RecordedDigital& d : recording->digitals)
        CHECK(d.state.size() == samples);
    CHECK((recording->rates.empty() || recording->rates.back().end == recording->samples()));
    if (recording->rates.empty())
        CHECK(recording->stamps_ns.size() == samples);
    CHECK(duration_s(*recording) >= 0.0);
    std::vector<Mistake> further;
    if (samples > 0 && resampled) {
        // What a damaged rate may ask of the filter is bounded: 1 MHz.
        bool modest = true;
        for (const Stretch& s : timeline_of(*recording))
            modest = modest && s.hz < 1e6;
        const auto signal = modest
                                ? RecordedSignal::make(*recording, all, {50.0, 5, 16}, "f", further)
                                : std::nullopt;
        if (signal && signal->channels() > 0)
            CHECK(!std::isnan(signal->at(0, signal->end_s() / 2)));
    }
}

} // namespace

TEST_SUITE("validation") {
    TEST_CASE("thousands of damaged COMTRADE files crash nothing and yield no half recording") {
        struct Good {
            ComtradeText text;
            ComtradeType type;
        };
        std::vector<Good> corpus;
        std::vector<Mistake> none;
        for (const ComtradeFormat format :
             {ComtradeFormat{1999, ComtradeType::ascii}, ComtradeFormat{1999, ComtradeType::binary},
              ComtradeFormat{2013, ComtradeType::binary32}}) {
            Recording r = random_codes(11, 3, 18, 120, 16);
            corpus.push_back({*comtrade_text(r, "f", format, none), format.type});
            r.rates = {{800.0, 20}, {6400.0, 120}};
            corpus.push_back({*comtrade_text(r, "f", format, none), format.type});
            for (std::int64_t i = 0; i < 120; ++i)
                r.stamps_ns.push_back(i * 1'000'000);
            r.rates.clear();
            corpus.push_back({*comtrade_text(r, "f", format, none), format.type});
        }
        const ComtradeFormat floats{2013, ComtradeType::float32};
        corpus.push_back(
            {*comtrade_text(random_floats(12, 3, 2, 120), "f", floats, none), floats.type});
        int read = 0;
        for (std::uint64_t seed = 0; seed < 12000; ++seed) {
            CAPTURE(seed);
            Mutator mutate{seed};
            const Good& good = corpus[mutate.pick(corpus.size())];
            std::vector<Mistake> mistakes;
            std::optional<Recording> recording;
            switch (mutate.pick(3)) {
            case 0: {
                const std::string cfg = mutate(good.text.cfg);
                recording = parse_comtrade({"f.cfg", cfg}, {"f.dat", good.text.dat}, mistakes);
                break;
            }
            case 1: {
                const std::string dat = mutate(good.text.dat);
                recording = parse_comtrade({"f.cfg", good.text.cfg}, {"f.dat", dat}, mistakes);
                break;
            }
            default: {
                const std::string cff = mutate(cff_text(good.text, good.type));
                recording = parse_cff({"f.cff", cff}, mistakes);
            }
            }
            read += recording ? 1 : 0;
            check_end(recording, mistakes, seed % 16 == 0);
        }
        // A changed name or code is no damage a reader could see; most damage is.
        CHECK(read > 1000);
        CHECK(read < 9000);
    }

    TEST_CASE("damaged WAV and CSV files crash nothing and yield no half recording") {
        std::vector<Mistake> none;
        Recording r = random_codes(13, 3, 0, 120, 16);
        for (RecordedChannel& c : r.channels)
            c.skew_us = 0.0;
        std::vector<std::string> wavs;
        for (const WavType type :
             {WavType::pcm16, WavType::pcm24, WavType::pcm32, WavType::float32})
            wavs.push_back(*wav_bytes(r, "f", type, none));
        const std::string csv = *csv_recording_text(r, "f", none);
        for (std::uint64_t seed = 0; seed < 4000; ++seed) {
            CAPTURE(seed);
            Mutator mutate{seed};
            std::vector<Mistake> mistakes;
            const std::string wav = mutate(wavs[mutate.pick(wavs.size())]);
            check_end(parse_wav("f.wav", wav, {}, mistakes), mistakes, seed % 16 == 0);
            mistakes.clear();
            const std::string damaged = mutate(csv);
            check_end(parse_csv_recording("f.csv", damaged, mistakes), mistakes, seed % 16 == 0);
        }
    }
}

#include "recordings/csv_recording.hpp"
#include "recordings/timeline.hpp"
#include "recordings/wav.hpp"
#include "tests/recordings/sample_recording.hpp"

#include <doctest/doctest.h>
#include <filesystem>

using namespace kpmsim;
using namespace kpmsim::test;

namespace {

Recording plain(Recording r) {
    for (RecordedChannel& c : r.channels)
        c.skew_us = 0.0;
    return r;
}

std::string csv_mistake(const std::string& text) {
    std::vector<Mistake> mistakes;
    CHECK_FALSE(parse_csv_recording("f.csv", text, mistakes));
    REQUIRE(!mistakes.empty());
    return to_text(mistakes[0]);
}

std::string wav_mistake(const std::string& bytes, const std::vector<WavChannel>& channels = {}) {
    std::vector<Mistake> mistakes;
    CHECK_FALSE(parse_wav("f.wav", bytes, channels, mistakes));
    REQUIRE(!mistakes.empty());
    return to_text(mistakes[0]);
}

} // namespace

TEST_SUITE("validation") {
    TEST_CASE("PCM codes and floats come back from a WAV to the bit") {
        std::vector<Mistake> mistakes;
        for (const auto& [type, bits] :
             {std::pair{WavType::pcm16, 16}, std::pair{WavType::pcm24, 24},
              std::pair{WavType::pcm32, 32}}) {
            for (const int channels : {1, 3, 7}) {
                const Recording r = plain(random_codes(1, channels, 0, 33, bits));
                const auto bytes = wav_bytes(r, "f", type, mistakes);
                REQUIRE_MESSAGE(bytes, all_texts(mistakes));
                CHECK(bytes->size() % 2 == 0);
                const auto back = parse_wav("f.wav", *bytes, {}, mistakes);
                REQUIRE_MESSAGE(back, all_texts(mistakes));
                CHECK(same_samples(r, *back));
                CHECK(back->rates[0].hz == 6400.0);
            }
        }
        Recording r = plain(random_floats(2, 3, 0, 33));
        for (RecordedChannel& c : r.channels) {
            c.scale = 1.0;
            c.offset = 0.0;
        }
        const auto bytes = wav_bytes(r, "f", WavType::float32, mistakes);
        REQUIRE(bytes);
        const auto back =
            parse_wav("f.wav", *bytes, {{"UA", "V"}, {"UB", "V"}, {"IA", "A"}}, mistakes);
        REQUIRE(back);
        CHECK(same_samples(r, *back));
        CHECK(back->channels[2].unit == "A");
    }

    TEST_CASE("a plain PCM header of other programs reads, full scale makes volts of it") {
        using namespace std::string_literals;
        const std::string wav =
            "RIFF\x2C\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1F\0\0\x80\x3E\0\0\x02\0\x10\0"
            "junk\x03\0\0\0abc\0data\x04\0\0\0\x00\x40\x00\x80"s;
        std::vector<Mistake> mistakes;
        const auto r = parse_wav("f.wav", wav, {{"UA", "V", 400.0}}, mistakes);
        REQUIRE_MESSAGE(r, all_texts(mistakes));
        CHECK(r->rates[0].hz == 8000.0);
        CHECK(value(r->channels[0], 0) == 200.0);
        CHECK(value(r->channels[0], 1) == -400.0);
        CHECK(clipped_samples(r->channels[0]) == 1);

        CHECK(wav_mistake(wav.substr(0, wav.size() - 1)).find("a chunk of 4 bytes, and 3 follow") !=
              std::string::npos);
        CHECK(wav_mistake(wav, {{"UA", "V"}, {"UB", "V"}}).find("the file has 1 channel;") !=
              std::string::npos);
        std::string other = wav;
        other[34] = 8;
        CHECK(wav_mistake(other) == "f.wav: byte 20: samples of type 1 with 8 bits; known: PCM (1) "
                                    "of 16, 24 and 32 bits, float (3) of 32 bits");
        CHECK(wav_mistake("RIFX").starts_with("f.wav: byte 0: the file is no RIFF/WAVE file"));
    }

    TEST_CASE("values come back from CSV to the bit, the rate to the hertz") {
        for (const double hz : {50.0, 6400.0, 12800.0, 44100.0, 2401.509521}) {
            CAPTURE(hz);
            Recording r = plain(random_floats(3, 2, 0, 200));
            r.rates = {{hz, 200}};
            for (RecordedChannel& c : r.channels) {
                c.scale = 1.0;
                c.offset = 0.0;
                c.values[0] = 0.1; // no 32-bit float
            }
            std::vector<Mistake> mistakes;
            const auto text = csv_recording_text(r, "f", mistakes);
            REQUIRE_MESSAGE(text, all_texts(mistakes));
            const auto back = parse_csv_recording("f.csv", *text, mistakes);
            REQUIRE_MESSAGE(back, all_texts(mistakes));
            CHECK(same_samples(r, *back));
            CHECK(back->channels[1].unit == "A");
            CHECK(back->rates[0].hz == doctest::Approx(hz).epsilon(1e-14));
        }
    }

    TEST_CASE("times with few digits still mean the rate they were rounded from") {
        std::string text = "\xEF\xBB\xBF# from a logger\r\ntime_s, ua_v ,ia_a,\"In (mA)\"\r\n";
        for (int n = 0; n < 4000; ++n) {
            char row[64];
            std::snprintf(row, sizeof row, "%.6f,%d,1e-3, -2\r\n", 10.0 + n / 12800.0, n);
            text += row;
        }
        std::vector<Mistake> mistakes;
        const auto r = parse_csv_recording("f.csv", text, mistakes);
        REQUIRE_MESSAGE(r, all_texts(mistakes));
        CHECK(r->rates[0].hz == 12800.0);
        REQUIRE(r->channels.size() == 3);
        CHECK(r->channels[0].name == "ua");
        CHECK(r->channels[0].unit == "V");
        CHECK(r->channels[2].name == "In");
        CHECK(r->channels[2].unit == "mA");
        CHECK(r->channels[0].values[3999] == 3999.0);
    }
}

TEST_SUITE("unit") {
    TEST_CASE("a CSV whose clock follows a grid keeps its times, one that jitters is refused") {
        const auto text = [](auto step_ns) {
            std::string out = "time_s,UA [V]\n";
            std::int64_t at_ns = 0;
            for (int n = 0; n < 3000; ++n) {
                char row[64];
                std::snprintf(row, sizeof row, "%.9f,%d\n", 1e-9 * static_cast<double>(at_ns), n);
                out += row;
                at_ns += step_ns(n);
            }
            return out;
        };
        std::vector<Mistake> mistakes;
        const auto drifting = parse_csv_recording(
            "f.csv", text([](int n) { return 156250 + n / 1000 * 40; }), mistakes);
        REQUIRE(drifting);
        CHECK(drifting->rates.empty());
        REQUIRE(drifting->stamps_ns.size() == 3000);
        CHECK(drifting->stamps_ns[2000] == 1000LL * 156250 + 1000LL * 156290);
        const Timeline timeline = timeline_of(*drifting);
        REQUIRE(timeline.size() == 3);
        CHECK(timeline[1].hz == doctest::Approx(1e9 / 156290).epsilon(1e-9));

        CHECK_FALSE(parse_csv_recording("f.csv", text([](int n) { return 156250 + n % 2 * 40; }),
                                        mistakes));
        CHECK_FALSE(parse_csv_recording(
            "f.csv", text([](int n) { return 156250 + (n == 1500 ? 156250 : 0); }), mistakes));
        REQUIRE(mistakes.size() == 2);
        CHECK(to_text(mistakes[1])
                  .find("f.csv:1503: the times do not rise evenly: a step of "
                        "0.0003125 s among steps of 0.00015625 s") == 0);
    }

    TEST_CASE("semicolons and decimal commas are read as what they are, and told") {
        std::string text = "\xEF\xBB\xBFtime_s;UA [V];\"U;B [V]\";ia_a\r\n";
        for (int n = 0; n < 400; ++n) {
            char row[64];
            std::snprintf(row, sizeof row, "0,%05d;%d,25;-1,234;+2e-1\r\n", 25 * n, n);
            text += row;
        }
        std::vector<Mistake> mistakes;
        const auto r = parse_csv_recording("f.csv", text, mistakes);
        REQUIRE_MESSAGE(r, all_texts(mistakes));
        CHECK(r->remarks ==
              std::vector<std::string>{"f.csv: read with ; between columns and a decimal comma"});
        CHECK(r->rates[0].hz == 4000.0);
        REQUIRE(r->channels.size() == 3);
        CHECK(r->channels[1].name == "U;B");
        CHECK(r->channels[0].values[399] == 399.25);
        CHECK(r->channels[1].values[0] == -1.234);
        CHECK(r->channels[2].values[0] == 0.2);
        CHECK(csv_mistake("time_s;UA [V]\n0;1,5\n1;1.250\n") ==
              "f.csv:3: \"1.250\" is no finite number (UA); every sample has a time and all its "
              "values; the file's decimal mark is a comma");
        CHECK(csv_mistake("time_s;UA [V]\n0;1,500\n1;1,250\n")
                  .starts_with("f.csv:2: \"1,500\" "
                               "may be 1500 or 1.500"));
    }

    TEST_CASE("a CSV may have dates, whose first the recording begins at") {
        std::string text = "time,UA [V]\n";
        for (int n = 0; n < 1000; ++n) {
            char row[64];
            std::snprintf(row, sizeof row, "2026-01-12 23:59:59.%06d+01:00,%d\n", 900000 + 125 * n,
                          n);
            if (n >= 800)
                std::snprintf(row, sizeof row, "2026-01-12T23:00:00.%06dZ,%d\n", 125 * (n - 800),
                              n);
            text += row;
        }
        std::vector<Mistake> mistakes;
        const auto r = parse_csv_recording("f.csv", text, mistakes);
        REQUIRE_MESSAGE(r, all_texts(mistakes));
        CHECK(r->rates[0].hz == 8000.0);
        CHECK(iso_text(r->start) == "2026-01-12T23:59:59");
        CHECK(r->start_ns == 900'000'000);
        CHECK(r->time_code == "+1");
        CHECK(csv_mistake("time,UA [V]\n2026-01-12T08:00:00.1,1\n2026-01-12T08:00:00.2Z,1\n") ==
              "f.csv:3: the time has a zone, and others have none, or the other way round; write "
              "all with their zone, or all without");
        CHECK(csv_mistake("time,UA [V]\n0.1,1\n") ==
              "f.csv:2: \"0.1\" is no date and time; write 2026-01-12T08:15:00.000125, with or "
              "without a zone");
    }

    TEST_CASE("what a CSV cannot mean is told with its line") {
        const std::string head = "time_s,UA [V]\n0,1\n0.1,2\n";
        CHECK(csv_mistake(head + "0.2,nan\n") ==
              "f.csv:4: \"nan\" is no finite number (UA); every sample has a time and all its "
              "values");
        CHECK(csv_mistake(head + "0.2,inf\n").starts_with("f.csv:4: \"inf\""));
        CHECK(csv_mistake(head + "0.2,\n").starts_with("f.csv:4: a cell is empty (UA)"));
        CHECK(csv_mistake(head + ",3\n").starts_with("f.csv:4: a cell is empty (time_s)"));
        CHECK(csv_mistake(head + "0.2,3,4\n").starts_with("f.csv:4: has 3 cells"));
        CHECK(csv_mistake(head + "0.1,3\n").starts_with("f.csv:4: the time is not later"));
        CHECK(csv_mistake("time_s,UA [V]\n0,1\n0.10,2\n0.2,3\n0.4,4\n0.5,5\n") ==
              "f.csv:5: the times do not rise evenly: a step of 0.2 s among steps of 0.1 s; "
              "cut it there, or fill the pause in: a meter sees no pauses");
        CHECK(csv_mistake("time_s,UA [V]\n0,1\n0.1,2\n0.2,3\n0.25,4\n0.3,5\n0.35,6\n")
                  .ends_with("; resample the data first, or write COMTRADE, which can say several "
                             "rates"));
        CHECK(csv_mistake(head + "0.2,2;3\n").starts_with("f.csv:4: \"2;3\" is no finite number"));
        CHECK(csv_mistake("time_s,UA [V]\n0,1,5\n") ==
              "f.csv:2: has 3 cells; the header names 2; where decimals have a comma, columns are "
              "parted by ;");
        CHECK(csv_mistake("t,UA\n0,1\n").starts_with("f.csv:1: the header does not begin"));
        CHECK(csv_mistake("time_s,UA [V],UA [V]\n").starts_with("f.csv:1: column 3 has the name"));
        CHECK(csv_mistake("time_s,UA [V]\n0,1\n").find("fewer than two samples") !=
              std::string::npos);
        CHECK(csv_mistake("").find("the file is empty") != std::string::npos);
        CHECK(csv_mistake(head + "0.2,1'234.5\n") ==
              "f.csv:4: \"1'234.5\" is no finite number (UA); write it without marks between the "
              "thousands");
        CHECK(csv_mistake("sep=,\n" + head + "0.2,nan\n").starts_with("f.csv:5: \"nan\""));
        std::vector<Mistake> wide;
        CHECK_FALSE(parse_csv_recording("f.csv", "time_s" + std::string(20'000, ',') + "\n", wide));
        REQUIRE(wide.size() == 1);
        CHECK(to_text(wide[0]) ==
              "f.csv:1: has more than 10000 cells; is it the file that was meant?");
    }

    TEST_CASE("what WAV and CSV cannot hold is refused and nothing is written") {
        std::vector<Mistake> mistakes;
        Recording r = plain(random_codes(5, 1, 0, 10, 24));
        CHECK_FALSE(wav_bytes(r, "f", WavType::pcm16, mistakes));
        CHECK(all_texts(mistakes).find("beyond PCM of 16 bits") != std::string::npos);
        const auto count = [&](const Recording& bad) {
            mistakes.clear();
            CHECK_FALSE(wav_bytes(bad, "f", WavType::pcm24, mistakes));
            const std::size_t of_wav = mistakes.size();
            CHECK_FALSE(csv_recording_text(bad, "f", mistakes));
            return of_wav == 1 && mistakes.size() == 2;
        };
        Recording bad = r;
        bad.channels[0].skew_us = 1.0;
        CHECK(count(bad));
        bad = r;
        bad.channels[0].codes[2] = missing_code;
        CHECK(count(bad));
        bad = r;
        bad.rates = {{6400.0, 5}, {3200.0, 10}};
        CHECK(count(bad));
        const auto path = std::filesystem::temp_directory_path() / "kpmsim_test_refused.wav";
        CHECK_FALSE(write_wav(bad, path.string(), WavType::pcm24, mistakes));
        CHECK_FALSE(std::filesystem::exists(path));
        REQUIRE(write_wav(r, path.string(), WavType::pcm24, mistakes = {}));
        CHECK(same_samples(r, *read_wav(path.string(), {}, mistakes)));
        REQUIRE(write_csv_recording(r, path.string(), mistakes));
        CHECK(read_csv_recording(path.string(), mistakes)->samples() == 10);
        std::filesystem::remove(path);
    }
}

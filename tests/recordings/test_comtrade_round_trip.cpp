#include "recordings/any_recording.hpp"
#include "recordings/comtrade.hpp"
#include "recordings/csv_recording.hpp"
#include "tests/recordings/sample_recording.hpp"

#include <doctest/doctest.h>
#include <filesystem>

using namespace kpmsim;
using namespace kpmsim::test;

namespace {

std::optional<Recording> there_and_back(const Recording& recording, const ComtradeFormat& format,
                                        bool one_file) {
    std::vector<Mistake> mistakes;
    const auto text = comtrade_text(recording, "out", format, mistakes);
    REQUIRE_MESSAGE(text, all_texts(mistakes));
    const std::string cff = cff_text(*text, format.type);
    auto back = one_file ? parse_cff({"out.cff", cff}, mistakes)
                         : parse_comtrade({"out.cfg", text->cfg}, {"out.dat", text->dat}, mistakes);
    REQUIRE_MESSAGE(back, all_texts(mistakes));
    return back;
}

struct Case {
    const char* what;
    ComtradeFormat format;
    int bits;
};
const Case integer_cases[] = {
    {"1999 ASCII", {1999, ComtradeType::ascii}, 17},
    {"1999 BINARY", {1999, ComtradeType::binary}, 16},
    {"2013 ASCII", {2013, ComtradeType::ascii}, 32},
    {"2013 BINARY", {2013, ComtradeType::binary}, 16},
    {"2013 BINARY32", {2013, ComtradeType::binary32}, 32},
};

} // namespace

TEST_SUITE("validation") {
    TEST_CASE("integer codes come back to the bit from every integer format, in one file or two") {
        for (const Case& c : integer_cases) {
            for (std::uint64_t seed = 0; seed < 20; ++seed) {
                CAPTURE(c.what);
                CAPTURE(seed);
                const int analogs = static_cast<int>(seed % 7) + (seed % 2 == 0 ? 0 : 1);
                const int digitals = static_cast<int>(seed * 5 % 37);
                if (analogs + digitals == 0)
                    continue;
                Recording r = random_codes(seed, analogs, digitals, 40, c.bits);
                if (analogs > 0)
                    r.channels[0].codes[3] = missing_code;
                for (const bool one_file : {false, true}) {
                    if (one_file && c.format.revision < 2013)
                        continue;
                    const auto back = there_and_back(r, c.format, one_file);
                    CHECK(same_samples(r, *back));
                    CHECK(same_description(r, *back));
                    CHECK(back->rates.size() == 1);
                    CHECK(back->rates[0].hz == 6400.0);
                    CHECK(back->rates[0].end == 40);
                }
            }
        }
    }

    TEST_CASE("32-bit floats come back to the bit, and a missing one is missing") {
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            Recording r = random_floats(seed, 5, 17, 40);
            for (const bool one_file : {false, true}) {
                const auto back = there_and_back(r, {2013, ComtradeType::float32}, one_file);
                CHECK(same_samples(r, *back));
                CHECK(same_description(r, *back));
            }
            r.channels[2].values[9] = std::nan("");
            const auto back = there_and_back(r, {2013, ComtradeType::float32}, false);
            CHECK(std::isnan(back->channels[2].values[9]));
            CHECK(missing_samples(back->channels[2]) == 1);
        }
    }

    TEST_CASE("several rates, nanoseconds, stamps and skews come back as they were") {
        Recording r = random_codes(5, 3, 1, 90, 24);
        r.rates = {{2401.509521, 24}, {2400.823242, 50}, {12800.0, 90}};
        r.start_ns = 123'456'789;
        r.trigger_ns = 1;
        for (std::int64_t i = 0; i < 90; ++i)
            r.stamps_ns.push_back(i * i * 1001 + i);
        const auto back = there_and_back(r, {2013, ComtradeType::binary32}, true);
        CHECK(same_description(r, *back));
        REQUIRE(back->rates.size() == 3);
        for (std::size_t i = 0; i < 3; ++i) {
            CHECK(back->rates[i].hz == r.rates[i].hz);
            CHECK(back->rates[i].end == r.rates[i].end);
        }
        CHECK(back->stamps_ns == r.stamps_ns);

        r.rates.clear(); // now the stamps rule
        const auto ruled = there_and_back(r, {2013, ComtradeType::ascii}, false);
        CHECK(ruled->rates.empty());
        CHECK(ruled->stamps_ns == r.stamps_ns);
    }

    TEST_CASE("stamps of an hour and more are kept by a larger unit") {
        Recording r = random_codes(6, 1, 0, 3, 16);
        r.rates.clear();
        r.stamps_ns = {0, 3'600'000'000'000, 9'000'000'010'000};
        const auto back = there_and_back(r, {1999, ComtradeType::binary}, false);
        CHECK(back->stamps_ns == r.stamps_ns);
    }

    TEST_CASE("what was written reads and writes the same bytes again") {
        for (const Case& c : integer_cases) {
            const Recording r = random_codes(7, 4, 20, 50, c.bits);
            std::vector<Mistake> mistakes;
            const auto first = comtrade_text(r, "out", c.format, mistakes);
            REQUIRE(first);
            const auto back = there_and_back(r, c.format, false);
            const auto second = comtrade_text(*back, "out", c.format, mistakes);
            REQUIRE(second);
            CHECK(first->cfg == second->cfg);
            CHECK(first->dat == second->dat);
        }
    }
}

TEST_SUITE("unit") {
    TEST_CASE("lines end in CR LF, records have the length of the standard") {
        const Recording r = random_codes(1, 3, 17, 10, 24);
        std::vector<Mistake> mistakes;
        const auto text = comtrade_text(r, "out", {}, mistakes);
        REQUIRE(text);
        CHECK(text->dat.size() == 10 * (8 + 3 * 4 + 2 * 2));
        for (std::size_t at = text->cfg.find('\n'); at != std::string::npos;
             at = text->cfg.find('\n', at + 1))
            CHECK(text->cfg[at - 1] == '\r');
        CHECK(text->cfg.starts_with("Nord,KPM 53,2013\r\n20,3A,17D\r\n1,CH1,A,line 1,V,"));
        CHECK(text->cfg.ends_with("29/02/2024,23:59:58.123456\r\n29/02/2024,23:59:59.000007\r\n"
                                  "BINARY32\r\n1\r\nx,x\r\n0,3\r\n"));
    }

    TEST_CASE("what a format cannot hold is refused with a cure, never clipped") {
        const auto refused = [](const Recording& r, const ComtradeFormat& format) {
            std::vector<Mistake> mistakes;
            CHECK_FALSE(comtrade_text(r, "out.cfg", format, mistakes));
            return all_texts(mistakes);
        };
        Recording r = random_codes(2, 2, 0, 10, 24);
        r.channels[1].codes[4] = 32768;
        const std::string binary = refused(r, {2013, ComtradeType::binary});
        CHECK(binary.find("holds at most ±32767; write BINARY32") != std::string::npos);
        CHECK(refused(r, {1999, ComtradeType::binary32}).find("revision 2013") !=
              std::string::npos);
        r.channels[1].codes[4] = 99999;
        CHECK(refused(r, {1999, ComtradeType::ascii}).find("±99998") != std::string::npos);
        r.channels[1].codes[4] = (1 << 24) + 1;
        CHECK(refused(r, {2013, ComtradeType::float32}).find("write BINARY32") !=
              std::string::npos);

        Recording floats = random_floats(2, 1, 0, 10);
        CHECK(refused(floats, {2013, ComtradeType::binary32}).find("write FLOAT32") !=
              std::string::npos);
        floats.channels[0].values[1] = 1e39;
        CHECK(refused(floats, {2013, ComtradeType::float32}).find("larger unit") !=
              std::string::npos);

        Recording named = random_codes(3, 1, 0, 10, 16);
        named.channels[0].name = "U,A";
        CHECK(refused(named, {}).find("no quotes") != std::string::npos);
        named.channels[0].name = "UA";
        named.rates[0].end = 9;
        CHECK(refused(named, {}).find("end at sample 9") != std::string::npos);
    }

    TEST_CASE("a recording is found again on the disk, whatever the case of its extension") {
        const auto folder = std::filesystem::temp_directory_path() / "kpmsim_test_recordings";
        std::filesystem::create_directories(folder);
        const Recording r = random_codes(4, 2, 2, 20, 16);
        std::vector<Mistake> mistakes;
        for (const char* name : {"a.cfg", "B.CFG", "c.cff"}) {
            const std::string path = (folder / name).string();
            REQUIRE(write_comtrade(r, path, {}, mistakes));
            const auto back = read_comtrade(path, mistakes);
            REQUIRE(back);
            CHECK(same_samples(r, *back));
        }
        std::filesystem::rename(folder / "a.dat", folder / "a.Dat");
        CHECK(read_comtrade((folder / "a.cfg").string(), mistakes));
        CHECK(read_comtrade((folder / "B.DAT").string(), mistakes));
        CHECK(mistakes.empty());
        std::filesystem::remove(folder / "a.Dat");
        CHECK_FALSE(read_comtrade((folder / "a.cfg").string(), mistakes));
        CHECK_FALSE(read_comtrade((folder / "a.txt").string(), mistakes));
        CHECK_FALSE(
            write_comtrade(r, (folder / "a.cff").string(), {1999, ComtradeType::ascii}, mistakes));
        std::filesystem::remove_all(folder);
    }

    TEST_CASE("the ending of a name chooses the format") {
        const auto folder = std::filesystem::temp_directory_path() / "kpmsim_test_any_recording";
        std::filesystem::create_directories(folder);
        Recording r = random_codes(8, 1, 0, 20, 16);
        std::vector<Mistake> mistakes;
        const auto path = [&](const char* name) { return (folder / name).string(); };
        REQUIRE(write_comtrade(r, path("a.cff"), {}, mistakes));
        REQUIRE(write_csv_recording(r, path("a.CSV"), mistakes));
        REQUIRE(write_wav(r, path("a.wav"), WavType::pcm16, mistakes));
        CHECK(same_samples(r, *read_recording(path("a.cff"), {}, mistakes)));
        CHECK(same_samples(r, *read_recording(path("a.wav"), {{"UA", "V"}}, mistakes)));
        CHECK(read_recording(path("a.CSV"), {}, mistakes)->channels[0].unit == "V");
        CHECK(mistakes.empty());
        CHECK_FALSE(read_recording(path("a.txt"), {}, mistakes));
        CHECK(to_text(mistakes.at(0))
                  .ends_with("known: .cfg with .dat and .cff (COMTRADE), .wav, "
                             ".csv"));
        std::filesystem::remove_all(folder);
    }

    TEST_CASE("values become codes within half a step of the new scale") {
        Recording r = random_floats(9, 1, 0, 1000);
        RecordedChannel& c = r.channels[0];
        c.scale = 2.0;
        c.offset = 0.5;
        for (double& v : c.values)
            v = std::fmod(v, 1.0);
        const RecordedChannel before = c;
        to_codes(c);
        CHECK(c.values.empty());
        for (std::int64_t n = 0; n < 1000; ++n)
            CHECK(std::abs(value(c, n) - value(before, n)) <= 0.5001 * c.scale);
        CHECK(c.scale < 2.0 * 4.7e-10);
    }
}

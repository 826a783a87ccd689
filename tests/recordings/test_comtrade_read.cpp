#include "recordings/channels.hpp"
#include "recordings/comtrade.hpp"
#include "recordings/timeline.hpp"
#include "tests/recordings/sample_recording.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;
using namespace kpmsim::test;

namespace {

Recording read_sample(const std::string& name) {
    std::vector<Mistake> mistakes;
    const auto r =
        read_comtrade(std::string{KPMSIM_SOURCE_DIR} + "/tests/recordings/data/" + name, mistakes);
    REQUIRE_MESSAGE(r, all_texts(mistakes));
    return *r;
}

/// A good recording of two channels and four samples, and what becomes of it when a text in it is
/// replaced.
struct Sheet {
    std::string cfg = "Site,Unit,1999\r\n3,2A,1D\r\n"
                      "1,UA,A,,V,0.1,0,0,-32767,32767,100,1,P\r\n"
                      "2,IA,A,,A,0.01,0,0,-32767,32767,5,1,S\r\n"
                      "1,IN1,,,0\r\n50\r\n1\r\n4000,4\r\n"
                      "01/02/2003,04:05:06.000000\r\n01/02/2003,04:05:06.000250\r\nASCII\r\n1\r\n";
    std::string dat = "1,0,1,-1,0\r\n2,250,2,-2,0\r\n3,500,3,-3,1\r\n4,750,4,-4,1\r\n";

    Sheet with(const std::string& old, const std::string& fresh) const {
        Sheet s = *this;
        const std::size_t in_cfg = s.cfg.find(old);
        if (in_cfg != std::string::npos) {
            s.cfg.replace(in_cfg, old.size(), fresh);
        } else {
            REQUIRE(s.dat.find(old) != std::string::npos);
            s.dat.replace(s.dat.find(old), old.size(), fresh);
        }
        return s;
    }
    std::optional<Recording> read() const {
        std::vector<Mistake> mistakes;
        auto r = parse_comtrade({"f.cfg", cfg}, {"f.dat", dat}, mistakes);
        CHECK(r.has_value() == mistakes.empty());
        return r;
    }
    std::string mistake() const {
        std::vector<Mistake> mistakes;
        CHECK_FALSE(parse_comtrade({"f.cfg", cfg}, {"f.dat", dat}, mistakes));
        REQUIRE(!mistakes.empty());
        return to_text(mistakes[0]);
    }
};

} // namespace

TEST_SUITE("validation") {
    TEST_CASE("a 1991 recording without revision, ratios and factor reads right") {
        const Recording r = read_sample("relay_1991.cfg");
        CHECK(r.station == "OLD MILL");
        CHECK(r.device == "RELAY 7");
        CHECK(r.nominal_hz == 60.0);
        CHECK(iso_text(r.start) == "1991-03-14T23:59:59");
        CHECK(r.start_ns == 500'000'000);
        REQUIRE(r.channels.size() == 3);
        CHECK(value(r.channels[0], 1) == doctest::Approx(-0.2));
        CHECK(value(r.channels[1], 6) == 0.5 * 16 - 1.5);
        CHECK(r.channels[1].skew_us == 12.0);
        CHECK(missing_samples(r.channels[2]) == 2);
        CHECK(std::isnan(value(r.channels[2], 3)));
        REQUIRE(r.digitals.size() == 2);
        CHECK(r.digitals[1].name == "CLOSED");
        CHECK(r.digitals[1].normal);
        CHECK(r.digitals[0].state ==
              std::vector<bool>{false, false, true, true, true, true, false});
        const Timeline t = timeline_of(r);
        REQUIRE(t.size() == 2);
        CHECK(t[1].hz == 2400.0);
        CHECK(t[1].begin_s == doctest::Approx(5417e-6).epsilon(1e-4)); // as the stamps say
        CHECK(r.stamps_ns[4] == 5'417'000);
    }

    TEST_CASE("a recorder's freedoms are read for what they mean") {
        const Recording r = read_sample("recorder_1997.cfg");
        CHECK(readable(r.station) == "Ïîäñòàíöèÿ"); // the bytes of cp1251, as Latin-1
        CHECK(r.station.size() == 10);
        CHECK(iso_text(r.start) == "2014-12-04T07:01:48");
        CHECK(r.start_ns == 813'000'000);
        REQUIRE(r.channels.size() == 2);
        CHECK(r.channels[0].scale == 0.3629015);
        CHECK(r.channels[0].offset == -13.06445);
        CHECK(r.channels[0].primary == 3000.0);
        CHECK(r.channels[0].values_are_primary);
        CHECK_FALSE(r.channels[1].values_are_primary);
        CHECK(r.channels[1].skew_us == 26.5);
        CHECK(r.channels[0].codes == std::vector<std::int32_t>{0, 1, -1, 24328, -24325, 2});
        CHECK(r.channels[1].codes ==
              std::vector<std::int32_t>{32768, -32768, missing_code, missing_code, 5, 6});
        CHECK(clipped_samples(r.channels[0]) == 2);
        CHECK(clipped_samples(r.channels[1]) == 2);
        REQUIRE(r.rates.size() == 1);
        CHECK(r.rates[0].hz == 2401.509521);
        CHECK(r.rates[0].end == 6); // promised: 5
        CHECK(r.digitals[0].state == std::vector<bool>{false, false, false, true, true, true});
        CHECK(r.digitals[1].normal);
    }

    TEST_CASE("without rates the stamps rule, times their factor") {
        const Recording r = read_sample("stamps_1999.dat");
        CHECK(r.rates.empty());
        CHECK(r.stamps_ns == std::vector<std::int64_t>{5'000, 255'000, 505'000, 510'000});
        CHECK(duration_s(r) == doctest::Approx(505e-6));
        std::string why;
        CHECK(si_factor(r.channels[0], Side::primary, why) == 1e-3);
        CHECK_FALSE(si_factor(r.channels[0], Side::secondary, why));
        CHECK(why == "\"I\" gives no ratio of its transformer");
    }

    TEST_CASE("stamps count nanoseconds when the date has nine digits") {
        const Sheet s = Sheet{}.with("06.000000\r\n01", "06.000000000\r\n01");
        CHECK(s.read()->stamps_ns[3] == 750);
        CHECK(s.with("ASCII\r\n1\r\n", "ASCII\r\n1000\r\n").read()->stamps_ns[3] == 750'000);
        CHECK(Sheet{}.with("ASCII\r\n1\r\n", "ASCII\r\n0.5\r\n").read()->stamps_ns[3] == 375'000);
    }

    TEST_CASE("a record of each binary type is laid out as the standard says") {
        using namespace std::string_literals;
        Sheet s;
        s.cfg = s.with("4000,4", "4000,1").cfg;
        const auto read = [&](const char* type, const std::string& dat) {
            Sheet binary = s.with("ASCII", type);
            binary.dat = dat;
            const auto r = binary.read();
            REQUIRE(r);
            CHECK(r->digitals[0].state[0]);
            CHECK(r->stamps_ns[0] == 258'000);
            return *r;
        };
        const std::string head = "\1\0\0\0\2\1\0\0"s;
        CHECK(read("BINARY", head + "\xFE\xFF\x00\x80\1\0"s).channels[0].codes[0] == -2);
        CHECK(read("BINARY", head + "\xFE\xFF\x00\x80\1\0"s).channels[1].codes[0] == missing_code);
        CHECK(
            read("binary32", head + "\x00\x00\x00\xFF\x00\x00\x00\x80\1\0"s).channels[0].codes[0] ==
            -(1 << 24));
        const Recording f = read("Float32", head + "\x00\x00\x20\xC0\xFF\xFF\x7F\xFF\1\0\x1A"s);
        CHECK(f.channels[0].values[0] == -2.5);
        CHECK(std::isnan(f.channels[1].values[0]));
    }

    TEST_CASE("a CFF reads whatever its writer calls the section, and bytes that look like lines") {
        const Recording r = random_codes(31, 2, 3, 30, 24);
        std::vector<Mistake> mistakes;
        const auto text = comtrade_text(r, "f", {}, mistakes);
        REQUIRE(text);
        const std::string count = std::to_string(text->dat.size());
        for (const std::string& name :
             {"DAT BINARY: " + count, "DAT BINARY32: " + count, "dat binary:" + count,
              std::string{"DAT BINARY"}, std::string{"DAT"}}) {
            CAPTURE(name);
            const std::string cff = "--- file type: CFG ---\n" + text->cfg +
                                    "--- FILE TYPE: HDR ---\r\nwords\r\n--- file type: " + name +
                                    " ---\r\n" + text->dat;
            const auto back = parse_cff({"f.cff", cff}, mistakes);
            REQUIRE_MESSAGE(back, all_texts(mistakes));
            CHECK(same_samples(r, *back));
        }
        for (const std::size_t marks : {0u, 1u, 40u}) {
            const std::string cff = "--- file type: CFG ---\n" + text->cfg +
                                    "--- file type: DAT BINARY: " + count + " ---\r\n" + text->dat +
                                    std::string(marks, '\x1A');
            const auto back = parse_cff({"f.cff", cff}, mistakes);
            REQUIRE_MESSAGE(back, all_texts(mistakes));
            CHECK(same_samples(r, *back));
            CHECK(back->remarks == (marks < 2 ? std::vector<std::string>{}
                                              : std::vector<std::string>{
                                                    "f.cff: 40 end-of-file marks (1AH) behind the "
                                                    "last record of the data are cut off"}));
        }
        const Sheet s;
        const auto ascii = parse_cff({"f.cff", "--- file type: CFG ---\n" + s.cfg +
                                                   "--- file type: dat ascii ---\n" + s.dat +
                                                   "--- file type: INF ---\nnone\n"},
                                     mistakes);
        REQUIRE(ascii);
        CHECK(ascii->channels[0].codes == std::vector<std::int32_t>{1, 2, 3, 4});
    }
}

TEST_SUITE("unit") {
    TEST_CASE(
        "a date that there is not is unknown, and told; its digits still say what stamps count") {
        for (const char* date :
             {"09/44/2025,04:05:06.000000", "31/31/2003,04:05:06.000000",
              "01/02/2003,25:00:00.000000", "01/02,04:05:06.000000", "00/00/00,**:**:**.000000",
              "01/02/2003", "unknown,04:05:06.000000", "01/02/12003,04:05:06.000000",
              "00/00/0000,00:00:00.000000"}) {
            CAPTURE(date);
            const auto r = Sheet{}.with("01/02/2003,04:05:06.000000", date).read();
            REQUIRE(r);
            CHECK(r->start == CivilTime{});
            CHECK(r->start_ns == 0);
            CHECK(iso_text(r->trigger) == "2003-02-01T04:05:06");
            REQUIRE(r->remarks.size() == 1);
            CHECK(r->remarks[0] == "f.cfg:9: \"" + std::string{date} +
                                       "\" is no date; that of the first sample is taken as "
                                       "unknown");
            CHECK(r->stamps_ns[3] == 750'000);
        }
        for (const char* date : {"unknown", "null,null", "N/A", "<unknown>", "-,-", "?"}) {
            CAPTURE(date);
            const auto r = Sheet{}.with("01/02/2003,04:05:06.000000", date).read();
            REQUIRE(r);
            CHECK(r->start == CivilTime{});
            REQUIRE(r->remarks.size() == 1);
            CHECK(r->remarks[0].starts_with("f.cfg:9: \"" + std::string{date} + "\" is no date;"));
        }
        for (const char* date :
             {"2003-02-01,04:05:06.000000", "01.02.2003,04:05:06.000000",
              "1-2-2003,04:05:06.000000", "2003/02/01,04:05:06.000000", "01.02.03,04:05:06"}) {
            CAPTURE(date);
            const auto r = Sheet{}.with("01/02/2003,04:05:06.000000", date).read();
            REQUIRE(r);
            CHECK(iso_text(r->start) == "2003-02-01T04:05:06");
            CHECK(r->remarks.empty());
        }
        const auto fine = Sheet{}.with("06.000000\r\n01", "06.000000000\r\n01");
        CHECK(fine.with("01/02/2003,04:05:06.000000000", "09/44/2025,04:05:06.000000000")
                  .read()
                  ->stamps_ns[3] == 750);
        for (const char* none : {"", ","})
            CHECK(Sheet{}.with("01/02/2003,04:05:06.000000", none).read()->remarks.empty());
    }

    TEST_CASE("the first second of 1970 is what writers have that know no date") {
        const auto r =
            Sheet{}.with("01/02/2003,04:05:06.000000", "01/01/1970,00:00:00.000000").read();
        REQUIRE(r);
        CHECK(r->start == CivilTime{});
        CHECK(r->remarks.empty());
    }

    TEST_CASE("a rate that ends where the one before ends is a stretch without samples") {
        const auto r = Sheet{}.with("1\r\n4000,4", "4\r\n4000,2\r\n0,2\r\n6400,2\r\n8000,4").read();
        REQUIRE(r);
        REQUIRE(r->rates.size() == 2);
        CHECK(r->rates[0].hz == 4000.0);
        CHECK(r->rates[1].hz == 8000.0);
        CHECK(r->rates[1].end == 4);
        CHECK(Sheet{}.with("1\r\n4000,4", "2\r\n6400,0\r\n4000,4").read()->rates.size() == 1);
        CHECK(r->remarks == std::vector<std::string>{
                                "f.cfg:9: \"0,2\" ends where the rate before it ends, as 1 more of "
                                "the rates do: a stretch without samples is left out"});
        CHECK(Sheet{}.with("1\r\n4000,4", "2\r\n4000,4\r\n6400,4").read()->remarks ==
              std::vector<std::string>{
                  "f.cfg:9: \"6400,4\" ends where the rate before it ends: a stretch without "
                  "samples is left out"});
        CHECK(Sheet{}.with("1\r\n4000,4", "2\r\n6400,0\r\n4000,4").read()->remarks ==
              std::vector<std::string>{
                  "f.cfg:8: \"6400,0\" ends before the first sample: a stretch without samples is "
                  "left out"});
        CHECK(Sheet{}
                  .with("1\r\n4000,4", "2\r\n4000,4\r\n-5,4")
                  .mistake()
                  .starts_with("f.cfg:9: a sampling rate of \"-5\" Hz"));
    }

    TEST_CASE("marks that fill a binary file up are cut off, when all the records are there") {
        const Recording r = random_codes(7, 2, 1, 9, 16); // records of 14 bytes
        std::vector<Mistake> mistakes;
        const auto text = comtrade_text(r, "f", {1999, ComtradeType::binary}, mistakes);
        REQUIRE(text);
        const auto read = [&](const std::string& dat) {
            std::vector<Mistake> found;
            auto back = parse_comtrade({"f.cfg", text->cfg}, {"f.dat", dat}, found);
            CHECK(back.has_value() == found.empty());
            return back;
        };
        const std::string marks(128 - 9 * 14, '\x1A');
        const auto filled = read(text->dat + marks);
        REQUIRE(filled);
        CHECK(same_samples(*filled, r));
        CHECK(filled->remarks ==
              std::vector<std::string>{
                  "f.dat: 2 end-of-file marks (1AH) behind the last record of the "
                  "data are cut off"});
        const auto three_records = read(text->dat + std::string(3 * 14, '\x1A'));
        REQUIRE(three_records);
        CHECK(three_records->samples() == 9);
        CHECK(read(text->dat + '\x1A')->remarks.empty()); // what a file ended with, once
        CHECK_FALSE(read(text->dat + "\x1A\x1A!"));
        for (const std::string& padding :
             {std::string(13, '\0'), std::string(1000, '\0'), std::string{"\x1A\0\x1A", 3},
              std::string{"\r\n\x1A"}, std::string{"\r\n"}}) {
            CAPTURE(padding.size());
            const auto padded = read(text->dat + padding);
            REQUIRE(padded);
            CHECK(same_samples(*padded, r));
            CHECK(padded->remarks ==
                  std::vector<std::string>{"f.dat: " + std::to_string(padding.size()) +
                                           " bytes of padding (1AH, 00H or line ends) behind the "
                                           "last record of the data are cut off"});
        }
        CHECK_FALSE(read(text->dat.substr(0, 8 * 14) + std::string(13, '\0')));
        CHECK_FALSE(read(text->dat.substr(0, 9 * 14 - 1) + '\0' + "!"));
        // Record 10 without a sample that is not 0: its number says that it is one.
        std::string tenth(14, '\0');
        tenth[0] = '\n';
        CHECK(read(text->dat + tenth)->samples() == 10);
        CHECK(read(text->dat + tenth + std::string(50, '\0'))->samples() == 10);
        CHECK_FALSE(read(text->dat + tenth.substr(0, 13)));
        CHECK_FALSE(read(text->dat.substr(0, 8 * 14) + std::string(28, '\x1A')));
        // A last sample that is such a mark itself stays.
        std::string ends_so = text->dat;
        ends_so.replace(ends_so.size() - 2, 2, "\x1A\x1A");
        CHECK(read(ends_so + marks)->samples() == 9);
        // One record more than promised, then the marks.
        std::string more = text->dat + text->dat.substr(8 * 14);
        more[9 * 14] = 10;
        CHECK(read(more + marks)->samples() == 10);
    }

    TEST_CASE("bytes that are no text behind an ASCII file's data are cut off, and told") {
        const std::string remark =
            " bytes that are no text, at the ends of lines or of the data, are cut off";
        using namespace std::string_literals;
        Sheet s;
        for (const std::string& tail : {"\0\0\0"s, "\x01\x02\x03\x04"s, "\x1A\x1A\x1A"s}) {
            Sheet filled = s;
            filled.dat += tail;
            const auto r = filled.read();
            REQUIRE(r);
            CHECK(r->samples() == 4);
            CHECK(r->remarks ==
                  std::vector<std::string>{"f.dat: " + std::to_string(tail.size()) + remark});
        }
        Sheet marked = s;
        marked.dat += "\x1A";
        CHECK(marked.read()->remarks.empty());
        marked.dat += "\r\n5,1000,5,-5,1\r\n";
        CHECK(marked.read()->remarks.size() == 1);
        Sheet in_a_line = s;
        in_a_line.dat.insert(in_a_line.dat.size() - 2, "\0\0"s);
        CHECK(in_a_line.read()->remarks == std::vector<std::string>{"f.dat: 2" + remark});
    }

    TEST_CASE("a byte-order mark before a text of COMTRADE is none of it") {
        const std::string mark = "\xEF\xBB\xBF";
        Sheet s;
        s.cfg = mark + s.cfg;
        s.dat = mark + s.dat;
        CHECK(s.read()->station == "Site");
        const Recording r = random_codes(31, 2, 3, 30, 24);
        std::vector<Mistake> mistakes;
        const auto text = comtrade_text(r, "f", {}, mistakes);
        REQUIRE(text);
        for (const std::string& name : {std::string{"CFG"}, std::string{"cfg"}}) {
            const std::string cff =
                mark + "--- file type: " + name + " ---\n" + text->cfg +
                "--- file type: DAT BINARY: " + std::to_string(text->dat.size()) + " ---\r\n" +
                text->dat;
            const auto back = parse_cff({"f.cff", cff}, mistakes);
            REQUIRE_MESSAGE(back, all_texts(mistakes));
            CHECK(same_samples(r, *back));
            CHECK_FALSE(parse_cff({"f.cff", cff.substr(0, cff.size() - 5)}, mistakes));
            CHECK(to_text(mistakes[0])
                      .find("from byte " + std::to_string(cff.size() - text->dat.size()) + " on") !=
                  std::string::npos);
            mistakes.clear();
        }
    }

    TEST_CASE(
        "a channel need not say which side its values are of, nor anything of a transformer") {
        const auto untold = Sheet{}.with("100,1,P", "100,1, ").read();
        REQUIRE(untold);
        CHECK_FALSE(untold->channels[0].side_is_told);
        CHECK(untold->channels[0].primary == 100.0);
        const auto nothing = Sheet{}.with("100,1,P", ",,").read();
        REQUIRE(nothing);
        CHECK(nothing->channels[0].side_is_told);
        CHECK(nothing->channels[0].primary == 1.0);
        CHECK(nothing->channels[0].secondary == 1.0);
    }

    TEST_CASE("what cannot be right in a .cfg is told with line and cure") {
        const Sheet s;
        CHECK(s.with("3,2A,1D", "4,2A,1D").mistake() ==
              "f.cfg:2: \"4,2A,1D\": the total is not the sum of the two; write 3 or correct the "
              "counts");
        CHECK(s.with("0.1", "0.1V").mistake() ==
              "f.cfg:3: \"0.1V\" is no number (multiplier a); write a finite number");
        CHECK(s.with("0.1", "nan").mistake().starts_with("f.cfg:3: \"nan\" is no number"));
        CHECK(s.with("5,1,S", "5,1,X").mistake().starts_with("f.cfg:4: \"X\" does not say"));
        CHECK(s.with(",1,S", "").mistake().starts_with("f.cfg:4: an analog channel with 11 cells"));
        CHECK(s.with("4000,4", "-4000,4").mistake().starts_with("f.cfg:8: a sampling rate of"));
        CHECK(s.with("1\r\n4000,4", "2\r\n4000,4\r\n6400,3")
                  .mistake()
                  .starts_with(
                      "f.cfg:9: the last sample of this rate is 3; it comes after sample 4"));
        CHECK(s.with("4000,4", "4000,0").mistake() ==
              "f.cfg:8: the rates promise no sample; write the number of the last sample");
        CHECK(s.with("4000,4", "4000,9000000000000000000").mistake().starts_with("f.cfg:8:"));
        CHECK(s.with("01/02/2003,04:05:06.000250", "4000,4")
                  .mistake()
                  .starts_with("f.cfg:10: \"4000,4\" is no date"));
        CHECK(s.with("ASCII", "ASCI").mistake() ==
              "f.cfg:11: \"ASCI\" is no type of data; known: ASCII, BINARY, BINARY32, FLOAT32");
        CHECK(s.with("ASCII\r\n1", "ASCII\r\n-1").mistake().starts_with("f.cfg:12:"));
        CHECK(s.with("1999", "1399").mistake().starts_with("f.cfg:1: \"1399\" is no year"));
        Sheet cut = s;
        cut.cfg.resize(cut.cfg.find("50\r\n"));
        CHECK(cut.mistake() == "f.cfg:5: the file ends where the nominal frequency should follow; "
                               "the file is cut off; get it again from its source");
    }

    TEST_CASE("all wrong channels of a .cfg are told at once") {
        Sheet s = Sheet{}.with("0.1", "x").with("0.01", "y");
        std::vector<Mistake> mistakes;
        CHECK_FALSE(parse_comtrade({"f.cfg", s.cfg}, {"f.dat", s.dat}, mistakes));
        REQUIRE(mistakes.size() == 2);
        CHECK(mistakes[0].place.line == 3);
        CHECK(mistakes[1].place.line == 4);
    }

    TEST_CASE("what cannot be right in a text of samples is told with its line") {
        const Sheet s;
        CHECK(s.with("3,500,3,-3,1\r\n", "")
                  .mistake()
                  .starts_with("f.dat:3: record 4 follows record 2"));
        CHECK(s.with("500,3,-3,1", "500,3,-3").mistake() ==
              "f.dat:3: a record with 4 cells; by the .cfg it has 5");
        CHECK(s.with("500,3", "500,nan").mistake().starts_with("f.dat:3: \"nan\" is no number"));
        CHECK(
            s.with("500,3,-3,1", "500,3,-3,7").mistake().starts_with("f.dat:3: \"7\" is no state"));
        CHECK(
            s.with("4000,4", "4000,5").mistake() ==
            "f.dat: the data ends at line 4 after 4 records; line 8 of the configuration promises "
            "5; get the file again, or correct the number");
        CHECK(s.with("4000,4", "4000,2").mistake().find("promises 2") != std::string::npos);
        CHECK(s.with("4000,4", "4000,3").read()->rates[0].end == 4);
        const Sheet stamped = s.with("1\r\n4000,4", "0\r\n0,4");
        CHECK(stamped.read()->stamps_ns[3] == 750'000);
        CHECK(stamped.with("3,500", "3,250")
                  .mistake()
                  .starts_with("f.dat:3: the stamp is not later than the one before"));
        CHECK(
            stamped.with("3,500", "3,").mistake().starts_with("f.dat:3: the record has no stamp"));
        CHECK(s.with("3,500", "3,").read()->stamps_ns.empty());
    }

    TEST_CASE("what cannot be right in bytes of samples is told with the byte") {
        const Recording r = random_floats(41, 2, 1, 10); // records of 18 bytes
        std::vector<Mistake> mistakes;
        const auto text = comtrade_text(r, "f", {2013, ComtradeType::float32}, mistakes);
        REQUIRE(text);
        const auto mistake = [&](const std::string& dat) {
            std::vector<Mistake> found;
            CHECK_FALSE(parse_comtrade({"f.cfg", text->cfg}, {"f.dat", dat}, found));
            REQUIRE(found.size() == 1);
            return to_text(found[0]);
        };
        std::string dat = text->dat;
        dat.resize(175);
        CHECK(mistake(dat).starts_with("f.dat: byte 162: the last record is cut off: 13 of 18"));
        dat.resize(162);
        CHECK(mistake(dat).starts_with("f.dat: the data ends at byte 162 after 9 records"));
        dat = text->dat;
        dat.erase(20, 2);
        CHECK(mistake(dat).starts_with("f.dat: byte 18: record"));
        dat = text->dat;
        dat.replace(36 + 12, 4, std::string{"\x00\x00\xC0\x7F", 4});
        CHECK(mistake(dat).starts_with("f.dat: byte 48: channel \"CH2\" is not a finite number"));

        const std::string cff = cff_text(*text, ComtradeType::float32);
        std::vector<Mistake> found;
        CHECK_FALSE(parse_cff({"f.cff", std::string_view{cff}.substr(0, cff.size() - 5)}, found));
        CHECK(to_text(found[0]).find("180 bytes are announced and 175 follow") !=
              std::string::npos);
        CHECK(found[0].place.line == 20);
        found.clear();
        CHECK_FALSE(parse_cff({"f.cff", "--- file type: CFG ---\r\n" + text->cfg}, found));
        CHECK(to_text(found[0]).starts_with("f.cff: has no DAT section"));
    }

    TEST_CASE("99999 is a value where the channel's range has room for it") {
        const Sheet s = Sheet{}.with("2,250,2", "2,250,99999");
        CHECK(s.read()->channels[0].codes[1] == missing_code);
        CHECK(s.with("-32767,32767,100", "-1000000,1000000,100").read()->channels[0].codes[1] ==
              99999);
    }

    TEST_CASE("a text with fractions becomes a channel of numbers") {
        const auto r = Sheet{}.with("3,500,3,", "3,500,3.25,").read();
        REQUIRE(r);
        CHECK(r->channels[0].codes.empty());
        CHECK(r->channels[0].values == std::vector<double>{1, 2, 3.25, 4});
        CHECK(r->channels[1].codes.size() == 4);
    }
}

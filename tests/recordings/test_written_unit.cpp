#include "recordings/written_unit.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace kpmsim;

TEST_SUITE("unit") {
    TEST_CASE("units of voltage and current are read as people write them") {
        const auto is = [](const std::string& text, Measured kind, double factor) {
            const WrittenUnit unit = written_unit(text);
            CHECK_MESSAGE(unit.kind == kind, text);
            CHECK_MESSAGE(unit.factor == factor, text);
        };
        for (const std::string text :
             {"V",     "v",       "Volt",        "Volts",    "VOLTS",     "volts",  "Vrms",
              "V rms", "V (RMS)", "Veff",        "VAC",      "V DC",      "Vdc",    "Vpk",
              "Vpeak", "[V]",     "V.",          "\xD0\x92", "\xC3\x82",  "V sec",  "Volts (pri)",
              "V~",    "Vp",      "V\xC3\xB6lt", "V=",       "V primary", "Vpk sec"})
            is(text, Measured::voltage, 1.0);
        for (const std::string text :
             {"A", "a", "Amp", "Amps", "AMPS", "amps.", "Ampere", "ampere", "Amperes", "AMPERES",
              "Arms", "A_rms", "Amps RMS", "Aac", "\xD0\x90", "\xC3\x80"})
            is(text, Measured::current, 1.0);
        for (const std::string text : {"kV", "KV", "kv", "kVolts", "kilovolts", "KiloVolt", "kVrms",
                                       "k V", "\xD0\xBA\xD0\x92", "\xC3\xAA\xC3\x82", "kV pri",
                                       "kV (sec)", "kV rms sec.", "kVp", "kV~"})
            is(text, Measured::voltage, 1e3);
        is("kA", Measured::current, 1e3);
        is("kAmps", Measured::current, 1e3);
        is("MV", Measured::voltage, 1e6);
        is("mV", Measured::voltage, 1e-3);
        is("mAmps", Measured::current, 1e-3);
        is("milliamps", Measured::current, 1e-3);
        is("megavolts", Measured::voltage, 1e6);
        is("uA", Measured::current, 1e-6);
        is("\xC2\xB5V", Measured::voltage, 1e-6);
        is("\xCE\xBCV", Measured::voltage, 1e-6);
        is("microvolt", Measured::voltage, 1e-6);
    }

    TEST_CASE("what is neither voltage nor current stays so") {
        for (const std::string text :
             {"",    "VA",  "kVA",  "var",  "kvar",  "W",     "MW",   "Hz",
              "deg", "%",   "pu",   "p.u.", "s",     "C",     "Pa",   "rms",
              "ac",  "V/A", "Vp-p", "xV",   "delta", "Volta", "kk V", "\xC3\x84"})
            CHECK_MESSAGE(written_unit(text).kind == Measured::other, text);
    }
}

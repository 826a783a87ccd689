"""Waves for other programs, and recordings through a meter: kpmsim wave --format, kpmsim measure."""

import csv
import json
import math
import pathlib
import struct
import sys
import tempfile

import farm
from farm import SOURCE, kpmsim

QUICKSTART = SOURCE / "examples/quickstart.toml"
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="kpmsim-test-"))
# A supply whose frequency stands still, so that windows are whole cycles to the last digit.
STEADY = FOLDER / "steady.toml"
STEADY.write_text("""
[supply.main]
f = "49.97 Hz"
harmonics.u = { 5 = "2 %", 7 = "1 %" }
[load.motor]
kind = "motor"
p = "75 kW"
[[meter]]
name = "motor"
model = "kpm37"
rating = "5"
load = "motor"
ct = "200/5 A"
""")


def wave(out, meter="chiller", cycles=100, of=QUICKSTART):
    done = kpmsim("wave", of, "--meter", meter, "--cycles", cycles, "--out", FOLDER / out)
    assert done.returncode == 0, done.stderr
    return FOLDER / out, done.stderr


def measure(recording, *more):
    return kpmsim("measure", recording, *more)


def rows(text):
    return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(text.splitlines())]


def rms(x):
    mean = sum(x) / len(x)
    return math.sqrt(sum((v - mean) ** 2 for v in x) / len(x))


def read_comtrade(cfg):
    """A reader of our own: BINARY32, analog channels only."""
    lines = [line.split(",") for line in cfg.read_text().splitlines()]
    analogs = int(lines[1][1].rstrip("A"))
    channels = lines[2:2 + analogs]
    data = cfg.with_suffix(".dat").read_bytes()
    size = 8 + 4 * analogs
    assert len(data) % size == 0
    samples = [struct.unpack_from(f"<II{analogs}i", data, at) for at in range(0, len(data), size)]
    assert [s[0] for s in samples] == list(range(1, len(samples) + 1))
    return {c[1]: [float(c[5]) * s[2 + i] + float(c[6]) for s in samples] for i, c in enumerate(channels)}


def test_readings_are_those_of_the_samples_in_the_file():
    cfg, _ = wave("motor.cfg", "motor", of=STEADY)
    values = read_comtrade(cfg)
    assert list(values) == ["UA", "UB", "UC", "IA", "IB", "IC"]
    done = measure(cfg, "--model", "kpm37", "--rating", "5")
    assert done.returncode == 0, done.stderr
    assert "ct 40" in done.stderr
    readings = rows(done.stdout)
    assert len(readings) == 10
    for window, row in enumerate(readings):
        part = slice(1280 * window, 1280 * window + 1280)
        assert abs(row["u_b"] / rms(values["UB"][part]) - 1) < 1e-6
        assert abs(row["i_c"] / (40 * rms(values["IC"][part])) - 1) < 1e-6
        assert row["clipped"] == row["recorder_clipped"] == 0


def test_every_format_measures_the_same():
    truth = {}
    path, _ = wave("one.csv", cycles=10)
    for line in path.read_text().splitlines():
        if line.startswith("# truth"):
            name, value = line.split(": ")[1].split(" = ")
            truth[name] = float(value.split()[0])
    seen = {}
    for out in ("one.csv", "one.wav", "one.cff"):
        path, said = wave(out, cycles=10)
        assert ("the header of a WAV says 6400" in said) == out.endswith(".wav"), said
        done = measure(path, "--ct", "200/5")
        assert done.returncode == 0, done.stderr
        seen[out] = rows(done.stdout)[0]
        for name in ("u_a", "u_bc", "i_a", "p", "q", "s", "pf"):
            assert abs(seen[out][name] / truth[name] - 1) < 1e-5, (out, name)
    assert abs(seen["one.csv"]["f"] / seen["one.cff"]["f"] - 1) < 1e-6


def test_json_holds_what_the_csv_holds():
    path, _ = wave("floor.cff", "floor-1", 40)
    options = ("--model", "kpm312", "--rating", "B")
    table = rows(measure(path, *options).stdout)
    answer = measure(path, *options, "--json")
    assert answer.returncode == 0, answer.stderr
    tree = json.loads(answer.stdout)
    assert len(table) == 4 * len(tree["windows"]) == 16
    flat = [(w, loop) for w in tree["windows"] for loop in w["circuits"]]
    for row, (window, loop) in zip(table, flat):
        assert row["time_s"] == window["time_s"]
        assert {k: row[k] for k in loop} == loop
        assert row["clipped"] == window["clipped"]
    assert tree["units"]["p_a"] == "W"
    assert [c["terminal"] for c in tree["channels"]][3:5] == ["ia1", "ib1"]


def test_clipping_is_never_silent():
    path, _ = wave("loud.cfg")
    done = measure(path, "--rating", "1")
    assert done.returncode == 0
    for terminal in ("ia", "ib", "ic"):
        assert f" of {terminal} went beyond the converter's range, in 10 of 10 windows, first between" in done.stderr
    assert all(row["clipped"] > 100 and row["clip_i"] == 7 and row["clip_u"] == 0 for row in rows(done.stdout))


def test_a_voltage_too_low_to_follow_is_told():
    recording, _ = wave("low.cfg", meter="motor", of=STEADY)
    done = measure(recording, "--model", "kpm37", "--primary", "--pt", "1000")
    assert done.returncode == 0, done.stderr
    assert "10 windows, f unknown" in done.stderr, done.stderr
    assert "NO FREQUENCY in 10 of 10 windows" in done.stderr, done.stderr
    done = measure(recording, "--model", "kpm37")
    assert "f 49.97" in done.stderr and "NO FREQUENCY" not in done.stderr, done.stderr


def test_bad_recordings_are_refused_with_place_and_cure():
    cfg, _ = wave("good.cfg")
    data = cfg.with_suffix(".dat").read_bytes()
    cases = {
        "short.cfg": (cfg.read_text(), data[:20000], "short.dat: the data ends at byte 20000"),
        "lying.cfg": (cfg.read_text().replace("6,6A", "6,7A"), data, "lying.cfg:2: "),
        "slow.cfg": (cfg.read_text().replace("\n10\n", "\n1\n").split("6399")[0] + "1000,12800\n" +
                     cfg.read_text().split("12800\n")[1], data, "too low for order 31"),
    }
    for name, (text, dat, said) in cases.items():
        (FOLDER / name).write_text(text)
        (FOLDER / name).with_suffix(".dat").write_bytes(dat)
        done = measure(FOLDER / name)
        assert done.returncode == 2, name
        assert said in done.stderr, done.stderr
        assert done.stdout == ""
    (FOLDER / "nan.csv").write_text("time_s,ua_v\n0,1\n0.0001,nan\n")
    done = measure(FOLDER / "nan.csv")
    assert done.returncode == 2 and "nan.csv:3: " in done.stderr, done.stderr
    for wrong in (("--model", "kpm9"), ("--pt", "0/1"), ("--channels", "ua"), ("--channels", "ua=XX"),
                  ("--wiring", "P9L")):
        done = measure(cfg, *wrong)
        assert done.returncode == 2 and "; " in done.stderr, done.stderr
    assert measure(cfg, "--out", FOLDER / "no/folder.csv").returncode == 1
    for wrong in (("--format", "comtrade"), ("--format", "wav"), ("--format", "comtrade", "--out", "x.wav")):
        done = kpmsim("wave", QUICKSTART, "--meter", "chiller", *wrong, cwd=FOLDER)
        assert done.returncode == 2 and "; " in done.stderr, done.stderr


def test_options_may_stand_before_the_recording():
    cfg, _ = wave("order.cfg")
    done = kpmsim("measure", "--channels", "ua=UB,ub=UC,uc=UA", "--out", FOLDER / "order.csv", cfg)
    assert done.returncode == 0, done.stderr
    assert "ua=UB ub=UC uc=UA ia=IA" in done.stderr
    assert done.stdout == ""
    assert len(rows((FOLDER / "order.csv").read_text())) == 10


if __name__ == "__main__":
    try:
        farm.run(sys.modules["__main__"])
    finally:
        import shutil
        shutil.rmtree(FOLDER, ignore_errors=True)

"""An hour of a farm in both fidelities, as its recordings show it: the same messages at the same times, the same readings."""

import csv
import filecmp
import json
import pathlib
import sys
import tempfile

import farm
from farm import kpmsim

FARM = """
[farm]
seed = 7
start = "2026-01-01T00:00:00"

[supply.main]
f = "50.02 Hz"
harmonics.u = { 5 = "2 %" }

[[supply.main.disturbance]]
kind = "dip"
at = "754.3 s"
residual = "40 %"
for = "10 cycles"

[load.day]
profile = "day.csv"
profile_shape = "steps"
pf = "0.9 ind"
harmonics.i = { 3 = "10 %" }

[load.heater]
kind = "resistive"
p = "2 kW"

[[meter]]
name = "main"
model = "kpm312"
options = "1B2B3B4B-K-R-Wi"
loads = ["day", "heater", "day", "heater"]
mqtt = true

[[meter]]
name = "shop"
model = "kpm33b"
load = "day"
mqtt = true
"""
DAY = "time,p_a,p_b,p_c\n00:00,3000,2000,1000\n00:10,5000,5000,4000\n00:25,1500,2500,3500\n"

# Of what is full for these meters: 230 V, 100 A, three phases of them, an hour of that.
FULL = {"V": 230.0, "A": 100.0, "W": 69e3, "var": 69e3, "VA": 69e3, "Hz": 50.0, "kWh": 69.0, "kvarh": 69.0, "kVAh": 69.0}
ENERGIES = {"kWh", "kvarh", "kVAh"}


def record(folder, fidelity, threads):
    out = folder / f"{fidelity}{threads}"
    done = kpmsim("up", folder / "farm.toml", "--clock", "free", "--fidelity", fidelity, "--threads", threads, "--for",
                  "1h", "--record", out, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert f"fidelity {fidelity}" in done.stderr, done.stderr
    assert json.load(open(out / "run.json"))["fidelity"] == fidelity
    return out


def test_windows_tell_what_samples_tell():
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        (folder / "farm.toml").write_text(FARM)
        (folder / "day.csv").write_text(DAY)
        sample = record(folder, "sample", 1)
        window = record(folder, "window", 1)

        names = sorted(p.name for p in window.iterdir())
        _, different, odd = filecmp.cmpfiles(window, record(folder, "window", 2), names, shallow=False)
        assert not different and not odd, (different, odd)

        rows = [list(csv.DictReader(open(out / "truth.csv"))) for out in (sample, window)]
        assert len(rows[0]) == len(rows[1]) > 100
        compared = set()
        for s, w in zip(*rows):
            assert [s[k] for k in ("meter", "circuit", "quantity", "unit")] == [
                w[k] for k in ("meter", "circuit", "quantity", "unit")]
            if s["unit"] not in FULL:
                continue
            compared.add(s["unit"])
            for column in ("reading", "truth"):
                if s[column] or w[column]:
                    off = abs(float(s[column]) - float(w[column])) / FULL[s["unit"]]
                    assert off < (1e-8 if s["unit"] in ENERGIES else 1e-6), (s, w, off)
        assert {"V", "A", "W", "Hz", "kWh"} <= compared, compared

        messages = [[json.loads(line) for line in open(out / "mqtt.jsonl")] for out in (sample, window)]
        assert len(messages[0]) == len(messages[1]) > 2000
        for s, w in zip(*messages):
            told = [json.loads(m.pop("payload")) for m in (s, w)]
            assert s == w  # time, meter, loop, topic
            assert list(told[0]) == list(told[1])
            for key, value in told[0].items():
                other = told[1][key]
                if isinstance(value, float):  # a last digit may round the other way
                    assert abs(value - other) < 1.01e-6 * max(1000, abs(value)), (s, key, value, other)
                else:
                    assert value == other, (s, key, value, other)


if __name__ == "__main__":
    farm.run(sys.modules["__main__"])

"""kpmsim run: verdicts, exit codes, reports and their bundles."""

import json
import os
import shutil
import struct
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as xml

import farm
from farm import kpmsim
from scenario_files import FOLDER, GOOD, SCENARIO, run, write


def test_exit_codes_and_what_is_said():
    good = write("good.toml", SCENARIO + GOOD)
    done = run(good)
    assert done.returncode == 0, done
    assert done.stdout.startswith("passed  good (1 expectation, 00:00:10 in "), done.stdout
    done = run(good, "--set", "limit=5950")
    assert done.returncode == 1, done
    assert "no: p: shop-1.p: " in done.stdout and " W at 10 s" in done.stdout and "less than 5950 W" in done.stdout, done.stdout
    assert f"again: kpmsim run {good} --seed 1" in done.stdout, done.stdout
    bad = write("bad.toml", SCENARIO + GOOD.replace("shop-1.p", "shop-2.p"))
    done = run(bad, good)
    assert done.returncode == 2 and "did you mean shop-1?" in done.stderr and ":18:8:" in done.stderr, done
    assert run(write("empty.toml", SCENARIO)).returncode == 4
    assert run("shelf:no-such").returncode == 2
    assert run(good, "--tag", "large").returncode == 2
    assert run(good, "--junit", good / "out.xml").returncode == 2  # a file is no folder
    assert run().returncode == 2
    assert kpmsim("validate", good).stdout.endswith("no mistakes; 1 case, 1 expectation\n")


def test_reports():
    write("many.toml", SCENARIO.replace('[scenario]', '[scenario]\nmatrix = { seed = [1, 2, 3] }') + GOOD)
    done = run("many.toml", "good.toml", "--junit", "out.xml", "--json", "--jobs", "2", "--repeat", "2", "--seed", "9")
    assert done.returncode == 0, done
    verdict = json.loads(done.stdout)
    assert [s["name"] for s in verdict["scenarios"]] == ["many[seed=1]", "many[seed=2]", "many[seed=3]", "good"]
    assert verdict["passed"] == 4 and verdict["scenarios"][0]["seed"] == 9
    suites = xml.parse(FOLDER / "out.xml").getroot()
    assert suites.attrib["tests"] == "4" and len(suites) == 4
    subprocess.run(["xmllint", "--noout", "--schema", str(farm.SOURCE / "tests/scenarios/junit.xsd"),
                    str(FOLDER / "out.xml")], check=True, capture_output=True)


def test_a_report_and_a_failure_that_is_played_again():
    failing = write("failing.toml", SCENARIO.replace("10 s", "20 s") + """
[[do]]
kind = "dip"
at = "5 s"
residual = "40 %"
for = "1 s"
phases = "b"
""" + GOOD + '[[expect]]\nid = "u"\nwhat = "shop-1.u_b"\nabove = "200 V"\nalways = true\n')
    done = run(failing, "good.toml", "--report", "out", "--seed", "5")
    assert done.returncode == 1, done
    page = (FOLDER / "out" / "index.html").read_text()
    for part in ["failing", "shop-1: U", "shop-1: P", "shop-1: waveform of U", "shop-1: phasors of I", "shop-1: harmonics of U", "failing.tar",
                 "prefers-color-scheme:dark", 'name="viewport"']:
        assert part in page, part
    for link in ["src=", "<link", "<script", "url(", "@import"]:  # it needs nothing else
        assert link not in page, link
    assert page.count("<svg") == page.count("</svg>") >= 9
    assert json.loads((FOLDER / "out" / "verdict.json").read_text())["failed"] == 1
    assert xml.parse(FOLDER / "out" / "junit.xml").getroot().attrib["failures"] == "1"
    held = subprocess.run(["tar", "-tf", str(FOLDER / "out" / "failing.tar")], capture_output=True, text=True).stdout
    for name in ["scenario.json", "verdict.json", "timeline.txt", "series.csv", "moment.cff", "README.txt"]:
        assert "failing/" + name in held, held
    for name in ["wires.pcapng", "clients.txt", "mqtt.jsonl"]:  # nobody asked, nobody sent
        assert name not in held, held
    os.remove(failing)
    again = kpmsim("replay", FOLDER / "out" / "failing.tar", cwd=FOLDER)
    assert again.returncode == 0 and "the same as it was, to the bit" in again.stdout, again
    assert "no: u: shop-1.u_b: " in again.stdout and "seed 5" in again.stdout, again
    assert kpmsim("replay", "good.toml", cwd=FOLDER).returncode == 2
    for path, what in (("none.tar", "there is no such file"), ("/dev/zero", "it is a device or a pipe, not a file"),
                       (".", "it is a folder, not a file")):
        refused = kpmsim("replay", path, cwd=FOLDER)
        assert refused.returncode == 2 and what in refused.stderr, refused
    subprocess.run(["tar", "-xf", "out/failing.tar", "failing/moment.cff"], cwd=FOLDER, check=True)
    assert kpmsim("measure", FOLDER / "failing" / "moment.cff", "--json", cwd=FOLDER).returncode == 0
    if os.geteuid() != 0:
        assert run("good.toml", "--report", "/proc/none").returncode == 2


POLLED = """
[scenario]
for = "20 s"
[supply.main]
[load.shop]
p = "3 kW"
[bus.line1]
pty = "run/line1"
baud = 9600
[[meter]]
name = "on-line"
model = "kpm33b"
load = "shop"
bus = "line1"
address = 7
[[meter]]
name = "on-tcp"
model = "kpm37"
load = "shop"
modbus_tcp = 0
[[client]]
name = "scada"
meter = "on-line"
line = "line1"
blocks = [{ first = 0x30, words = 2 }, { first = 0x32, words = 2 }]
every = "2 s"
[[client]]
name = "ems"
meter = "on-tcp"
points = ["u_a"]
every = "5 s"
[[expect]]
id = "never"
what = "on-tcp.i_a"
above = "1000 A"
at = "10 s"
"""


def blocks_of(capture):
    """Type and body of each block of a pcapng file."""
    at = 0
    while at < len(capture):
        kind, length = struct.unpack_from("<II", capture, at)
        assert length % 4 == 0 and struct.unpack_from("<I", capture, at + length - 4)[0] == length
        yield kind, capture[at + 8:at + length - 4]
        at += length


def test_what_went_over_the_wires_is_in_the_bundle():
    done = run(write("polled.toml", POLLED), "--report", "wires")
    assert done.returncode == 1, done
    subprocess.run(["tar", "-xf", "wires/polled.tar"], cwd=FOLDER, check=True)
    capture = list(blocks_of((FOLDER / "polled" / "wires.pcapng").read_bytes()))
    assert capture[0][0] == 0x0A0D0D0A
    links = [struct.unpack_from("<H", body)[0] for kind, body in capture if kind == 1]
    assert sorted(links) == [147, 148, 148], links  # a meter has a port of its own beside its line
    packets = []
    for kind, body in capture:
        if kind == 6:
            wire, high, low, size, _ = struct.unpack_from("<IIIII", body)
            packets.append((links[wire], (high << 32 | low) % 60_000_000_000, body[20:20 + size]))
    asked = [p for p in packets if p[0] == 147 and p[2].startswith(b"\x07\x03\x00\x30\x00\x02")]
    assert len(asked) == 10 and asked[0][1] == 1_000_000_000, asked  # each two seconds from the first
    answers = [p for p in packets if p[0] == 147 and p[2].startswith(b"\x07\x03\x04")]
    assert len(answers) == 20 and all(len(p[2]) == 9 for p in answers)
    assert any(p[0] == 148 and p[2][2:4] == b"\0\0" and p[2][7] == 3 for p in packets)
    log = (FOLDER / "polled" / "clients.txt").read_text()
    assert "1.000000000 scada request on-line 03 0030H 2" in log and " ems value on-tcp u_a 230" in log
    page = (FOLDER / "wires" / "index.html").read_text()
    for part in ["What scada asks over line1", "on-line: 03 0030H 2 and 03 0032H 2 could be 03 0030H 4",
                 "it comes every 2 s", "on-tcp: waveform of I", "on-tcp: phasors of U"]:
        assert part in page, part
    if shutil.which("tshark"):
        line = next(line for line in (FOLDER / "polled" / "README.txt").read_text().splitlines() if "tshark" in line)
        seen = subprocess.run(line.strip() + " -V", shell=True, cwd=FOLDER / "polled", capture_output=True, text=True)
        assert "Modbus" in seen.stdout and "Read Holding Registers" in seen.stdout, seen


def test_the_command_that_does_it_again_has_what_bears_on_it():
    write("again.toml", SCENARIO + GOOD.replace("${limit}", "${limit}") + """
[[mutation]]
fails = "p"
set.load.shop.p = "6050 W"
""")
    done = run("again.toml", "--set", "limit=5950")
    assert "again: kpmsim run again.toml --seed 1 --set 'limit=5950'" in done.stdout, done
    done = run("again.toml", "--mutations")
    assert "again: kpmsim run again.toml --seed 1 --mutations" in done.stdout, done
    done = run("again.toml", "--exec", "false", "--clock", "free")
    assert "again: kpmsim run again.toml --seed 1 --exec 'false' --clock free" in done.stdout, done


def test_mistakes_of_the_command_line_are_told_before_anything_runs():
    for wrong in [["--exec", "true", "--clock", "foo"], ["--exec", "true", "--time-limit", "abc"]]:
        done = run("good.toml", *wrong)
        assert done.returncode == 2 and wrong[2] in done.stderr and not done.stdout, done
    done = run("good.toml", "--exec", "no-such-program-here")
    assert done.returncode == 3 and "was not found" in done.stderr, done


def test_two_scenarios_of_one_name_have_a_bundle_each():
    (FOLDER / "sub").mkdir(exist_ok=True)
    bad = SCENARIO + '[[expect]]\nwhat = "shop-1.p"\nabove = 7000\n'
    write("twin.toml", bad)
    write("sub/twin.toml", bad.replace("6 kW", "5 kW"))
    assert run("twin.toml", "sub/twin.toml", "--report", "twins").returncode == 1
    page = (FOLDER / "twins" / "index.html").read_text()
    for name, watts in [("twin", ": 5999.999 W"), ("twin-2", ": 5000 W")]:
        assert f'href="{name}.tar"' in page, name
        again = kpmsim("replay", f"twins/{name}.tar", cwd=FOLDER)
        assert again.returncode == 0 and watts in again.stdout, again


def test_no_broker_that_is_down_hears_what_is_late():
    late = SCENARIO.replace('for = "10 s"', 'for = "100 s"').replace(
        "modbus_tcp = 0", "mqtt = true\nsettings = { minute_interval_min = 1 }").replace(
        "kpm53", "kpm37").replace("[supply.main]", '[farm]\nbroker = "embedded"\n[supply.main]')
    late += """
[[client]]
name = "platform"
kind = "mqtt"
[[do]]
kind = "mqtt-late"
meter = "shop-1"
delay = "20 s"
"""
    # Said after 1, 30, 60 and 61 s: two of these are under way when the broker goes.
    heard = '[[expect]]\nwhat = "platform.records"\nat = "92 s"\nis = {}\n'
    write("late.toml", late + heard.format(4))
    cut = '[[do]]\nkind = "broker-down"\nmeter = "shop-1"\nat = "70 s"\nfor = "15 s"\n'
    write("late-and-down.toml", late + cut + heard.format(2))
    done = run("late.toml", "late-and-down.toml")
    assert done.returncode == 0, done


def test_schemas_take_the_shelf():
    try:
        import jsonschema
    except ImportError:
        return
    expect = jsonschema.Draft202012Validator(json.loads(kpmsim("scenarios", "--schema").stdout))
    act = jsonschema.Draft202012Validator(json.loads(kpmsim("actions", "--schema").stdout))
    seen = 0
    for file in sorted((farm.SOURCE / "scenarios/shelf").glob("*.toml")):
        page = tomllib.loads(file.read_text())
        for one in page.get("expect", []):
            assert expect.is_valid(one), (file.name, one)
            seen += 1
        for one in page.get("do", []):
            bare = {key: value for key, value in one.items() if key not in ("id", "after", "when")}
            if not any(isinstance(value, str) and "${" in value for value in bare.values()):
                assert act.is_valid(bare), (file.name, bare)
    assert seen > 300
    assert not expect.is_valid({"kind": "messages", "what": "u_a"})
    assert not expect.is_valid({"what": "main.u_a", "abvoe": 3})
    assert not act.is_valid({"kind": "dipp"})


def test_the_shelf():
    names = [entry["name"] for entry in json.loads(kpmsim("scenarios", "--json").stdout)]
    assert "shelf:voltage-dip" in names
    assert kpmsim("scenarios", "--show", "voltage-dip").stdout.startswith("#")
    assert run("shelf:voltage-*").returncode == 0


if __name__ == "__main__":
    farm.run(sys.modules[__name__])

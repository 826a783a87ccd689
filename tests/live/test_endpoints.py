"""Endpoints, URLs, paths and times are read once: what validate passes, up serves and read reaches, in IPv6 too; what is
wrong is told by all of them alike, with its place or flag and its cure."""

import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

import farm
from farm import SLOW, Farm, kpmsim, need

FARM = """
[farm]
{farm}
[supply.main]
[load.x]
p = "3 kW"
[bus.a]
pty = "{pty}"
[bus.b]
pty = "q1"
[[meter]]
name = "m"
model = "kpm33b"
load = "x"
{meter}
"""


def write(folder, meter="", farm="", pty="q0"):
    path = pathlib.Path(folder) / "farm.toml"
    path.write_text(FARM.format(farm=farm, meter=meter, pty=pty))
    return path


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", 0))
        return True
    except OSError:
        return False


def test_up_and_validate_tell_the_same():
    with tempfile.TemporaryDirectory() as folder:
        for wrong, place, cure in (
                (dict(meter='modbus_tcp = "tcp://127.0.0.1:21510"'), "15:14", 'write "127.0.0.1:21510"'),
                (dict(meter='modbus_tcp = "::1:21510"'), "15:14", 'write "[::1]:21510"'),
                (dict(meter='modbus_tcp = "*:21510"'), "15:14", 'write "0.0.0.0:21510"'),
                (dict(meter="modbus_tcp = 21510.0"), "15:14", "whole number"),
                (dict(meter='modbus_tcp = "meter.example:1502"'), "15:14", 'write "127.0.0.1:1502"'),
                (dict(meter='mqtt = "mqtt://acc:p@ss@h"'), "15:8", "%40"),
                (dict(meter='mqtt = "mqtt://acc:p#s@h"'), "15:8", "%23"),
                (dict(meter='mqtt = "mqtt://acc:100%@h"'), "15:8", "%25"),
                (dict(farm='broker = "mqtt://::1:1883"'), "3:10", "mqtt://[::1]:1883"),
                (dict(farm='bind = "*"'), "3:8", '"0.0.0.0"'),
                (dict(farm='start = "1999-12-31T00:00:00"'), "3:9", "2000 to 2099"),
                (dict(pty="./q1"), "10:7", "a link of its own"),
                (dict(pty="~/q1"), "8:7", "whole path")):
            path = write(folder, **wrong)
            told = kpmsim("validate", path)
            assert told.returncode == 2, (wrong, told)
            assert f"farm.toml:{place}: " in told.stderr and cure in told.stderr, (wrong, told.stderr)
            assert len(told.stderr.splitlines()) == 1, told.stderr
            up = kpmsim("up", path, "--for", "1s", cwd=folder)
            assert (up.returncode, up.stderr) == (2, told.stderr), (wrong, up)


def test_a_meter_is_read_over_ipv6_as_the_log_prints_it():
    if not has_ipv6():
        return
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, 'modbus_tcp = 0', 'bind = "::1"')
        with Farm("up", path) as f:
            endpoint = f.unit("m")["modbus_tcp"]
            assert endpoint.startswith("[::1]:"), endpoint
            assert f"Modbus-TCP {endpoint}: 1 unit" in f.log_text()
            done = kpmsim("read", "tcp://" + endpoint, "--model", "kpm33b", "u_a", "--json")
            assert done.returncode == 0, done.stderr
            assert abs(json.loads(done.stdout)[0]["value"] - 230) < 1
            wrong = kpmsim("read", "tcp://" + endpoint.replace("[", "").replace("]", ""), "--model", "kpm33b")
            assert wrong.returncode == 2 and f'write "{endpoint}"' in wrong.stderr, wrong.stderr


def test_without_names_all_that_a_plate_has_is_read():
    for model in ("kpm53", "kpm37", "kpm312", "kpm33b"):
        with Farm("spawn", model) as f:
            meter = ("tcp://" + f.meters[0]["modbus_tcp"], "--unit", f.meters[0]["unit"], "--model", model)
            done = kpmsim("read", *meter, "--json")
            assert done.returncode == 0, done.stderr
            rows = json.loads(done.stdout)
            known = {row["name"] for row in json.loads(kpmsim("map", model, "--json").stdout)["registers"]
                     if "read" in row["access"]}
            names = {row["name"] for row in rows}
            assert len(rows) > 150 and names <= known, (model, len(rows), names - known)
            lacks = len(rows) < len(known)
            assert ("are not there" in done.stderr) == lacks, (model, done.stderr)
            if model == "kpm53":  # no T on its plate
                assert lacks and "temp" not in names and "clip_u" in names, names
                one = kpmsim("read", *meter, "temp")
                assert one.returncode == 1 and "0510" in one.stderr, one


def test_uploads_go_over_ipv6():
    need("mosquitto", "mosquitto_sub")
    if not has_ipv6():
        return
    with tempfile.TemporaryDirectory() as folder:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", 0))
            port = s.getsockname()[1]
        conf = pathlib.Path(folder) / "broker.conf"
        conf.write_text(f"listener {port} ::1\nallow_anonymous true\nuser root\n")
        broker = subprocess.Popen(["mosquitto", "-c", str(conf)], stderr=subprocess.DEVNULL)
        try:
            time.sleep(0.5 * SLOW)
            listener = subprocess.Popen(["mosquitto_sub", "-h", "::1", "-p", str(port), "-t", "#", "-C", "1", "-W", "30"],
                                        stdout=subprocess.PIPE, text=True)
            time.sleep(0.3 * SLOW)
            with Farm("up", write(folder, f'mqtt = "mqtt://[::1]:{port}"'), "--clock", "x60"):
                out, _ = listener.communicate(timeout=40 * SLOW)
            assert json.loads(out)["id"].startswith("33B"), out
        finally:
            broker.terminate()
            broker.wait()


def test_a_meter_with_another_word_order_and_request_limit():
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, 'modbus_tcp = 0\nword_order = "cdab"\nmax_read_words = 4')
        with Farm("up", path) as f:
            endpoint = "tcp://" + f.unit("m")["modbus_tcp"]
            read = ("read", endpoint, "--model", "kpm33b", "--json", "u_a", "u_b", "u_c", "serial")
            right = kpmsim(*read, "--word-order", "cdab", "--max-read-words", "4")
            assert right.returncode == 0, right.stderr
            values = {r["name"]: r["value"] for r in json.loads(right.stdout)}
            assert all(abs(values[name] - 230) < 1 for name in ("u_a", "u_b", "u_c")), values
            assert values["serial"] == f.unit("m")["serial"], values
            assert kpmsim(*read, "--word-order", "cdab").returncode == 1  # refused: too long
            other = json.loads(kpmsim(*read, "--max-read-words", "4").stdout)
            assert abs(other[0]["value"] - 230) > 1, other


def test_what_is_wrong_on_the_command_line_is_told_at_its_flag():
    for args, flag in ((("spawn", "kpm53", "--p", "9"), "--p"), (("spawn", "kpm53", "--pf", "2"), "--pf"),
                       (("spawn", "kpm53", "--u", "230"), "--u"), (("spawn", "kpm53", "--pty", "run/"), "--pty"),
                       (("spawn", "kpm33b", "--mqtt", "mqtt://a:b@c@d"), "--mqtt"),
                       (("spawn", "kpm53", "--count", "300", "--tcp", "65535"), "--tcp"),
                       (("spawn", "kpm53", "--start", "1850-01-01T00:00:00"), "--start")):
        for more in ((), ("--print",)):
            done = kpmsim(*args, *more)
            assert done.returncode == 2 and done.stdout == "", (args, more, done)
            assert done.stderr.startswith(flag + ": ") and len(done.stderr.splitlines()) == 1, (args, done.stderr)
    for endpoint in ("tcp://127.0.0.1", "tcp://127.0.0.1:0", "tcp://h:1502x", "tcp://::1:1502", "tcp://*:1502", "rtu://",
                     "rtu://~/line1", "127.0.0.1:1502"):
        done = kpmsim("read", endpoint, "--model", "kpm53")
        assert done.returncode == 2 and done.stderr.startswith("endpoint: "), (endpoint, done)
    for option in ("--record=~/x", "--ready-file=~/x", "--models=~/x"):
        done = kpmsim("spawn", "kpm53", option)
        assert done.returncode == 2 and "~" in done.stderr, (option, done)


def test_the_file_that_spawn_prints_is_the_farm_that_it_runs():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "printed.toml"
        printed = kpmsim("spawn", "kpm312", "--count", "70", "--tcp", "1502", "--pty", 'q "1"\\', "--mqtt", "embedded",
                         "--seed", "7", "--start", "2030-05-01T00:00:00", "--clock", "x60", "--print")
        assert printed.returncode == 0, printed.stderr
        path.write_text(printed.stdout)
        assert kpmsim("validate", path).returncode == 0, printed.stdout
        for line in ("seed = 7", 'start = "2030-05-01T00:00:00"', 'clock = "x60"', 'pty = "q \\"1\\"\\\\"'):
            assert line in printed.stdout, printed.stdout


if __name__ == "__main__":
    farm.run(sys.modules["__main__"])

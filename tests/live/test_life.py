"""How a farm begins and ends: ready line, clean stop, taken ports, bad files, exit codes."""

import json
import os
import pathlib
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time

import farm
from farm import SLOW, SOURCE, Farm, kpmsim

FARM = """
[farm]
seed = 1
broker = "embedded"
[supply.main]
u = "230 V"
f = "50 Hz"
[load.office]
kind = "constant-power"
p = "3 kW"
pf = "0.95 ind"
[bus.line1]
pty = "run/line1"
[[meter]]
name = "m{n}"
model = "kpm33b"
count = 3
supply = "main"
load = "office"
bus = "line1"
address = "1 + n"
modbus_tcp = "127.0.0.1:0"
mqtt = true
"""


def write(folder, text):
    path = pathlib.Path(folder) / "farm.toml"
    path.write_text(text)
    return path


def children_of(pid):
    return [int(p) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
            for p in (task / "children").read_text().split()]


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return pathlib.Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"


def test_ready_file_and_clean_stop():
    for how in (signal.SIGINT, signal.SIGTERM):
        with tempfile.TemporaryDirectory() as folder, Farm("up", write(folder, FARM)) as f:
            assert "ready: 3 meters" in f.log_text()
            assert set(f.ready) == {"seed", "fidelity", "broker", "api", "meters"}
            for m in f.meters:
                assert set(m) == {"name", "model", "circuit", "serial", "unit", "modbus_tcp", "pty", "mqtt_id", "endpoints"}
                assert len(m["serial"]) == 13
            link = pathlib.Path(f.meters[0]["pty"])
            assert link.is_symlink() and link.resolve().is_char_device()
            broker = children_of(f.process.pid)
            assert len(broker) == 1
            host, port = f.meters[0]["modbus_tcp"].split(":")
            client = socket.create_connection((host, int(port)))
            code, took = f.stop(how)
            assert code == 0, f.log_text()
            assert took < 2 * SLOW, took
            assert client.recv(1) == b""
            assert not link.is_symlink() and not link.exists()
            assert not alive(broker[0])


def test_taken_port_is_exit_3():
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        done = kpmsim("up", write(folder, FARM.replace("127.0.0.1:0", f"127.0.0.1:{port}")), cwd=folder)
        assert done.returncode == 3, done
        assert str(port) in done.stderr and "port" in done.stderr, done.stderr
        assert not (pathlib.Path(folder) / "run/line1").is_symlink()


def test_folder_for_the_link_that_cannot_be_is_exit_3():
    with tempfile.TemporaryDirectory() as folder:
        done = kpmsim("up", write(folder, FARM.replace("run/line1", "/proc/nowhere/line1")), cwd=folder)
        assert done.returncode == 3, done
        assert "/proc/nowhere" in done.stderr, done.stderr


def test_what_cannot_be_written_is_an_error_and_nothing_else_is_taken_away():
    for verb in (["map", "kpm53"], ["models"], ["verify", "--row", "1"], ["models", "--json"]):
        with open("/dev/full", "w") as full:
            done = subprocess.run([farm.KPMSIM, *verb], stdout=full, stderr=subprocess.PIPE, text=True)
        assert done.returncode == 1 and "cannot" in done.stderr, (verb, done)
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, FARM)
        kept = pathlib.Path(folder) / "kept"
        kept.mkdir()
        for out in (kept, "/dev/full"):
            done = kpmsim("wave", path, "--meter", "m0", "--out", out)
            assert done.returncode == 1 and "cannot be written" in done.stderr, done
        for out in ("nowhere/w.csv", "nowhere/w.wav", "nowhere/w.cfg", "nowhere/w.cff"):
            done = kpmsim("wave", path, "--meter", "m0", "--out", out, cwd=folder)
            assert done.returncode == 1 and out in done.stderr and "cannot be written" in done.stderr, done
        done = kpmsim("up", path, "--ready-file", kept, cwd=folder)
        assert done.returncode == 3 and "choose another name" in done.stderr, done
        assert kept.is_dir() and pathlib.Path("/dev/full").is_char_device()


def test_two_farms_do_not_share_the_link_of_a_line():
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, FARM.replace("run/line1", f"{folder}/line1"))
        with Farm("up", path) as f:
            done = kpmsim("up", path)
            assert done.returncode == 3 and "another running line has that name" in done.stderr, done
            assert pathlib.Path(f.meters[0]["pty"]).is_symlink()
            f.stop(signal.SIGKILL)
        with Farm("up", path):  # what was killed holds nothing
            pass


def test_a_right_file_is_counted():
    with tempfile.TemporaryDirectory() as folder:
        for count, said in ((3, "3 meters, 3 units, 1 line"), (1, "1 meter, 1 unit, 1 line")):
            done = kpmsim("validate", write(folder, FARM.replace("count = 3", f"count = {count}")))
            assert done.returncode == 0 and done.stdout.splitlines()[0].endswith(f"no mistakes; {said}"), done


def test_mistakes_are_told_at_once_with_place_and_cure():
    with tempfile.TemporaryDirectory() as folder:
        bad = FARM.replace('model = "kpm33b"', 'model = "kpm38b"').replace('"3 kW"', '"3 kV"').replace(
            "seed = 1", "sead = 1")
        path = write(folder, bad)
        done = kpmsim("validate", path)
        assert done.returncode == 2, done
        lines = done.stderr.strip().splitlines()
        assert len(lines) >= 3, done.stderr
        text = path.read_text().splitlines()
        for word in ("sead", "kV", "kpm38b"):
            line = next(n for n, l in enumerate(text, 1) if word in l)
            assert any(f"farm.toml:{line}:" in l for l in lines), (word, lines)
        verdict = json.loads(kpmsim("validate", path, "--json").stdout)
        assert verdict["ok"] is False and len(verdict["mistakes"]) == len(lines)
        assert kpmsim("up", path).returncode == 2


def test_usage_mistakes_are_exit_2():
    for args in (["up"], ["nonsense"], ["up", "no-such-file.toml"], ["read", "tcp://x", "--model", "kpm33b"],
                 ["map", "kpm99"], ["spawn", "kpm33b", "--clock", "sideways"], ["up", "x.toml", "--for", "soon"]):
        done = kpmsim(*args)
        assert done.returncode == 2, (args, done)
        assert done.stderr or done.stdout, args
    assert kpmsim("--version").returncode == 0
    assert "up" in kpmsim("--help").stdout


def test_nobody_there_is_exit_1():
    done = kpmsim("read", "tcp://127.0.0.1:1", "--model", "kpm33b", "u_a")
    assert done.returncode == 1, done


def test_a_broker_that_is_down_is_said_once_and_does_not_stop_the_farm():
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, FARM.replace('"embedded"', '"mqtt://127.0.0.1:1"'))
        with Farm("up", path) as f:
            time.sleep(2.5)
            said = [l for l in f.log_text().splitlines() if "127.0.0.1:1" in l]
            assert len(said) == 1, f.log_text()
            assert f.stop()[0] == 0


def test_a_thousand_meters_without_a_file():
    with Farm("spawn", "kpm33b", "--count", 1000, "--tcp", 0) as f:
        assert len(f.meters) == 1000
        # 247 units a port
        assert len({(m["modbus_tcp"], m["unit"]) for m in f.meters}) == 1000
        assert len({m["modbus_tcp"] for m in f.meters}) == 5
        for m in (f.meters[0], f.meters[999]):
            done = kpmsim("read", "tcp://" + m["modbus_tcp"], "--unit", m["unit"], "--model", "kpm33b", "serial")
            assert m["serial"] in done.stdout, done


def test_a_farm_that_needs_more_descriptors_than_it_may_have_is_exit_3():
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (20, 400))

    # root may go beyond the hard limit, unless that right is taken away
    plain = ["setpriv", "--bounding-set=-sys_resource"] if os.geteuid() == 0 else []
    for count, code in ((300, 0), (1000, 3)):
        with tempfile.TemporaryDirectory() as folder:
            path = write(folder, FARM.replace("count = 3", f"count = {count}").replace('modbus_tcp = "127.0.0.1:0"', "").replace(
                'bus = "line1"', "").replace('address = "1 + n"', ""))
            done = subprocess.run([*plain, farm.KPMSIM, "up", path, "--for", "2s"], cwd=folder, capture_output=True,
                                  text=True, preexec_fn=few)
            assert done.returncode == code, done
            if code == 0:
                assert "ready: 300 meters\n" in done.stderr and "ulimit" not in done.stderr, done
            else:
                assert "ready" not in done.stderr, done
                assert "needs 1043 open descriptors and may have 400" in done.stderr and "ulimit -n 1043" in done.stderr, done


def test_clients_for_whom_no_descriptor_is_left_are_turned_away_and_told_of():
    with Farm("spawn", "kpm53") as f:
        open_ones = len(list(pathlib.Path("/proc", str(f.process.pid), "fd").iterdir()))
        resource.prlimit(f.process.pid, resource.RLIMIT_NOFILE, (open_ones + 5, open_ones + 5))
        host, port = f.meters[0]["modbus_tcp"].split(":")
        clients = [socket.create_connection((host, int(port))) for _ in range(20)]
        deadline = time.monotonic() + 10 * SLOW
        while "no file descriptor is left for another client" not in f.log_text():
            assert time.monotonic() < deadline, f.log_text()
            time.sleep(0.05)
        assert f.log_text().count("ulimit -n") == 1, f.log_text()
        clients[0].sendall(bytes.fromhex("000100000006010300300002"))  # who was there is served
        clients[0].settimeout(10 * SLOW)
        assert len(clients[0].recv(100)) == 13
        for client in clients:
            client.close()


def test_one_meter_is_one_meter():
    done = kpmsim("spawn", "kpm33b", "--for", "1s")
    assert "ready: 1 meter\n" in done.stderr, done


def test_without_a_port_spawn_serves_all_meters_at_a_free_one():
    with Farm("spawn", "kpm312", "--count", 3) as f:
        assert len({m["modbus_tcp"] for m in f.meters}) == 1
        assert [m["unit"] for m in f.meters] == list(range(1, 13))
    printed = kpmsim("spawn", "kpm312", "--tcp", 0, "--print").stdout
    assert "127.0.0.1:0" not in printed and 'modbus_tcp = "127.0.0.1:' in printed, printed


if __name__ == "__main__":
    farm.run(sys.modules["__main__"])

"""Bytes that are no text, and files that are no files, in the hands of the program itself."""

import json
import math
import os
import pathlib
import socketserver
import subprocess
import sys
import tempfile
import threading

import farm
from farm import KPMSIM, SLOW

FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="kpmsim-test-"))
LATIN = os.fsencode(FOLDER) + b"/Z\xe4hler\x1b[31m"  # a folder with a Latin-1 letter and an escape sequence
SHOWN = str(FOLDER) + "/Z\\xE4hler\\x1B[31m"
os.mkdir(LATIN)

FARM = b"""
[supply.main]
[load.x]
profile = "day.csv"
[[meter]]
name = "m"
model = "kpm33b"
load = "x"
modbus_tcp = "127.0.0.1:0"
"""


def run(*args, **more):
    """Runs a verb; its output must be UTF-8 without control characters."""
    done = subprocess.run([KPMSIM, *args], capture_output=True, timeout=60 * SLOW, **more)
    for text in (done.stdout, done.stderr):
        assert not any(ord(c) < 32 and c != "\n" for c in text.decode()), text
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def write(name, data):
    path = LATIN + b"/" + name
    with open(path, "wb") as file:
        file.write(data)
    return path


def test_a_path_and_a_table_in_latin1_break_no_json():
    write(b"day.csv", b"time,p_a,p_b,p_c,Z\xe4hler\x1b[2J\n0,1,2,3,4\n")
    path = write(b"farm.toml", FARM)
    code, out, err = run("validate", path, "--json")
    assert code == 2 and err == "", err
    mistake, = json.loads(out)["mistakes"]
    assert mistake["file"] == SHOWN + "/day.csv"
    assert mistake["what"] == 'has the unknown column "Z\\xE4hler\\x1B[2J"', mistake
    code, out, err = run("validate", path)
    assert code == 2 and err.startswith(SHOWN + "/day.csv:1: has the unknown column"), err
    code, out, err = run("up", path)
    assert code == 2 and err.startswith(SHOWN), err
    write(b"day.csv", b"time;p_a;p_b;p_c\n0;1,5;2;3\n")
    code, out, err = run("validate", path, "--json")
    assert code == 0, err
    assert json.loads(out)["remarks"] == [SHOWN + "/day.csv: read with ; between columns and a decimal comma"]
    code, out, err = run("validate", path)
    assert out.startswith(SHOWN + "/farm.toml: no mistakes;"), out


def test_a_farm_shows_its_names_in_the_log_and_in_the_ready_file():
    write(b"day.csv", b"time;p_a;p_b;p_c\n0;1,5;2;3\n")
    ready = os.fsencode(FOLDER) + b"/\xe4.json"
    code, out, err = run("up", write(b"farm.toml", FARM), "--clock", "free", "--for", "1s", "--ready-file", ready)
    assert code == 0, err
    assert f"{SHOWN}/day.csv: read with ;" in err, err
    with open(ready, "rb") as file:
        assert json.loads(file.read().decode())["meters"][0]["name"] == "m"


def test_a_recording_in_latin1_is_measured_and_named():
    rows = "".join(f"{n / 6400},{325 * math.sin(n * math.pi / 64)}\n" for n in range(3200)).encode()
    path = write(b"\xfc.csv", b"time_s,Spannung \xdc [V]\n" + rows)
    channels = "ua=Spannung Ü,ub=none,uc=none"
    code, out, err = run("measure", path, "--channels", channels, "--json")
    assert code == 0, err
    tree = json.loads(out)
    assert tree["recording"] == SHOWN + "/\\xFC.csv"
    assert tree["channels"][0] == {"terminal": "ua", "from": "Spannung Ü", "recorder_clipped": 0}
    assert tree["start"] is None and tree["remarks"] == []
    assert "from an unknown time" in err and "ua=Spannung Ü" in err, err
    code, out, err = run("measure", path, "--channels", b"ua=\x1b]0;")
    assert code == 2 and 'there is no channel "\\x1B]0;"' in err, err
    code, out, err = run("measure", path, b"--ch\xe4nnels")
    assert code == 2 and "--ch\\xE4nnels" in err, err


class Liar(socketserver.BaseRequestHandler):
    """A Modbus-TCP server whose every register holds a Latin-1 letter and an escape."""

    def handle(self):
        while len(request := self.request.recv(12)) == 12:
            size = 2 * request[11]
            self.request.sendall(request[:4] + (3 + size).to_bytes(2, "big") + request[6:8] + bytes([size]) +
                                 b"\xe4\x1b" * request[11])


def test_a_meter_that_sends_no_text_is_shown():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Liar) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        endpoint = f"tcp://127.0.0.1:{server.server_address[1]}"
        code, out, err = run("read", endpoint, "--unit", "1", "--model", "kpm53", "serial", "--json")
        assert code == 0 and json.loads(out)[0]["value"] == "\\xE4\\x1B" * 7, (out, err)
        code, out, err = run("read", endpoint, "--unit", "1", "--model", "kpm53", "serial")
        assert code == 0 and "\\xE4\\x1B" * 7 in out, (out, err)
        server.shutdown()


def test_what_is_no_file_of_ours_ends_with_a_place():
    os.mkfifo(FOLDER / "pipe")
    for name in ("zero.cfg", "zero.wav", "zero.csv", "zero.cff"):
        os.symlink("/dev/zero", FOLDER / name)
    os.symlink(FOLDER / "pipe", FOLDER / "pipe.csv")
    (FOLDER / "deep.toml").write_text("[" + ".".join(["a"] * 9600) + "]\n")
    (FOLDER / "lists.toml").write_text("a = " + "[" * 100000 + "\n")
    (FOLDER / "tables.toml").write_text("a = " + "{ a = " * 100000 + "\n")
    with open(FOLDER / "large.toml", "wb") as file:
        file.truncate(1 << 40)
    for path, said in (("/dev/zero", "/dev/zero: is a device"), (FOLDER, "is a folder"),
                       (FOLDER / "pipe", "pipe: is a pipe into which nobody writes"),
                       (FOLDER / "deep.toml", "deep.toml:1:65: is nested deeper than 32"),
                       (FOLDER / "lists.toml", "lists.toml:1:"), (FOLDER / "tables.toml", "tables.toml:1:"),
                       (FOLDER / "large.toml", "large.toml: is larger than 16 MB")):
        code, out, err = run("validate", path)
        assert code == 2 and said in err and "; " in err, (path, code, err)
    for name in ("zero.cfg", "zero.wav", "zero.csv", "zero.cff"):
        code, out, err = run("measure", FOLDER / name)
        assert code == 2 and f"{name}: is a device" in err, (name, code, err)
    code, out, err = run("measure", FOLDER / "pipe.csv")
    assert code == 2 and "pipe.csv: is a pipe into which nobody writes" in err, err
    for link in ("/dev/zero", FOLDER / "pipe"):
        model = FOLDER / "models" / "mine"
        model.mkdir(parents=True, exist_ok=True)
        (model / "meter.toml").unlink(missing_ok=True)
        os.symlink(link, model / "meter.toml")
        code, out, err = run("models", "--models", FOLDER / "models")
        assert code == 2 and "meter.toml: is a " in err, err


SCENARIO = r"""
[scenario]
title = "\u001b[2J"
for = "1 s"
matrix.v = ["\u009b31m"]
[supply.main]
[load.x]
p = "1 kW"
[[meter]]
name = "m"
model = "kpm53"
load = "x"
[[expect]]
id = "q\u001b[31m"
title = "t\u0007"
what = "m.p"
is = "5 kW"
[[mutation]]
name = "c\u001b[5m"
fails = "q\u001b[31m"
set.load.x.p = "2 kW"
"""


def test_what_a_scenario_and_a_model_say_of_themselves_reaches_no_terminal_raw():
    path = FOLDER / "escapes.toml"
    path.write_text(SCENARIO)
    code, out, err = run("run", path, "--mutations", "--verbose")
    assert code == 1 and "no: q\\x1B[31m: t\\x07" in out and "~ c\\x1B[5m" in out and "\\xC2\\x9B31m" in out, (code, out, err)
    models = FOLDER / "shown"
    for file in (farm.SOURCE / "models/kpm53").glob("*.toml"):
        (models / "kpm53").mkdir(parents=True, exist_ok=True)
        text = file.read_text()
        for key in ("title", "summary", "reference", "map_source"):
            text = text.replace(f'\n{key} = "', f'\n{key} = "\\u001b[31m', 1)
        text = text.replace(', title = "', ', title = "\\u001b[32m')
        (models / "kpm53" / file.name).write_text(text)
    for form in ("table", "md", "csv", "json", "page"):
        code, out, err = run("map", "kpm53", "--models", models, "--format", form)
        assert code == 0 and ("\\x1B[" in out or "\\u001b[" in out), (form, err)
    code, out, err = run("models", "--models", models)
    assert code == 0 and "\\x1B[31m" in out, err


def test_an_empty_text_is_told_and_does_nothing():
    for args in (["run", ""], ["up", ""], ["validate", ""], ["wave", "", "--meter", "m"], ["measure", ""],
                 ["measure", "x.cfg", "--pt", ""], ["measure", "x.cfg", "--ct", ""], ["measure", "x.cfg", "--rating", ""],
                 ["measure", "x.cfg", "--wiring", ""], ["measure", "x.cfg", "--out", ""], ["measure", "x.cfg", "--channels", ""],
                 ["spawn", "kpm37", "--pty", ""], ["spawn", "kpm37", "--mqtt", ""], ["spawn", "kpm37", "--ready-file", ""],
                 ["spawn", "kpm37", "--api-token", ""], ["spawn", "kpm37", "--record", ""], ["spawn", "kpm37", "--for", ""],
                 ["run", "shelf:reboot", "--junit", ""], ["run", "shelf:reboot", "--report", ""], ["replay", ""],
                 ["models", "--models", ""], ["read", "", "--model", "kpm37"]):
        code, out, err = run(*args)
        assert code == 2 and '""' in err and "; write " in err, (args, code, out, err)


def test_what_is_no_seed_no_level_and_no_utf8_is_told():
    for seed in ("99999999999999999999", "-1", "1.5", "x"):
        code, out, err = run("spawn", "kpm37", "--seed", seed)
        assert code == 2 and f'"{seed}" is no seed; write a whole number from 0 to 9223372036854775807' in err, err
    assert run("spawn", "kpm37", "--print", "--seed", "9223372036854775807")[0] == 0
    code, out, err = run("spawn", "kpm37", "--print", "--for", "1e305d")
    assert code == 2 and out == "" and err.startswith("--for: "), (out, err)
    code, out, err = run("spawn", "kpm37", "--pty", b"\xe9")
    assert code == 2 and err == '--pty: "\\xE9" is no UTF-8; write it in UTF-8: it goes into a farm file\n', err
    for level, good in (("inof", False), ("INFO", False), ("warn", True), ("critical", True), ("", True)):
        code, out, err = run("spawn", "kpm37", "--clock", "free", "--for", "1s", env=dict(os.environ, KPMSIM_LOG_LEVEL=level))
        assert code == (0 if good else 2), (level, err)
        assert good or err == f'KPMSIM_LOG_LEVEL: "{level}" is no level; write trace, debug, info, warn, error, critical ' \
                              "or off\n", err


def test_a_link_of_a_users_stays():
    (FOLDER / "mine.txt").write_text("x")
    link = FOLDER / "mylink"
    for target in (FOLDER / "mine.txt", FOLDER, "/dev/null"):
        link.symlink_to(target)
        for flag in ("--pty", "--ready-file"):
            code, out, err = run("spawn", "kpm37", "--clock", "free", "--for", "1s", flag, link)
            assert code == 3 and "choose another name" in err, (target, flag, err)
            assert os.readlink(link) == str(target)
        link.unlink()


def test_a_channel_with_a_comma_in_its_name_can_be_named():
    rows = "".join(f"{n / 6400},{325 * math.sin(n * math.pi / 64)}\n" for n in range(3200))
    path = FOLDER / "comma.csv"
    path.write_text('time_s,"V, L1 [V]"\n' + rows)
    for name in ('"V, L1"', "V\\, L1", "#1"):
        code, out, err = run("measure", path, "--channels", f"ub=none,ua={name},uc=none", "--json")
        assert code == 0 and json.loads(out)["channels"][0]["from"] == "V, L1", (name, err)
    code, out, err = run("measure", path, "--channels", 'ua="V, L1')
    assert code == 2 and err.startswith("--channels: ") and "a quote without its other one" in err, err


def test_a_farm_may_come_through_a_pipe():
    text = b'[supply.main]\n[[meter]]\nname = "m"\nmodel = "kpm33b"\n'
    code, out, err = run("validate", "/dev/stdin", input=text)
    assert code == 0 and "1 meter, 1 unit" in out, err
    code, out, err = run("validate", "/dev/stdin", input=b"x = 1\n" * 5_000_000)
    assert code == 2 and "/dev/stdin: is larger than 16 MB" in err, err


if __name__ == "__main__":
    try:
        farm.run(sys.modules["__main__"])
    finally:
        import shutil
        shutil.rmtree(FOLDER, ignore_errors=True)

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
    assert code == 2 and err.startswith(SHOWN + "/day.csv: has the unknown column"), err
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

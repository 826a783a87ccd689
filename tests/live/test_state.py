"""A farm whose state is kept: killed, without room on the disk, beside another one, with a folder that is none of its own."""

import json
import os
import pathlib
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

import farm
from api_client import Api
from farm import KPMSIM, SLOW, kpmsim, need
from kill_trial import Client, Gone, Trial, free_port

FARM = """
[farm]
api = "127.0.0.1:0"
state = "kept"
[supply.main]
[load.shop]
p = "9 kW"
[[meter]]
name = "shop"
model = "kpm37"
load = "shop"
modbus_tcp = "127.0.0.1:PORT"
"""


class Kept:
    """with Kept(text) as kept: kept.up(…); kept.kill(); kept.up(…)"""

    def __init__(self, text=FARM):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kpmsim-test-"))
        self.port, self.process, self.log = free_port(), None, ""
        (self.folder / "farm.toml").write_text(text.replace("PORT", str(self.port)))

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if exc[0] is not None:
            print((self.folder / "log").read_text(), file=sys.stderr)
        shutil.rmtree(self.folder, ignore_errors=True)

    def up(self, *args, **more):
        """Starts it; what it said until then is in `log`."""
        ready = self.folder / "ready.json"
        ready.unlink(missing_ok=True)
        with open(self.folder / "log", "w") as log:
            self.process = subprocess.Popen([KPMSIM, "up", "farm.toml", "--ready-file", "ready.json", *args],
                                            cwd=self.folder, stdout=subprocess.DEVNULL, stderr=log, **more)
        deadline = time.monotonic() + 30 * SLOW
        while not ready.exists():
            assert self.process.poll() is None and time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.01)
        self.log = (self.folder / "log").read_text()
        self.api = Api(json.loads(ready.read_text())["api"])
        self.client = Client(self.port)
        return self

    def refused(self, *args, code=2):
        done = kpmsim("up", "farm.toml", *args, "--for", "1s", "--clock", "free", cwd=self.folder)
        assert done.returncode == code, done
        return done.stderr.splitlines()[-1]

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(20 * SLOW) == 0
        return (self.folder / "log").read_text()

    def now(self):
        return self.api.good("GET", "/v1/time")["now"]

    def points(self):
        return self.api.good("GET", "/v1/meters/shop/points")["points"]


def test_nothing_is_taken_back_by_kill_9():
    need("mosquitto")
    trial = Trial(seed=int.from_bytes(os.urandom(4), "big"))
    print("seed", trial.seed)
    try:
        faults = trial.run(8)
        print(trial.report())
        assert not faults, faults[:10]
        assert all(p.answers > 20 for p in trial.pollers) and trial.commander.writes > 5
    finally:
        trial.close()


def test_a_farm_that_is_not_kept_says_so_once():
    with Kept(FARM.replace('state = "kept"\n', "")) as kept:
        kept.up()
        assert "nothing is kept" in kept.log and "--state DIR" in kept.log
        assert kept.stop().count("nothing is kept") == 1
        assert not (kept.folder / "kept").exists()


def test_it_goes_on_where_it_was_left():
    with Kept() as kept:
        kept.up("--clock", "stepped")
        assert "is kept in kept" in kept.log
        kept.api.advance(by="15m")
        kept.client.write(6, 7)
        id = kept.api.good("POST", "/v1/actions", {"kind": "set-supply", "u": "236 V"})["id"]
        kept.api.advance(by="100ms")
        before, now = kept.points(), kept.now()
        kept.kill()
        kept.up("--clock", "stepped")
        assert "was left at 2026-01-01T00:15:00.100" in kept.log, kept.log
        assert kept.now() == now and kept.points() == before
        assert [a["id"] for a in kept.api.good("GET", "/v1/actions")] == [id]
        kept.api.advance(by="1m")
        after = kept.points()
        assert abs(after["u_a"]["value"] - 236) < 0.5
        kept.stop()  # the last checkpoint: nothing is to be done again
        base = sqlite3.connect(kept.folder / "kept/state.db")
        assert base.execute("SELECT count(*) FROM journal").fetchone() == (0,)
        base.close()
        shutil.move(kept.folder / "kept", kept.folder / "elsewhere")  # another machine
        kept.up("--clock", "stepped", "--state", "elsewhere")
        assert kept.points() == after


def test_it_goes_on_by_the_wall_and_the_outage_is_one_of_power():
    with Kept() as kept:
        kept.up()
        time.sleep(1.5 * SLOW)
        e, now = kept.points()["e_p_import"]["value"], kept.now()
        kept.kill()
        time.sleep(3)
        kept.up("--state-resume", "wall")
        later = kept.now()
        assert now[:17] != "" and later > now
        gone = float(later[17:]) + 60 * float(later[14:16]) - float(now[17:]) - 60 * float(now[14:16])
        assert 3 <= gone < 3 + 5 * SLOW, (now, later)
        grown = kept.points()["e_p_import"]["value"] - e
        assert 0 <= grown < 9 * (gone - 2) / 3600, (grown, gone)
        kept.stop()
        assert "clock free does not follow the wall's" in kept.refused("--state-resume", "wall")


def test_without_room_it_stands_still_and_goes_on_when_there_is_some():
    with Kept() as kept:
        kept.up(restore_signals=False)  # SIGXFSZ stays ignored: a limit on files is as a full disk
        kept.client.write(6, 7)
        wal = kept.folder / "kept/state.db-wal"
        soft, hard = resource.prlimit(kept.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(kept.process.pid, resource.RLIMIT_FSIZE, (wal.stat().st_size, hard))
        deadline = time.monotonic() + 20 * SLOW
        while "stands still" not in (kept.folder / "log").read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        before = kept.points()
        assert kept.client.ask(bytes.fromhex("100006000102000a")) == bytes.fromhex("9006")  # busy
        status, problem = kept.api.ask("POST", "/v1/actions", {"kind": "set-supply", "u": "236 V"})
        assert status == 503 and "cannot be written" in problem["detail"] and problem["cure"], problem
        status, _, ready = kept.api.raw("GET", "/readyz")
        assert status == 503 and json.loads(ready)["status"] == "stands still" and "cannot be written" in json.loads(ready)["detail"], ready
        assert "kpmsim_state_stands 1" in kept.api.raw("GET", "/metrics")[2].decode()
        time.sleep(7)  # longer than a farm may be late before it says so
        assert kept.points() == before
        resource.prlimit(kept.process.pid, resource.RLIMIT_FSIZE, (soft, hard))
        deadline = time.monotonic() + 20 * SLOW
        while kept.points() == before:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        kept.client.write(6, 10)
        log = (kept.folder / "log").read_text()
        assert log.count("stands still") == 1 and "the farm goes on" in log, log
        assert "more slowly than asked" not in log, log
        assert kept.api.raw("GET", "/readyz")[0] == 200
        assert "kpmsim_state_stands 0" in kept.api.raw("GET", "/metrics")[2].decode()
        seen = kept.points()["e_p_import"]["value"]
        kept.kill()
        kept.up()
        assert kept.points()["demand_minutes"]["value"] == 10 and kept.points()["e_p_import"]["value"] >= seen


def test_a_folder_that_is_taken_away_makes_it_stand_still():
    with Kept() as kept:
        kept.up()
        kept.client.write(6, 7)
        shutil.move(kept.folder / "kept", kept.folder / "away")
        deadline = time.monotonic() + 20 * SLOW
        while "stands still" not in (kept.folder / "log").read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert "kept/state.db was taken away" in (kept.folder / "log").read_text()
        assert kept.client.ask(bytes.fromhex("100006000102000a")) == bytes.fromhex("9006")  # busy
        shutil.move(kept.folder / "away", kept.folder / "kept")
        deadline = time.monotonic() + 20 * SLOW
        while "the farm goes on" not in (kept.folder / "log").read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        kept.client.write(6, 10)
        # without its lock it is still one farm's
        (kept.folder / "kept/lock").unlink()
        assert "kept is kept by another process" in kept.refused(code=3)
        kept.kill()
        kept.up()
        assert kept.points()["demand_minutes"]["value"] == 10
        kept.stop()


def test_another_version_does_not_take_what_was_killed():
    with Kept() as kept:
        kept.up("--clock", "stepped")
        kept.api.advance(by="10s")
        kept.kill()
        with sqlite3.connect(kept.folder / "kept/state.db") as base:
            base.execute("UPDATE farm SET version = 'kpmsim 9.9.9 (abcdef)'")
        base.close()
        told = kept.refused()
        assert "was killed under kpmsim 9.9.9 (abcdef)" in told and "start it once with that version" in told, told
        with sqlite3.connect(kept.folder / "kept/state.db") as base:
            base.execute("DELETE FROM world")
        base.close()
        told = kept.refused()
        assert "is damaged: its table world" in told, told


def test_a_stopped_farm_goes_on_under_another_version():
    with Kept() as kept:
        kept.up("--clock", "stepped")
        kept.api.advance(by="10s")
        before = kept.points()
        kept.stop()
        with sqlite3.connect(kept.folder / "kept/state.db") as base:
            base.execute("UPDATE farm SET version = 'kpmsim 9.9.9 (abcdef)'")
        base.close()
        kept.up("--clock", "stepped")
        assert "was stopped under kpmsim 9.9.9 (abcdef)" in kept.log, kept.log
        assert kept.points() == before
        kept.stop()


def test_what_does_not_go_together_is_a_mistake_of_the_file():
    with Kept(FARM.replace('state = "kept"', 'state = "kept"\nstate_resume = "wall"\nclock = "free"')) as kept:
        done = kpmsim("validate", "farm.toml", cwd=kept.folder)
        assert done.returncode == 2 and "farm.toml:5:16: clock free does not follow the wall's" in done.stderr, done
        assert "farm.toml:5:16: clock free does not follow" in kept.refused()


def test_what_cannot_be_kept_is_told_and_harms_nothing():
    with Kept() as kept:
        kept.up("--clock", "stepped")
        kept.api.advance(by="100s")  # some of it behind the checkpoint of the minute
        # another farm on the folder
        told = kept.refused(code=3)
        assert f"farm.toml:4:9: kept is kept by process {kept.process.pid}; stop that farm" in told, told
        before = kept.points()
        kept.kill()
        # a file that is not as it was, while something is to be computed from it
        text = (kept.folder / "farm.toml").read_text()
        (kept.folder / "farm.toml").write_text(text.replace("9 kW", "8 kW"))
        told = kept.refused()
        assert "farm.toml is not as it was" in told and "as it was" in told.split(";")[1], told
        (kept.folder / "farm.toml").write_text(text)
        # another farm
        told = kept.refused("--seed", "99")
        assert "the seed is 99 here, " in told and "does not fit" in told, told
        told = kept.refused("--state", "nowhere/\x01")
        kept.up("--clock", "stepped")
        assert kept.points() == before
        saved = kept.api.raw("GET", "/v1/state")[2]
        kept.stop()
        (kept.folder / "warm.kpm").write_bytes(saved)
        assert "holds a farm already" in kept.refused("--from", "warm.kpm")
        # after a clean end the file may change
        (kept.folder / "farm.toml").write_text(text.replace("9 kW", "8 kW"))
        kept.up("--clock", "stepped").stop()
        # no folder
        (kept.folder / "file").write_text("x")
        assert "file" in kept.refused("--state", "file", code=3)
        assert "cannot be written" in kept.refused("--state", "/proc/kept", code=3)
        # a database that is cut off, and one that is none
        base = kept.folder / "kept/state.db"
        whole = base.read_bytes()
        for bytes_, part in ((whole[:len(whole) // 2], "is damaged"), (b"", "is cut off"), (b"x" * 9999, "no state of kpmsim")):
            base.write_bytes(bytes_)
            told = kept.refused()
            assert part in told and ";" in told, told
            assert base.read_bytes() == bytes_
        base.write_bytes(whole)
        kept.up("--clock", "stepped").stop()


def test_a_profile_a_model_and_a_log_that_are_others_are_named():
    text = FARM.replace('p = "9 kW"', 'profile = "day.csv"\nprofile_shape = "steps"').replace('"kpm37"', '"own"')
    with Kept(text) as kept:
        day, models = kept.folder / "day.csv", kept.folder / "models"
        day.write_text("time,p_a,p_b,p_c\n0,100,200,150\n30,400,10,90\n60,30,250,5\n")
        shutil.copytree(farm.SOURCE / "models/kpm33b", models / "own")
        where = ("--models", "models", "--clock", "stepped")
        kept.up(*where)
        base, log = kept.folder / "kept/state.db", kept.folder / "kept/state.db-wal"
        copy = base.read_bytes()
        kept.api.advance(by="100s")
        before = kept.points()
        kept.kill()
        whole, lines = base.read_bytes(), log.read_bytes()
        day_text = day.read_text()
        day.write_text(day_text.replace("400", "401"))
        told = kept.refused("--models", "models")
        assert "load shop: profile is not as it was" in told, told
        day.write_text(day_text)
        model = models / "own/meter.toml"
        model_text = model.read_text()
        model.write_text(model_text.replace('name = "demand_minutes", role = "demand.minutes"', 'name = "demand_minutes"'))
        told = kept.refused("--models", "models")
        assert "model own is not as it was" in told, told
        # what is written about a model for people hangs on nothing
        model.write_text(model_text.replace('summary = "', 'summary = "another '))
        # a copy of the database without its log, of before what was shown last
        for end in ("-wal", "-shm"):
            pathlib.Path(f"{base}{end}").unlink(missing_ok=True)
        base.write_bytes(copy)
        told = kept.refused("--models", "models")
        assert "is here without state.db-wal" in told and "echo forget > kept/shown" in told, told
        assert base.read_bytes() == copy
        base.write_bytes(whole)
        log.write_bytes(lines)
        kept.up(*where)
        assert kept.points() == before
        # a log in which four bytes are others
        kept.kill()
        lines = log.read_bytes()
        log.write_bytes(lines[:60] + bytes(b ^ 0xFF for b in lines[60:64]) + lines[64:])
        damaged = log.read_bytes()
        told = kept.refused("--models", "models")
        assert "kept/state.db-wal is damaged or cut" in told and "clients were shown" in told, told
        assert log.read_bytes() == damaged
        log.write_bytes(lines)
        kept.up(*where)
        assert kept.points() == before
        # a look with another program takes the log in, and nothing is missing then
        kept.kill()
        with sqlite3.connect(base) as look:
            assert look.execute("SELECT count(*) FROM world").fetchone()[0] == 3
        look.close()
        assert not log.exists()
        kept.up(*where)
        assert kept.points() == before
        kept.stop()


def test_what_is_put_back_is_kept():
    with Kept() as kept:
        kept.up("--clock", "stepped")
        kept.api.advance(by="1m")
        kept.client.write(6, 7)
        saved = kept.api.raw("GET", "/v1/state")[2]
        kept.api.advance(by="10m")
        kept.client.write(6, 9)
        assert kept.api.raw("PUT", "/v1/state", saved)[0] == 200
        before = kept.points()
        kept.kill()
        kept.up("--clock", "stepped")
        assert kept.points() == before and kept.points()["demand_minutes"]["value"] == 7
        kept.stop()


def test_without_a_file():
    with tempfile.TemporaryDirectory() as folder:
        def run():
            return kpmsim("spawn", "kpm33b", "--state", "kept", "--clock", "free", "--for", "10m", cwd=folder)
        first, second = run(), run()
        assert first.returncode == 0 and second.returncode == 0, second.stderr
        assert "stopped at 2026-01-01T00:20:00" in second.stderr, second.stderr


if __name__ == "__main__":
    farm.run(sys.modules[__name__])

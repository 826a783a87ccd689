"""The verbs that are clients of a running farm, and a farm that runs away from the terminal."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import farm
from farm import kpmsim
from api_farm import FARM, start


def env_without():
    return {k: v for k, v in os.environ.items() if not k.startswith("KPMSIM_API") and k != "KPMSIM_READY"}


def test_up_wait_wind_save_down():
    with tempfile.TemporaryDirectory() as folder:
        def run(*args, code=0, **more):
            done = kpmsim(*args, cwd=folder, env=env_without() | more)
            assert done.returncode == code, (args, done)
            return done.stdout if code == 0 else done.stderr
        pathlib.Path(folder, "farm.toml").write_text(FARM.replace('api = "127.0.0.1:0"\n', ""))
        assert "kpmsim.ready.json" in run("time", "show", code=1)
        assert "kpmsim.ready.json" in run("wait", "--timeout", "200 ms", code=1)
        run("up", "farm.toml", "--detach")
        try:
            ready = json.loads(pathlib.Path(folder, "kpmsim.ready.json").read_text())
            run("wait")
            assert run("time", "show") == "2026-01-01T00:00:00.000 stepped\n"
            assert run("time", "advance", "15m") == "2026-01-01T00:15:00.000\n"
            assert run("time", "until", "2026-01-01T00:20:00") == "2026-01-01T00:20:00.000\n"
            assert run("time", "until", "shop-1.p > 100", "--at-most", "1 min") == "2026-01-01T00:20:00.000\n"
            assert "did not come true" in run("time", "until", "shop-1.p < 0", "--at-most", "1 s", code=1)
            assert "shop-1" in run("time", "until", "shop-9.p < 0", code=1)
            assert run("time", "speed", "free").endswith(" free\n")
            assert run("time", "pause").endswith(" paused\n")
            assert run("time", "speed", "stepped").endswith(" stepped\n")
            lines = run("get", "shop-1", "u_a", "p", "--truth").splitlines()
            assert lines[0].split()[0] == "u_a" and lines[0].split()[2:] == ["V", "230.0"], lines
            assert json.loads(run("get", "shop-1", "--json"))["name"] == "shop-1"
            assert run("set", "shop-1", "demand_minutes=10") == "demand_minutes = 10.0\n"
            assert "u_a" in run("set", "shop-1", "u_a=1", code=1)
            assert "POINT=NUMBER" in run("set", "shop-1", "demand_minutes", code=2)
            said = run("set", "shop-1", "demand_minutes=9", "--password", "6665", code=1)
            assert "--password: 6665 is not the password of shop-1" in said, said
            for bad in ("x", "66666", "-1", "66.6"):
                assert "four digits: --password 6666" in run("set", "shop-1", "demand_minutes=9", f"--password={bad}", code=2)
            assert run("set", "shop-1", "password=12", "--password", "6666") == "password = 12.0\n"
            assert run("set", "shop-1", "demand_minutes=10", "--password", "0012") == "demand_minutes = 10.0\n"
            assert run("get", "shop-1", "demand_minutes", KPMSIM_API=ready["api"]).split()[1] == "10.0"
            assert "shop-1" in run("journal", "--kind", "upload", "--meter", "shop-1")
            assert run("journal", "--near-misses") == ""
            run("save", "warm.kpm")
            now = run("time", "show")
        finally:
            run("down")
        assert "away" in run("down", code=1) or "nobody" in run("down", code=1)
        run("up", "farm.toml", "--from", "warm.kpm", "--detach", "--ready-file", "other.json")
        assert run("time", "show", "--ready-file", "other.json").split()[0] == now.split()[0]
        assert run("get", "shop-1", "demand_minutes", KPMSIM_READY="other.json").split()[1] == "10.0"
        run("down", "--ready-file", "other.json")
        text = pathlib.Path(folder, "farm.toml").read_text()
        pathlib.Path(folder, "farm.toml").write_text(text.replace("count = 2", "count = 1"))
        assert "farm" in run("up", "farm.toml", "--from", "warm.kpm", "--detach", code=2)
        assert "nowhere.kpm" in run("up", "farm.toml", "--from", "nowhere.kpm", code=2)


def test_a_second_farm_leaves_the_first_ones_ready_file():
    with tempfile.TemporaryDirectory() as folder:
        def run(*args, code=0):
            done = kpmsim(*args, cwd=folder, env=env_without())
            assert done.returncode == code, (args, done)
            return done.stdout if code == 0 else done.stderr
        pathlib.Path(folder, "farm.toml").write_text(FARM.replace('api = "127.0.0.1:0"\n', ""))
        run("up", "farm.toml", "--detach")
        try:
            ready = pathlib.Path(folder, "kpmsim.ready.json").read_text()
            said = run("up", "farm.toml", "--detach", code=3)
            assert "kpmsim down" in said and "--ready-file" in said, said
            assert pathlib.Path(folder, "kpmsim.ready.json").read_text() == ready
            # what is wrong is told at the flag that was written
            assert run("time", "advance", "10 cycles") == "2026-01-01T00:00:00.200\n"
            said = run("act", "dip", "--residual", "40 %", "--for", "soon", code=1)
            assert said.startswith("--for: ") or "\n--for: " in said or ": --for: " in said, said
            assert "body" not in run("set", "shop-1", "demand_minutes=10.5", code=1)
            run("save", "warm.kpm")
        finally:
            run("down")
        farm_toml = pathlib.Path(folder, "farm.toml").read_text()
        pathlib.Path(folder, "farm.toml").write_text(farm_toml.replace('u = "230 V"', 'u = "400 V"'))
        said = run("up", "farm.toml", "--from", "warm.kpm", code=2)
        assert "supply main: u is 400 V here, 230 V there" in said, said
        pathlib.Path(folder, "farm.toml").write_text(farm_toml)
        # --for counts from the moment that was saved
        done = kpmsim("up", "farm.toml", "--from", "warm.kpm", "--for", "5 s", "--clock", "free", cwd=folder, env=env_without())
        assert done.returncode == 0 and "stopped at 2026-01-01T00:00:05" in done.stderr, done.stderr


def test_what_cannot_start_says_so_to_who_started_it():
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "farm.toml").write_text(FARM.replace("count = 2", 'colour = "red"'))
        done = kpmsim("up", "farm.toml", "--detach", cwd=folder)
        assert done.returncode == 2 and "colour" in done.stderr, done
        with start() as f:
            taken = f.ready["api"].removeprefix("http://")
            pathlib.Path(folder, "farm.toml").write_text(FARM)
            done = kpmsim("up", "farm.toml", "--detach", "--api", taken, cwd=folder)
            assert done.returncode == 3 and "taken" in done.stderr, done
            assert not pathlib.Path(folder, "kpmsim.ready.json").exists()


def test_without_an_api_there_is_none():
    with farm.Farm("spawn", "kpm33b") as f:
        assert f.ready["api"] is None
        done = kpmsim("time", "show", "--ready-file", f.folder / "ready.json", env=env_without())
        assert done.returncode == 1 and "--api" in done.stderr, done


if __name__ == "__main__":
    farm.run(sys.modules[__name__])

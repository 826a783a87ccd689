"""Actions on a running farm, by the command line and by the API."""

import json
import os
import pathlib
import sys
import tempfile
import urllib.request

import farm
from farm import STEPPED, kpmsim

FARM = STEPPED + """
[[meter]]
name = "shop-{n+1}"
count = 2
model = "kpm37"
load = "shop"
modbus_tcp = 0
[[do]]
kind = "load-scale"
meter = "shop-2"
by = "200 %"
"""


def test_a_verb_or_an_option_that_there_is_not_is_named_with_its_cure():
    for args, said in ((("act", "dips"), 'kpmsim act: there is no "dips"; nearest: dip\n'),
                       (("act", "foo", "--meter", "x"), 'kpmsim act: there is no "foo"; see kpmsim act --help\n'),
                       (("frob",), 'kpmsim: there is no "frob"; see kpmsim --help\n'),
                       (("up", "--nope"), 'kpmsim up: there is no option "--nope"; see kpmsim up --help\n')):
        done = kpmsim(*args)
        assert (done.returncode, done.stderr) == (2, said), (args, done)


def test_what_is_done_shows_in_the_readings_and_is_saved():
    with tempfile.TemporaryDirectory() as folder:
        env = {k: v for k, v in os.environ.items() if not k.startswith("KPMSIM_API") and k != "KPMSIM_READY"}

        def run(*args, code=0):
            done = kpmsim(*args, cwd=folder, env=env)
            assert done.returncode == code, (args, done)
            return done.stdout if code == 0 else done.stderr

        def p_of(meter, point="p"):
            return float(run("get", meter, point).split()[1])

        pathlib.Path(folder, "farm.toml").write_text(FARM)
        run("up", "farm.toml", "--detach")
        try:
            api = json.loads(pathlib.Path(folder, "kpmsim.ready.json").read_text())["api"]
            run("time", "advance", "10 s")
            assert abs(p_of("shop-2") - 6000) < 0.1, "the file's own action"
            assert run("act", "ct-reversed", "--meter", "shop-1", "--phase", "c").startswith("a2: from 2026-")
            assert "a3" in run("act", "power-off", "--meter", "shop-2", "--for", "10m")
            run("time", "advance", "1 s")
            assert abs(p_of("shop-1", "p_c") + 1000) < 0.1
            assert [line.split()[:2] for line in run("actions").splitlines()] == [
                ["a1", "running"], ["a2", "running"], ["a3", "running"]]
            run("save", "warm.kpm")
            assert run("actions", "--end", "a2") == "ended: 1\n"
            run("time", "advance", "1 s")
            assert abs(p_of("shop-1") - 3000) < 0.1
            wrong = run("act", "ct-open", "--meter", "shp", "--phase", "q", code=1)
            assert "shop-1, shop-2" in wrong and "phase" in wrong, wrong
            kinds = json.loads(urllib.request.urlopen(api + "/v1/action-kinds").read())
            assert {"dip", "ct-reversed", "power-off"} <= {kind["kind"] for kind in kinds}
            assert kinds == json.loads(run("actions", "--kinds", "--json"))
        finally:
            run("down")
        run("up", "farm.toml", "--from", "warm.kpm", "--detach")
        try:
            assert len(run("actions").splitlines()) == 3
            run("time", "advance", "1 s")
            assert abs(p_of("shop-1", "p_c") + 1000) < 0.1
            assert run("actions", "--end-all") == "ended: 3\n"
            run("time", "advance", "1 s")
            assert abs(p_of("shop-1") - 3000) < 0.1 and abs(p_of("shop-2") - 3000) < 0.1
        finally:
            run("down")


if __name__ == "__main__":
    farm.run(sys.modules[__name__])

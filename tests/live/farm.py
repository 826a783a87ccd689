"""A running kpmsim for the live tests: started in a folder of its own, found through its ready file."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
KPMSIM = os.path.abspath(os.environ.get("KPMSIM", SOURCE / "build/release/kpmsim"))
SLOW = float(os.environ.get("KPMSIM_TEST_SLOWNESS", "1"))  # sanitizers want more patience

STEPPED = """
[farm]
clock = "stepped"
api = "127.0.0.1:0"
[supply.main]
[load.shop]
p = "3 kW"
"""  # the head of a farm that stands until it is told to go on


def kpmsim(*args, patience_s=120, **more):
    """Runs a verb to its end."""
    return subprocess.run([KPMSIM, *map(str, args)], capture_output=True, text=True, timeout=patience_s * SLOW, **more)


class Skipped(SystemExit):
    """A test that lacks what it needs; outside run() it ends the script, which counts as skipped."""


def skip(reason):
    print("skipped:", reason, flush=True)
    raise Skipped(77)


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            skip(f"{program} is not installed")


class Farm:
    """with Farm("up", "farm.toml") as farm: farm.meters, farm.broker, farm.folder"""

    def __init__(self, verb, *args):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kpmsim-test-"))
        self.log = open(self.folder / "log", "w+")
        ready = self.folder / "ready.json"
        self.process = subprocess.Popen(
            [KPMSIM, verb, *map(str, args), "--ready-file", str(ready)],
            cwd=self.folder, stdout=subprocess.DEVNULL, stderr=self.log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 20 * SLOW
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError("the farm did not start:\n" + self.log_text())
            time.sleep(0.01)
        self.ready = json.loads(ready.read_text())
        self.meters = self.ready["meters"]
        self.broker = self.ready["broker"]

    def log_text(self):
        self.log.flush()
        return (self.folder / "log").read_text()

    def unit(self, name, loop=1):
        return next(m for m in self.meters if m["name"] == name and m["circuit"] == loop)

    def stop(self, how=signal.SIGINT):
        """Ends it as a user would; returns (exit code, seconds it took)."""
        begun = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            code = self.process.wait(timeout=10 * SLOW)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        return code, time.monotonic() - begun

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stop()
        if exc[0] is not None:
            print(self.log_text(), file=sys.stderr)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def up(text, *args):
    """The farm of a file with this text."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "farm.toml")
        path.write_text(text)
        with Farm("up", path, *args) as running:
            yield running


def run(module):
    """Runs the test_ functions of a script, in order, and prints one line each. A script of which one
    was skipped counts as skipped, unless another one failed."""
    failed = 0
    skipped = 0
    for name, test in list(vars(module).items()):
        if name.startswith("test_") and callable(test):
            try:
                test()
                print("ok    ", name)
            except Skipped:
                skipped += 1
            except Exception as e:
                failed += 1
                import traceback
                traceback.print_exc()
                print("FAILED", name, e, flush=True)
    sys.exit(1 if failed else 77 if skipped else 0)

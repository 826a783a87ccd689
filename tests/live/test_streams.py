"""A farm outlives its log, its terminal and its reader, and what it started does not outlive it."""

import fcntl
import os
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile
import time

import farm
from farm import KPMSIM, SLOW, kpmsim
from test_life import FARM, alive, children_of, write

F_SETPIPE_SZ = 1031


def closed(descriptor):
    return lambda: os.close(descriptor)


class Stream:
    """A stream that takes nothing: closed, on a full disk, or a pipe whose reader has gone."""

    def __init__(self, kind, descriptor):
        self.before = closed(descriptor) if kind == "closed" else None
        if kind == "full":
            self.file = open("/dev/full", "w")
        elif kind == "gone":
            reader, writer = os.pipe()
            os.close(reader)
            self.file = os.fdopen(writer, "w")
        else:
            self.file = None


KINDS = ("closed", "full", "gone")


def started(folder, *args, **streams):
    """A farm, and its ready file's path once it is there."""
    ready = pathlib.Path(folder) / "ready.json"
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} | streams
    process = subprocess.Popen([KPMSIM, "up", write(folder, FARM), "--ready-file", ready, *args], cwd=folder, **streams)
    deadline = time.monotonic() + 20 * SLOW
    while not ready.exists():
        assert process.poll() is None, process.returncode
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return process


def soon(what, within=5):
    deadline = time.monotonic() + within * SLOW
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def test_a_farm_serves_on_whatever_takes_its_log_and_ends_as_it_is_told():
    for name, descriptor in (("stderr", 2), ("stdout", 1)):
        for kind in KINDS:
            with tempfile.TemporaryDirectory() as folder:
                stream = Stream(kind, descriptor)
                p = started(folder, preexec_fn=stream.before, **{name: stream.file})
                try:
                    # nothing of ours has the number of a stream that was closed
                    for n in range(3):
                        target = os.readlink(f"/proc/{p.pid}/fd/{n}")
                        assert "socket" not in target and "ptmx" not in target and "pts" not in target, (kind, n, target)
                    link = pathlib.Path(folder) / "run/line1"
                    for _ in range(2):
                        done = kpmsim("read", f"rtu://{link}", "--model", "kpm33b", "u_a")
                        assert done.returncode == 0, (name, kind, done)
                    broker = children_of(p.pid)
                    p.send_signal(signal.SIGTERM)
                    assert p.wait(timeout=10 * SLOW) == 0, (name, kind, p.returncode)
                    assert not link.is_symlink() and not alive(broker[0])
                finally:
                    p.kill()
                    p.wait()


def test_a_log_that_nobody_reads_holds_nobody_up_and_says_what_it_lost():
    with tempfile.TemporaryDirectory() as folder:
        reader, writer = os.pipe()
        fcntl.fcntl(writer, F_SETPIPE_SZ, 8192)  # two pages: full as soon as something is in the second
        os.write(writer, b"x" * 4000)
        p = started(folder, stderr=writer)
        try:
            os.close(writer)
            assert kpmsim("read", f"rtu://{folder}/run/line1", "--model", "kpm33b", "u_a").returncode == 0
            assert len(os.read(reader, 65536)) > 4000
            p.send_signal(signal.SIGTERM)
            assert p.wait(timeout=10 * SLOW) == 0
            said = os.read(reader, 65536).decode()
            assert "lines of this log were lost: nobody read it\n" in said, said
            assert "stopped at" in said.splitlines()[-1], said
        finally:
            p.kill()
            p.wait()
            os.close(reader)


def test_what_stdout_does_not_take_is_exit_1_of_every_verb():
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, FARM)
        for verb in (["models"], ["models", "--json"], ["map", "kpm53"], ["--help"], ["--version"], ["up", "--help"],
                     ["validate", path], ["validate", path, "--json"], ["spawn", "kpm53", "--print"],
                     ["wave", path, "--meter", "m0"], ["verify", "--row", "1"]):
            for kind in KINDS:
                out = Stream(kind, 1)
                done = subprocess.run([KPMSIM, *map(str, verb)], stdout=out.file, stderr=subprocess.PIPE, text=True,
                                      preexec_fn=out.before)
                assert done.returncode == 1 and "stdout cannot be written" in done.stderr, (verb, kind, done)
                err = Stream(kind, 2)
                done = subprocess.run([KPMSIM, *map(str, verb)], stdout=subprocess.PIPE, stderr=err.file, text=True,
                                      preexec_fn=err.before)
                assert done.returncode == 0 and done.stdout, (verb, kind, done)
        for args, code in ((["validate", "no-such-file.toml"], 2), (["up"], 2), (["nonsense"], 2),
                           (["read", "tcp://127.0.0.1:1", "--model", "kpm33b"], 1)):
            for kind in KINDS:
                err = Stream(kind, 2)
                done = subprocess.run([KPMSIM, *args], stdout=subprocess.PIPE, stderr=err.file, preexec_fn=err.before)
                assert done.returncode == code, (args, kind, done)


def test_a_recording_that_finds_no_room_ends_the_farm_and_takes_all_of_it_away():
    def little_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    with tempfile.TemporaryDirectory() as folder:
        done = kpmsim("up", write(folder, FARM), "--record", "record", "--clock", "free", "--for", "1h", cwd=folder,
                      preexec_fn=little_room)
        assert done.returncode == 1 and "cannot write record/mqtt.jsonl.part" in done.stderr, done
        assert not any((pathlib.Path(folder) / "record").iterdir())
        assert not (pathlib.Path(folder) / "run/line1").is_symlink()


def test_the_end_of_the_terminal_stops_a_farm_but_not_under_nohup():
    for ignored in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            p = started(folder, preexec_fn=lambda: signal.signal(
                signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL))
            try:
                link = pathlib.Path(folder) / "run/line1"
                broker = children_of(p.pid)
                p.send_signal(signal.SIGHUP)
                if ignored:
                    assert kpmsim("read", f"rtu://{link}", "--model", "kpm33b", "u_a").returncode == 0
                    p.send_signal(signal.SIGTERM)
                assert p.wait(timeout=10 * SLOW) == 0
                assert not link.is_symlink() and not alive(broker[0])
            finally:
                p.kill()
                p.wait()


def test_the_broker_dies_with_its_farm_however_that_ends():
    for how in (signal.SIGKILL, signal.SIGQUIT, signal.SIGSEGV, signal.SIGUSR1):
        with tempfile.TemporaryDirectory() as folder:
            p = started(folder, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)))
            broker = children_of(p.pid)
            assert len(broker) == 1 and alive(broker[0])
            p.send_signal(how)
            assert p.wait(timeout=10 * SLOW) != 0
            soon(lambda: not alive(broker[0]))


if __name__ == "__main__":
    farm.run(sys.modules["__main__"])

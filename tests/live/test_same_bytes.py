"""Same seed, same bytes: the same farm recorded three times, with one thread and with two."""

import filecmp
import json
import pathlib
import sys
import tempfile

import farm
from farm import SOURCE, kpmsim


def test_recordings_are_identical():
    with tempfile.TemporaryDirectory() as folder:
        folders = []
        for n, threads in enumerate((1, 1, 2)):
            out = pathlib.Path(folder) / f"run{n}"
            folders.append(out)
            # The working folder holds the ptys; the recording must not depend on it.
            done = kpmsim("up", SOURCE / "examples/quickstart.toml", "--clock", "free", "--seed", 7, "--start",
                          "2026-01-01T00:00:00", "--for", "10m", "--threads", threads, "--record", out, cwd=folder)
            assert done.returncode == 0, done.stderr
        names = sorted(p.name for p in folders[0].iterdir())
        assert {"mqtt.jsonl", "registers.csv", "truth.csv"} <= set(names), names
        for other in folders[1:]:
            assert sorted(p.name for p in other.iterdir()) == names
            same, different, odd = filecmp.cmpfiles(folders[0], other, names, shallow=False)
            assert not different and not odd, (different, odd)
        messages = [json.loads(l) for l in open(folders[0] / "mqtt.jsonl")]
        assert len(messages) > 100
        other_seed = pathlib.Path(folder) / "seed8"
        kpmsim("up", SOURCE / "examples/quickstart.toml", "--clock", "free", "--seed", 8, "--start",
               "2026-01-01T00:00:00", "--for", "10m", "--record", other_seed, cwd=folder)
        assert not filecmp.cmp(folders[0] / "mqtt.jsonl", other_seed / "mqtt.jsonl", shallow=False)


if __name__ == "__main__":
    farm.run(sys.modules["__main__"])

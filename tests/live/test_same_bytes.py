"""Same seed, same bytes: the same farm recorded three times, on one thread and on two, at each level of the processor."""

import filecmp
import json
import pathlib
import sys
import tempfile

import farm
from farm import SOURCE, kpmsim

LENGTH = "10m" if farm.SLOW == 1 else "3m"


def levels():
    """Those that this machine has."""
    return [name for name in ("avx512", "avx2", "baseline") if kpmsim("--kernel", name, "models").returncode == 0]


def test_recordings_are_identical():
    had = levels()
    assert had[-1] == "baseline", had
    assert kpmsim("--kernel", "mmx", "models").returncode == 2
    with tempfile.TemporaryDirectory() as folder:
        folders = []
        for n, (threads, level) in enumerate(((1, had[0]), (2, had[-1]), (1, had[len(had) // 2]))):
            out = pathlib.Path(folder) / f"run{n}"
            folders.append(out)
            # The working folder holds the ptys; the recording must not depend on it.
            done = kpmsim("up", SOURCE / "examples/quickstart.toml", "--clock", "free", "--seed", 7, "--start",
                          "2026-01-01T00:00:00", "--for", LENGTH, "--threads", threads, "--kernel", level, "--record",
                          out, cwd=folder)
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
               "2026-01-01T00:00:00", "--for", LENGTH, "--record", other_seed, cwd=folder)
        assert not filecmp.cmp(folders[0] / "mqtt.jsonl", other_seed / "mqtt.jsonl", shallow=False)


if __name__ == "__main__":
    farm.run(sys.modules["__main__"])

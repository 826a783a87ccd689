"""`kpmsim bench --json` has what it promises; how fast the machine is, is no matter of a test."""

import json
import re
import sys

import farm
from farm import SOURCE, kpmsim

MEASURED = ["kpm312_x_realtime", "kpm312_drifting_x_realtime", "textbook_x_realtime", "ratio_vs_textbook",
            "meters_1000_x_realtime", "kpm312_per_core", "cost_ratio_4000_vs_100", "harmonics_vs_fftw1280",
            "farm_1000_x_realtime", "window_x_realtime", "two_thread_scaling"]
PLAIN = ["kpm312_resident_bytes", "kpm33b_resident_bytes"]


def test_the_figures_are_there():
    runs = 3 if farm.SLOW == 1 else 1
    done = kpmsim("bench", "--quick", "--json", "--runs", runs, patience_s=240)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "a bar is for terminals only"
    report = json.loads(done.stdout)
    assert isinstance(report["kernel"], str) and report["kernel"]
    assert report["runs"] == runs and report["quick"] is True
    machine = report["machine"]
    assert machine["cpu"] and machine["compiler"] and isinstance(machine["optimised"], bool), machine
    for key in MEASURED:
        spread = report[key]
        if key == "two_thread_scaling" and machine["cores"] < 2:
            assert spread is None
            continue
        assert 0 < spread["min"] <= spread["median"] <= spread["max"], (key, spread)
    for key in PLAIN:
        assert report[key] > 0, key
    kernels = report["kernel_x_realtime"]
    assert "baseline" in kernels and report["kernel"] in kernels, kernels
    for name, spread in kernels.items():
        assert 0 < spread["min"] <= spread["median"] <= spread["max"], (name, spread)
    for key, target in report["targets"].items():
        value = report[key] and report[key]["median"]
        assert ("at_least" in target) != ("at_most" in target), target
        met = None if value is None else value >= target["at_least"] if "at_least" in target else value <= target["at_most"]
        assert target["met"] is met, (key, target)
    page = (SOURCE / "docs/reference/command-line.md").read_text()
    for key in [*MEASURED, *PLAIN, "kernel_x_realtime"]:
        assert f"`{key}`" in page, key


def test_the_page_shows_every_line():
    if farm.SLOW > 1:
        return  # a sanitizer finds nothing in it that the other one has not
    done = kpmsim("bench", "--quick", "--runs", "1")
    assert done.returncode == 0, done.stderr
    head, table, memory = done.stdout.split("\n\n")
    page = (SOURCE / "docs/explanation/performance.md").read_text()
    lines = [re.split(r"\s{2,}", line)[0] for line in table.splitlines()[1:]]
    assert len(lines) >= len(MEASURED), lines
    for line in lines:
        # A kernel that this processor lacks is on the page all the same, and so may be one that the page's lacked.
        assert line in page or "with kernel" in line, f"performance.md lacks \"{line}\"; paste what `kpmsim bench` prints"


def test_a_wrong_count_is_told():
    done = kpmsim("bench", "--runs", "0")
    assert done.returncode == 2 and re.search("--runs", done.stderr), done


if __name__ == "__main__":
    farm.run(sys.modules["__main__"])

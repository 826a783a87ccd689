"""Systems that get it wrong are caught by a scenario's expectations; one that does not passes them, and does the same each time."""

import pathlib
import re
import sys
import tempfile

import farm
from farm import SOURCE, kpmsim

SHELF = SOURCE / "scenarios/shelf"

#: A mistake, the scenario of the shelf that catches it, and the expectations that must fail.
CAUGHT = [
    ("take-late", "late-replies", {"frequency"}),
    ("swap-words", "late-replies", {"voltage", "frequency"}),
    ("join-by-topic", "packets-in-turns", {"bill"}),
    ("ignore-isend", "packets-in-turns", {"big-records"}),
    ("trust-counter", "counter-at-zero", {"bill"}),
    ("book-gap-twice", "billed-through-an-outage", {"bill"}),
    ("never-stale", "frozen-reading", {"told"}),
]


def run(text, *flags):
    """The exit code, and the ids of the expectations that failed."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "scenario.toml")
        path.write_text(text)
        done = kpmsim("run", path, "--json", *flags)
        return done.returncode, set(re.findall(r'"id": ?"([^"]+)"[^{}]*?"result": ?"failed"', done.stdout)), done


def with_mistake(text, mistake):
    return text.replace("[[client]]\n", f'[[client]]\nmistakes = ["{mistake}"]\n', 1)


def test_each_mistake_is_caught_where_it_matters_and_a_right_client_passes():
    for mistake, name, failing in CAUGHT:
        text = (SHELF / f"{name}.toml").read_text()
        code, failed, done = run(text)
        assert code == 0 and not failed, (name, done.stdout[-2000:], done.stderr)
        code, failed, done = run(with_mistake(text, mistake))
        assert code == 1 and failing <= failed, (mistake, name, failed, done.stdout[-2000:], done.stderr)


def test_runs_are_the_same_to_the_byte():
    for name in sorted({name for _, name, _ in CAUGHT}):
        code, failed, done = run((SHELF / f"{name}.toml").read_text(), "--repeat", "2")
        assert code == 0 and not failed, (name, done.stdout[-2000:], done.stderr)


def test_a_client_that_cannot_be_is_told_with_its_place():
    text = (SHELF / "late-replies.toml").read_text()
    wrong = text.replace('points = ["u_a", "f"]', 'points = ["u_q"]\nmistakes = ["lying"]\nevry = "1 s"')
    done = run(wrong)[2]
    assert done.returncode == 2, done
    for part in ('no selected meter has a point "u_q"', 'no client makes a mistake "lying"', "did you mean every"):
        assert part in done.stderr, done.stderr
    assert re.search(r"scenario\.toml:\d+:\d+", done.stderr), done.stderr


if __name__ == "__main__":
    farm.run(sys.modules[__name__])

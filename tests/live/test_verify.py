"""`kpmsim verify --json` has the keys that others check, each row runs alone, and a bar is for terminals only."""

import json
import os
import pty
import subprocess
import sys

import farm
from farm import SOURCE, kpmsim

KEYS = ["id", "title", "cases", "quantity", "mode", "worst", "unit", "standard_limit", "our_limit", "pass", "reason"]
ROWS = [str(n) for n in range(1, 38)] + [str(n) for n in range(39, 54)] + [f"M{n}" for n in range(1, 9)]


def report_of(*flags):
    done = kpmsim("verify", *flags, "--json", patience_s=400)  # a minute of one core
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "a bar is for terminals only"
    report = json.loads(done.stdout)
    assert list(report) == ["rows", "without"]
    return report


def rows_of(*flags):
    return report_of(*flags)["rows"]


def test_some_rows_pass():
    for id in ("33",) if farm.SLOW > 1 else ("9", "33", "40", "51"):
        assert all(row["pass"] for row in rows_of("--row", id)), id


def test_every_row_of_the_table_is_there_and_passes():
    if farm.SLOW > 1:
        return  # some minutes of arithmetic that test_verification does row by row under a sanitizer, too
    report = report_of()
    rows = report["rows"]
    assert list(dict.fromkeys(row["id"] for row in rows)) == ROWS
    for row in rows:
        assert list(row) == KEYS, row
        assert row["pass"] is True and row["mode"] in ("clean", "adc") and row["cases"] >= 1, row
        assert row["worst"] <= row["our_limit"], row
        assert row["standard_limit"] is None or row["our_limit"] <= row["standard_limit"], row
    figures = {(row["id"], row["title"], row["quantity"], row["mode"]) for row in rows}
    reasons = {(line["id"], line["title"], line["quantity"], line["mode"]) for line in report["without"] if line["reason"]}
    both = {(*of[:3], mode) for of in figures for mode in ("clean", "adc")}
    assert figures | reasons == both and not figures & reasons, "a quantity has a figure in each mode, or a reason"
    table = subprocess.run([sys.executable, SOURCE / "tests/verification/table.py"], input=json.dumps(report), text=True,
                           capture_output=True, check=True).stdout
    page = (SOURCE / "docs/explanation/verification.md").read_text()
    assert table in page, "the page has another table than the program; the command above it puts in the new one"


def test_the_readme_has_these_figures():
    if farm.SLOW > 1:
        return  # as above
    readme = (SOURCE / "README.md").read_text().splitlines()
    rows = {id: rows_of("--row", id) for id in ("1", "3", "4")}
    for start, wanted in (
        ("| U, ", [("1", "Rms of a sine", "U of Un")]),
        ("| I at full scale", [("3", "Rms of a current at 1 ", "I"), ("3", "Rms of a current at 0.01 ", "I")]),
        ("| P at the class points, PF 0.8 ", [("4", "P at the class points, PF 0.8 ", "P of reading")]),
    ):
        cells = next(line for line in readme if line.startswith(start)).split("|")[2:4]
        for mode, cell in zip(("clean", "adc"), cells):
            told = [float(part.split()[0]) for part in cell.split(" / ")]
            measured = [float(f"{row['worst']:.1e}") for id, title, quantity in wanted for row in rows[id]
                        if row["title"].startswith(title) and (row["quantity"], row["mode"]) == (quantity, mode)]
            assert told == measured, (start, mode, told, measured)


def test_a_row_alone_has_the_figures_that_it_has_in_the_table():
    for row in ("9", "M8"):
        alone = rows_of("--row", row)
        assert alone and {each["id"] for each in alone} == {row}
    assert alone == rows_of("--row", "M8")


def test_a_row_that_is_not_there_is_told_with_those_that_are():
    done = kpmsim("verify", "--row", "38")
    assert done.returncode == 2 and "--row" in done.stderr and "M8" in done.stderr, done


def test_a_terminal_gets_a_bar_on_stderr():
    ours, theirs = pty.openpty()
    done = subprocess.run([farm.KPMSIM, "verify", "--row", "33"], stdout=subprocess.PIPE, stderr=theirs, check=True)
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert "[" in shown and "%" in shown and b"33" in done.stdout, shown


if __name__ == "__main__":
    farm.run(sys.modules["__main__"])

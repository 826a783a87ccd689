"""Collects the bounds that the pages of docs/explanation state into docs/explanation/bounds.md.

    python3 docs/bounds.py             writes the page
    python3 docs/bounds.py --check     says what is wrong: an old page, a test that is not there or that holds another bound

A page states bounds in tables whose header has the columns `bound` and `test`. The test cell names doctest cases in backquotes,
and a file in brackets where the figure stands outside of them. Every number of the bound cell that has an exponent or a
per cent sign must stand in one of these tests.
"""

import pathlib
import re
import sys

DOCS = pathlib.Path(__file__).resolve().parent
ROOT = DOCS.parent
PAGE = DOCS / "explanation/bounds.md"
HEAD = """# All bounds, and the tests that hold them

Collected from the pages by `python3 docs/bounds.py`; a test keeps it true: each test exists, and each figure is the one that it checks. Run one with
`build/release/tests/test_ROOM -tc="its name"`.

"""


def cells(line):
    return [c.strip() for c in line.strip().strip("|").split("|")]


def bounds(page):
    """(what, bound, test) of every table of bounds in a page."""
    found, columns = [], None
    for line in page.read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            columns = None
        elif columns is None:
            columns = cells(line)
        elif {"bound", "test"} <= set(columns) and not line.startswith("|-"):
            row = dict(zip(columns, cells(line)))
            found.append((cells(line)[0], row["bound"], row["test"]))
    return found


def pages():
    return [p for p in sorted((DOCS / "explanation").glob("*.md")) if p != PAGE]


def collected():
    out = [HEAD + "| page | what | bound | test |", "|---|---|---|---|"]
    for page in pages():
        title = page.read_text(encoding="utf-8").splitlines()[0].lstrip("# ")
        for what, bound, test in bounds(page):
            out.append(f"| [{title}]({page.name}) | {what} | {bound} | {test} |")
            title = page.stem
    return "\n".join(out) + "\n"


def test_bodies():
    """Name of a test case -> its text; what stands above the first one in a file belongs to all of that file."""
    bodies = {}
    for file in sorted((ROOT / "tests").glob("*/test_*.cpp")):
        head, *cases = re.split(r"\bTEST_CASE\(\s*", file.read_text(encoding="utf-8"))
        for case in cases:
            literals = re.match(r'((?:"(?:[^"\\]|\\.)*"\s*)+)', case)
            name = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals.group(1)))
            bodies[name] = head + case
    return bodies


def numbers(text):
    """Every number of C++ text, and every product of two that are multiplied."""
    text = re.sub(r"(?<=\d)'(?=\d)", "", text)
    literal = r"(?<![\w.])\d+(?:\.\d*)?(?:e[+-]?\d+)?"
    found = {float(n) for n in re.findall(literal, text)}
    return found | {float(a) / float(b) for a, b in re.findall(rf"({literal}) / ({literal})", text)}


def stated(bound):
    """The figures of a bound: 1e-7 Hz, 0.3 %."""
    found = [float(n) for n in re.findall(r"(?<![\w.^])\d+(?:\.\d+)?e-\d+", bound)]
    return found + [float(n) / 100 for n in re.findall(r"(\d+(?:\.\d+)?) %", bound)]


def mistakes():
    wrong, bodies = [], test_bodies()
    for page in pages():
        for what, bound, test in bounds(page):
            where = f"{page.name}: {what}"
            names = re.findall(r"`([^`]+)`", test)
            if not names:
                wrong.append(f"{where}: names no test")
            text = "".join(bodies.get(name, "") for name in names)
            wrong += [f"{where}: there is no test {name!r}" for name in names if name not in bodies]
            text += "".join((ROOT / file).read_text(encoding="utf-8") for file in re.findall(r"\(([\w/.-]+\.\w+)\)", test))
            there = numbers(text)
            wrong += [f"{where}: {figure:g} is not what the test checks" for figure in stated(bound)
                      if not any(abs(n - figure) <= 1e-9 * figure for n in there)]
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != collected():
        wrong.append(f"{PAGE.name} is not what the pages say; run python3 docs/bounds.py")
    return wrong


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        found = mistakes()
        print("\n".join(found))
        sys.exit(1 if found else 0)
    PAGE.write_text(collected(), encoding="utf-8")

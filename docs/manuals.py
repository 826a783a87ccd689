"""Holds docs/reference/manuals.md to its rows: every statement has a test that there is, or a reason.

    python3 docs/manuals.py --check    says what is wrong, and ends with 1 then
    python3 docs/manuals.py            writes the page's counts anew

A Y has a test and no reason, what is not has a reason. A test is `ROOM/test_X.cpp: its case`, `live/test_X.py: its function` or
`shelf/NAME.toml`, in backquotes; before the reason nothing else stands there.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/reference/manuals.md"
IDS = {"A": 92, "B": 33, "C": 94, "D": 72, "V": 16}
TEST = re.compile(r"[a-z_]+/test_\w+\.(?:cpp|py): .+|shelf/[\w-]+\.toml")
REASONS = ("open:", "open (links)", "open (panel)", "contradiction:", "not modelled:", "later:")
COUNTS = re.compile(r"^\d+ rows, .*\.$", re.M)


def wanted():
    return [f"{letter}{n:02}" for letter, last in IDS.items() for n in range(1, last + 1)]


def rows(text):
    """(id, state, proofs, reason) of each row."""
    found = []
    for line in text.splitlines():
        cells = [c.strip() for c in line.strip("|").split("|")]
        if not line.startswith("|") or not re.fullmatch(r"[A-Z]\d\d", cells[0]):
            continue
        if len(cells) != 4:
            found.append((cells[0], "?", [], ""))
            continue
        proof = cells[3]
        outside = re.sub("`[^`]*`", lambda quoted: " " * len(quoted[0]), proof)
        begins = min((outside.index(word) for word in REASONS if word in outside), default=len(proof))
        proofs = [one for quoted, bare in re.findall("`([^`]*)`|([^`,; ]+)", proof[:begins]) if (one := quoted or bare)]
        found.append((cells[0], cells[2], proofs, proof[begins:]))
    return found


def counts(all_rows):
    def of(state):
        return sum(1 for row in all_rows if row[1] == state)

    def because(*words):
        return sum(1 for row in all_rows if row[3].startswith(words))

    return (f"{len(all_rows)} rows, {of('Y')} Y, {of('P')} P, {of('N')} N. Open are {because('open')}: {because('open:')} of the instrument, "
            f"{because('open (links)')} of links, {because('open (panel)')} of the panel.")


def cases(path, kept={}):
    """The names of a test file's cases."""
    if path not in kept:
        text = path.read_text(encoding="utf-8")
        literal = r'\(((?:\s*"(?:[^"\\]|\\.)*")+)'
        kept[path] = {"".join(re.findall(r'"((?:[^"\\]|\\.)*)"', one)) for one in re.findall("TEST_CASE(?:_\\w+)?" + literal, text)}
        kept[path] |= set(re.findall(r"^def (test_\w+)", text, re.M))
    return kept[path]


def missing(test):
    """What is wrong with a test that a row names; empty when nothing is."""
    if not TEST.fullmatch(test):
        return "is neither a test, `ROOM/test_X.cpp: its case`, nor a scenario, `shelf/NAME.toml`"
    if test.startswith("shelf/"):
        return "" if (ROOT / "scenarios" / test).is_file() else "no such scenario"
    file, _, case = test.partition(": ")
    path = ROOT / "tests" / file
    if not path.is_file():
        return "no such file"
    return "" if case in cases(path) else "no such test in it"


def faults(text):
    all_rows = rows(text)
    there = [row[0] for row in all_rows]
    found = [f"{one}: has no row" for one in wanted() if one not in there]
    found += [f"{one}: stands twice" for one in sorted(set(there)) if there.count(one) > 1]
    found += [f"{one}: is no id" for one in there if one not in wanted()]
    for name, state, tests, reason in all_rows:
        if state not in ("Y", "P", "N"):
            found.append(f"{name}: its state is none of Y, P, N")
        elif state == "Y" and (not tests or reason):
            found.append(f"{name}: is Y, and " + ("has a reason why not" if reason else "names no test"))
        elif state != "Y" and not reason:
            found.append(f"{name}: is {state}, and has no reason ({', '.join(REASONS)})")
        elif state == "P" and not tests:
            found.append(f"{name}: is P, and no test shows the part that is right")
        found += [f"{name}: `{test}`: {why}" for test in tests if (why := missing(test))]
    if counts(all_rows) not in text:
        found.append(f"the page does not say: {counts(all_rows)} (python3 docs/manuals.py writes it)")
    return found


def main():
    text = PAGE.read_text(encoding="utf-8")
    if "--check" in sys.argv:
        found = faults(text)
        print("\n".join(found) or counts(rows(text)))
        return 1 if found else 0
    if not COUNTS.search(text):
        print(f"{PAGE}: there is no line of counts to write anew")
        return 1
    PAGE.write_text(COUNTS.sub(counts(rows(text)), text, count=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

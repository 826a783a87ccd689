"""Faults that nobody thought of: one operator, number, index or statement of a line that a seed chooses among the metering's.

A draw hangs on the seed and the sources as they stand. It knows no meaning: some of its faults change nothing that could be seen
(an `i < n` that is left before n comes, a term that is 0), and whoever counts has to look at those that nobody saw.
"""

import random
import re

# From samples to registers; without names, texts, and what paces a run.
NOT_METERING = {"archive", "clock", "field_kinds", "iso_time", "kernel_level", "layout", "pacing", "quantity", "random"}
HISTORY = ("energy_history", "recorded", "records")
# What stands there, and what is put in its place.
SWAPS = [(re.compile(pattern), put) for pattern, put in (
    (r"(?<=[\w)\]]) \+ (?=[\w(])", " - "), (r"(?<=[\w)\]]) - (?=[\w(])", " + "), (r" \* ", " / "), (r"(?<=[\w)]) / ", " * "),
    (r" < ", " <= "), (r" > ", " >= "), (r" <= ", " < "), (r" >= ", " > "), (r" == ", " != "), (r" != ", " == "),
    (r" && ", " || "), (r" \|\| ", " && "), (r" \+= ", " -= "), (r" -= ", " += "), (r"!(?=[a-z])", ""),
    (r"std::max\(", "std::min("), (r"std::min\(", "std::max("), (r"std::sqrt\(", "("), (r"std::abs\(", "("),
    (r"\[0\]", "[1]"), (r"\[1\]", "[0]"), (r"\[2\]", "[1]"), (r"\.p\b", ".q"), (r"\.q\b", ".p"), (r"\bcos\b", "sin"), (r"\bsin\b", "cos"),
    (r"\btrue\b", "false"), (r"\bfalse\b", "true"), (r"\b0\.5\b", "0.25"), (r"\b2 \* ", "1 * "), (r"\b1\.0\b", "0.0"), (r" = 0;", " = 1;"))]
STATEMENT = re.compile(r"(\s+)([\w.\[\]>-]+ (\+=|-=|=) .*|\+\+[\w.]+|[\w.]+\(.*\));$")
CONDITION = re.compile(r"(.*\bif )\((.*)\)( \{)?$")


def faults_of(line):
    """What one line may become."""
    code = line.split("//")[0].rstrip()
    found = [code[:at.start()] + put + code[at.end():] for pattern, put in SWAPS for at in pattern.finditer(code)]
    if statement := STATEMENT.match(code):
        found.append(statement[1] + ";")
    if condition := CONDITION.match(code):
        found.append(f"{condition[1]}(!({condition[2]})){condition[3] or ''}")
    return found


def drawn(root, seed, count):
    """name, file, find, put and means of each; fewer where there are not so many lines."""
    files = [f for f in sorted((root / "sim").glob("*.cpp")) if f.stem not in NOT_METERING]
    files += [root / f"models/engine/{name}.cpp" for name in HISTORY]
    lines = []
    for file in files:
        text = file.read_text(encoding="utf-8")
        for number, line in enumerate(text.split("\n"), 1):
            plain = line.strip()
            if not plain or '"' in line or text.count(line) != 1 or plain.startswith(("//", "#", "guard(", "assert(", "namespace", "using", "static_assert")):
                continue
            if faults := faults_of(line):
                lines.append((file.relative_to(root), number, line, faults))
    chance = random.Random(seed)
    chance.shuffle(lines)
    for file, number, line, faults in lines[:count]:
        put = chance.choice(faults)
        yield {"name": f"drawn-{seed}-{file.stem}-{number}", "file": str(file), "find": line, "put": put,
               "means": f"{line.strip()}  ->  {put.strip()}"}

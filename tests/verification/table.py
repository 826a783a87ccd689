"""Turns `kpmsim verify --json` (stdin) into the table of docs/explanation/verification.md.

    kpmsim verify --json | python3 tests/verification/table.py            prints the table
    kpmsim verify --json | python3 tests/verification/table.py PAGE       puts it into the page
"""

import json
import sys

BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"


def number(value):
    return "–" if value is None else f"{value:.2g}"


def cell(row):
    if row is None:
        return "–"
    mark = "\\*" if row["reason"] else ""
    return f"{number(row['worst'])} / {number(row['our_limit'])}{mark}{'' if row['pass'] else ' **FAILS**'}"


def table(rows):
    lines = {}
    for row in rows:
        lines.setdefault((row["id"], row["title"], row["quantity"]), {})[row["mode"]] = row
    out = ["| row | what | set-ups | quantity, unit of its error | standard | clean: worst / ours | adc: worst / ours |",
           "|---|---|---|---|---|---|---|"]
    before = None
    for (row_id, title, quantity), modes in lines.items():
        any_row = next(iter(modes.values()))
        what = ("", "", "") if (row_id, title) == before else (row_id, title, str(any_row["cases"]))
        before = (row_id, title)
        out.append("| " + " | ".join([*what, f"{quantity}, {any_row['unit']}", number(any_row["standard_limit"]),
                                      cell(modes.get("clean")), cell(modes.get("adc"))]) + " |")
    return "\n".join(out) + "\n"


def without(lines):
    """What has no figure in a mode, and why."""
    return "".join(f"\n* Row {line['id']}, {line['title']}, {line['quantity']}: no figure in *{line['mode']}*: {line['reason']}."
                   for line in lines)


if __name__ == "__main__":
    measured = json.load(sys.stdin)
    text = table(measured["rows"]) + without(measured["without"]) + "\n"
    if len(sys.argv) < 2:
        print(text, end="")
    else:
        page = open(sys.argv[1], encoding="utf-8").read()
        head, rest = page.split(BEGIN)
        open(sys.argv[1], "w", encoding="utf-8").write(head + BEGIN + text + END + rest.split(END)[1])

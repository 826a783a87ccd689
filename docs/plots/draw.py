"""Draws the plots of this folder from `kpmsim verify --sweep NAME --json`.

    python3 docs/plots/draw.py build/release/kpmsim             runs the three sweeps and draws all plots here
    kpmsim verify --sweep order --json | python3 docs/plots/draw.py - order.svg       draws one, from its JSON

A panel for each quantity: its error with an ideal converter and with the noise of a real one, our limit for each, and the
standard's. The standard library is all it needs.
"""

import json
import math
import pathlib
import subprocess
import sys
from xml.sax.saxutils import escape

FOLDER = pathlib.Path(__file__).resolve().parent
SWEEPS = ("frequency", "current", "order")
X_AXIS = {"frequency": ("frequency of the supply, Hz", False), "current": ("current, of rated current", True),
          "order": ("order of the harmonic that is there", False)}
NAMES = {"U of Un": "U", "I of In": "I", "I": "I", "P": "P", "Q": "Q", "f": "f", "harmonics U": "harmonics of U",
         "harmonics I": "harmonics of I"}
MODES = {"clean": ("ideal 24-bit converter", "#1f6fb2"), "adc": ("with noise of -101 dB", "#d97706")}
STANDARD, INK, PALE, GRID = "#b42318", "#1f2937", "#6b7280", "#e5e7eb"

PANEL_W, PANEL_H = 330, 250
LEFT, RIGHT, TOP, BOTTOM = 66, 14, 34, 46
HEAD, FOOT, EDGE = 46, 48, 12


def number(v):
    """Coordinates with a tenth of a pixel."""
    return f"{v:.1f}".rstrip("0").rstrip(".")


def text(x, y, words, size=12, fill=INK, anchor="start", more=""):
    return (f'<text x="{number(x)}" y="{number(y)}" font-size="{size}" fill="{fill}" text-anchor="{anchor}"{more}>'
            f"{escape(words)}</text>")


def line(x1, y1, x2, y2, stroke, width=1, more=""):
    return (f'<line x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}" stroke="{stroke}" '
            f'stroke-width="{width}"{more}/>')


def path(points, stroke, width, more=""):
    way = " ".join(f"{'L' if n else 'M'}{number(x)} {number(y)}" for n, (x, y) in enumerate(points))
    return f'<path d="{way}" fill="none" stroke="{stroke}" stroke-width="{width}"{more}/>'


class Panel:
    """One quantity in a box at (left, top): x even or by decades, y by decades."""

    def __init__(self, left, top, x_range, x_log, decades):
        self.left, self.top, self.x_log, self.decades = left + LEFT, top + TOP, x_log, decades
        self.width, self.height = PANEL_W - LEFT - RIGHT, PANEL_H - TOP - BOTTOM
        self.low, self.high = (math.log10(v) for v in x_range) if x_log else x_range

    def x(self, v):
        v = math.log10(v) if self.x_log else v
        return self.left + self.width * (v - self.low) / (self.high - self.low)

    def y(self, v):
        first, last = self.decades
        at = max(first, math.log10(v)) if v > 0 else first
        return self.top + self.height * (last - at) / (last - first)

    def x_ticks(self):
        if self.x_log:
            return [10.0**n for n in range(math.ceil(self.low - 1e-9), math.floor(self.high + 1e-9) + 1)]
        step = next(s for s in (1, 2, 5, 10, 20, 50) if (self.high - self.low) / s <= 7)
        first = math.ceil(self.low / step)
        return [step * n for n in range(first, math.floor(self.high / step) + 1)]

    def frame(self, title, x_title, y_title):
        bottom, right = self.top + self.height, self.left + self.width
        out = [text(self.left, self.top - 12, title, 14, more=' font-weight="600"')]
        for n in range(self.decades[0], self.decades[1] + 1):
            y = self.y(10.0**n)
            out.append(line(self.left, y, right, y, GRID))
            if n % 2 == 0 or self.decades[1] - self.decades[0] < 7:
                out.append(text(self.left - 7, y + 4, f"1e{n}", 11, PALE, "end"))
        for v in self.x_ticks():
            out.append(line(self.x(v), self.top, self.x(v), bottom, GRID))
            out.append(text(self.x(v), bottom + 16, f"{v:g}", 11, PALE, "middle"))
        out.append(line(self.left, bottom, right, bottom, PALE))
        out.append(text((self.left + right) / 2, bottom + 35, x_title, 11, INK, "middle"))
        at = f"{number(self.left - 48)} {number((self.top + bottom) / 2)}"
        out.append(f'<text transform="translate({at}) rotate(-90)" font-size="11" fill="{INK}" text-anchor="middle">'
                   f"{escape(y_title)}</text>")
        return out

    def limit(self, points, key, stroke, width, dash=None):
        """A limit through its points: a standard's holds until the next begins, ours slopes; gaps where there is none."""
        out, run = [], []
        for p in [*points, {key: None}]:
            if p[key] is not None:
                x, y = self.x(p["x"]), self.y(p[key])
                if run and key == "standard_limit":
                    run.append((x, run[-1][1]))
                run.append((x, y))
            elif run:
                out.append(path(run, stroke, width, f' stroke-dasharray="{dash}"' if dash else ""))
                run = []
        return out

    def curve(self, points, stroke):
        at = [(self.x(p["x"]), self.y(p["error"])) for p in points]
        dots = "".join(f'<circle cx="{number(x)}" cy="{number(y)}" r="1.9"/>' for x, y in at)
        return [path(at, stroke, 1.3, ' stroke-linejoin="round" opacity="0.75"'), f'<g fill="{stroke}">{dots}</g>']


def quantities(points):
    found = {}
    for p in points:
        found.setdefault(p["quantity"], {}).setdefault(p["mode"], []).append(p)
    return found


def decades_of(modes):
    """The decades that one quantity's errors and limits lie in."""
    sizes = [v for of_mode in modes.values() for p in of_mode
             for v in (p["error"], p["our_limit"], p["standard_limit"]) if v]
    return math.floor(math.log10(min(sizes))), math.ceil(math.log10(max(sizes)))


def legend(y, width):
    out, x = [], EDGE + LEFT
    for words, colour in MODES.values():
        out += [line(x, y, x + 26, y, colour, 1.6), f'<circle cx="{x + 13}" cy="{number(y)}" r="2.2" fill="{colour}"/>',
                text(x + 33, y + 4, words)]
        x += 33 + 6.4 * len(words) + 22
        out += [line(x, y, x + 26, y, colour, 1.2, ' stroke-dasharray="5 4"'), text(x + 33, y + 4, "our limit")]
        x += 33 + 60 + 26
        if x > width - 260:
            x, y = EDGE + LEFT, y + 20
    out += [line(x, y, x + 26, y, STANDARD, 1.8), text(x + 33, y + 4, "limit of the standard or the manual")]
    return out


def draw(sweep):
    name, points = sweep["sweep"], sweep["points"]
    found = quantities(points)
    columns = 3 if len(found) > 4 else 2
    rows = math.ceil(len(found) / columns)
    width, height = 2 * EDGE + columns * PANEL_W, HEAD + rows * PANEL_H + FOOT
    x_title, x_log = X_AXIS[name]
    x_range = min(p["x"] for p in points), max(p["x"] for p in points)
    body = [text(EDGE + LEFT, 28, sweep["title"], 15, more=' font-weight="600"')]
    for n, (quantity, modes) in enumerate(found.items()):
        panel = Panel(EDGE + n % columns * PANEL_W, HEAD + n // columns * PANEL_H, x_range, x_log,
                      decades_of(modes))
        any_mode = next(iter(modes.values()))
        body += panel.frame(NAMES.get(quantity, quantity), x_title, f"worst error, {any_mode[0]['unit']}")
        body += panel.limit(any_mode, "standard_limit", STANDARD, 1.8)
        for mode, of_mode in modes.items():
            colour = MODES[mode][1]
            body.append(f'<g id="{escape(quantity).replace(" ", "-")}-{mode}">')
            body.append(f"<title>{escape(quantity)}, {MODES[mode][0]}</title>")
            body += panel.limit(of_mode, "our_limit", colour, 1.2, "5 4")
            body += panel.curve(of_mode, colour)
            body.append("</g>")
    body += legend(height - FOOT + 12, width)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif" role="img">',
        f"<title>{escape(sweep['title'])}</title>",
        f'<rect width="{width}" height="{height}" rx="6" fill="#ffffff"/>', *body, "</svg>", ""])


def main(program, out=None):
    if program == "-":
        pathlib.Path(out).write_text(draw(json.load(sys.stdin)), encoding="utf-8")
        return
    for name in SWEEPS:
        done = subprocess.run([program, "verify", "--sweep", name, "--json"], check=True, capture_output=True, text=True)
        (FOLDER / f"{name}.svg").write_text(draw(json.loads(done.stdout)), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or (sys.argv[1] == "-") != (len(sys.argv) == 3):
        sys.exit(__doc__)
    main(*sys.argv[1:])

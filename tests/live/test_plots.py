"""The plots of docs/plots are what their script draws, and name every series that the program gives."""

import importlib.util
import json
import re
import sys
import xml.etree.ElementTree as ET

import farm
from farm import SOURCE, kpmsim

PLOTS = SOURCE / "docs/plots"
SVG = "{http://www.w3.org/2000/svg}"

sys.dont_write_bytecode = True  # beside the docs
spec = importlib.util.spec_from_file_location("draw", PLOTS / "draw.py")
draw = importlib.util.module_from_spec(spec)
spec.loader.exec_module(draw)


def point(x, error, mode="clean", standard=None, quantity="U of Un"):
    return {"x": x, "quantity": quantity, "mode": mode, "error": error, "unit": "of Un", "standard_limit": standard,
            "our_limit": 1e-7 if mode == "clean" else 1e-5, "pass": True}


def words(root):
    return [e.text for e in root.iter(f"{SVG}text")]


def test_a_point_lies_where_its_numbers_say():
    sweep = {"sweep": "frequency", "title": "U < all & more", "x_unit": "Hz", "points": [
        point(45, 1e-8, standard=1e-3), point(50, 1e-7, standard=1e-3), point(55, 0, standard=1e-3)]}
    root = ET.fromstring(draw.draw(sweep))
    assert "U < all & more" in words(root)
    dots = [(float(c.get("cx")), float(c.get("cy"))) for g in root.iter(f"{SVG}g") for c in g.findall(f"{SVG}circle")]
    (x1, y1), (x2, y2), (x3, y3) = dots
    assert abs((x1 + x3) / 2 - x2) <= 0.1, "even steps of x"
    # Five decades, 1e-8 to 1e-3: the first point lies at the bottom, the second a fifth above; 0 at the bottom too.
    height = draw.PANEL_H - draw.TOP - draw.BOTTOM
    assert abs(y1 - y2 - height / 5) <= 0.1 and y1 == y3, dots
    # The standard's limit is the box's upper edge.
    limit = next(p for p in root.iter(f"{SVG}path") if p.get("stroke") == draw.STANDARD)
    tops = {float(v) for v in re.findall(r"[ML][\d.]+ ([\d.]+)", limit.get("d"))}
    assert len(tops) == 1 and abs(tops.pop() - (y1 - height)) <= 0.1


def test_a_limit_has_gaps_where_there_is_none():
    sweep = {"sweep": "current", "title": "t", "x_unit": "of In", "points": [
        point(0.001, 1e-5), point(0.01, 1e-6, standard=4e-3), point(0.1, 1e-7, standard=2e-3), point(1, 1e-8)]}
    root = ET.fromstring(draw.draw(sweep))
    limits = [p for p in root.iter(f"{SVG}path") if p.get("stroke") == draw.STANDARD]
    assert len(limits) == 1
    assert len(re.findall("[ML]", limits[0].get("d"))) == 3, "a step has a corner"


def test_what_is_checked_in_names_every_series_of_the_program():
    for name in draw.SWEEPS:
        done = kpmsim("verify", "--sweep", name, "--json")
        assert done.returncode == 0, done.stderr or done.stdout
        sweep = json.loads(done.stdout)
        drawn = ET.fromstring(draw.draw(sweep))
        there = ET.parse(PLOTS / f"{name}.svg").getroot()
        assert sweep["title"] in words(there)
        # Ticks of the errors follow the figures; every other word is the same.
        plain = [w for w in words(drawn) if not re.fullmatch(r"1e-?\d+", w)]
        assert plain == [w for w in words(there) if not re.fullmatch(r"1e-?\d+", w)], name
        series = {f"{p['quantity'].replace(' ', '-')}-{p['mode']}" for p in sweep["points"]}
        for root in drawn, there:
            assert {g.get("id") for g in root.iter(f"{SVG}g")} - {None} == series, name
        dots = {root: sum(1 for g in root.iter(f"{SVG}g") for _ in g.findall(f"{SVG}circle")) for root in (drawn, there)}
        assert dots[drawn] == dots[there] == len(sweep["points"]), name


def test_a_wrong_sweep_is_told():
    done = kpmsim("verify", "--sweep", "phase")
    assert done.returncode == 2 and "frequency, current, order" in done.stderr, done


if __name__ == "__main__":
    farm.run(sys.modules["__main__"])

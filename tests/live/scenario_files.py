"""A small scenario, and kpmsim run in a folder of its own."""

import pathlib
import tempfile

from farm import kpmsim

SCENARIO = """
[scenario]
for = "10 s"
tags = ["small"]
parameters = { limit = 6100 }
[supply.main]
[load.shop]
kind = "resistive"
p = "6 kW"
[[meter]]
name = "shop-1"
model = "kpm53"
load = "shop"
ct = "100/5 A"
modbus_tcp = 0
"""
GOOD = '[[expect]]\nid = "p"\nwhat = "shop-1.p"\nbelow = "${limit}"\nabove = 5900\n'
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="kpmsim-test-"))


def write(name, text):
    (FOLDER / name).write_text(text)
    return FOLDER / name


def run(*args, **more):
    return kpmsim("run", *args, cwd=FOLDER, **more)

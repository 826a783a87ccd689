"""A small farm with an API, and what the maps of its models say."""

import json
import pathlib
import tempfile

from api_client import Api
from farm import Farm, kpmsim

FARM = """
[farm]
clock = "stepped"
broker = "embedded"
api = "127.0.0.1:0"
[supply.main]
u = "230 V"
[load.office]
p = "3 kW"
[bus.line1]
pty = "run/line1"
[[meter]]
name = "shop-{n+1}"
model = "kpm37"
count = 2
supply = "main"
load = "office"
bus = "line1"
address = "1 + n"
modbus_tcp = "127.0.0.1:0"
mqtt = true
[[meter]]
name = "feeder"
model = "kpm312"
supply = "main"
loads = ["office", "none", "none", "none"]
address = 10
modbus_tcp = "127.0.0.1:0"
"""


def start(text=FARM, *args, verb="up"):
    path = pathlib.Path(tempfile.mkdtemp(prefix="kpmsim-api-")) / "farm.toml"
    path.write_text(text)
    running = Farm(verb, path, *args)
    running.api = Api(running.ready["api"])
    return running


def map_of(model):
    rows = json.loads(kpmsim("map", model, "--format", "json").stdout)
    rows = rows.get("registers", rows) if isinstance(rows, dict) else rows
    return {row["name"]: row for row in rows}


def address_of(model, point):
    return f"{map_of(model)[point]['address']:04X}"

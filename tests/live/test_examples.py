"""The example models of other makes, polled as programs do that know the real meters: whole blocks in one request, single
floats, coded settings. Their maps are written here a second time, by hand."""

import math
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

import farm
from farm import SOURCE, Farm, kpmsim, need

need("mbpoll")
try:
    from pymodbus.client import ModbusTcpClient
    from pymodbus.mei_message import ReadDeviceInformationRequest
except ImportError:
    farm.skip("pymodbus is not installed")

# What a public definition of an SDM630 lists: input registers, zero-based, one float each.
SDM630 = {
    "voltage L1": 0x00, "voltage L2": 0x02, "voltage L3": 0x04, "current L1": 0x06, "current L2": 0x08, "current L3": 0x0A,
    "power L1": 0x0C, "power L2": 0x0E, "power L3": 0x10, "apparent L1": 0x12, "apparent L2": 0x14, "apparent L3": 0x16,
    "reactive L1": 0x18, "reactive L2": 0x1A, "reactive L3": 0x1C, "factor L1": 0x1E, "factor L2": 0x20, "factor L3": 0x22,
    "angle L1": 0x24, "angle L2": 0x26, "angle L3": 0x28, "voltage mean": 0x2A, "current mean": 0x2E, "current sum": 0x30,
    "power": 0x34, "apparent": 0x38, "reactive": 0x3C, "factor": 0x3E, "angle": 0x42, "frequency": 0x46,
    "import": 0x48, "export": 0x4A, "reactive import": 0x4C, "reactive export": 0x4E, "demand": 0x54, "demand max": 0x56,
    "voltage L12": 0xC8, "voltage L23": 0xCA, "voltage L31": 0xCC, "voltage line mean": 0xCE, "neutral current": 0xE0,
    "thd U1": 0xEA, "thd U2": 0xEC, "thd U3": 0xEE, "thd I1": 0xF0, "thd I2": 0xF2, "thd I3": 0xF4, "thd U": 0xF8,
    "thd I": 0xFA, "current demand L1": 0x102, "current demand L2": 0x104, "current demand L3": 0x106,
    "total": 0x156, "reactive total": 0x158, "import L1": 0x15A, "import L2": 0x15C, "import L3": 0x15E,
    "export L1": 0x160, "export L2": 0x162, "export L3": 0x164, "total L1": 0x166, "total L2": 0x168, "total L3": 0x16A,
}

FARM = """
[supply.main]
u = "230 V"
f = "50 Hz"

[load.house]
p = "3 kW"
pf = "0.9 ind"

[bus.line]
pty = "line"

[[meter]]
name = "house"
model = "MODEL"
load = "house"
bus = "line"
modbus_tcp = "127.0.0.1:0"
start_energy = { e_p_import = "1000 kWh", e_p_export = "200 kWh" }
"""


def floats(words):
    return [struct.unpack(">f", struct.pack(">HH", *words[n:n + 2]))[0] for n in range(0, len(words) - 1, 2)]


def words(value):
    return list(struct.unpack(">HH", struct.pack(">f", value)))


class Poller:
    """A client of one unit."""

    def __init__(self, meter):
        host, port = meter["modbus_tcp"].split(":")
        self.client = ModbusTcpClient(host, port=int(port))
        self.unit = meter["unit"]
        assert self.client.connect()

    def input(self, first, count):
        return self.client.read_input_registers(first, count, slave=self.unit)

    def holding(self, first, count):
        return self.client.read_holding_registers(first, count, slave=self.unit)

    def write(self, first, value):
        return self.client.write_registers(first, words(value), slave=self.unit)

    def one(self, first):
        answer = self.input(first, 2)
        assert not answer.isError(), (hex(first), answer)
        return floats(answer.registers)[0]

    def setting(self, first):
        return floats(self.holding(first, 2).registers)[0]


def farm_of(model, folder):
    path = folder / f"{model}.toml"
    path.write_text(FARM.replace("MODEL", model))
    return Farm("up", path, "--models", SOURCE / "examples/models")


def near(value, expected, part=0.01):
    assert abs(value - expected) <= part * abs(expected), (value, expected)


def exception(answer):
    assert answer.isError(), answer
    return answer.exception_code


def check_block(poller, count):
    """One request for everything from 0000H on: floats where the map has some, 0.0 in its holes."""
    answer = poller.input(0, count)
    assert not answer.isError(), answer
    block = floats(answer.registers)
    assert len(block) == count // 2
    return {2 * n: value for n, value in enumerate(block)}


def check_holding_blocks(poller, blocks):
    """As a public client (sdm_modbus) reads settings: in blocks, across holes."""
    for first, count in blocks:
        answer = poller.holding(first, count)
        assert not answer.isError() and len(answer.registers) == count, (hex(first), answer)


def check_settings(poller, bauds, others):
    assert poller.setting(0x14) == poller.unit == 1
    for code in bauds:
        assert not poller.write(0x1C, code).isError()
        assert poller.setting(0x1C) == code
    for code in range(4):
        assert not poller.write(0x12, code).isError()
        assert poller.setting(0x12) == code
    for first, value in ((0x12, 4), (0x12, 0.5), (0x1C, 7), (0x14, 0), (0x14, 248), (0x14, math.nan), *others):
        assert exception(poller.write(first, value)) == 3, (hex(first), value)
    assert exception(poller.client.write_registers(0x12, [0], slave=poller.unit)) == 2  # half a float
    assert exception(poller.write(0x00, 1)) == 2  # there is an input register only
    assert exception(poller.holding(0x00, 2)) == 2
    assert exception(poller.client.write_register(0x14, 5, slave=poller.unit)) == 1  # function 06
    assert exception(poller.client.read_coils(0, 1, slave=poller.unit)) == 1
    # Another address holds from the next request on.
    assert not poller.write(0x14, 9).isError()
    poller.unit = 9
    assert poller.setting(0x14) == 9
    assert not poller.write(0x14, 1).isError()
    poller.unit = 1


def test_sdm630_is_polled_as_its_public_definitions_do():
    with tempfile.TemporaryDirectory() as folder, farm_of("sdm630", pathlib.Path(folder)) as f:
        meter = f.meters[0]
        assert len(meter["serial"]) == 8 and meter["serial"].isdigit(), meter
        poller = Poller(meter)
        time.sleep(1)
        seen = {name: poller.one(address) for name, address in SDM630.items()}
        for phase in ("L1", "L2", "L3"):
            near(seen["voltage " + phase], 230)
            near(seen["power " + phase], 1000, 0.02)
            near(seen["factor " + phase], 0.9)
            near(seen["angle " + phase], math.degrees(math.acos(0.9)))
            near(seen["apparent " + phase], seen["voltage " + phase] * seen["current " + phase])
        near(seen["voltage mean"], 230)
        near(seen["current sum"], 3 * seen["current mean"], 1e-3)
        near(seen["power"], 3000, 0.02)
        near(seen["frequency"], 50)
        near(seen["voltage L12"], 230 * math.sqrt(3))
        assert seen["neutral current"] < 0.05 * seen["current L1"]
        near(seen["total"], 1200, 1e-4)
        near(seen["total"], seen["import"] + seen["export"], 1e-4)

        block = check_block(poller, 0x48)
        for name, address in SDM630.items():
            if address in block and not name.startswith(("thd", "neutral")):
                near(block[address], seen[name], 0.02)
        holes = [0x2C, 0x32, 0x36, 0x3A, 0x40, 0x44]
        assert [a for a in block if block[a] == 0] == holes, block
        assert not poller.input(0x48, 80).isError()  # to 0097H, across holes
        assert poller.one(0x2C) == 0 and poller.one(0x108) == 0  # a hole alone
        assert exception(poller.input(0, 81)) == 3  # 40 floats at most
        assert exception(poller.input(0x16C, 2)) == 2  # behind the map
        assert len(poller.input(0x01, 2).registers) == 2  # from inside a value
        check_holding_blocks(poller, ((0x00, 38), (0xF910, 2)))
        check_settings(poller, range(5), ((0x0C, 61),))
        assert not poller.write(0x0C, 60).isError() and poller.setting(0x0C) == 60
        serial = poller.holding(0xFC00, 2).registers
        assert serial[0] << 16 | serial[1] == int(meter["serial"]), (serial, meter)

        # The same on the line, by a client of another make; 2400 Bd is what it was told last.
        poller.write(0x1C, 2)
        poller.write(0x12, 0)
        done = subprocess.run(["mbpoll", "-0", "-1", "-q", "-B", "-t", "3:float", "-m", "rtu", "-b", "9600", "-P", "none",
                               "-a", "1", "-r", "0", "-c", "3", meter["pty"]], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        shown = [float(line.split()[-1]) for line in done.stdout.splitlines() if line.startswith("[")]
        for value in shown:
            near(value, 230)
        assert len(shown) == 3, done.stdout

        # And by ours, which knows from the model which function reaches which register.
        read = kpmsim("read", "tcp://" + meter["modbus_tcp"], "--model", "sdm630", "--models", SOURCE / "examples/models",
                      "u_a", "baud", "serial")
        assert read.returncode == 0, read.stderr
        assert "u_a" in read.stdout and "baud" in read.stdout, read.stdout


# What a public definition of an SDM120 lists.
SDM120 = {
    "voltage": 0x00, "current": 0x06, "power": 0x0C, "apparent": 0x12, "reactive": 0x18, "factor": 0x1E, "angle": 0x24,
    "frequency": 0x46, "import": 0x48, "export": 0x4A, "reactive import": 0x4C, "reactive export": 0x4E, "demand": 0x54,
    "demand max": 0x56, "import demand": 0x58, "import demand max": 0x5A, "export demand": 0x5C, "current demand": 0x102,
    "total": 0x156, "reactive total": 0x158,
}


def test_sdm120_is_polled_as_its_public_definitions_do():
    with tempfile.TemporaryDirectory() as folder, farm_of("sdm120", pathlib.Path(folder)) as f:
        poller = Poller(f.meters[0])
        time.sleep(1)
        seen = {name: poller.one(address) for name, address in SDM120.items()}
        near(seen["voltage"], 230)
        near(seen["power"], 3000, 0.02)  # all of the load hangs on its phase
        near(seen["factor"], 0.9)
        near(seen["angle"], math.degrees(math.acos(0.9)))
        near(seen["apparent"], seen["voltage"] * seen["current"])
        near(seen["reactive"], seen["power"] * math.tan(math.acos(0.9)), 0.02)
        near(seen["frequency"], 50)
        near(seen["total"], 1200, 1e-4)
        near(seen["total"], seen["import"] + seen["export"], 1e-4)
        assert seen["export demand"] == 0, seen

        block = check_block(poller, 0x48)
        assert [a for a in block if block[a]] == [0x00, 0x06, 0x0C, 0x12, 0x18, 0x1E, 0x24, 0x46], block
        assert poller.one(0x02) == 0 and poller.one(0x5E) == 0  # holes alone
        assert exception(poller.input(0x15A, 2)) == 2  # behind the map
        check_holding_blocks(poller, ((0x00, 30), (0x56, 2), (0xF900, 50), (0xFC00, 5)))
        check_settings(poller, (0, 1, 2, 5), ((0x1C, 3), (0x0C, 61)))


def test_iem3155_is_polled_as_its_public_definitions_do():
    with tempfile.TemporaryDirectory() as folder, farm_of("iem3155", pathlib.Path(folder)) as f:
        meter = f.meters[0]
        poller = Poller(meter)
        time.sleep(1)

        def number(register):  # as the public list counts, from 1
            return floats(poller.holding(register - 1, 2).registers)[0]

        near(number(3028), 230)
        near(number(3060), 3, 0.02)  # kW
        near(number(3068), 3 * math.tan(math.acos(0.9)), 0.03)
        near(number(3110), 50)
        energy = poller.holding(3204 - 1, 4).registers
        assert energy[:2] == [0, 0] and 1_000_000 <= energy[2] << 16 | energy[3] < 1_000_100, energy  # Wh, 64 bits
        name = poller.holding(50 - 1, 20).registers
        assert b"".join(struct.pack(">H", w) for w in name).rstrip(b"\0") == b"iEM3155", name
        assert poller.holding(6502 - 1, 2).registers == [0, 2]  # 9600 Bd, none: as the line
        assert exception(poller.holding(3000 - 2, 2)) == 2
        assert exception(poller.write(6501 - 1, 2)) == 1
        told = poller.client.execute(ReadDeviceInformationRequest(read_code=1, object_id=0, unit=poller.unit))
        assert told.information == {0: b"Schneider Electric", 1: b"iEM3155", 2: b"1.0.0"}, told.information
        assert told.conformity == 0x81 and told.more_follows == 0, told


if __name__ == "__main__":
    farm.run(sys.modules["__main__"])

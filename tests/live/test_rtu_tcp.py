"""Modbus-RTU over TCP, as device servers and radios carry it: listened at by a line or a meter, and dialled out by them;
read by pymodbus, and by mbpoll through socat."""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

import farm
from farm import SLOW, Farm, kpmsim, need

need("mbpoll", "socat")
try:
    from pymodbus.client import ModbusTcpClient
    from pymodbus.transaction import ModbusRtuFramer
except ImportError:
    farm.skip("pymodbus is not installed")

FARM = """
[farm]
[supply.main]
[load.office]
p = "3 kW"
[bus.line1]
pty = "run/line1"
rtu_tcp = [0, { connect = "127.0.0.1:HEAD" }]
[[meter]]
name = "m{n}"
model = "kpm53"
count = 2
load = "office"
bus = "line1"
[[meter]]
name = "own{n}"
model = "kpm33b"
count = 2
address = "7 + n"
load = "office"
rtu_tcp = 0
modbus_tcp = { connect = "localhost:MBAP" }
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


@contextlib.contextmanager
def running(farm_text, head, mbap):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "farm.toml"
        path.write_text(farm_text.replace("HEAD", str(head)).replace("MBAP", str(mbap)))
        with Farm("up", path) as f:
            yield f


def port_of(meter, how="listens", protocol="Modbus-RTU"):
    return next(int(e[how].split(":")[-1]) for e in meter["endpoints"] if how in e and e["protocol"] == protocol)


def with_pymodbus(port, unit, address):
    client = ModbusTcpClient("127.0.0.1", port=port, framer=ModbusRtuFramer)
    assert client.connect()
    answer = client.read_holding_registers(address, 2, slave=unit)
    client.close()
    assert not answer.isError(), answer
    return answer.registers


@contextlib.contextmanager
def bridge(folder, tcp):
    """A pty whose other end is a TCP connection."""
    link = os.path.join(folder, "serial")
    with subprocess.Popen(["socat", f"pty,raw,echo=0,link={link}", tcp]) as process:
        try:
            deadline = time.monotonic() + 10 * SLOW
            while not os.path.exists(link):
                assert time.monotonic() < deadline
                time.sleep(0.02)
            yield link
        finally:
            process.kill()


def with_mbpoll(link, unit, address):
    done = subprocess.run(["mbpoll", "-0", "-1", "-q", "-t", "4:hex", "-c", "2", "-a", str(unit), "-r", str(address), "-m",
                           "rtu", "-b", "9600", "-P", "none", link], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return [int(line.split("0x")[1], 16) for line in done.stdout.splitlines() if "0x" in line]


def answer_to(connection, request, size):
    connection.settimeout(10 * SLOW)
    connection.sendall(request)
    got = b""
    while len(got) < size:
        more = connection.recv(size - len(got))
        assert more, got
        got += more
    return got


SETTING = 0x0000  # the first two registers of both models: settings, which stand still


def test_a_line_is_read_by_every_client_that_is_on_it():
    with running(FARM, free_port(), free_port()) as f:
        line = port_of(f.unit("m0"))
        assert line == port_of(f.unit("m1"))
        for unit in (1, 2):
            over_tcp = with_pymodbus(line, unit, SETTING)
            with tempfile.TemporaryDirectory() as folder, bridge(folder, f"tcp:127.0.0.1:{line}") as link:
                assert with_mbpoll(link, unit, SETTING) == over_tcp
            assert with_mbpoll(f.unit("m0")["pty"], unit, SETTING) == over_tcp
        f.stop()
        assert "6 requests served" in f.log_text(), f.log_text()


def test_a_meter_has_a_line_of_its_own():
    with running(FARM, free_port(), free_port()) as f:
        ports = [port_of(f.unit(f"own{n}")) for n in range(2)]
        assert len(set(ports)) == 2
        for n in range(2):
            assert with_pymodbus(ports[n], 7 + n, SETTING)
        with socket.create_connection(("127.0.0.1", ports[0])) as line:
            line.settimeout(0.5 * SLOW)
            line.sendall(bytes.fromhex("080300000002c492"))  # the other one's address: silence
            try:
                raise AssertionError(line.recv(9))
            except TimeoutError:
                pass


def test_a_line_takes_its_time():
    """A request of 8 characters and an answer of 9 at 9600 Bd, 10 bits each: 17.7 ms, and what is between."""
    with running(FARM, free_port(), free_port()) as f:
        with socket.create_connection(("127.0.0.1", port_of(f.unit("m0")))) as line:
            begin = time.monotonic()
            answer = answer_to(line, bytes.fromhex("010300000002c40b"), 9)
            took = time.monotonic() - begin
        assert answer[:3] == bytes([1, 3, 4]), answer
        assert took > 17 * 10 / 9600, took


def wait_for(f, told):
    deadline = time.monotonic() + 60 * SLOW
    while told not in f.log_text():
        assert time.monotonic() < deadline, f.log_text()
        time.sleep(0.05)


def test_a_line_and_meters_that_connect_are_read_over_what_they_opened():
    head, mbap = free_port(), free_port()
    with running(FARM, head, mbap) as f:
        server = f"Modbus-RTU server 127.0.0.1:{head}"
        with tempfile.TemporaryDirectory() as folder, bridge(folder, f"tcp-listen:{head},bind=127.0.0.1,reuseaddr") as link:
            wait_for(f, f"{server} is there")  # a request from before would wait in the bridge and meet a later one
            there = with_mbpoll(link, 1, SETTING)
            assert there == with_pymodbus(port_of(f.unit("m0")), 1, SETTING)
            assert f.log_text().count(f"{server} is down") == 1, f.log_text()  # told once, however often it was tried

        with socket.create_server(("127.0.0.1", mbap)) as listener:
            listener.settimeout(60 * SLOW)
            said = set()
            for _ in range(2):
                connection, _ = listener.accept()
                with connection:
                    answer = answer_to(connection, bytes.fromhex("000100000006010300000002"), 13)
                    assert answer[:9] == bytes.fromhex("000100000007010304"), answer
                    said.add(answer[9:])
            assert len(said) == 2, said  # the second register holds the address
        assert f.stop()[0] == 0


def test_mistakes_have_their_place_and_cure():
    def told(text):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "farm.toml"
            path.write_text(text)
            done = kpmsim("validate", path)
            assert done.returncode == 2, done
            return done.stdout + done.stderr

    said = told(FARM.replace("HEAD", "0").replace("MBAP", "4102"))
    assert "farm.toml:8:" in said and "has no port from 1 to 65535" in said, said
    said = told(FARM.replace("HEAD", "4101").replace("MBAP", "4102").replace("rtu_tcp = 0\n", "rtu_tcp = 4201\n"))
    assert "farm.toml:21:11: own1 listens at 127.0.0.1:4201, where own0 does already" in said, said


def test_a_second_rs485_is_the_same_meter():
    text = """
[supply.main]
[load.office]
p = "3 kW"
[bus.scada]
rtu_tcp = 0
[bus.panel]
rtu_tcp = 0
[[meter]]
name = "two"
model = "kpm53"
options = "K-R-T-RS485"
load = "office"
bus = ["scada", "panel"]
address = 9
[[meter]]
name = "other"
model = "kpm33b"
load = "office"
bus = "panel"
"""
    with running(text, 0, 0) as f:
        ports = [int(e["listens"].split(":")[-1]) for e in f.unit("two")["endpoints"]]
        assert len(ports) == 2 and len(f.unit("other")["endpoints"]) == 1, f.meters
        demand = next(r["address"] for r in json.loads(kpmsim("map", "kpm53", "--format", "json").stdout)["registers"]
                      if r["name"] == "demand_minutes")
        for minutes, (one, other) in ((7, ports), (8, reversed(ports))):
            client = ModbusTcpClient("127.0.0.1", port=one, framer=ModbusRtuFramer)
            assert client.connect()
            assert not client.write_registers(demand, [minutes], slave=9).isError()
            client.close()
            assert with_pymodbus(other, 9, demand)[0] == minutes
        assert with_pymodbus(ports[1], 1, 0)  # who else is there


if __name__ == "__main__":
    farm.run(sys.modules["__main__"])

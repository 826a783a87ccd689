"""What is written over the wire, and what happens to a broker, shows on the wire."""

import json
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import farm
from farm import SLOW, Farm, kpmsim

FARM = """
[farm]
broker = "mqtt://127.0.0.1:PORT"
[supply.main]
[load.office]
p = "3 kW"
[bus.line1]
baud = 19200
[[meter]]
name = "m{n}"
model = "kpm53"
count = 2
load = "office"
bus = "line1"
address = "1 + n"
modbus_tcp = "127.0.0.1:0"
[[meter]]
name = "four"
model = "kpm312"
loads = ["office"]
modbus_tcp = "127.0.0.1:0"
address = 11
mqtt = true
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def start(folder, port=1):
    path = pathlib.Path(folder) / "farm.toml"
    path.write_text(FARM.replace("PORT", str(port)))
    return Farm("up", path)


def broker(port):
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    if not pathlib.Path(program).exists():
        farm.skip("mosquitto is not installed")
    return subprocess.Popen([program, "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def value(meter, model, name, *options, at=None):
    done = kpmsim("read", at or "tcp://" + meter["modbus_tcp"], "--model", model, "--json", "--timeout", 1, *options, name)
    return json.loads(done.stdout)[0]["value"] if done.returncode == 0 else None


def soon(what, within):
    deadline = time.monotonic() + within * SLOW
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def crc(frame):
    sum = 0xFFFF
    for byte in frame:
        sum ^= byte
        for _ in range(8):
            sum = sum >> 1 ^ 0xA001 if sum & 1 else sum >> 1
    return frame + sum.to_bytes(2, "little")


def write_on_line(link, baud, address, register, word):
    import serial
    with serial.Serial(link, baud, timeout=2 * SLOW) as line:
        line.write(crc(bytes([address, 16]) + register.to_bytes(2, "big") + bytes([0, 1, 2]) + word.to_bytes(2, "big")))
        answer = line.read(8)
    assert answer == crc(bytes([address, 16]) + register.to_bytes(2, "big") + bytes([0, 1])), answer


def test_the_wireless_word_follows_the_broker():
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, start(folder, port) as f:
        word = lambda loop: value(f.unit("four", loop), "kpm312", "wireless", "--unit", 10 + loop)
        assert [word(loop) for loop in (1, 2, 3, 4)] == [0x0001] * 4
        for _ in range(2):
            mosquitto = broker(port)
            try:
                soon(lambda: all(word(loop) == 0x0101 for loop in (1, 2, 3, 4)), 15)
            finally:
                mosquitto.kill()
                mosquitto.wait()
            soon(lambda: all(word(loop) == 0x0001 for loop in (1, 2, 3, 4)), 5)


def test_a_written_baud_rate_is_the_one_to_ask_with():
    with tempfile.TemporaryDirectory() as folder, start(folder) as f:
        link = f.unit("m0")["pty"]
        ask = lambda unit, baud: value(None, "kpm53", "f", "--unit", unit, "--baud", baud, at="rtu://" + link)
        assert ask(1, 19200) and ask(2, 19200) and ask(1, 9600) is None
        write_on_line(link, 19200, 1, 0x0002, 0x0205)  # 38400 Bd, 8N1
        assert ask(1, 19200) is None
        assert ask(1, 38400) and ask(2, 19200)


def test_a_written_address_is_the_unit_to_ask_for():
    with tempfile.TemporaryDirectory() as folder, start(folder) as f:
        link = f.unit("m0")["pty"]
        four = f.unit("four")
        port = int(four["modbus_tcp"].split(":")[1])
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(bytes.fromhex("000100000009 0c 10 0001 0001 02 001f".replace(" ", "")))  # by loop 2: 31
            assert client.recv(12) == bytes.fromhex("000100000006 0c 10 0001 0001".replace(" ", ""))
        assert value(four, "kpm312", "serial", "--unit", 11) is None
        assert [value(four, "kpm312", "serial", "--unit", 31 + n) for n in range(4)] == [
            f.unit("four", loop)["serial"] for loop in (1, 2, 3, 4)]
        # on the line the same; and where two have one address nobody is understood
        write_on_line(link, 19200, 1, 0x0001, 2)
        for unit in (1, 2):
            assert value(None, "kpm53", "f", "--unit", unit, "--baud", 19200, at="rtu://" + link) is None
        soon(lambda: f"m0 and m1 both are address 2 on {link}" in f.log_text(), 5)
        # until one is moved, which a broadcast could not do and its own port can
        port = int(f.unit("m1")["modbus_tcp"].split(":")[1])
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(bytes.fromhex("000100000009 02 10 0001 0001 02 0003".replace(" ", "")))
            assert len(client.recv(12)) == 12
        assert value(None, "kpm53", "f", "--unit", 3, "--baud", 19200, at="rtu://" + link)
        soon(lambda: "m0 and m1 are apart again" in f.log_text(), 5)
        assert f.log_text().count("both are address") == 1, f.log_text()


def test_an_adapter_that_echoes_hears_each_answer_once():
    import serial
    with tempfile.TemporaryDirectory() as folder, start(folder) as f:
        with serial.Serial(f.unit("m0")["pty"], 19200, timeout=0.5) as line:
            for request in (bytes([1, 3, 0, 48, 0, 2]), bytes([1, 3, 255, 0, 0, 2]), bytes([1, 16, 0, 0, 0, 1, 2, 0, 0])):
                line.write(crc(request))
                heard = []
                while answer := line.read(256):  # until it is quiet
                    heard.append(answer)
                    line.write(answer)
                assert len(heard) == 1, heard
        assert f.log_text().count("hears answers") == 1, f.log_text()
        f.stop()
        assert "3 answers" in f.log_text(), f.log_text()


if __name__ == "__main__":
    farm.run(sys.modules["__main__"])

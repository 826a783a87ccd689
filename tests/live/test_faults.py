"""Faults of the wire on a running farm, as a client with plain sockets sees them."""

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
from farm import STEPPED, kpmsim

FARM = STEPPED + """
[bus.line1]
rtu_tcp = 0
[[meter]]
name = "by-tcp"
model = "kpm33b"
load = "shop"
modbus_tcp = 0
mqtt = true
[[meter]]
name = "by-line"
model = "kpm33b"
load = "shop"
bus = "line1"
"""

READ = bytes.fromhex("0001 0000 0006 01 03 0001 0001")
RTU_READ = bytes.fromhex("01 03 0001 0001 D5CA")


@contextlib.contextmanager
def running(text=FARM):
    with tempfile.TemporaryDirectory() as folder:
        env = {k: v for k, v in os.environ.items() if not k.startswith("KPMSIM_API") and k != "KPMSIM_READY"}

        def run(*args, code=0):
            done = kpmsim(*args, cwd=folder, env=env)
            assert done.returncode == code, (args, done)
            return done.stdout if code == 0 else done.stderr

        pathlib.Path(folder, "farm.toml").write_text(text)
        run("up", "farm.toml", "--detach")
        try:
            run.ready = json.loads(pathlib.Path(folder, "kpmsim.ready.json").read_text())
            yield run
        finally:
            run("down")


def address_of(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def endpoint(ready, meter):
    for one in ready["meters"]:
        if one["name"] == meter:
            return address_of(one["endpoints"][0]["listens"])
    raise AssertionError(ready)


class Client:
    def __init__(self, address, timeout=0.5):
        self.socket = socket.create_connection(address, timeout=5)
        self.socket.settimeout(timeout)

    def ask(self, request):
        self.socket.sendall(request)
        try:
            return self.socket.recv(300)
        except socket.timeout:
            return None

    def is_closed(self):
        """The other side closed it; what was on its way there may come back as a reset."""
        try:
            return self.ask(READ) == b""
        except ConnectionResetError:
            return True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def raises(kind, do):
    try:
        do()
    except kind:
        return True
    return False


def test_bytes_are_lost_altered_and_refused():
    with running() as run:
        port, line = endpoint(run.ready, "by-tcp"), endpoint(run.ready, "by-line")
        with Client(port) as client, Client(line) as master:
            right, right_rtu = client.ask(READ), master.ask(RTU_READ)
            assert right[:9] == bytes.fromhex("0001 0000 0005 01 03 02"), right
            assert right_rtu[:3] == bytes.fromhex("01 03 02"), right_rtu

            run("act", "no-answer", "--meter", "by-tcp", "--count", "1")
            assert client.ask(READ) is None
            assert client.ask(READ) == right
            assert master.ask(RTU_READ) == right_rtu
            run("act", "exception", "--line", "line1", "--code", "6", "--direction", "upstream")
            assert master.ask(RTU_READ) == bytes.fromhex("01 83 06 C132")
            assert client.ask(READ) == right
            assert run("actions", "--end", "a2") == "ended: 1\n"
            assert master.ask(RTU_READ) == right_rtu
            run("act", "wrong-crc", "--meter", "by-line")
            wrong = master.ask(RTU_READ)
            assert wrong[:-1] == right_rtu[:-1] and wrong[-1] != right_rtu[-1]
            assert [line.split()[:2] for line in run("actions").splitlines()] == [["a1", "running"], ["a3", "running"]]
            run("act", "line-preset", "--line", "line1", "--preset", "twin-address")
            run("actions", "--end-all")
            assert master.ask(RTU_READ) == right_rtu
            said = run("act", "wrong-crc", "--meter", "by-tcp", code=1)
            assert "needs an RS-485 line" in said and "bus or rtu_tcp" in said, said


def test_connections_are_reset_refused_forgotten_and_closed_late():
    with running() as run:
        port = endpoint(run.ready, "by-tcp")
        with Client(port) as client:
            run("act", "reset-peer", "--meter", "by-tcp")
            assert raises(ConnectionResetError, lambda: client.ask(READ))
            run("actions", "--end-all")
        with Client(port) as client:
            right = client.ask(READ)
            run("act", "refused", "--meter", "by-tcp")
            assert raises(ConnectionRefusedError, lambda: Client(port))
            assert client.ask(READ) == right, "who is there stays"
            run("actions", "--end-all")
        with Client(port) as client:
            assert client.ask(READ) == right
            run("act", "half-open", "--meter", "by-tcp")
            assert client.ask(READ) is None
            run("actions", "--end-all")
            assert raises(ConnectionResetError, lambda: client.ask(READ))
        with Client(port) as client:
            run("act", "limit-data", "--meter", "by-tcp", "--bytes", "5")
            assert client.ask(READ) == right[:5]
            assert client.is_closed()
            run("actions", "--end-all")
        with Client(port, timeout=10) as client:
            run("act", "slow-close", "--meter", "by-tcp", "--delay", "1 s")
            begun = time.monotonic()
            client.socket.shutdown(socket.SHUT_WR)
            assert client.socket.recv(10) == b""
            assert time.monotonic() - begun >= 0.9


def test_messages_are_kept_doubled_and_late():
    with running() as run:
        broker = address_of(run.ready["broker"])
        heard = subprocess.Popen(
            ["mosquitto_sub", "-h", broker[0], "-p", str(broker[1]), "-t", "#", "-F", "%r %t %p"],
            stdout=subprocess.PIPE, text=True)

        def messages(until):
            """All up to a message of our own."""
            subprocess.run(["mosquitto_pub", "-h", broker[0], "-p", str(broker[1]), "-t", "end", "-m", until], check=True)
            lines = []
            while not lines or lines[-1] != f"0 end {until}":
                lines.append(heard.stdout.readline().strip())
            return [line for line in lines[:-1] if "MQTT_RT_DATA" in line]

        try:
            time.sleep(0.5)  # the subscriber's
            run("time", "advance", "65 s")
            one = messages("one")
            assert len(one) == 3, one
            run("act", "mqtt-duplicate", "--meter", "by-tcp", "--count", "1")
            run("time", "advance", "60 s")
            assert len(messages("two")) == 3
            run("act", "mqtt-late", "--delay", "45 s", "--count", "1")
            run("time", "advance", "40 s")
            assert len(messages("three")) == 0
            run("time", "advance", "60 s")
            late = messages("four")
            assert len(late) == 3
            times = [json.loads(line.split(" ", 2)[2])["time"] for line in late]
            assert times != sorted(times), times
            run("actions", "--end-all")
            run("act", "broker-down", "--for", "60 s")
            run("time", "advance", "59 s")
            assert len(messages("five")) == 0
        finally:
            heard.terminate()
            heard.wait()


def test_junk_is_retained_for_who_comes_later():
    with running() as run:
        broker = address_of(run.ready["broker"])
        run("time", "advance", "1s")
        run("act", "mqtt-junk", "--meter", "by-tcp", "--topic", "MQTT_RT_DATA", "--payload", "not JSON {")
        run("time", "advance", "1s")
        heard = subprocess.run(["mosquitto_sub", "-h", broker[0], "-p", str(broker[1]), "-t", "MQTT_RT_DATA", "-C", "1", "-W", "5",
                                "-F", "%r %p"], capture_output=True, text=True)
        assert heard.stdout == "1 not JSON {\n", heard


def test_connections_to_a_broker_end_and_come_back():
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(10)

    def take():
        """A client that has said CONNECT and heard that it is welcome."""
        client, _ = listening.accept()
        client.settimeout(10)
        assert client.recv(1000)[0] == 0x10
        client.sendall(b"\x20\x02\0\0")
        return client

    text = FARM.replace("mqtt = true", f'mqtt = "mqtt://127.0.0.1:{listening.getsockname()[1]}"')
    with listening, running(text) as run:
        with take() as first:
            run("act", "mqtt-disconnect", "--meter", "by-tcp")
            rest = b""
            while part := first.recv(1000):
                rest += part
            assert b"\xe0\0" not in rest  # no DISCONNECT
        with take():
            pass


if __name__ == "__main__":
    farm.run(sys.modules[__name__])

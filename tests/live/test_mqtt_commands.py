"""Commands over MQTT with mosquitto's own clients, as docs/reference/mqtt-commands.md has them."""

import contextlib
import json
import pathlib
import re
import subprocess
import sys
import threading
import time

import farm
from farm import SLOW, STEPPED, kpmsim, need, up

need("mosquitto_pub", "mosquitto_sub")

FARM = STEPPED + """
[[meter]]
name = "shop"
model = "kpm33b"
serial = "33B1225950027"
load = "shop"
mqtt = true
[[meter]]
name = "hall"
model = "kpm312"
options = "1A2A3A4A-K-R-Wi"
serial = "31212257C0336"
loads = ["shop", "shop", "none", "none"]
mqtt = true
"""
ID = "0123456789abcdef0123456789abcdef"
DOCS = pathlib.Path(__file__).parents[2] / "docs/reference/mqtt-commands.md"


@contextlib.contextmanager
def running():
    """The farm, once every circuit's client has a broker."""
    with up(FARM) as f:
        deadline = time.monotonic() + 10 * SLOW
        for meter, circuit in [("shop", 1)] + [("hall", n) for n in (1, 2, 3, 4)]:
            while float(get(f, meter, "wireless", circuit)) != 0x0101:
                assert time.monotonic() < deadline, "no connection"
        yield f


def get(f, meter, point, circuit=1):
    return kpmsim("get", meter, point, "--circuit", circuit, "--api", f.ready["api"]).stdout.split()[1]


class Ear:
    """A mosquitto_sub that is there before anything is said."""

    def __init__(self, port, *topics):
        args = ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(port), "-v", "-t", "test/there"]
        self.process = subprocess.Popen(args + [a for t in topics for a in ("-t", t)], text=True,
                                        stdout=subprocess.PIPE)
        self.heard, self.there, self.more = [], threading.Event(), threading.Condition()
        threading.Thread(target=self.listen, daemon=True).start()
        deadline = time.monotonic() + 10 * SLOW
        while not self.there.wait(0.05):
            assert time.monotonic() < deadline, "no subscription"
            pub(port, "test/there", "{}")

    def listen(self):
        for line in self.process.stdout:
            if line.startswith("test/"):
                self.there.set()
            else:
                with self.more:
                    self.heard.append(tuple(line.rstrip("\n").split(" ", 1)))
                    self.more.notify()

    def next(self):
        with self.more:
            assert self.more.wait_for(lambda: self.heard, 10 * SLOW), "silence"
            topic, payload = self.heard.pop(0)
        return topic, json.loads(payload)

    def close(self):
        self.process.kill()
        self.process.wait()


def pub(port, topic, payload):
    text = payload if isinstance(payload, str) else json.dumps(payload)
    subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(port), "-t", topic, "-m", text], check=True)


def test_a_platform_sets_and_reads_a_meter_and_modbus_sees_it():
    with running() as f:
        port = int(f.ready["broker"].rsplit(":", 1)[1])
        ear = Ear(port, "MQTT_COMMOD_SET_REP", "MQTT_COMMOD_READ_REP", "MQTT_METER_TIME_REP", "MQTT_TELECTRL_REP", "MQTT_SYS_REPLY")
        try:
            def ask(command, circuit="25950027", **keys):
                pub(port, f"MQTT_{command}_{circuit}", {"oprid": ID, **keys})
                topic, answer = ear.next()
                assert answer.pop("oprid") == ID
                return topic, answer

            shop = {"id": "33B1225950027"}
            assert ask("COMMOD_SET", Cmd="0000", value="60", types="1") == ("MQTT_COMMOD_SET_REP", {**shop, "code": "01"})
            assert float(get(f, "shop", "second_interval_s")) == 60
            assert ask("COMMOD_READ", Cmd="0000", types="1") == (
                "MQTT_COMMOD_READ_REP", {**shop, "Cmd": "0000", "value": "60", "code": "01"})
            assert ask("SETTIME", time="20260301120000") == ("MQTT_METER_TIME_REP", {**shop, "code": "01", "msg": ""})
            topic, answer = ask("SYS_READ", addr="0030", lenth="1", type="2")
            assert topic == "MQTT_SYS_REPLY" and abs(float(answer["value"]) - 230) < 0.1, answer
            # Each circuit of a KPM312 has an id, a relay and topics of its own.
            assert ask("TELECTRL", circuit="257C0337", do1="1") == (
                "MQTT_TELECTRL_REP", {"id": "31212257C0337", "do1": "1", "code": "01", "msg": ""})
            assert [float(get(f, "hall", "relay_1", n)) for n in (1, 2, 3, 4)] == [0, 1, 0, 0]
            assert ask("TELECTRL", circuit="257C0337", do2="1")[1]["code"] == "02"
            # A foreign id and a short operation id meet silence: the next answer is the next question's.
            pub(port, "MQTT_COMMOD_READ_25950028", {"oprid": ID, "Cmd": "0000", "types": "1"})
            pub(port, "MQTT_COMMOD_READ_25950027", {"oprid": ID[1:], "Cmd": "0000", "types": "1"})
            pub(port, "MQTT_COMMOD_READ_25950027", "{" * 3000)
            assert ask("COMMOD_READ", Cmd="0001", types="1")[1]["Cmd"] == "0001"
        finally:
            ear.close()
        assert "met silence: oprid is no text of 32 characters" in f.log_text(), f.log_text()


def test_a_unit_that_is_swapped_in_listens_under_its_own_number():
    with running() as f:
        port = int(f.ready["broker"].rsplit(":", 1)[1])
        ear = Ear(port, "MQTT_COMMOD_READ_REP")
        try:
            def heard_by(number):
                """Of the two numbers, the one that answers once its client is there."""
                deadline = time.monotonic() + 10 * SLOW
                while True:
                    for each in ("25950027", "25950777"):
                        pub(port, f"MQTT_COMMOD_READ_{each}", {"oprid": ID, "Cmd": "0000", "types": "1"})
                    topic, answer = ear.next()
                    if answer["id"].endswith(number):
                        return answer["id"]
                    assert time.monotonic() < deadline, answer
            assert heard_by("25950027") == "33B1225950027"
            act = kpmsim("act", "meter-swap", "--meter", "shop", "--serial", "33B1225950777", "--api", f.ready["api"])
            assert act.returncode == 0, act
            kpmsim("time", "advance", "1s", "--api", f.ready["api"])
            assert heard_by("25950777") == "33B1225950777"
        finally:
            ear.close()


def test_the_session_of_the_docs_is_as_it_stands_there():
    session = re.search(r"```\n(mosquitto_sub.*?)```", DOCS.read_text(), re.S).group(1)
    expected = re.search(r"^# (.*)$", session, re.M).group(1)
    commands = re.sub(r"^#.*$", "", session, flags=re.M)
    with running() as f:
        port = f.ready["broker"].rsplit(":", 1)[1]
        # The listener of the docs runs beside; it is there when it has heard of itself.
        sub, pub_line = commands.replace("PORT", port).split("&", 1)
        ear = Ear(int(port), *re.findall(r"-t (\S+)", sub))
        try:
            subprocess.run(["bash", "-c", pub_line.replace("mosquitto_pub", "mosquitto_pub -h 127.0.0.1")], check=True)
            topic, answer = ear.next()
            said = expected.split(" ", 1)
            assert (topic, answer) == (said[0], json.loads(said[1])), (topic, answer)
        finally:
            ear.close()


if __name__ == "__main__":
    farm.run(sys.modules[__name__])

"""Programs of others set meters: mbpoll, pymodbus and paho write intervals, clocks and relays, as they come, and read them back;
the meters do what they were told."""

import json
import struct
import subprocess
import sys
import threading
import time

import farm
from farm import SLOW, STEPPED, kpmsim, need, up

need("mbpoll")
try:
    import paho.mqtt.client as mqtt
    from pymodbus.client import ModbusTcpClient
except ImportError:
    farm.skip("pymodbus or paho-mqtt is not installed")

FARM = STEPPED + """
[[meter]]
name = "four"
model = "kpm312"
options = "1A2A3A4A-K-R-Wi"
loads = ["shop", "shop", "none", "none"]
modbus_tcp = 0
mqtt = true
[[meter]]
name = "panel"
model = "kpm37"
load = "shop"
modbus_tcp = 0
mqtt = true
[[meter]]
name = "lift"
model = "kpm53"
load = "shop"
modbus_tcp = 0
[[meter]]
name = "shop"
model = "kpm33b"
load = "shop"
modbus_tcp = 0
mqtt = true
"""
ID = "0123456789abcdef0123456789abcdef"


class Site:
    def __init__(self, running):
        self.farm = running
        self.units = {}
        for unit in running.meters:
            self.units.setdefault(unit["name"], unit)

    def address(self, name, point):
        rows = json.loads(kpmsim("map", self.units[name]["model"], "--format", "json").stdout)
        rows = rows["registers"] if isinstance(rows, dict) else rows
        return next(r["address"] for r in rows if r["name"] == point)

    def get(self, name, point, circuit=1):
        return kpmsim("get", name, point, "--circuit", circuit, "--api", self.farm.ready["api"]).stdout.split()[1]

    def advance(self, by):
        done = kpmsim("time", "advance", by, "--api", self.farm.ready["api"])
        assert done.returncode == 0, done.stderr

    def modbus(self, name):
        host, port = self.units[name]["modbus_tcp"].split(":")
        client = ModbusTcpClient(host, port=int(port))
        assert client.connect()
        return client

    def mbpoll(self, name, at, kind, *values):
        time.sleep(0.15)  # a KPM37 hears no frame that comes within 100 ms of the last
        host, port = self.units[name]["modbus_tcp"].split(":")
        done = subprocess.run(["mbpoll", "-m", "tcp", "-p", port, "-a", str(self.units[name]["unit"]), "-0", "-1", "-q", "-r", str(at),
                               "-t", kind, host, *map(str, values)], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr


def test_mbpoll_sets_both_intervals_at_once_and_switches():
    with up(FARM) as f:
        site = Site(f)
        for name in ("four", "panel"):
            # Two words side by side, which mbpoll writes by function 16.
            site.mbpoll(name, site.address(name, "second_interval_s"), "4", 60, 10)
            assert (float(site.get(name, "second_interval_s")), float(site.get(name, "minute_interval_min"))) == (60, 10)
        for name in ("four", "lift", "shop"):
            bits = json.loads(kpmsim("map", site.units[name]["model"], "--format", "json").stdout)["bits"]
            first = min(bit["address"] for bit in bits if bit["kind"] == "relay")
            for state in (0, 1):
                site.mbpoll(name, first, "0", state)
                assert float(site.get(name, "relay_1")) == state, (name, state)


def test_pymodbus_sets_the_clock_and_the_demand_and_the_meter_goes_by_them():
    with up(FARM) as f:
        site = Site(f)
        for name in ("four", "panel", "lift", "shop"):
            unit = site.units[name]["unit"]
            client = site.modbus(name)
            time.sleep(0.15)
            at = site.address(name, "clock")
            words = list(struct.unpack(">3H", bytes((28, 2, 29, 23, 59, 50))))
            answer = client.write_registers(at, words, slave=unit)
            assert not answer.isError(), (name, answer)
            time.sleep(0.15)
            answer = client.read_holding_registers(at, 3, slave=unit)
            assert list(answer.registers) == words, (name, answer)
            site.advance("20s")
            time.sleep(0.15)
            answer = client.read_holding_registers(at, 3, slave=unit)
            assert struct.pack(">3H", *answer.registers) == bytes((28, 3, 1, 0, 0, 10)), (name, answer.registers)
            if name != "shop":
                time.sleep(0.15)
                answer = client.write_registers(site.address(name, "demand_minutes"), [1], slave=unit)
                assert not answer.isError(), (name, answer)
                site.advance("3min")
                assert abs(float(site.get(name, "demand_p")) - 3000) < 3, name
            client.close()


def test_paho_sets_an_interval_the_clock_and_a_relay_by_v1_9():
    with up(FARM) as f:
        site = Site(f)
        heard, there = [], threading.Condition()

        def take(client, data, message):
            with there:
                heard.append((message.topic, json.loads(message.payload)))
                there.notify()

        platform = mqtt.Client()
        platform.on_message = take
        host, port = f.broker.rsplit(":", 1)
        subscribed = threading.Event()
        platform.on_subscribe = lambda *args: subscribed.set()
        platform.connect(host, int(port))
        platform.subscribe([(topic, 1) for topic in ("MQTT_COMMOD_SET_REP", "MQTT_METER_TIME_REP", "MQTT_TELECTRL_REP")])
        platform.loop_start()
        assert subscribed.wait(10 * SLOW)
        try:
            for name in ("four", "panel", "shop"):
                serial = site.units[name]["serial"]
                deadline = time.monotonic() + 10 * SLOW
                while float(site.get(name, "wireless")) != 0x0101:
                    assert time.monotonic() < deadline, "no connection"

                def ask(command, **keys):
                    with there:
                        heard.clear()
                    platform.publish(f"MQTT_{command}_{serial[-8:]}", json.dumps({"oprid": ID, **keys}), qos=1)
                    with there:
                        assert there.wait_for(lambda: heard, 10 * SLOW), (name, command, f.log_text())
                        topic, answer = heard[0]
                    assert answer["id"] == serial and answer["oprid"] == ID, answer
                    return answer["code"]

                assert ask("COMMOD_SET", Cmd="0000", value="60", types="1") == "01"
                assert float(site.get(name, "second_interval_s")) == 60
                assert ask("SETTIME", time="20270301120000") == "01"
                assert float(site.get(name, "clock")) == 1803902400, site.get(name, "clock")  # seconds since 1970
                assert ask("TELECTRL", do1="1") == "01"
                assert float(site.get(name, "relay_1")) == 1
        finally:
            platform.loop_stop()
            platform.disconnect()


if __name__ == "__main__":
    farm.run(sys.modules[__name__])

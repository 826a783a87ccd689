"""A clock that is wound: everything is sent and confirmed when an advance is answered."""

import json
import random
import socket
import sys
import threading
import time

import farm
from farm import SLOW, Farm
from api_farm import FARM, start


class Subscriber:
    """Every message of a broker, with the moment at which it came."""

    def __init__(self, broker):
        import paho.mqtt.client as mqtt
        host, port = broker.split(":")
        self.messages = []
        up = threading.Event()
        self.client = mqtt.Client()
        self.client.on_subscribe = lambda *_: up.set()
        self.client.on_message = lambda c, u, m: self.messages.append((m.topic, json.loads(m.payload)))
        self.client.on_connect = lambda c, *_: c.subscribe("#")
        self.client.connect(host, int(port))
        self.client.loop_start()
        assert up.wait(10 * SLOW)

    def seen(self):
        """What the broker had by now: a message of our own goes behind it."""
        mark = f"mark/{random.randrange(1 << 60)}"
        self.client.publish(mark, "0")
        deadline = time.monotonic() + 10 * SLOW
        while not any(topic == mark for topic, _ in self.messages):
            assert time.monotonic() < deadline
            time.sleep(0.001)
        return [m for m in self.messages if not m[0].startswith("mark/")]

    def stop(self):
        self.client.loop_stop()
        self.client.disconnect()


def test_an_advance_is_answered_when_the_broker_has_every_message():
    try:
        import paho.mqtt.client  # noqa: F401
    except ImportError:
        farm.skip("python3-paho-mqtt is not installed")
    for qos in (0, 1, 2):
        with start(FARM.replace("[farm]", f"[farm]\nmqtt_qos = {qos}")) as f:
            subscriber = Subscriber(f.ready["broker"])
            for minutes in (1, 14, 45):
                done = f.api.advance(by=f"{minutes} min")
                assert done["undelivered"] == 0 and done["reached"], done
                journal = f.api.good("GET", "/v1/journal?kind=upload&limit=10000")["entries"]
                # mosquitto hands on in the order in which it took
                assert len(subscriber.seen()) == len(journal) > 0, (qos, minutes)
            times = [m["time"] for _, m in subscriber.seen() if "time" in m]
            assert times == sorted(times), "uploads come in virtual order"
            subscriber.stop()


def test_a_broker_that_says_nothing_is_waited_for_and_told_of():
    """It takes the connection and greets, and then never answers."""
    listener = socket.create_server(("127.0.0.1", 0))
    taken = []

    def serve():
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            taken.append(client)
            client.recv(1000)
            client.sendall(b"\x20\x02\x00\x00")  # CONNACK
    threading.Thread(target=serve, daemon=True).start()
    text = FARM.replace('"embedded"', f'"mqtt://127.0.0.1:{listener.getsockname()[1]}"')
    with start(text) as f:
        begun = time.monotonic()
        done = f.api.advance(by="2 min")
        took = time.monotonic() - begun
        assert done["undelivered"] > 0, done
        assert 9 < took < 20 * SLOW, took
        assert done["now"] == "2026-01-01T00:02:00.000"
    listener.close()
    with start(FARM.replace('"embedded"', '"mqtt://127.0.0.1:1"')) as f:
        begun = time.monotonic()
        done = f.api.advance(by="2 min")
        assert done["undelivered"] > 0 and time.monotonic() - begun < 8 * SLOW, done


def test_time_stands_and_clients_are_served():
    with start() as f:
        from api_farm import address_of
        unit = f.unit("shop-1")
        host, port = unit["modbus_tcp"].split(":")
        request = bytes.fromhex("000100000006" + "01" + "03" + address_of("kpm37", "u_a") + "0002")
        f.api.advance(by="1 s")
        answers = set()
        for _ in range(3):
            with socket.create_connection((host, int(port)), timeout=5) as client:
                client.sendall(request)
                answers.add(client.recv(100))
            time.sleep(0.1)
        assert len(answers) == 1, "one consistent moment"
        assert f.api.good("GET", "/v1/time")["now"] == "2026-01-01T00:00:01.000"


def test_the_clock_is_changed_while_the_farm_runs():
    with start() as f:
        assert f.api.good("PUT", "/v1/time/clock", {"clock": "x60"})["clock"] == "x60"
        time.sleep(1)
        ran = f.api.good("PUT", "/v1/time/clock", {"clock": "paused"})
        assert 20 < ran["elapsed"] + 1 < 300 * SLOW, ran
        time.sleep(0.3)
        stood = f.api.good("GET", "/v1/time")
        assert stood["elapsed"] <= ran["elapsed"] + 1, "the step under way, and no other"
        status, problem = f.api.ask("POST", "/v1/time/advance", {"by": "1 s"})
        assert status == 409 and "paused" in problem["detail"]
        f.api.good("PUT", "/v1/time/clock", {"clock": "realtime"})
        assert f.api.ask("POST", "/v1/time/advance", {"by": "1 s"})[0] == 409
        f.api.good("PUT", "/v1/time/clock", {"clock": "free"})
        time.sleep(0.3)
        far = f.api.good("PUT", "/v1/time/clock", {"clock": "stepped"})
        assert far["elapsed"] > stood["elapsed"] + 2, far
        f.api.good("PUT", "/v1/time/clock", {"clock": "x2"})
        before = f.api.good("GET", "/v1/time")["elapsed"]
        done = f.api.advance(by="1 h")  # at once, whatever the pace
        assert done["wall_ms"] < 60_000 * SLOW and done["advanced"] == 3600, done
        assert f.api.good("GET", "/v1/time")["elapsed"] < before + 3700


STEP = """
[farm]
clock = "stepped"
api = "127.0.0.1:0"
fidelity = "FIDELITY"
[supply.main]
f = "50.02 Hz"
[[supply.main.disturbance]]
kind = "dip"
at = "61.3 s"
for = "3 s"
residual = "40 %"
[load.x]
p = "3 kW"
[[meter]]
name = "m"
model = "kpm37"
supply = "main"
load = "x"
"""


def test_a_condition_stops_time_at_the_same_moment_however_it_was_cut():
    for fidelity, grain in (("sample", 0.2), ("window", 1.0)):
        found = set()
        for cuts in ((), ("7.31 s", "200 ms", "13 s"), ("61 s",)):
            with start(STEP.replace("FIDELITY", fidelity)) as f:
                for cut in cuts:
                    f.api.advance(by=cut)
                done = f.api.advance(until="m.u_a < 200", at_most="2 min")
                assert done["reached"], done
                found.add(done["now"])
                again = f.api.advance(until="m.u_a < 200", at_most="2 min")
                assert again["advanced"] == 0 and again["reached"], "it holds already"
                missed = f.api.advance(until="m.u_a > 1000", at_most="7.3 s")
                assert not missed["reached"] and missed["advanced"] == 7.3, missed
        assert len(found) == 1, found
        moment = float(found.pop()[-6:]) + 60
        assert 61.3 < moment < 62.5 and abs(moment / grain - round(moment / grain)) < 1e-9, moment


def test_an_advance_under_way_is_seen_and_ended_by_the_end():
    with start(STEP.replace("FIDELITY", "sample")) as f:
        status, taken = f.api.ask("POST", "/v1/time/advance", {"by": "300 d", "wait": False})
        assert status == 202 and taken["to"] == "2026-10-28T00:00:00.000", taken
        assert f.api.good("GET", "/v1/time")["advancing"]
        assert f.api.ask("POST", "/v1/time/advance", {"by": "1 s"})[0] == 409
        shown = f.api.good("GET", "/v1/meters/m/points?names=u_a&truth=true")["points"]["u_a"]
        assert abs(shown["truth"] - shown["value"]) < 150
        assert f.api.ask("PUT", "/v1/state", "x")[0] == 409
        assert f.stop()[0] == 0


if __name__ == "__main__":
    farm.run(sys.modules[__name__])

"""A meter that is sent to the maintenance platform and back, and the one session of a KPM312, with mosquitto's own clients."""

import json
import sys
import tempfile
import pathlib
import time

import farm
from api_client import Api
from farm import SLOW, Farm, need
from test_mqtt_commands import FARM as COMMANDED
from test_mqtt_commands import ID, Ear, get, pub

need("mosquitto_pub", "mosquitto_sub")

FARM = COMMANDED.replace("[supply.main]", 'mqtt_maintenance = "embedded"\n[supply.main]')


class Running(Farm):
    def __init__(self, folder, text=FARM):
        path = pathlib.Path(folder, "farm.toml")
        path.write_text(text)
        super().__init__("up", path)
        self.api = Api(self.ready["api"])
        self.port = int(self.ready["broker"].rsplit(":", 1)[1])
        self.wait_for("shop", 0x0101)
        self.wait_for("hall", 0x0101)

    def wait_for(self, meter, word, circuit=1, point="wireless"):
        deadline = time.monotonic() + 10 * SLOW
        while float(get(self, meter, point, circuit)) != word:
            assert time.monotonic() < deadline, f"{point} of {meter} is never {word:04X}H"


def test_a_meter_goes_to_the_maintenance_platform_and_from_there_to_a_broker():
    with tempfile.TemporaryDirectory() as folder, Running(folder) as f:
        ear = Ear(f.port, "MQTT_RECONFIG_REPLY", "MQTT_METER_REQ_CFG", "MQTT_METER_REPLY", "MQTT_RT_DATA")
        try:
            pub(f.port, "MQTT_RECONFIG_25950027", {"oprid": ID})
            assert ear.next() == ("MQTT_RECONFIG_REPLY", {"id": "33B1225950027", "oprid": ID, "code": "01", "msg": ""})
            assert ear.next() == ("MQTT_METER_REQ_CFG", {"code": "33B1225950027"})
            f.wait_for("shop", 0x0102)
            f.api.advance(by="40 s")
            heard = [ear.next() for _ in range(32)]  # at 1 s and 30 s, all of the hall's four circuits
            assert {payload["id"] for _, payload in heard} == {f"31212257C{n:04}" for n in range(336, 340)}, heard
            pub(f.port, "MQTT_SET_25950027", {"info": f"127.0.0.1;{f.port};;;;;;;;more"})
            assert ear.next() == ("MQTT_METER_REPLY", {"code": "33B1225950027", "status": "fail"})
            pub(f.port, "MQTT_SET_25950027", {"info": f"127.0.0.1;{f.port};someone;secret;;;;;"})
            assert ear.next() == ("MQTT_METER_REPLY", {"code": "33B1225950027", "status": "ok"})
            f.wait_for("shop", 0x0101)
            f.api.advance(by="30 s")
            heard = [ear.next() for _ in range(17)]
            assert "33B1225950027" in {payload["id"] for _, payload in heard}, heard
        finally:
            ear.close()
        log = f.log_text()
        assert "shop: MQTT_SET_25950027 was refused: info has 10 fields, and WiFi has 9" in log, log
        assert "secret" not in log, log


def test_without_a_platform_the_log_says_so_and_a_meter_comes_back():
    with tempfile.TemporaryDirectory() as folder, Running(folder, COMMANDED) as f:
        ear = Ear(f.port, "MQTT_RECONFIG_REPLY", "MQTT_COMMOD_READ_REP")
        try:
            info = f"127.0.0.1;{f.port};;;;;;;"
            for back in ({"kind": "mqtt-command", "meter": "shop", "command": "SET", "payload": {"info": info}},
                         {"kind": "factory-settings", "meter": "shop"}):
                pub(f.port, "MQTT_RECONFIG_25950027", {"oprid": ID})
                assert ear.next()[1]["code"] == "01"
                f.wait_for("shop", 0x0002)
                log = f.log_text()
                assert "meter shop has left its broker" in log and "mqtt_maintenance" in log and "factory-settings" in log, log
                f.api.good("POST", "/v1/actions", back)
                f.api.advance(by="1 s")
                f.wait_for("shop", 0x0101)
                pub(f.port, "MQTT_COMMOD_READ_25950027", {"oprid": ID, "Cmd": "0000", "types": "1"})
                assert ear.next()[1]["code"] == "01"
        finally:
            ear.close()


def test_what_changed_without_supply_is_heard_when_it_is_back():
    with tempfile.TemporaryDirectory() as folder, Running(folder, COMMANDED) as f:
        ear = Ear(f.port, "MQTT_TELEIND")

        def cut(stepped):
            def go_on():
                if stepped:
                    f.api.advance(by="1 s")
                else:
                    time.sleep(1)

            pub(f.port, "MQTT_TELECTRL_257C0336", {"oprid": ID, "do1": "1"})
            f.wait_for("hall", 1, point="relay_1")  # it has come
            go_on()
            topic, closed = ear.next()
            assert (closed["id"], closed["value"]) == ("31212257C0336", "00000000@00000001"), closed
            action = f.api.good("POST", "/v1/actions", {"kind": "power-off", "meter": "hall"})["id"]
            go_on()
            f.api.good("DELETE", "/v1/actions/" + action)
            go_on()
            topic, opened = ear.next()
            assert (opened["id"], opened["value"]) == ("31212257C0336", "00000000@00000000"), opened
            f.wait_for("hall", 0x0101)

        try:
            cut(True)
            f.api.good("PUT", "/v1/time/clock", {"clock": "realtime"})
            cut(False)
        finally:
            ear.close()


def test_what_was_said_before_the_supply_went_is_heard_and_what_comes_after_is_not():
    with tempfile.TemporaryDirectory() as folder, Running(folder, COMMANDED) as f:
        ear = Ear(f.port, "MQTT_TELEIND")
        try:
            def act(kind, at, lasts, **more):
                f.api.good("POST", "/v1/actions", {"kind": kind, "meter": "hall", "at": at, "for": lasts, **more})

            def says():
                _, said = ear.next()
                assert said["id"] == "31212257C0336", said
                return said["value"]

            # A step is a second. A contact closes, which is said, and then the supply goes; the contact opens
            # meanwhile, which is said when the supply is back.
            act("input", "10.2 s", "600 ms", circuit=1)
            act("power-off", "10.6 s", "5 s")
            f.api.advance(by="12 s")
            assert says() == "00000001@00000000"
            assert ear.heard == [], ear.heard
            f.api.advance(by="8 s")
            assert says() == "00000000@00000000"
            # The supply is back for three windows, all within one step.
            act("power-off", "26 s", "4.2 s")
            act("input", "27 s", "1 min", circuit=1)
            act("power-off", "30.8 s", "4 s")
            f.api.advance(by="14 s")
            assert says() == "00000001@00000000"
            f.api.advance(by="2 s")
            f.wait_for("hall", 0x0101)
            assert ear.heard == [], ear.heard
        finally:
            ear.close()


def test_answers_are_not_retained_and_uploads_are():
    text = COMMANDED.replace("[supply.main]", "mqtt_retain = true\n[supply.main]")
    with tempfile.TemporaryDirectory() as folder, Running(folder, text) as f:
        ear = Ear(f.port, "MQTT_COMMOD_READ_REP")
        pub(f.port, "MQTT_COMMOD_READ_25950027", {"oprid": ID, "Cmd": "0000", "types": "1"})
        ear.next()
        ear.close()
        f.api.good("POST", "/v1/actions", {"kind": "mqtt-command", "meter": "shop", "command": "COMMOD_READ",
                                           "payload": {"oprid": ID, "Cmd": "0000", "types": "1"}})
        f.api.advance(by="31 s")
        late = Ear(f.port, "#")
        try:
            topics = {late.next()[0]}
            pub(f.port, "last", "{}")  # behind all that is retained
            while "last" not in topics:
                topics.add(late.next()[0])
        finally:
            late.close()
        assert "MQTT_RT_DATA" in topics and not [t for t in topics if t.endswith("_REP")], topics


def test_a_kpm312_has_one_session_and_sends_circuit_after_circuit():
    with tempfile.TemporaryDirectory() as folder, Running(folder) as f:
        metrics = f.api.raw("GET", "/metrics")[2].decode()
        assert "kpmsim_mqtt_clients 2" in metrics and "kpmsim_mqtt_connected 2" in metrics, metrics
        ear = Ear(f.port, "MQTT_RT_DATA")
        try:
            f.api.advance(by="31 s")
            heard = [payload for _, payload in (ear.next() for _ in range(17)) if payload["id"].startswith("312")]
            assert [p["id"] for p in heard] == [f"31212257C{n:04}" for n in range(336, 340) for _ in range(4)], heard
            assert [p["isend"] for p in heard] == ["0", "0", "0", "1"] * 4, heard
        finally:
            ear.close()
        # the connection that one circuit loses all lose
        assert f.api.ask("POST", "/v1/actions", {"kind": "mqtt-disconnect", "meter": "hall", "circuit": 2})[0] == 422
        for n in (1, 2, 3, 4):
            f.wait_for("hall", 0x0101, n)


if __name__ == "__main__":
    farm.run(sys.modules[__name__])

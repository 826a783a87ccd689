"""Meters that come and go while the farm runs, and what a meter without power does to its connections."""

import json
import os
import pathlib
import socket
import sys
import tempfile
import threading
import time

import farm
from farm import SLOW, kpmsim
from api_farm import FARM, address_of, start


def read_word(where, unit=1, address=None):
    """The words of u_a by Modbus-TCP; nothing when there is silence."""
    host, port = where.split(":")
    with socket.create_connection((host, int(port)), timeout=1 * SLOW) as client:
        client.sendall(bytes.fromhex("000100000006") + bytes([unit, 3]) + bytes.fromhex(address or address_of("kpm37", "u_a")) + b"\0\2")
        try:
            return client.recv(100)
        except TimeoutError:
            return b""


def is_open(where):
    host, port = where.split(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
        return True
    except ConnectionRefusedError:
        return False


NEW = {"name": "flat-{n+1}", "count": 2, "model": "kpm37", "load": "office", "modbus_tcp": 0, "rtu_tcp": 0, "bus": "line1",
       "address": "100 + n", "mqtt": True}


def test_meters_come_with_everything_and_go_with_it():
    farm.need("mosquitto")
    with start() as f:
        f.api.advance(by="90 s")
        status, headers, body = f.api.raw("POST", "/v1/meters", NEW)
        assert status == 201 and headers["Location"] == "/v1/meters/flat-1", (status, body)
        flats = json.loads(body)
        assert [m["name"] for m in flats] == ["flat-1", "flat-2"]
        first = flats[0]["circuits"][0]
        assert first["modbus_tcp"].startswith("127.0.0.1:") and not first["modbus_tcp"].endswith(":0") and first["pty"], first
        assert first["mqtt_id"] and len(first["endpoints"]) == 3, first
        assert f.api.good("GET", "/v1/meters")[-2:] == flats
        assert f.api.good("GET", "/v1/farm")["meters"] == 5
        assert f.api.good("GET", "/v1/lines")[0]["meters"] == ["shop-1", "shop-2", "flat-1", "flat-2"]
        assert len(read_word(first["modbus_tcp"], 9)) == 13
        f.api.good("POST", "/v1/actions", {"kind": "load-scale", "meter": "flat-*", "by": "200 %"})
        done = f.api.advance(by="2 min")
        assert done["undelivered"] == 0, done
        shown = f.api.good("GET", "/v1/meters/flat-2/points?names=p,e_p_import&truth=true")["points"]
        assert abs(shown["p"]["value"] - 6000) < 1 and abs(shown["e_p_import"]["value"] - 0.2) < 0.001, shown
        uploads = f.api.good("GET", "/v1/journal?meter=flat-2&kind=upload")["entries"]
        assert uploads and all(e["at"] > "2026-01-01T00:01:30" for e in uploads), uploads[:1]
        assert f.api.good("GET", "/v1/journal?meter=flat-1&kind=request")["entries"], "the request is in the journal"
        metrics = f.api.raw("GET", "/metrics")[2].decode()
        assert "kpmsim_meters 5" in metrics and "kpmsim_mqtt_clients 4" in metrics and "kpmsim_mqtt_connected 4" in metrics, metrics
        # one that shares a port with one that is there, by another unit
        where = f.unit("shop-1")["modbus_tcp"]
        assert f.api.ask("POST", "/v1/meters", {"name": "x", "model": "kpm37", "modbus_tcp": where})[0] == 409, "its number was not asked for"
        taken = socket.create_server(("127.0.0.1", 0))
        before = f.api.raw("GET", "/v1/state")[2]
        status, problem = f.api.ask("POST", "/v1/meters", {"name": "y-{n}", "count": 2, "model": "kpm37", "modbus_tcp": [0, taken.getsockname()[1]], "unit": "1 + n"})
        assert status == 409 and str(taken.getsockname()[1]) in problem["detail"] and problem["place"] == "body", problem
        assert f.api.raw("GET", "/v1/state")[2] == before and len(f.api.good("GET", "/v1/meters")) == 5
        taken.close()
        # and away again
        assert f.api.good("DELETE", "/v1/meters/flat-1") == {"removed": "flat-1"}
        assert not is_open(first["modbus_tcp"]) and f.api.ask("GET", "/v1/meters/flat-1")[0] == 404
        assert f.api.ask("DELETE", "/v1/meters/flat-1")[0] == 404
        again = f.api.good("POST", "/v1/meters", {"name": "flat-1", "model": "kpm312", "loads": ["office", "none", "none", "none"],
                                                  "address": 104, "modbus_tcp": 0})
        assert len(again[0]["circuits"]) == 4
        f.api.advance(by="1 s")
        assert abs(f.api.good("GET", "/v1/meters/flat-1/points?names=p")["points"]["p"]["value"] - 3000) < 1
        assert f.api.good("POST", "/v1/reset")["now"] == "2026-01-01T00:00:00.000"
        assert [m["name"] for m in f.api.good("GET", "/v1/meters")] == ["shop-1", "shop-2", "feeder"]
        assert f.unit("shop-1")["modbus_tcp"] == f.api.good("GET", "/v1/meters/shop-1")["circuits"][0]["modbus_tcp"]
        assert len(read_word(where)) == 13


def test_mistakes_have_their_place_in_the_body():
    with start() as f:
        for body, place, cure in (
                ({"name": "a", "model": "kpm38"}, "body/model", "kpm37"),
                ({"name": "shop-1", "model": "kpm37"}, "body/name", "name of its own"),
                ({"name": "a", "model": "kpm37", "count": 2}, "body/name", "{n}"),
                ({"name": "a", "model": "kpm37", "bus": "line1", "address": 2}, "body/address", "address of its own"),
                ({"name": "a", "model": "kpm37", "modbus_tcp": ["x"]}, "body/modbus_tcp/0", "1502"),
                ({"name": "a", "model": "kpm37", "supply": "mian"}, "body/supply", "main"),
                ({"name": "a", "model": "kpm37", "colour": "red"}, "body/colour", "")):
            status, problem = f.api.ask("POST", "/v1/meters", body)
            assert status == 422 and problem["place"] == place and cure in problem["cure"], (body, problem)
        assert f.api.ask("POST", "/v1/meters", "{")[0] == 400
        assert f.api.ask("POST", "/v1/meters", [])[0] == 422
        several = f.api.ask("POST", "/v1/meters", {"name": "", "model": "kpm3", "supply": 3})[1]
        assert len(several["mistakes"]) == 3, several
        assert len(f.api.good("GET", "/v1/meters")) == 3


def test_a_saved_farm_has_them():
    env = {k: v for k, v in os.environ.items() if not k.startswith("KPMSIM_API") and k != "KPMSIM_READY"}
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "farm.toml").write_text(FARM.replace("mqtt = true", ""))

        def run(*args):
            done = kpmsim(*args, cwd=folder, env=env)
            assert done.returncode == 0, (args, done)
            return done.stdout

        def ask(method, path, body=None):
            import urllib.request
            api = json.loads(pathlib.Path(folder, "kpmsim.ready.json").read_text())["api"]
            request = urllib.request.Request(api + path, None if body is None else json.dumps(body).encode(), method=method)
            return urllib.request.urlopen(request).read()
        run("up", "farm.toml", "--detach")
        try:
            run("time", "advance", "10 s")
            ask("POST", "/v1/meters", {"name": "late", "model": "kpm53", "load": "office", "modbus_tcp": 0})
            ask("DELETE", "/v1/meters/shop-1")
            run("time", "advance", "20 s")
            run("save", "warm.kpm")
            run("time", "advance", "100 s")
            last = ask("GET", "/v1/state")
        finally:
            run("down")
        run("up", "farm.toml", "--from", "warm.kpm", "--detach")
        try:
            assert [m["name"] for m in json.loads(ask("GET", "/v1/meters"))] == ["shop-2", "feeder", "late"]
            late = next(m for m in json.loads(pathlib.Path(folder, "kpmsim.ready.json").read_text())["meters"] if m["name"] == "late")
            assert len(read_word(late["modbus_tcp"], address=address_of("kpm53", "u_a"))) == 13
            run("time", "advance", "100 s")
            assert ask("GET", "/v1/state") == last
        finally:
            run("down")


class Broker:
    """Takes everything, and remembers how each connection ended."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.ended = []  # by client id: whether DISCONNECT came
        self.greeted = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        data, name, goodbye = b"", None, False
        while True:
            try:
                chunk = client.recv(65536)
            except OSError:
                chunk = b""
            if not chunk:
                self.ended.append((name, goodbye))
                return
            data += chunk
            while len(data) >= 2:
                size, shift, n = 0, 0, 1
                while n < len(data):
                    size |= (data[n] & 0x7F) << shift
                    shift += 7
                    n += 1
                    if not data[n - 1] & 0x80:
                        break
                if len(data) < n + size:
                    break
                kind, packet, data = data[0] >> 4, data[n:n + size], data[n + size:]
                if kind == 1:
                    length = int.from_bytes(packet[10:12], "big")
                    name = packet[12:12 + length].decode()
                    self.greeted.append(name)
                    client.sendall(b"\x20\x02\0\0")
                elif kind == 12:
                    client.sendall(b"\xd0\0")
                elif kind == 14:
                    goodbye = True


def test_a_meter_without_power_is_a_dead_client():
    broker = Broker()
    with start(FARM.replace('"embedded"', f'"mqtt://127.0.0.1:{broker.listener.getsockname()[1]}"')) as f:
        assert f.api.advance(by="2 min")["undelivered"] == 0
        name = f.unit("shop-1")["mqtt_id"]
        where, pty = f.unit("shop-1")["modbus_tcp"], f.unit("shop-1")["pty"]
        assert sorted(broker.greeted) == sorted([name, f.unit("shop-2")["mqtt_id"]])
        off = f.api.good("POST", "/v1/actions", {"kind": "power-off", "meter": "shop-1"})
        f.api.good("POST", "/v1/actions", {"kind": "reboot", "meter": "shop-1"})
        f.api.advance(by="1 s")
        deadline = time.monotonic() + 10 * SLOW
        while not broker.ended and time.monotonic() < deadline:
            time.sleep(0.01)
        assert broker.ended == [(name, False)], "it says no goodbye"
        assert read_word(where) == b"" and len(read_word(f.unit("shop-2")["modbus_tcp"], 2)) == 13
        f.api.advance(by="5 min")
        assert broker.greeted.count(name) == 1, "it stays away"
        assert "kpmsim_mqtt_connected 1" in f.api.raw("GET", "/metrics")[2].decode()
        f.api.good("DELETE", "/v1/actions/" + off["id"])
        done = f.api.advance(by="5 min")
        assert broker.greeted.count(name) == 2 and done["undelivered"] == 0, (broker.greeted, done)
        assert len(read_word(where)) == 13
        f.api.good("DELETE", "/v1/meters/shop-2")
        while len(broker.ended) < 2 and time.monotonic() < deadline + 10 * SLOW:
            time.sleep(0.01)
        assert broker.ended[1] == (f.unit("shop-2")["mqtt_id"], True), "one that is taken away does"


if __name__ == "__main__":
    farm.run(sys.modules[__name__])

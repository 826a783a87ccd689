"""What the control API tells of while it happens, and its journal."""

import json
import socket
import sys

import farm
from api_farm import FARM, address_of, map_of, start
from farm import SLOW


def test_the_journal_has_requests_and_what_they_probably_meant():
    with start() as f:
        unit = f.unit("shop-1")
        rows = map_of("kpm37")
        host, port = unit["modbus_tcp"].split(":")

        def ask(function, address, count, unit_id=1):
            with socket.create_connection((host, int(port)), timeout=10) as client:
                pdu = bytes([function]) + address.to_bytes(2, "big") + count.to_bytes(2, "big")
                client.sendall(b"\0\1\0\0" + (len(pdu) + 1).to_bytes(2, "big") + bytes([unit_id]) + pdu)
                return client.recv(300)
        u_a = rows["u_a"]
        ask(3, u_a["address"], u_a["words"])
        ask(3, u_a["address"] + 1, u_a["words"])
        ask(3, 0xFFF0, 1)
        journal = f.api.good("GET", "/v1/journal?meter=shop-1&kind=request")["entries"]
        assert [e["address"] for e in journal] == [f"{u_a['address']:04X}", f"{u_a['address'] + 1:04X}", "FFF0"], journal
        assert journal[0]["near_miss"] is None and journal[0]["exception"] is None
        assert f"u_a" in journal[1]["near_miss"] and f"begins at {u_a['address']:04X}H" in journal[1]["near_miss"], journal[1]
        assert journal[0]["line"] == unit["modbus_tcp"]
        near = f.api.good("GET", "/v1/journal/near-misses")["entries"]
        assert [e["id"] for e in near] == [journal[1]["id"]], near
        assert f.api.good("GET", "/v1/journal/count?kind=request")["count"] == 3
        assert len(f.api.good("POST", "/v1/journal/find", {"function": 3, "address": "FFF0", "exception": 2})["entries"]) == 1
        assert len(f.api.good("GET", f"/v1/journal?since={journal[1]['id']}")["entries"]) == 1
        assert f.api.good("DELETE", "/v1/journal") == {"deleted": 3}
        assert f.api.good("GET", "/v1/journal/count") == {"count": 0, "forgotten": 0}


def test_events_come_as_they_happen():
    with start() as f:
        with socket.create_connection((f.api.host, f.api.port), timeout=20) as stream:
            stream.sendall(f"GET /v1/events?kinds=time,readings,relays&every=5s&names=p&meter=shop-* HTTP/1.1\r\nHost: {f.api.host}\r\n\r\n".encode())
            lines = stream.makefile("r")
            assert lines.readline().startswith("HTTP/1.1 200")
            while lines.readline() != ": kpmsim\n":
                pass
            f.api.advance(by="10 s")
            events = []
            while len(events) < 3 * 2:  # at 5 s and 10 s: time, two meters
                line = lines.readline()
                assert line, events
                if line.startswith("event: "):
                    events.append((line[7:].strip(), json.loads(lines.readline()[6:])))
        assert [kind for kind, _ in events].count("readings") >= 2, events
        reading = next(data for kind, data in events if kind == "readings")
        assert reading["meter"].startswith("shop-") and set(reading["points"]) == {"p"}, reading


def test_requests_uploads_relays_and_actions_are_told_of():
    farm.need("mosquitto")
    with start() as f:
        with socket.create_connection((f.api.host, f.api.port), timeout=20) as stream:
            stream.sendall(f"GET /v1/events?kinds=requests,uploads,relays,actions&meter=shop-1 HTTP/1.1\r\nHost: {f.api.host}\r\n\r\n".encode())
            lines = stream.makefile("r")
            while lines.readline() != ": kpmsim\n":
                pass
            f.api.advance(by="200 ms")
            for name in ("shop-1", "shop-2"):
                unit = f.unit(name)
                host, port = unit["modbus_tcp"].split(":")
                with socket.create_connection((host, int(port)), timeout=10) as client:
                    client.sendall(bytes.fromhex("000100000006" + "0103" + address_of("kpm37", "u_a") + "0002"))
                    assert len(client.recv(100)) == 13
                f.api.good("PATCH", f"/v1/meters/{name}/points", {"values": {"relay_1": 1}})
            begun = f.api.good("POST", "/v1/actions", {"kind": "load-off", "meter": "shop-1", "for": "5 s"})
            other = f.api.good("POST", "/v1/actions", {"kind": "ct-open", "meter": "shop-1", "phase": "a"})
            f.api.good("DELETE", "/v1/actions/" + other["id"])
            f.api.advance(by="2 min")
            events, ids = {}, []
            while len(events) < 4 or len(events["actions"]) < 3 or len(events["relays"]) < 2:
                line = lines.readline()
                assert line, events
                if line.startswith("id: "):
                    ids.append(int(line[4:]))
                if line.startswith("event: "):
                    events.setdefault(line[7:].strip(), []).append(json.loads(lines.readline()[6:]))
            assert ids == sorted(set(ids)), ids
            assert all(e["meter"] == "shop-1" for kind in ("requests", "uploads", "relays") for e in events[kind]), events
            assert events["requests"][0]["function"] == 3 and events["requests"][0]["exception"] is None, events["requests"]
            # a pulse of 200 ms, all of it within one step
            assert [(e["elapsed"], e["relay"], e["closed"]) for e in events["relays"]] == [(0.2, 1, True), (0.4, 1, False)], events["relays"]
            assert json.loads(events["uploads"][0]["payload"])["id"] == f.unit("shop-1")["mqtt_id"], events["uploads"][0]
            assert [(e["what"], e["id"]) for e in events["actions"]] == [
                ("started", begun["id"]), ("started", other["id"]), ("ended", other["id"])], events["actions"]


def test_an_overload_is_told_of_once():
    with start() as f:
        with socket.create_connection((f.api.host, f.api.port), timeout=20) as stream:
            stream.sendall(f"GET /v1/events?kinds=overloads,actions HTTP/1.1\r\nHost: {f.api.host}\r\n\r\n".encode())
            lines = stream.makefile("r")
            while lines.readline() != ": kpmsim\n":
                pass
            for _ in range(2):
                f.api.good("POST", "/v1/actions", {"kind": "converter-saturated", "meter": "shop-1", "factor": 40, "for": "5 s"})
                f.api.advance(by="10 s")
            events = []
            while sum(kind == "actions" for kind, _ in events) < 4:
                line = lines.readline()
                assert line, events
                if line.startswith("event: "):
                    events.append((line[7:].strip(), json.loads(lines.readline()[6:])))
            overloads = [event for kind, event in events if kind == "overloads"]
            assert [(e["meter"], e["circuit"], e["inputs"]) for e in overloads] == [("shop-1", 1, ["ia", "ib", "ic"])], events
            assert f.api.good("GET", "/v1/meters/shop-1/points?names=overloaded")["points"]["overloaded"]["value"] == 56


def listen(f, kinds, then, more):
    """The first events of these kinds that come while `then` is done, until `more(events)` says no."""
    events = []
    with socket.create_connection((f.api.host, f.api.port), timeout=20 * SLOW) as client:
        client.sendall(f"GET /v1/events?kinds={kinds} HTTP/1.1\r\nHost: {f.api.host}\r\n\r\n".encode())
        lines = client.makefile("r")
        while lines.readline().strip() != ": kpmsim":
            pass
        then()
        while more(events):
            line = lines.readline()
            assert line, events
            if line.startswith("data: "):
                events.append(json.loads(line[6:]))
    return events


def test_an_action_is_told_of_when_it_is_planned_begins_and_ends():
    do = '[[do]]\nkind = "ct-open"\nmeter = "feeder"\nphase = "a"\nat = "5 s"\nfor = "2 s"\n'
    with start(FARM + do) as f:
        def act():
            f.api.advance(by="1 s")
            f.api.good("POST", "/v1/actions", {"kind": "ct-reversed", "meter": "shop-*", "phase": "b", "at": "2026-01-01T00:00:10", "for": "10 s"})
            f.api.good("POST", "/v1/actions", {"kind": "power-off", "meter": "shop-1"})
            f.api.advance(by="30 s")
            f.api.good("DELETE", "/v1/actions/a3")
        # That the file's own is planned is said at the start: who listens then hears it, who comes later does not.
        def others(seen):
            return [e for e in seen if (e["what"], e["id"]) != ("planned", "a1")]
        events = others(listen(f, "actions", act, lambda seen: len(others(seen)) < 7))
        assert [(e["what"], e["id"], e["at"][-6:]) for e in events] == [
            ("planned", "a2", "01.000"), ("started", "a3", "01.000"), ("started", "a1", "05.000"), ("ended", "a1", "07.000"),
            ("started", "a2", "10.000"), ("ended", "a2", "20.000"), ("ended", "a3", "31.000")], events
        kinds = {e["id"]: (e["kind"], e["meters"]) for e in events}
        assert kinds == {"a1": ("ct-open", ["feeder"]), "a2": ("ct-reversed", ["shop-1", "shop-2"]), "a3": ("power-off", ["shop-1"])}, kinds


def test_a_journal_is_paged_and_filters_are_of_what_there_is():
    with start() as f:
        f.api.advance(by="20 min")
        count = f.api.good("GET", "/v1/journal/count")["count"]
        assert count > 20, count
        ids, page = [], {"more": True}
        while page["more"]:
            page = f.api.good("GET", f"/v1/journal?limit=7&since={ids[-1] if ids else 0}")
            ids += [e["id"] for e in page["entries"]]
        assert ids == sorted(ids) and len(ids) == count, (count, ids)
        for target in ("/v1/journal?meter=shop-9", "/v1/journal?line=line9", "/v1/events?meter=shop-9", "/v1/events?names=u_aa"):
            assert f.api.get(target)[0] == 404, target


if __name__ == "__main__":
    farm.run(sys.modules[__name__])

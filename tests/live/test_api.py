"""The control API as its document says it, and what is done to clients that do not keep to it."""

import json
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

import farm
from api_client import Api
from api_farm import FARM, address_of, start
from farm import SLOW, kpmsim


# ---- the document -------------------------------------------------------------------------------


class Document:
    """openapi.json, its examples with the addresses of this model's map."""

    def __init__(self, api):
        self.whole = api.good("GET", "/openapi.json")

    def operations(self):
        for path, item in self.whole["paths"].items():
            for method, operation in item.items():
                yield path, method.upper(), operation

    def check(self, operation, status, content_type, body):
        assert str(status) in operation["responses"], (operation["operationId"], status, body)
        response = operation["responses"][str(status)]
        if "$ref" in response:
            response = self.whole["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
        content = response.get("content")
        if content is None:
            assert not body, body
            return
        kind = content_type.split(";")[0]
        assert kind in content, (operation["operationId"], kind, content)
        if "json" in kind:
            import jsonschema
            schema = dict(content[kind]["schema"], components=self.whole["components"])
            jsonschema.Draft202012Validator(schema).validate(json.loads(body))


def filled(path, operation, **other):
    """The path with the examples of its parameters, and its query."""
    query = []
    for parameter in operation.get("parameters", []):
        value = other.get(parameter["name"], parameter["example"])
        text = {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", text)
        else:
            query.append(f"{parameter['name']}={text}")
    return path + ("?" + "&".join(query) if query else "")


def bodies(operation):
    """Each example of the body; None where there is none."""
    content = operation.get("requestBody", {}).get("content", {})
    for kind in content.values():
        if "examples" in kind:
            return [example["value"] for example in kind["examples"].values()]
    return [None]


def test_every_example_of_the_document_is_answered_as_it_says():
    farm.need("mosquitto")
    with start() as f:
        document = Document(f.api)
        done = set()
        for path, method, operation in document.operations():
            if operation["operationId"] in ("postShutdown", "getEvents", "putState"):
                continue
            for body in bodies(operation):
                status, headers, content = f.api.raw(method, filled(path, operation), body)
                document.check(operation, status, headers.get("Content-Type", ""), content)
                done.add((operation["operationId"], status))
                if body == {"by": "200 ms", "wait": False}:
                    while f.api.good("GET", "/v1/time")["advancing"]:
                        time.sleep(0.005)
        good = {"getFarm", "getMeters", "getMeter", "getPoints", "patchPoints", "getRegisters", "putRegisters",
                "getTime", "postAdvance", "putClock", "getJournal", "postJournalFind", "getMetrics", "getState", "postReset",
                "postMeters", "deleteMeter"}
        assert good <= {name for name, status in done if status < 300}, done
        state = f.api.raw("GET", "/v1/state")[2]
        status, headers, content = f.api.raw("PUT", "/v1/state", state)
        document.check(document.whole["paths"]["/v1/state"]["put"], status, headers["Content-Type"], content)
        assert status == 200
        status, headers, content = f.api.raw("POST", "/v1/shutdown")
        document.check(document.whole["paths"]["/v1/shutdown"]["post"], status, headers["Content-Type"], content)
        assert f.process.wait(timeout=10 * SLOW) == 0


def test_the_schemas_of_answers_are_closed():
    with start() as f:
        document = Document(f.api)

        def look(schema, where):
            if isinstance(schema, dict):
                if schema.get("type") == "object" and "properties" in schema:
                    assert schema.get("additionalProperties") is False, where
                for key, value in schema.items():
                    look(value, where + [key])
            elif isinstance(schema, list):
                for value in schema:
                    look(value, where)
        for name, schema in document.whole["components"]["schemas"].items():
            look(schema, [name])


# ---- what is answered ---------------------------------------------------------------------------


def test_points_with_their_truth_and_of_every_circuit():
    with start() as f:
        f.api.advance(by="10 s")
        shown = f.api.good("GET", "/v1/meters/shop-1/points?names=u_a,p,serial,demand_minutes&truth=true")
        assert set(shown["points"]) == {"u_a", "p", "serial", "demand_minutes"}
        assert abs(shown["points"]["u_a"]["value"] - 230) < 1 and shown["points"]["u_a"]["unit"] == "V"
        assert abs(shown["points"]["p"]["truth"] - 3000) < 1e-6 * 3000
        assert shown["points"]["serial"]["truth"] is None and shown["points"]["demand_minutes"]["truth"] is None
        assert shown["at"].startswith("2026-01-01T00:00:09.") or shown["at"] == "2026-01-01T00:00:10.000", shown
        second = f.api.good("GET", "/v1/meters/feeder/points?names=p&circuit=2")
        assert second["circuit"] == 2 and second["points"]["p"]["value"] == 0
        assert len(f.api.good("GET", "/v1/meters/shop-1/points")["points"]) > 100


def test_points_are_written_all_or_none():
    with start() as f:
        points = "/v1/meters/shop-1/points"
        before = f.api.good("GET", points + "?names=demand_minutes")["points"]["demand_minutes"]["value"]
        status, problem = f.api.ask("PATCH", points, {"values": {"demand_minutes": 10, "u_a": 3}})
        assert status == 422 and problem["place"] == "body/values/u_a", problem
        assert f.api.good("GET", points + "?names=demand_minutes")["points"]["demand_minutes"]["value"] == before
        assert f.api.good("PATCH", points, {"values": {"demand_minutes": 10}})["values"] == {"demand_minutes": 10}
        assert f.api.good("GET", points + "?names=demand_minutes")["points"]["demand_minutes"]["value"] == 10
        word = f.api.good("GET", "/v1/meters/shop-1/registers/" + address_of("kpm37", "demand_minutes"))["words"]
        assert word == [10], word


def test_what_is_entered_at_the_keys_opens_the_menu_or_not():
    with start() as f:
        def keys(meter, values, password):
            return f.api.ask("PATCH", f"/v1/meters/{meter}/points", {"values": values, "as": "keys", "password": password})

        status, problem = keys("shop-1", {"demand_minutes": 9}, 6665)
        assert status == 403 and problem["place"] == "body/password" and "back on its measurements" in problem["detail"], problem
        assert f.api.good("GET", "/v1/meters/shop-1/points?names=demand_minutes")["points"]["demand_minutes"]["value"] == 15
        assert keys("shop-1", {"password": 4711, "demand_minutes": 9}, 6666)[0] == 200
        assert keys("shop-1", {"demand_minutes": 8}, 6666)[0] == 403
        assert f.api.good("GET", "/v1/meters/shop-1/registers/0")["words"] == [4711]
        f.api.advance(by="1 s")
        assert keys("shop-1", {"demand_minutes": 7}, 4711)[1]["values"] == {"demand_minutes": 7}
        status, problem = f.api.ask("PATCH", "/v1/meters/feeder/points", {"values": {"rated_current_a": 100}})
        assert status == 422 and "at the keys alone" in problem["detail"] and "keys" in problem["cure"], problem
        assert keys("feeder", {"rated_current_a": 100}, 6666)[0] == 200
        # An action does the same at its moment.
        for password, value in ((6666, 3), (4711, 4)):
            f.api.good("POST", "/v1/actions", {"kind": "keys", "meter": "shop-1", "password": password, "point": "ct", "value": value})
        f.api.advance(by="1 s")
        assert f.api.good("GET", "/v1/meters/shop-1/points?names=ct")["points"]["ct"]["value"] == 4


def test_an_override_says_so_and_ends():
    with start() as f:
        points = "/v1/meters/shop-1/points"
        done = f.api.good("PATCH", points, {"values": {"u_a": 207.5, "p": 1}, "as": "override"})
        assert done["as"] == "override" and done["values"] == {"u_a": 207.5, "p": 1}
        f.api.advance(by="1 s")
        shown = f.api.good("GET", points + "?names=u_a,u_b,p&truth=true")["points"]
        assert shown["u_a"]["value"] == 207.5 and shown["u_a"]["override"] and abs(shown["u_a"]["truth"] - 230) < 1e-6
        assert not shown["u_b"]["override"] and shown["p"]["value"] == 1
        assert len(f.api.good("GET", "/v1/actions")) == 2
        status, problem = f.api.ask("PATCH", points, {"values": {"u_b": 1, "u_c": 1e300}, "as": "override"})
        assert status == 422 and problem["place"] == "body/values/u_c", problem
        assert f.api.ask("DELETE", points + "/u_a")[0] == 204
        f.api.advance(by="1 s")
        shown = f.api.good("GET", points + "?names=u_a,u_b,p")["points"]
        assert abs(shown["u_a"]["value"] - 230) < 1 and not shown["u_a"]["override"] and abs(shown["u_b"]["value"] - 230) < 1
        assert f.api.ask("DELETE", points + "/u_a")[0] == 404


def test_mistakes_have_place_and_cure():
    with start() as f:
        for method, target, body, status, place, cure in (
                ("GET", "/v1/meter", None, 404, "path", "/v1/meters"),
                ("GET", "/v1/meters/shop-9", None, 404, "path", "shop-1"),
                ("GET", "/v1/meters/shop-1/points?name=u_a", None, 400, "query name", "names"),
                ("GET", "/v1/meters/shop-1/points?names=u_aa", None, 404, "query names", "u_a"),
                ("GET", "/v1/meters/shop-1/points?circuit=2", None, 404, "query circuit", "one"),
                ("GET", "/v1/meters/shop-1/points?truth=yes", None, 400, "query truth", "truth=true"),
                ("GET", "/v1/meters/shop-1/registers/xyz", None, 400, "path", "hexadecimal"),
                ("GET", "/v1/meters/shop-1/registers/FFFF", None, 404, "path", "kpmsim map"),
                ("GET", "/v1/meters/shop-1/registers/0?words=126", None, 400, "query words", "125"),
                ("PATCH", "/v1/meters/shop-1/points", "{", 400, "body", "object"),
                ("PATCH", "/v1/meters/shop-1/points", [], 400, "body", "object"),
                ("PATCH", "/v1/meters/shop-1/points", {"value": {}}, 400, "body", "values"),
                ("PATCH", "/v1/meters/shop-1/points", {"values": {"demand_minutes": "x"}}, 400, "body/values/demand_minutes", "number"),
                ("PATCH", "/v1/meters/shop-1/points", {"values": {"serial": "x"}}, 422, "body/values/serial", "write a setting"),
                ("PATCH", "/v1/meters/shop-1/points", {"values": {"demand_minutes": 1e9}}, 422, "body/values/demand_minutes", "whole number from"),
                ("PATCH", "/v1/meters/shop-1/points", {"values": {"demand_minutes": 10.5}}, 422, "body/values/demand_minutes", "whole number from"),
                ("PATCH", "/v1/meters/shop-1/points", {"values": {"pt": 2}, "as": "keys"}, 400, "body/password", "6666"),
                ("PATCH", "/v1/meters/shop-1/points", {"values": {"pt": 2}, "as": "keys", "password": 66666}, 400, "body/password", "9999"),
                ("PATCH", "/v1/meters/shop-1/points", {"values": {"pt": 2}, "password": 6666}, 400, "body/password", "keys"),
                ("PATCH", "/v1/meters/shop-1/points", '{"values": {"p": 1, "p": 2}}', 400, "body/values/p", "leave one"),
                ("POST", "/v1/actions", '{"kind": "dip"', 400, "body", "residual"),
                ("POST", "/v1/meters", "{]", 400, "body", "model"),
                ("POST", "/v1/expect", "x", 400, "body", "expect"),
                ("POST", "/v1/reset", {"to": "start"}, 400, "body/to", "takes none"),
                ("POST", "/v1/time/advance", {}, 400, "body", "by"),
                ("POST", "/v1/time/advance", {"by": "1 s", "to": "2026-01-02T00:00:00"}, 400, "body/to", "one of them"),
                ("POST", "/v1/time/advance", {"by": "soon"}, 400, "body/by", "15m"),
                ("POST", "/v1/time/advance", {"until": "shop-1.p"}, 400, "body/until", "shop-3.p > 2000"),
                ("POST", "/v1/time/advance", {"to": "2025-01-01T00:00:00"}, 400, "body/to", "later"),
                ("POST", "/v1/time/advance", {"to": "9999-01-01T00:00:00"}, 400, "body/to", "2026"),
                ("POST", "/v1/time/advance", {"until": "shop-9.p > 1"}, 400, "body/until", "shop-1"),
                ("POST", "/v1/time/advance", {"by": "1 s", "at_most": "1 s"}, 400, "body/at_most", "until"),
                ("POST", "/v1/time/advance", {"by": "1 s", "bye": 1}, 400, "body/bye", "by"),
                ("PUT", "/v1/time/clock", {"clock": "x"}, 400, "body/clock", "stepped"),
                ("PUT", "/v1/state", "nonsense", 422, "body", "save"),
                ("DELETE", "/v1/actions/a9", None, 404, "path", "/v1/actions"),
                ("GET", "/v1/journal?limit=x", None, 400, "query limit", "whole number"),
                ("GET", "/v1/events?kinds=tiem", None, 400, "query kinds", "time"),
                ("GET", "/v1/%zz", None, 400, "path", "%")):
            got, problem = f.api.ask(method, target, body)
            assert got == status, (method, target, body, got, problem)
            assert problem["status"] == status and problem["place"] == place and cure in problem["cure"], (target, body, problem)
        several = f.api.ask("POST", "/v1/time/advance", {"by": "soon", "wait": 3, "x": 1})[1]
        assert [m["place"] for m in several["mistakes"]] == ["body/by", "body/wait", "body/x"], several


def test_methods_that_a_path_has():
    with start() as f:
        status, headers, body = f.api.raw("HEAD", "/v1/farm")
        assert status == 200 and body == b"" and int(headers["Content-Length"]) > 50
        status, headers, body = f.api.raw("OPTIONS", "/v1/actions")
        assert status == 204 and headers["Allow"] == "GET, HEAD, POST, DELETE, OPTIONS", headers
        status, headers, body = f.api.raw("PUT", "/v1/farm", "{}")
        assert status == 405 and headers["Allow"] == "GET, HEAD, OPTIONS"
        assert json.loads(body)["cure"] == "allowed: GET, HEAD, OPTIONS"


def test_reset_and_state():
    with start() as f:
        first = f.api.raw("GET", "/v1/state")[2]
        f.api.good("PATCH", "/v1/meters/shop-1/points", {"values": {"demand_minutes": 7}})
        f.api.advance(by="90 s")
        middle = f.api.raw("GET", "/v1/state")[2]
        f.api.advance(by="17.3 s")
        f.api.advance(by="100 s")
        last = f.api.raw("GET", "/v1/state")[2]
        assert f.api.good("PUT", "/v1/state", middle)["now"] == "2026-01-01T00:01:30.000"
        f.api.advance(by="117300 ms")
        assert f.api.raw("GET", "/v1/state")[2] == last, "it goes on to the bit, however time is cut"
        assert f.api.ask("PUT", "/v1/state", middle[:-1])[0] == 422
        damaged = bytearray(middle)
        damaged[len(damaged) // 2] ^= 1
        assert f.api.ask("PUT", "/v1/state", bytes(damaged))[0] == 422
        assert f.api.raw("GET", "/v1/state")[2] == last, "what does not fit changes nothing"
        assert f.api.good("POST", "/v1/reset")["now"] == "2026-01-01T00:00:00.000"
        assert f.api.raw("GET", "/v1/state")[2] == first
        with start(FARM.replace("count = 2", "count = 1")) as other:
            status, problem = other.api.ask("PUT", "/v1/state", middle)
            assert status == 422 and "count is 1 here, 2 there" in problem["detail"], problem


def test_a_pause_ends_an_advance_and_answers_are_of_the_last_moment():
    with start() as f:
        assert f.api.ask("POST", "/v1/time/advance", {"by": "20 d", "wait": False})[0] == 202
        shown = f.api.good("PUT", "/v1/time/clock", {"clock": "paused"})
        assert not shown["advancing"] and shown["elapsed"] < 20 * 86400, shown
        time.sleep(0.3)
        assert f.api.good("GET", "/v1/time")["now"] == shown["now"]
        f.api.good("POST", "/v1/reset")
        for clock in ("free", "x60"):
            f.api.good("PUT", "/v1/time/clock", {"clock": clock})
            time.sleep(0.2)
            assert f.api.advance(by="60 s")["advanced"] == 60.0
            shown = f.api.good("PUT", "/v1/time/clock", {"clock": "stepped"})
            assert f.api.good("GET", "/v1/time")["now"] == shown["now"]
        assert f.api.advance(by="10 cycles")["advanced"] == 0.2


def test_a_meter_without_power_answers_nothing_that_the_wire_asks():
    with start() as f:
        f.api.advance(by="1 s")
        cut = f.api.good("POST", "/v1/actions", {"kind": "power-off", "meter": "shop-1"})
        f.api.advance(by="1 s")
        word = "/v1/meters/shop-1/registers/" + address_of("kpm37", "demand_minutes")
        for method, target, body in (("PATCH", "/v1/meters/shop-1/points", {"values": {"demand_minutes": 10}}), ("GET", word, None),
                                     ("PUT", word, {"words": [10]})):
            status, problem = f.api.ask(method, target, body)
            assert status == 409 and "no power" in problem["detail"], (method, target, problem)
        assert f.api.good("GET", "/v1/meters/shop-1/points?names=u_a&truth=true")["points"]["u_a"]["truth"] > 229
        assert f.api.ask("PATCH", "/v1/meters/shop-1/points", {"values": {"u_a": 1}, "as": "override"})[0] == 200
        f.api.good("DELETE", "/v1/actions/" + cut["id"])
        f.api.advance(by="1 s")
        assert f.api.ask("GET", word)[0] == 200


def test_a_meter_that_comes_back_has_the_port_it_had_and_the_ready_file_says_so():
    with start() as f:
        ready = f.folder / "ready.json"
        ports = lambda: {m["name"]: m["modbus_tcp"] for m in json.loads(ready.read_text())["meters"] if m["circuit"] == 1}
        began = ports()
        f.api.good("DELETE", "/v1/meters/shop-2")
        assert "shop-2" not in ports()
        f.api.good("POST", "/v1/reset")
        assert ports() == began
        now = {m["name"]: m["circuits"][0]["modbus_tcp"] for m in f.api.good("GET", "/v1/meters")}
        assert now == began, (now, began)


def test_actions_come_and_go_and_are_saved():
    with start() as f:
        began = f.api.raw("GET", "/v1/state")[2]
        u_a = "/v1/meters/shop-1/points?names=u_a"
        dip = f.api.good("POST", "/v1/actions", {"kind": "dip", "supply": "main", "residual": "40 %", "for": "10 s"})
        assert dip["until"] == "2026-01-01T00:00:10.000", dip
        assert f.api.ask("POST", "/v1/actions", {"kind": "dip", "supply": "main", "residual": "40 %"})[0] == 422
        f.api.advance(by="2 s")
        assert abs(f.api.good("GET", u_a)["points"]["u_a"]["value"] - 92) < 1
        middle = f.api.raw("GET", "/v1/state")[2]
        f.api.advance(by="20 s")
        assert abs(f.api.good("GET", u_a)["points"]["u_a"]["value"] - 230) < 1
        assert f.api.good("GET", "/v1/actions") == []
        last = f.api.raw("GET", "/v1/state")[2]
        f.api.good("PUT", "/v1/state", middle)
        assert [a["id"] for a in f.api.good("GET", "/v1/actions")] == [dip["id"]]
        f.api.advance(by="20 s")
        assert f.api.raw("GET", "/v1/state")[2] == last, "it goes on to the bit, the dip's end too"
        f.api.good("POST", "/v1/reset")
        assert f.api.raw("GET", "/v1/state")[2] == began and f.api.good("GET", "/v1/actions") == []
        f.api.advance(by="2 s")
        assert abs(f.api.good("GET", u_a)["points"]["u_a"]["value"] - 230) < 1, "the dip is forgotten"


# ---- who may come in ----------------------------------------------------------------------------


def test_the_gate():
    with start() as f:
        assert f.api.raw("GET", "/v1/farm", headers={"Host": "evil.example"})[0] == 421
        assert f.api.raw("GET", "/v1/farm", headers={"Host": "127.0.0.1.evil.example"})[0] == 421
        twice = f"GET /v1/farm HTTP/1.1\r\nHost: {f.api.host}\r\nHost: {f.api.host}\r\n\r\n".encode()
        assert b"400" in conversation(f.api, twice).splitlines()[0]
        assert f.api.raw("GET", "/v1/farm", headers={"Host": f"localhost:{f.api.port}"})[0] == 200
        assert f.api.raw("POST", "/v1/reset", headers={"Origin": "http://evil.example"})[0] == 403
        here = f"http://{f.api.host}:{f.api.port}"
        assert f.api.raw("POST", "/v1/reset", headers={"Origin": here})[0] == 200
    with start(FARM, "--api-token", "s3cret") as f:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "s3cret"}):
            status, sent, body = f.api.raw("GET", "/v1/farm", headers=headers)
            assert status == 401 and sent["WWW-Authenticate"] == "Bearer" and b"s3cret" not in body
        assert f.api.raw("GET", "/healthz")[0] == 200
        assert Api(f.ready["api"], "s3cret").raw("GET", "/v1/farm")[0] == 200
        assert "s3cret" not in f.log_text()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "farm.toml"
        path.write_text(FARM.replace("127.0.0.1:0", "0.0.0.0:0", 1))
        done = kpmsim("up", path, cwd=folder)
        assert done.returncode == 3 and "--api-token" in done.stderr, done
        done = kpmsim("up", path, "--api", "nonsense", cwd=folder)
        assert done.returncode == 2 and "--api" in done.stderr, done


# ---- bad clients --------------------------------------------------------------------------------


def conversation(api, data, more=b"", patience=5):
    """What comes back for these bytes."""
    with socket.create_connection((api.host, api.port), timeout=patience * SLOW) as client:
        client.sendall(data)
        if more:
            client.sendall(more)
        got = b""
        try:
            while chunk := client.recv(65536):
                got += chunk
        except (TimeoutError, ConnectionResetError):
            pass
        return got


def test_bad_clients_harm_nobody():
    with start() as f:
        host = f"Host: {f.api.host}\r\n".encode()
        assert b"400" in conversation(f.api, b"\x16\x03\x01nonsense\r\n\r\n").splitlines()[0]
        assert b"431" in conversation(f.api, b"GET / HTTP/1.1\r\n" + host + b"X: " + b"a" * 20000 + b"\r\n\r\n").splitlines()[0]
        assert b"413" in conversation(f.api, b"POST /v1/time/advance HTTP/1.1\r\n" + host + b"Content-Length: 999999999\r\n\r\n").splitlines()[0]
        chunks = b"POST /v1/time/advance HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\n" + b"10000\r\n" + b"x" * 65536 + b"\r\n10000\r\n"
        assert b"413" in conversation(f.api, chunks, b"x" * 65536).splitlines()[0]
        # half a body, and no more to come
        with socket.create_connection((f.api.host, f.api.port), timeout=5 * SLOW) as client:
            client.sendall(b"POST /v1/time/advance HTTP/1.1\r\n" + host + b"Content-Length: 20\r\n\r\n{")
            client.shutdown(socket.SHUT_WR)
            got = client.recv(65536)
            assert b"400" in got.splitlines()[0] and b"problem+json" in got, got
        # half a head, half a body, and hundreds that say nothing
        idle = []
        for data in [b"GET /v1/fa", b"POST /v1/time/advance HTTP/1.1\r\n" + host + b"Content-Length: 20\r\n\r\n{"] + [b""] * 250:
            client = socket.create_connection((f.api.host, f.api.port), timeout=5)
            client.sendall(data)
            idle.append(client)
        assert f.api.get("/v1/farm")[0] == 200
        for _ in range(20):  # over the limit
            idle.append(socket.create_connection((f.api.host, f.api.port), timeout=5))
        assert b"503" in idle[-1].recv(2000).splitlines()[0]
        for client in idle:
            client.close()
        deadline = time.monotonic() + 10 * SLOW
        while f.api.get("/v1/farm")[0] != 200:
            assert time.monotonic() < deadline
        # two requests in one write are answered in order
        two = b"GET /healthz HTTP/1.1\r\n" + host + b"\r\nGET /version HTTP/1.1\r\n" + host + b"Connection: close\r\n\r\n"
        got = conversation(f.api, two)
        assert got.index(b'"ok"') < got.index(b'"kpmsim"')
        # a listener that reads nothing is left behind
        deaf = socket.create_connection((f.api.host, f.api.port), timeout=5)
        deaf.sendall(b"GET /v1/events?kinds=readings&every=200ms HTTP/1.1\r\n" + host + b"\r\n")
        f.api.advance(by="60 s")
        assert f.api.get("/v1/farm")[0] == 200
        deaf.close()


def test_a_random_client_gets_no_5xx():
    seed = random.randrange(1 << 32)
    print("seed", seed)
    dice = random.Random(seed)
    with start() as f:
        document = Document(f.api)
        operations = [(p, m, o) for p, m, o in document.operations()
                      if o["operationId"] not in ("postShutdown", "getEvents", "getState", "putClock")]
        odd = ["", "x", "%00", "..", "%2F", "-1", "0", "999999999999", "true", "u_a", "shop-1", "ü", "*", "'\"", "a" * 300]
        values = [None, True, 0, -1, 1e308, "", "15m", "200 ms", "x60", [], {}, [1, 2], {"u_a": 1}, {"demand_minutes": 3},
                  "2026-01-01T00:00:01", "shop-1.p > 0", "\x00", "\ud83d\ude00", [[[]]], 65536]
        keys = ["values", "as", "circuit", "words", "by", "to", "until", "at_most", "wait", "kind", "function", "limit", "x"]
        for _ in range(600):
            path, method, operation = dice.choice(operations)
            other = {p["name"]: dice.choice(odd) for p in operation.get("parameters", []) if dice.random() < 0.3}
            target = filled(path, operation, **{k: urllib.parse.quote(v, safe="%._-*") for k, v in other.items()})
            kind = dice.random()
            if kind < 0.3:
                body = dice.choice(bodies(operation))
            elif kind < 0.9:
                body = {dice.choice(keys): dice.choice(values) for _ in range(dice.randrange(4))}
            else:
                body = dice.randbytes(dice.randrange(60))
            if isinstance(body, dict) and (str(body.get("until", "")) or "to" in body) and body.get("at_most") is None:
                body["at_most"] = "2 s"
            if isinstance(body, dict) and dice.random() < 0.3:  # a number that no double holds
                body = json.dumps(body).replace("65536", "1e400").encode()
            if dice.random() < 0.1:
                method = dice.choice(["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"])
                if path in ("/v1/shutdown",):
                    continue
            status, _, answer = f.api.raw(method, target, body)
            assert status < 500, (seed, method, target, body, status, answer)
        assert f.process.poll() is None
        assert f.api.get("/healthz")[0] == 200


def test_the_metrics_please_promtool():
    cache = pathlib.Path(tempfile.gettempdir()) / "kpmsim-promtool"
    promtool = shutil.which("promtool") or cache / "usr/bin/promtool"
    if not pathlib.Path(promtool).exists():
        cache.mkdir(exist_ok=True)
        got = subprocess.run("apt-get download -q prometheus && dpkg-deb -x prometheus_*.deb . && rm -f prometheus_*.deb",
                             shell=True, cwd=cache, capture_output=True, text=True)
        if got.returncode != 0:
            farm.skip("promtool cannot be had here")
    with start() as f:
        text = f.api.raw("GET", "/metrics")[2]
        done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True)
        assert done.returncode == 0 and not done.stderr, done
        assert b"shop-1" not in text


if __name__ == "__main__":
    farm.run(sys.modules[__name__])

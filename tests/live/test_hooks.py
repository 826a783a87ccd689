"""[[hook]]: events are posted to a server that may be slow, ill, or away, and the farm does not mind."""

import http.server
import json
import sys
import threading
import time

import farm
from farm import SLOW, kpmsim
from api_farm import FARM, start


class Receiver:
    """Takes what is posted; `answer` says with which status, at the nth request from 1."""

    def __init__(self, port=0, answer=lambda n: 204):
        self.events, self.asked = [], 0
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.asked += 1
                status = answer(receiver.asked)
                if status < 300:
                    receiver.events.append((self.path, body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def wait(self, events, seconds=20):
        deadline = time.monotonic() + seconds * SLOW
        while len(self.events) < events and time.monotonic() < deadline:
            time.sleep(0.01)
        return [body for _, body in self.events]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def with_hook(port, more=""):
    return FARM + f'''
[[hook]]
url = "http://127.0.0.1:{port}/events?farm=1"
{more}
'''


def metric(f, name):
    text = f.api.raw("GET", "/metrics")[2].decode()
    return float(next(line.split()[1] for line in text.splitlines() if line.startswith(name + " ")))


def test_events_are_posted_in_their_order():
    receiver = Receiver()
    with start(with_hook(receiver.port, 'kinds = ["readings", "actions"]\nmeter = "shop-*"\nnames = ["p"]\nevery = "10 s"')) as f:
        f.api.advance(by="5 s")
        f.api.good("POST", "/v1/actions", {"kind": "load-scale", "load": "office", "by": "50 %"})
        f.api.advance(by="30 s")
        events = receiver.wait(1 + 2 * 4)  # readings at 0, 10, 20 and 30 s
        assert [e["id"] for e in events] == sorted(e["id"] for e in events), events
        assert {path for path, _ in receiver.events} == {"/events?farm=1"}
        readings = [e["event"] for e in events if e["kind"] == "readings"]
        assert [r["meter"] for r in readings] == ["shop-1", "shop-2"] * 4 and set(readings[0]["points"]) == {"p"}, readings
        assert abs(readings[0]["points"]["p"] - 3000) < 1 and abs(readings[-1]["points"]["p"] - 1500) < 1, readings
        assert [e["event"]["what"] for e in events if e["kind"] == "actions"] == ["started"]
        assert metric(f, "kpmsim_hook_events_total") == len(events) and metric(f, "kpmsim_hook_events_lost_total") == 0
    receiver.stop()


def test_a_server_that_is_away_or_ill_gets_them_later():
    first = Receiver()
    port = first.port
    first.stop()
    with start(with_hook(port, 'kinds = ["time"]\nevery = "1 s"')) as f:
        f.api.advance(by="10 s")
        receiver = Receiver(port, answer=lambda n: 503 if n in (3, 4) else 200)
        events = receiver.wait(10)
        assert [e["event"]["elapsed"] for e in events[:10]] == [float(n) for n in range(10)], events
        assert receiver.asked >= 12, "what it could not take was sent again"
        assert metric(f, "kpmsim_hook_events_lost_total") == 0
        log = f.log_text()
        assert log.count("events wait, up to 1000 of them") >= 1 and "is back" in log, log
        receiver.stop()


def test_what_is_lost_is_counted_and_told_once_and_the_farm_goes_on():
    refuses = Receiver(answer=lambda n: 400)
    with start(with_hook(refuses.port, 'kinds = ["time"]\nevery = "1 s"')) as f:
        f.api.advance(by="20 s")
        deadline = time.monotonic() + 20 * SLOW
        while metric(f, "kpmsim_hook_events_lost_total") < 21 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert metric(f, "kpmsim_hook_events_lost_total") == 21
        assert f.log_text().count("events are lost: it answers 400") == 1
    refuses.stop()
    away = Receiver()
    away.stop()
    with start(with_hook(away.port, 'kinds = ["time"]\nevery = "1 s"')) as f:
        begun = time.monotonic()
        f.api.advance(by="30 min")  # 1800 events, of which 1000 wait
        assert time.monotonic() - begun < 60 * SLOW
        assert metric(f, "kpmsim_hook_events_lost_total") > 400
        assert f.log_text().count("events are lost") == 1
        assert f.api.get("/healthz")[0] == 200
        code, took = f.stop()
        assert code == 0 and took < 5 * SLOW, "nobody waits for it at the end either"


def test_mistakes_in_a_hook():
    import pathlib
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "farm.toml"
        path.write_text(FARM + '[[hook]]\nurl = "https://x"\nkinds = ["relay"]\nevery = "0 s"\ncolour = 1\n[[hook]]\nkinds = []\n')
        said = kpmsim("validate", path).stderr
        for part in ("no http:// URL", 'unknown kind of event "relay"', "no time that can pass", 'unknown key "colour"', 'lacks "url"', "names none"):
            assert part in said, (part, said)
        assert said.count("\n") == 6, said
        path.write_text(FARM + '[[hook]]\nurl = "http://x"\nmeter = "shpo-*"\n[[hook]]\nurl = "http://x"\nkinds = ["readings"]\nnames = ["u_a", "u_q"]\n')
        said = kpmsim("validate", path).stderr
        assert 'no meter is called "shpo-*"' in said and 'no meter of this hook has a point "u_q"' in said, said
        assert said.count("\n") == 2, said


if __name__ == "__main__":
    farm.run(sys.modules[__name__])

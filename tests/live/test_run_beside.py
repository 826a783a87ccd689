"""kpmsim run --exec: a farm that is served while a command runs, and what outside systems made of it."""

import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import time

import farm
from farm import KPMSIM, SLOW
from scenario_files import FOLDER, GOOD, SCENARIO, run, write


def test_a_command_runs_beside_the_farm():
    good = write("good.toml", SCENARIO + GOOD)
    write("client.py", """
import json, os, urllib.request
ready = json.load(open(os.environ["KPMSIM_READY"]))
assert ready["api"] == os.environ["KPMSIM_API"], ready
assert ready["meters"][0]["modbus_tcp"] == os.environ["KPMSIM_TCP_SHOP_1"]
assert os.environ["KPMSIM_UNIT_SHOP_1"] == str(ready["meters"][0]["unit"])
body = json.dumps({"by": "20 s"}).encode()
print(urllib.request.urlopen(os.environ["KPMSIM_API"] + "/v1/time/advance", body).read().decode())
""")
    command = f"{sys.executable} client.py && {KPMSIM} read tcp://$KPMSIM_TCP_SHOP_1 --unit 1 --model kpm53 p"
    done = run(good, "--exec", command, "--clock", "stepped", "-v")
    assert done.returncode == 0, done
    assert "(2 expectations, 00:00:20 in" in done.stdout, done.stdout
    done = run(good, "--exec", "exit 7", "--clock", "stepped")
    assert done.returncode == 1 and "exit code 7; expected exit code 0" in done.stdout, done
    begun = time.monotonic()
    done = run(good, "--exec", "sleep 300 & echo $! > pid; wait", "--time-limit", "1 s")
    assert done.returncode == 1 and "did not end within 1 s" in done.stdout, done
    assert time.monotonic() - begun < 20 * SLOW
    # What it had started is gone as well, or waits for somebody to take note of that.
    stat = pathlib.Path("/proc", (FOLDER / "pid").read_text().strip(), "stat")
    assert not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] == "Z", stat.read_text()
    # A terminal that is closed is a farm that is stopped.
    line = write("line.toml", SCENARIO.replace("modbus_tcp = 0", 'bus = "b"\naddress = 1\n[bus.b]\npty = "line"') + GOOD)
    (FOLDER / "pid").unlink()
    stopped = subprocess.Popen([KPMSIM, "run", line, "--exec", "sleep 300 & echo $! > pid; wait"], cwd=FOLDER,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20 * SLOW
    while not (FOLDER / "pid").exists() or not (FOLDER / "pid").read_text().endswith("\n"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert (FOLDER / "line").is_symlink()
    stopped.send_signal(signal.SIGHUP)
    out, err = stopped.communicate(timeout=20 * SLOW)
    assert stopped.returncode == 1 and "stopped by a signal" in out + err, (stopped.returncode, out, err)
    assert not (FOLDER / "line").is_symlink()
    stat = pathlib.Path("/proc", (FOLDER / "pid").read_text().strip(), "stat")
    assert not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] == "Z", stat.read_text()
    taken = write("taken.toml", SCENARIO.replace("modbus_tcp = 0", 'modbus_tcp = "127.0.0.1:1"') + GOOD)
    if os.geteuid() != 0:
        assert run(taken, "--exec", "true").returncode == 3
    assert run(good, "--exec", "true", "--jobs", "2").returncode == 2


def test_expectations_by_the_api():
    good = write("good.toml", SCENARIO + GOOD)
    write("asks.py", """
import json, os, urllib.error, urllib.request
def ask(target, body=None):
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(os.environ["KPMSIM_API"] + target, data) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())
assert ask("/v1/scenario")[1]["name"] == "good"
first, = ask("/v1/expectations")[1]
assert first["id"] == "p" and first["result"] == "waiting", first
status, now = ask("/v1/expect", {"what": "shop-1.u_a", "between": ["229 V", "231 V"]})
assert status == 201 and now["result"] == "passed", now
status, more = ask("/v1/expect", {"id": "more", "what": "shop-1.p", "above": "7 kW", "eventually": "20 s"})
assert status == 201 and more["result"] == "waiting", more
assert ask("/v1/expect", {"id": "more", "what": "shop-1.p"})[0] == 422
status, wrong = ask("/v1/expect", {"what": "shop-1.u_aa"})
assert status == 422 and "did you mean u_a" in json.dumps(wrong), wrong
ask("/v1/time/advance", {"by": "5 s"})
ask("/v1/actions", {"kind": "load-scale", "load": "shop", "by": "150 %"})
ask("/v1/time/advance", {"by": "1 s"})
found = {e["id"]: e for e in ask("/v1/expectations")[1]}["more"]
assert found["result"] == "passed" and 5 < found["at_s"] <= 5.4, found
""")
    # the load that the command changed is more than the file allows
    done = run(good, "--exec", f"{sys.executable} asks.py", "--clock", "stepped", "-v")
    assert "ok: exec" in done.stdout and "no: p: shop-1.p: " in done.stdout, done


def test_what_the_users_system_stored():
    base = sqlite3.connect(FOLDER / "bill.db")
    base.execute("create table if not exists bill (kw real)")
    base.execute("delete from bill")
    base.execute("insert into bill values (6.0)")
    base.commit()
    write("export.csv", "time,p_kw\n1,5.5\n2,6.0\n")
    write("page.json", '{"meters": [{"p": 6000.0}]}')
    stored = write("stored.toml", SCENARIO + """
[[expect]]
kind = "sqlite"
file = "bill.db"
query = "select 1000 * sum(kw) from bill"
is = "truth(shop-1.p)"
within = "0.1 %"
[[expect]]
kind = "csv"
file = "export.csv"
column = "p_kw"
unit = "kW"
is = "6000 W"
[[expect]]
kind = "csv"
file = "export.csv"
column = "p_kw"
row = 1
is = 5.5
[[expect]]
kind = "command"
run = "cat page.json"
pointer = "/meters/0/p"
is = "shop-1.p"
within = "0.1 %"
""")
    done = run(stored, "-v")
    assert done.returncode == 0, done
    server = subprocess.Popen([sys.executable, "-m", "http.server", "0", "--bind", "127.0.0.1"], cwd=FOLDER,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              env={**os.environ, "PYTHONUNBUFFERED": "1"})
    try:
        port = server.stdout.readline().split("port ")[1].split()[0]
        page = write("page.toml", SCENARIO + f"""
[[expect]]
kind = "http"
url = "http://127.0.0.1:{port}/page.json"
pointer = "/meters/0/p"
is = "truth(shop-1.p)"
within = "0.1 %"
[[expect]]
kind = "http"
url = "http://127.0.0.1:{port}/none"
is = 1
""")
        done = run(page, "-v")
        assert done.returncode == 1 and "ok: http" in done.stdout and "answers 404" in done.stdout, done
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
    wrong = stored.read_text().replace("sum(kw)", "sum(kwh)").replace('"p_kw"', '"p"', 1).replace("cat", "false; cat")
    done = run(write("wrong.toml", wrong))
    assert done.returncode == 1, done
    for part in ["no such column: kwh", "has no column \"p\"; it has time, p_kw"]:
        assert part in done.stdout, done.stdout


def test_what_real_clients_did_can_be_expected():
    asking = SCENARIO + GOOD + """
[[expect]]
id = "asked"
kind = "client"
client = "exec"
event = "request"
what = "03 *"
meter = "shop-1"
at_least = 1
[[expect]]
id = "never-written"
kind = "client"
client = "exec"
event = "request"
what = "06 *"
is = 0
[[expect]]
id = "counted"
what = "exec.requests - exec.answers"
is = 0
"""
    write("asking.toml", asking)
    read = f"{farm.KPMSIM} read tcp://$KPMSIM_TCP_SHOP_1 u_a --model kpm37"
    done = run("asking.toml", "--exec", read, "--verbose")
    assert done.returncode == 0, done
    done = run("asking.toml", "--exec", "true")
    assert done.returncode == 1 and "no: asked" in done.stdout, done
    done = run("asking.toml")
    assert done.returncode == 2 and "no client is called" in done.stderr, done


def test_a_message_of_a_broker_is_something_stored():
    stored = """
[scenario]
for = "10 s"
[supply.main]
[load.shop]
p = "3 kW"
[[meter]]
name = "shop-1"
model = "kpm37"
load = "shop"
mqtt = true
[[expect]]
id = "bill"
kind = "mqtt"
topic = "bill/shop-1"
pointer = "/w"
is = "truth(shop-1.p)"
within = "0.1 %"
"""
    publish = 'mosquitto_pub -h "${KPMSIM_BROKER%:*}" -p "${KPMSIM_BROKER##*:}" -r -t bill/shop-1 -m \'{"w": WATTS}\''
    write("message.toml", stored)
    assert run("message.toml", "--exec", publish.replace("WATTS", "3000")).returncode == 0
    done = run("message.toml", "--exec", publish.replace("WATTS", "2990"))
    assert done.returncode == 1 and "no: bill" in done.stdout and "2990" in done.stdout, done
    done = run("message.toml", "--exec", "true")
    assert done.returncode == 1 and "no message on bill/shop-1 within 5 s" in done.stdout, done
    done = run("message.toml")
    assert done.returncode == 1 and "the farm has no broker of its own" in done.stdout, done
    done = run(write("wild.toml", stored.replace("bill/shop-1", "bill/+")))
    assert done.returncode == 2 and "stands for several topics" in done.stderr, done


def test_faults_reach_real_clients():
    write("faulty.toml", SCENARIO.replace('modbus_tcp = 0', 'modbus_tcp = 0\ntags = ["a"]') + GOOD + """
[[do]]
kind = "exception"
meter = "shop-1"
code = 4
at = "0 s"
for = "5 s"
[[do]]
kind = "power-off"
meter = "shop-1"
at = "6 s"
for = "2 s"
[[expect]]
id = "answered"
kind = "client"
client = "exec"
event = "answer"
at_least = 2
""")
    read = f"{farm.KPMSIM} read tcp://$KPMSIM_TCP_SHOP_1 u_a --model kpm53"
    step = f"{farm.KPMSIM} time advance"
    ok = f"{step} 1s && ! {read} && {step} 4500ms && {read} && {step} 1s && ! {read} && {step} 3s && {read}"
    done = run("faulty.toml", "--exec", ok, "--clock", "stepped", "--verbose")
    assert done.returncode == 0, done


if __name__ == "__main__":
    farm.run(sys.modules[__name__])

#!/usr/bin/env python3
"""What the control API, an empty action layer and MQTT uploads cost, as ratios of runs that take turns.

    bench/cost.py KPMSIM [--runs N]

  advance    `advance 1s` of 24 KPM312 by the API, answered, over the metering of that second in a free run (target: 1.3 x + 1 ms)
  idle api   processor time of a free run with the control API on, over one without (target: 1.01)
  uploads    24 KPM37 for a day, uploads at factory intervals through the embedded broker: wall time a message above a day without
             (target: 30 us)
"""

import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
METERS = """
[supply.main]
[load.shop]
p = "12 kW"
pf = "0.9 ind"
[[meter]]
name = "m-{n}"
model = "kpm312"
count = 24
loads = ["shop", "shop", "shop", "shop"]
modbus_tcp = 0
"""


def timed(kpmsim, *args):
    """Wall and processor seconds of a run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    subprocess.run([kpmsim, *args], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.monotonic() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def free_run(kpmsim, farm, seconds, *more):
    return timed(kpmsim, "up", farm, "--clock", "free", "--for", f"{seconds}s", "--threads", "1", *more)


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def advances(kpmsim, farm, folder, count):
    """Wall seconds of each `advance 1s`."""
    ready = folder / "ready.json"
    server = subprocess.Popen([kpmsim, "up", farm, "--clock", "stepped", "--api", "127.0.0.1:0", "--threads", "1", "--ready-file", ready],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not ready.exists():
            time.sleep(0.02)
        url = json.loads(ready.read_text())["api"] + "/v1/time/advance"
        took = []
        for _ in range(count):
            begun = time.monotonic()
            post(url, {"by": "1s"})
            took.append(time.monotonic() - begun)
        return took
    finally:
        server.terminate()
        server.wait()
        ready.unlink(missing_ok=True)


def second_of_metering(kpmsim, farm):
    """Processor seconds of one more simulated second."""
    short, long = 20, 220
    return (free_run(kpmsim, farm, long)[1] - free_run(kpmsim, farm, short)[1]) / (long - short)


def uploads(kpmsim, folder):
    """Wall seconds a message, above a day without any."""
    farm = folder / "day.toml"
    text = (HERE / "day.toml").read_text().replace('"day.csv"', json.dumps(str(HERE / "day.csv")))
    farm.write_text(text)
    without = timed(kpmsim, "up", farm, "--clock", "free", "--for", "24h", "--threads", "1")[0]
    farm.write_text(text.replace('model = "kpm37"', 'model = "kpm37"\nmqtt = true'))
    done = subprocess.run([kpmsim, "up", farm, "--clock", "free", "--for", "24h", "--threads", "1"], check=True, capture_output=True,
                          text=True)
    begun = time.monotonic()
    subprocess.run([kpmsim, "up", farm, "--clock", "free", "--for", "24h", "--threads", "1"], check=True, capture_output=True)
    wall = time.monotonic() - begun
    messages = int(done.stderr.split(" MQTT messages")[0].split()[-1])
    return (wall - without) / messages, messages


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("kpmsim", type=os.path.abspath)
    args.add_argument("--runs", type=int, default=5)
    asked = args.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        os.chdir(folder)
        farm = folder / "farm.toml"
        farm.write_text(METERS)
        advance, idle = [], []
        for _ in range(asked.runs):
            metering = second_of_metering(asked.kpmsim, farm)
            took = statistics.median(advances(asked.kpmsim, farm, folder, 100))
            advance.append((took, metering, (took - 1e-3) / metering))
            plain = free_run(asked.kpmsim, farm, 1000)[1]
            idle.append(free_run(asked.kpmsim, farm, 1000, "--api", "127.0.0.1:0")[1] / plain)
        took, metering, ratio = (statistics.median(column) for column in zip(*advance))
        print(f"advance    {1e3 * took:.2f} ms; metering of that second {1e3 * metering:.2f} ms; less 1 ms {ratio:.2f} x")
        print(f"idle api   {statistics.median(idle):.4f} x ({min(idle):.4f} to {max(idle):.4f})")
        cost, messages = uploads(asked.kpmsim, folder)
        print(f"uploads    {1e6 * cost:.1f} us a message, {messages} messages")


if __name__ == "__main__":
    main()

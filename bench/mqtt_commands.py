#!/usr/bin/env python3
"""How long an MQTT command waits for its answer, in a farm in real time.

    bench/mqtt_commands.py KPMSIM [--meters 1000] [--commands 5000] [--seconds 65] [--pause 2]

One client asks meters in a random order, one command at a time, MQTT_COMMOD_READ and MQTT_COMMOD_SET in turns, and takes the time from its
publish to the answer with its oprid (target: 20 ms at the 99th percentile of 1,000 meters). So many commands at least, and so many seconds: all
meters upload meanwhile, every 30 s or 60 s. The farm's state is kept. Needs python3-paho-mqtt; a machine that does nothing else.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import tempfile
import threading
import time

import paho.mqtt.client as mqtt

FARM = """
[farm]
state = "kept"
[supply.main]
[load.shop]
p = "12 kW"
pf = "0.9 ind"
[[meter]]
name = "m-{n}"
model = "kpm33b"
count = METERS
load = "shop"
mqtt = true
"""


class Platform:
    def __init__(self, port):
        self.answers, self.came = {}, threading.Event()
        there = threading.Event()
        self.client = mqtt.Client(client_id="platform")
        self.client.on_message = self.hear
        self.client.on_subscribe = lambda *_: there.set()
        self.client.connect("127.0.0.1", port)
        self.client.subscribe([("MQTT_COMMOD_READ_REP", 0), ("MQTT_COMMOD_SET_REP", 0)])
        self.client.loop_start()
        there.wait(10)

    def hear(self, client, _, message):
        self.answers[json.loads(message.payload)["oprid"]] = time.perf_counter()
        self.came.set()

    def find(self, tail, number):
        """Asks until the meter has come to its broker and listens."""
        oprid = f"{number:032x}"
        for _ in range(60):
            self.came.clear()
            self.client.publish(f"MQTT_COMMOD_READ_{tail}", json.dumps({"oprid": oprid, "types": "1", "Cmd": "0000"}))
            until = time.perf_counter() + 1
            while oprid not in self.answers and time.perf_counter() < until:
                self.came.wait(0.1)
                self.came.clear()
            if self.answers.pop(oprid, None):
                return
        raise SystemExit(f"{tail} is not there")

    def ask(self, command, tail, number, more):
        """Seconds from the publish to its answer."""
        oprid = f"{number:032x}"
        self.came.clear()
        begun = time.perf_counter()
        self.client.publish(f"MQTT_{command}_{tail}", json.dumps({"oprid": oprid, "types": "1", **more}))
        while oprid not in self.answers:
            if not self.came.wait(10):
                raise SystemExit(f"{tail} does not answer {command}")
            self.came.clear()
        return self.answers.pop(oprid) - begun


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("kpmsim", type=os.path.abspath)
    args.add_argument("--meters", type=int, default=1000)
    args.add_argument("--commands", type=int, default=5000)
    args.add_argument("--seconds", type=float, default=65)
    args.add_argument("--pause", type=float, default=2, help="ms from an answer to the next command, at most")
    asked = args.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "farm.toml").write_text(FARM.replace("METERS", str(asked.meters)))
        server = subprocess.Popen([asked.kpmsim, "up", "farm.toml", "--clock", "realtime", "--ready-file", "ready.json"], cwd=folder,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while not (folder / "ready.json").exists():
                time.sleep(0.05)
            ready = json.loads((folder / "ready.json").read_text())
            tails = [meter["serial"][-8:] for meter in ready["meters"]]
            platform = Platform(int(ready["broker"].rsplit(":", 1)[1]))
            for number, tail in enumerate(tails):
                platform.find(tail, number)
            draw, took = random.Random(1), []
            until = time.perf_counter() + asked.seconds
            while len(took) < asked.commands or time.perf_counter() < until:
                number = len(tails) + len(took)
                command, more = ("COMMOD_READ", {}) if number % 2 else ("COMMOD_SET", {"value": draw.choice(["30", "60"])})
                took.append(platform.ask(command, draw.choice(tails), number, {"Cmd": "0000", **more}))
                time.sleep(1e-3 * draw.uniform(0, asked.pause))
        finally:
            server.terminate()
            server.wait()
    took.sort()
    at = lambda part: 1e3 * took[min(len(took) - 1, int(part * len(took)))]
    print(f"{asked.meters} meters, {len(took)} commands: median {at(0.5):.2f} ms, 99th percentile {at(0.99):.2f} ms, longest {1e3 * took[-1]:.2f} ms")


if __name__ == "__main__":
    main()

"""A farm that is killed (SIGKILL) at random moments while clients poll it by Modbus-TCP, command it by Modbus and over
its control API, and hear its MQTT packets: nothing that any of them saw may ever be taken back."""

import json
import pathlib
import random
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

from api_client import Api
from farm import KPMSIM, SLOW

FARM = """
[farm]
clock = "x20"
api = "127.0.0.1:API"
state = "kept"
state_every = "20 s"
broker = "mqtt://127.0.0.1:BROKER"
[supply.main]
drift = { u = "1 %", u_time = "20 s" }
[load.shop]
p = "9 kW"
vary = "10 %"
[load.pumps]
kind = "motor"
p = "4 kW"
pf = "0.85 ind"
"""
METERS = [("kpm312", 'loads = ["shop", "pumps", "shop", "none"]\noptions = "1A2A3A4A-K-R-Wi"\nmqtt = true\n'),
          ("kpm37", 'load = "shop"\n'), ("kpm53", 'load = "pumps"\n'), ("kpm33b", 'load = "shop"\nmqtt = true\n')]
ENERGIES = (0x0068, 28)  # fourteen floats, import and export by phase and in all
CLOCK = (0x0023, 3)
DEMAND_MINUTES = 0x0006  # a KPM33B has none
ACTION = {"kind": "load-scale", "load": "shop", "by": "120 %", "for": "1 d"}


class Gone(Exception):
    """The other side was killed."""


def free_port():
    """A port that the system gives to nobody who asks for any, so that it is free, too, between two lives."""
    for port in random.SystemRandom().sample(range(10000, 32000), 1000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass
    raise RuntimeError("no port is free")


class Client:
    """A Modbus-TCP master of one meter."""

    def __init__(self, port):
        self.port, self.socket, self.transaction = port, None, 0

    def ask(self, pdu):
        try:
            if self.socket is None:
                self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=5 * SLOW)
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.transaction = self.transaction + 1 & 0xFFFF
            self.socket.sendall(struct.pack(">HHHB", self.transaction, 0, len(pdu) + 1, 1) + pdu)
            head = self.take(7)
            return self.take(struct.unpack(">HHHB", head)[2] - 1)
        except OSError as error:
            self.close()
            raise Gone from error

    def take(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise OSError("closed")
            data += more
        return data

    def close(self):
        if self.socket is not None:
            self.socket.close()
        self.socket = None

    def read(self, first, words):
        answer = self.ask(struct.pack(">BHH", 3, first, words))
        assert answer[0] == 3, answer.hex()
        return answer[2:]

    def write(self, register, word):
        answer = self.ask(struct.pack(">BHHBH", 16, register, 1, 2, word))
        assert answer[0] == 16, answer.hex()


class Poller(threading.Thread):
    """Reads energies and clock again and again: neither ever goes back."""

    def __init__(self, trial, name, port):
        super().__init__(daemon=True)
        self.trial, self.name, self.client = trial, name, Client(port)
        self.energies, self.clock, self.answers, self.slowest = (0.0,) * 14, b"", 0, 0.0

    def run(self):
        while not self.trial.over.is_set():
            try:
                begun = time.monotonic()
                self.look()
                self.slowest = max(self.slowest, time.monotonic() - begun)
                time.sleep(0.002)
            except Gone:
                time.sleep(0.005)

    def look(self):
        energies = struct.unpack(">14f", self.client.read(*ENERGIES))
        clock = self.client.read(*CLOCK)
        for n, (was, is_now) in enumerate(zip(self.energies, energies)):
            if is_now < was:
                self.trial.wrong(f"{self.name}: energy {n} was {was!r} and is {is_now!r}")
        if clock < self.clock:
            self.trial.wrong(f"{self.name}: the clock was {self.clock.hex()} and is {clock.hex()}")
        self.energies, self.clock = energies, clock
        self.answers += 1


class Commander(threading.Thread):
    """Writes settings and begins and ends actions: what was acknowledged holds."""

    def __init__(self, trial):
        super().__init__(daemon=True)
        self.trial, self.random = trial, random.Random(trial.seed)
        self.clients = {name: Client(port) for name, port in trial.ports.items() if not name.startswith("kpm33b")}
        self.held = {}        # setting by meter, as it was acknowledged
        self.asked = {}       # … as it may have been taken besides
        self.running, self.doubtful = set(), set()
        self.writes = self.deeds = 0
        self.quiet = threading.Lock()  # held by those who look at what holds

    def run(self):
        while not self.trial.over.is_set():
            try:
                with self.quiet:
                    if self.random.random() < 0.7:
                        self.write()
                    else:
                        self.act()
            except (Gone, OSError, ConnectionError):
                time.sleep(0.005)
            time.sleep(self.random.random() * 0.03)

    def write(self):
        name = self.random.choice(sorted(self.clients))
        value = self.random.randrange(1, 60)
        self.asked.setdefault(name, set()).add(value)
        self.clients[name].write(DEMAND_MINUTES, value)
        self.held[name], self.asked[name] = value, set()
        self.writes += 1

    def act(self):
        api = Api(f"http://127.0.0.1:{self.trial.api_port}")
        if self.running and self.random.random() < 0.6:
            action = self.random.choice(sorted(self.running))
            self.running.discard(action)
            self.doubtful.add(action)
            status, _ = api.ask("DELETE", "/v1/actions/" + action)
            if status == 200:
                self.doubtful.discard(action)
        else:
            status, answer = api.ask("POST", "/v1/actions", ACTION)
            if status == 201:
                self.running.add(answer["id"])
        self.deeds += status < 300

    def look(self):
        """After a start: every acknowledged setting and action is there."""
        for name, client in self.clients.items():
            client.close()  # of the life before
            value = struct.unpack(">H", client.read(DEMAND_MINUTES, 1))[0]
            may_be = {self.held.get(name, value)} | self.asked.get(name, set())
            if value not in may_be:
                self.trial.wrong(f"{name}: demand_minutes is {value}, acknowledged was {self.held.get(name)}")
            self.held[name], self.asked[name] = value, set()
        status, actions = Api(f"http://127.0.0.1:{self.trial.api_port}").get("/v1/actions")
        there = {action["id"] for action in actions}
        if lost := self.running - there:
            self.trial.wrong(f"actions {sorted(lost)} were begun and are not there")
        self.running, self.doubtful = there, set()


class Ear:
    """Hears the packets: of one topic, time and set of keys there is one content, however often it comes."""

    def __init__(self, trial, port):
        import paho.mqtt.client as mqtt
        self.trial, self.packets, self.again = trial, {}, 0
        self.client = mqtt.Client(client_id="ear")
        self.client.on_connect = lambda client, *_: client.subscribe("#")
        self.client.on_message = lambda client, _, message: self.hear(message.topic, message.payload.decode())
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def hear(self, topic, payload):
        packet = json.loads(payload)
        key = topic, packet.get("id"), packet.get("time"), *packet
        if key in self.packets:
            self.again += 1
            if self.packets[key] != payload:
                self.trial.wrong(f"{key}: {self.packets[key]} became {payload}")
        self.packets[key] = payload


class Trial:
    def __init__(self, seed=1):
        self.seed, self.random = seed, random.Random(seed)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kpmsim-kill-"))
        self.over, self.faults, self.starts, self.process = threading.Event(), [], [], None
        self.api_port, broker = free_port(), free_port()
        self.ports = {f"{model}-{n}": free_port() for n, (model, _) in enumerate(METERS)}
        text = FARM.replace("API", str(self.api_port)).replace("BROKER", str(broker))
        for (name, port), (model, keys) in zip(self.ports.items(), METERS):
            text += f'[[meter]]\nname = "{name}"\nmodel = "{model}"\nmodbus_tcp = "127.0.0.1:{port}"\n{keys}'
        (self.folder / "farm.toml").write_text(text)
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.broker = subprocess.Popen([program, "-p", str(broker)], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", broker)) == 0:
                    break
            time.sleep(0.02)
        self.ear = Ear(self, broker)
        self.pollers = [Poller(self, name, port) for name, port in self.ports.items()]
        self.commander = Commander(self)

    def wrong(self, what):
        self.faults.append(f"life {len(self.starts)}: {what}")

    def start(self):
        """Until it is ready; then all that was acknowledged is there."""
        ready = self.folder / "ready.json"
        begun = time.monotonic()
        with open(self.folder / "log", "a") as log:
            self.process = subprocess.Popen([KPMSIM, "up", "farm.toml", "--ready-file", "ready.json"],
                                            cwd=self.folder, stdout=subprocess.DEVNULL, stderr=log)
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > begun + 60 * SLOW:
                raise RuntimeError("it did not start:\n" + (self.folder / "log").read_text()[-3000:])
            time.sleep(0.002)
        self.starts.append(time.monotonic() - begun)
        with self.commander.quiet:
            self.commander.look()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        (self.folder / "ready.json").unlink(missing_ok=True)

    def run(self, kills, say=None):
        self.start()
        for thread in [*self.pollers, self.commander]:
            thread.start()
        for n in range(kills):
            time.sleep(self.random.random() ** 2 * 2 * SLOW)
            self.kill()
            self.start()
            if say and (n + 1) % 10 == 0:
                say(f"{n + 1} kills: {self.report()}")
        time.sleep(0.3)
        self.over.set()
        for thread in [*self.pollers, self.commander]:
            thread.join(10)
        return self.faults

    def report(self):
        starts = sorted(self.starts)
        return (f"{sum(p.answers for p in self.pollers)} readings, {self.commander.writes} writes and "
                f"{self.commander.deeds} deeds acknowledged, {len(self.ear.packets)} packets, {self.ear.again} of them "
                f"twice, {len(self.faults)} taken back; from the start to ready {starts[len(starts) // 2]:.2f} s "
                f"(median), {starts[-1]:.2f} s (longest)")

    def close(self):
        self.over.set()
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait()
        self.ear.client.loop_stop()
        self.broker.terminate()
        self.broker.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

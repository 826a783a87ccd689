"""Brokers that are not the embedded one: TLS, two farms on one broker, uploads that radios spread."""

import contextlib
import json
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import farm
from farm import SLOW, Farm, kpmsim, need

need("mosquitto_sub", "openssl")

FARM = """
[farm]
KEYS
[supply.main]
[load.office]
p = "3 kW"
[[meter]]
name = "m{n}"
model = "kpm33b"
count = 20
load = "office"
mqtt = true
"""


def write(folder, keys, name="farm.toml"):
    path = pathlib.Path(folder) / name
    path.write_text(FARM.replace("KEYS", keys))
    return path


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


@contextlib.contextmanager
def broker(folder, config):
    """A mosquitto with a configuration of the test's own."""
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    if not pathlib.Path(program).exists():
        farm.skip("mosquitto is not installed")
    path = pathlib.Path(folder) / "mosquitto.conf"
    path.write_text("user root\nallow_anonymous true\n" + config)
    with subprocess.Popen([program, "-c", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.kill()


def soon(what, within):
    deadline = time.monotonic() + within * SLOW
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def certificate(folder, name, *more):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem", *more],
                   cwd=folder, check=True, stderr=subprocess.DEVNULL)


def signed(folder, name, host):
    certificate(folder, name, "-CA", "ca.pem", "-CAkey", "ca.key", "-addext", f"subjectAltName=DNS:{host}")


def heard(port, count):
    """The ids of that many realtime packets."""
    done = subprocess.run(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(port), "-t", "MQTT_RT_DATA", "-C", str(count),
                           "-W", "60"], capture_output=True, text=True)
    return {json.loads(line)["id"] for line in done.stdout.splitlines()}


def test_a_farm_uploads_over_tls_with_certificates_on_both_sides():
    with tempfile.TemporaryDirectory() as folder:
        certificate(folder, "ca")
        signed(folder, "server", "localhost")
        signed(folder, "meters", "meters")
        plain, tls = free_port(), free_port()
        config = (f"listener {plain} 127.0.0.1\nlistener {tls} 127.0.0.1\ncafile {folder}/ca.pem\n"
                  f"certfile {folder}/server.pem\nkeyfile {folder}/server.key\nrequire_certificate true\n")
        keys = f'clock = "x60"\nbroker = "mqtts://localhost:{tls}"\nmqtt_ca = "ca.pem"\n'
        own = 'mqtt_certificate = "meters.pem"\nmqtt_key = "meters.key"\n'
        with broker(folder, config):
            with Farm("up", write(folder, keys + own)) as f:
                assert heard(plain, 20) == {m["mqtt_id"] for m in f.meters}
                assert "warn" not in f.log_text(), f.log_text()
            with Farm("up", write(folder, keys)) as f:  # without a certificate of its own
                soon(lambda: "mqtt_certificate" in f.log_text(), 10)
                # in so many words, unless the broker's closing overtakes the reason that it gives
                assert f.log_text().count("warning") == 1, f.log_text()
                assert f.stop()[0] == 0
        done = kpmsim("up", write(folder, keys + own.replace("meters.key", "server.key")), "--for", "1s")
        assert done.returncode == 3 and "is not that of the certificate" in done.stderr, done
        done = kpmsim("validate", write(folder, keys.replace("ca.pem", "no.pem")))
        assert done.returncode == 2 and "farm.toml:5:11: mqtt_ca" in done.stderr, done


def test_two_farms_on_one_broker_say_why_and_how_they_part():
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        keys = f'broker = "mqtt://127.0.0.1:{port}"'
        with broker(folder, f"listener {port} 127.0.0.1\n"):
            path = write(folder, keys)
            with Farm("up", path) as east, Farm("up", path) as west:
                soon(lambda: "most likely another client has the same id" in east.log_text() + west.log_text(), 60)
                assert "is down" not in east.log_text() + west.log_text()
            with Farm("up", path) as east, Farm("up", write(folder, keys + '\nmqtt_client_id = "west-{serial}"')) as west:
                time.sleep(5)
                for f in (east, west):
                    assert "warn" not in f.log_text(), f.log_text()


def test_spread_uploads_are_the_same_messages_later_and_the_same_again():
    with tempfile.TemporaryDirectory() as folder:
        def messages(keys, name, *more):
            out = pathlib.Path(folder) / name
            done = kpmsim("up", write(folder, 'clock = "free"\n' + keys), "--for", "11m", "--record", out, *more)
            assert done.returncode == 0, done
            return (out / "mqtt.jsonl").read_text()

        at_once = messages("", "at-once")
        assert at_once == messages('mqtt_jitter = "0 s"', "zero")
        spread = messages('mqtt_jitter = "10 s"', "spread")
        assert spread == messages('mqtt_jitter = "10 s"', "again", "--threads", 2)
        assert spread != messages('mqtt_jitter = "10 s"', "seed", "--seed", 5)

        def sent(text):
            return {(m["meter"], m["topic"], json.loads(m["payload"])["time"]): m["t"]
                    for m in map(json.loads, text.splitlines())}

        def second(iso):
            h, m, s = iso[11:].split(":")
            return 3600 * int(h) + 60 * int(m) + int(s)

        before, after = sent(at_once), sent(spread)
        lags = [second(after[k]) - second(before[k]) for k in before if k in after]  # cut to seconds
        assert len(lags) > 400 and min(lags) == 0 and max(lags) == 9
        assert 4 < sum(lags) / len(lags) < 5, sum(lags) / len(lags)


if __name__ == "__main__":
    farm.run(sys.modules["__main__"])

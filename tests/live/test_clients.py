"""Outside clients read every model of the quick start: mbpoll (TCP and pty), pymodbus, mosquitto_sub and kpmsim read.
They agree with each other, and with the truth that kpmsim wrote down."""

import csv
import json
import os
import subprocess
import sys
import time

import farm
from farm import SOURCE, Farm, kpmsim, need

need("mbpoll", "mosquitto_sub")
try:
    from pymodbus.client import ModbusTcpClient
    from pymodbus.constants import Endian
    from pymodbus.payload import BinaryPayloadDecoder
except ImportError:
    farm.skip("pymodbus is not installed")

# Loads and supply of the quick start drift slowly, and the clients come one after the other.
NEAR = 0.01


def near(a, b, scale):
    return abs(a - b) <= NEAR * scale


def address_of(model, name):
    rows = json.loads(kpmsim("map", model, "--format", "json").stdout)
    rows = rows["registers"] if isinstance(rows, dict) else rows
    return next(r["address"] for r in rows if r["name"] == name)


def with_mbpoll(endpoint, unit, address):
    time.sleep(0.15)  # a KPM37 hears no frame that comes within 100 ms of the last
    how = (["-m", "tcp", "-p", endpoint.split(":")[1], endpoint.split(":")[0]] if ":" in endpoint
           else ["-m", "rtu", "-b", "9600", "-P", "none", endpoint])
    done = subprocess.run(["mbpoll", "-0", "-1", "-q", "-B", "-t", "4:float", "-o", "2", "-a", str(unit),
                           "-r", str(address), *how[:-1], how[-1]], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return float(done.stdout.split(f"[{address}]:")[1].split()[0])


def with_pymodbus(endpoint, unit, address):
    host, port = endpoint.split(":")
    client = ModbusTcpClient(host, port=int(port))
    assert client.connect()
    answer = client.read_holding_registers(address, 2, slave=unit)
    client.close()
    assert not answer.isError(), answer
    decoder = BinaryPayloadDecoder.fromRegisters(answer.registers, byteorder=Endian.Big, wordorder=Endian.Big)
    return decoder.decode_32bit_float()


def with_read(endpoint, unit, model, name):
    scheme = "tcp://" if ":" in endpoint else "rtu://"
    done = kpmsim("read", scheme + endpoint, "--unit", unit, "--model", model, name, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)[0]["value"]


def test_every_client_reads_every_model():
    with Farm("up", SOURCE / "examples/quickstart.toml", "--record", "record") as f:
        assert len(f.meters) >= 24, len(f.meters)
        models = {m["model"] for m in f.meters}
        assert models == {"kpm312", "kpm37", "kpm53", "kpm33b"}, models
        assert len({m["pty"] for m in f.meters if m["pty"]}) == 2

        host, port = f.broker.split(":")
        listener = subprocess.Popen(["mosquitto_sub", "-h", host, "-p", port, "-t", "#", "-F", "%t %p", "-W", "45"],
                                    stdout=subprocess.PIPE, text=True)
        seen = {}
        for model in sorted(models):
            for name in ("u_a", "f"):
                on_tcp = next(m for m in f.meters if m["model"] == model and m["modbus_tcp"])
                on_line = next(m for m in f.meters if m["model"] == model and m["pty"])
                address = address_of(model, name)
                values = {
                    "mbpoll tcp": with_mbpoll(on_tcp["modbus_tcp"], on_tcp["unit"], address),
                    "pymodbus": with_pymodbus(on_tcp["modbus_tcp"], on_tcp["unit"], address),
                    "read tcp": with_read(on_tcp["modbus_tcp"], on_tcp["unit"], model, name),
                    "mbpoll pty": with_mbpoll(on_line["pty"], on_line["unit"], address),
                    "read pty": with_read(on_line["pty"], on_line["unit"], model, name),
                }
                print(model, name, values)
                scale = max(map(abs, values.values()))
                assert scale > 40, values
                assert all(near(v, values["pymodbus"], scale) for v in values.values()), values
                seen[model, name] = on_tcp, values["pymodbus"]

        # MQTT: every meter that uploads is heard within its 30 s.
        heard = {}
        out, _ = listener.communicate(timeout=60)
        for line in out.splitlines():
            topic, payload = line.split(" ", 1)
            heard.setdefault(topic, {}).setdefault(json.loads(payload)["id"], {}).update(json.loads(payload))
        uploading = [m for m in f.meters if m["mqtt_id"]]
        assert uploading
        for m in uploading:
            packet = heard["MQTT_RT_DATA"][m["mqtt_id"]]
            if m["modbus_tcp"] and "ua" in packet:
                u = with_read(m["modbus_tcp"], m["unit"], m["model"], "u_a")
                assert near(packet["ua"], u, max(u, 1)), (m, packet["ua"], u)

        code, took = f.stop()
        assert code == 0, f.log_text()
        truth = {}
        for row in csv.DictReader(l for l in open(f.folder / "record/truth.csv") if not l.startswith("#")):
            truth[row["meter"], int(row["circuit"]), row["quantity"]] = float(row["reading"]), float(row["truth"] or "nan")
        for (model, name), (meter, value) in seen.items():
            reading, true = truth[meter["name"], meter["circuit"], name]
            assert near(value, true, abs(true)), (model, name, value, true)
            assert abs(reading - true) <= 1e-4 * abs(true), (model, name, reading, true)


if __name__ == "__main__":
    farm.run(sys.modules["__main__"])

"""The JSON Schemas of a model's files: they take every built-in model and every example, and what they refuse the loader
refuses as well, key by key."""

import json
import pathlib
import sys
import tempfile
import tomllib

import farm
from farm import SOURCE, kpmsim

try:
    import jsonschema
except ImportError:
    farm.skip("jsonschema is not installed")

FILES = ("meter", "registers", "mqtt")
WRONG = {"string": 3, "boolean": "yes", "integer": "three", "number": True, "array": 3, "object": 3}


def schemas():
    return {file: json.loads(kpmsim("models", "--schema", file).stdout) for file in FILES}


def models():
    for folder in sorted([*(SOURCE / "models").iterdir(), *(SOURCE / "examples/models").iterdir()]):
        if (folder / "meter.toml").exists():
            yield folder.name, {f: tomllib.loads((folder / f"{f}.toml").read_text())
                                for f in FILES if (folder / f"{f}.toml").exists()}


def toml(value):
    """A value as TOML, tables inline."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def write(folder, files):
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / f"{name}.toml").write_text("".join(f"{json.dumps(k)} = {toml(v)}\n" for k, v in data.items()))


def changed(node, path, value):
    """The document with the value at the path; without the last key for the value None."""
    if not path:
        return value
    copy = list(node) if isinstance(node, list) else dict(node)
    if len(path) == 1 and value is None:
        del copy[path[0]]
    else:
        copy[path[0]] = changed(copy.get(path[0]) if isinstance(copy, dict) else copy[path[0]], path[1:], value)
    return copy


def faults(schema, node, path=()):
    """Where a document can be broken, and with what: (path, value)."""
    if isinstance(node, list):
        items = schema.get("items", {})
        yield path, 3
        if node and "properties" not in items:
            yield path + (0,), WRONG[items["type"]] if isinstance(items.get("type"), str) else True
        for n in range(min(len(node), 2)):
            yield from faults(items, node[n], path + (n,))
        return
    if not isinstance(node, dict) or "properties" not in schema:
        return
    yield path + ("no_such_key",), 1
    for key in schema.get("required", []):
        if key in node:
            yield path + (key,), None
    for key, one in schema["properties"].items():
        if key in node:
            yield from faults(one, node[key], path + (key,))
        if isinstance(one.get("type"), str):
            yield path + (key,), WRONG[one["type"]]
        elif "enum" not in one:  # of several types, none of which is a truth
            yield path + (key,), True
        if "enum" in one:
            yield path + (key,), "no such word"
        for bound, step in (("minimum", -1), ("maximum", 1)):
            if bound in one:
                yield path + (key,), one[bound] + step
        if "minItems" in one:
            yield path + (key,), []
        if "minProperties" in one:
            yield path + (key,), {}


def test_every_model_is_taken():
    known = schemas()
    seen = 0
    for name, files in models():
        for file, data in files.items():
            jsonschema.Draft201909Validator(known[file]).validate(data)
            seen += 1
    assert seen >= 14, seen
    for schema in known.values():
        jsonschema.Draft201909Validator.check_schema(schema)
    assert kpmsim("models", "--models", SOURCE / "examples/models").returncode == 0


def test_what_a_schema_refuses_the_loader_refuses():
    known = schemas()
    broken = {}
    with tempfile.TemporaryDirectory() as root:
        folder = pathlib.Path(root)
        for name, files in models():
            if name not in ("kpm33b", "sdm630", *(("kpm312", "iem3155") if farm.SLOW == 1 else ())):
                continue
            for file, data in files.items():
                validator = jsonschema.Draft201909Validator(known[file])
                for path, value in faults(known[file], data):
                    if not path:
                        continue
                    bad = changed(data, path, value)
                    what = f"{name}/{file}.toml {'.'.join(map(str, path))} = {value!r}"
                    assert not validator.is_valid(bad), what
                    own = f"m{len(broken):05}"
                    broken[own] = what
                    write(folder / own, files | {file: bad})
        assert len(broken) > 500 / farm.SLOW, len(broken)
        told = kpmsim("models", "--models", folder)
        assert told.returncode == 2, told.returncode
        for own, what in broken.items():
            assert f"{own}/" in told.stderr, "the loader takes " + what
        # The same files unbroken: what the loader complained of was the fault and nothing else.
        whole = folder / "whole"
        for name, files in models():
            write(whole / name, files)
        assert kpmsim("models", "--models", whole).returncode == 0


if __name__ == "__main__":
    farm.run(sys.modules["__main__"])

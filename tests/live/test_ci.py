"""The pipelines' files of examples/ci: what they run works as it stands there (with the wiring scenarios alone, to be quick)."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

import farm
from farm import KPMSIM

CI = pathlib.Path(__file__).parents[2] / "examples/ci"
BUILD = "scripts/build release kpmsim"


def commands(name):
    """The shell lines of a pipeline, in order."""
    return re.findall(r"^\s*(?:run:|-) ((?:build|scripts)/.*)$", (CI / name).read_text(), re.M)


def test_what_the_pipelines_run_leaves_a_verdict_and_a_report():
    for name in ("github-actions.yml", "gitlab-ci.yml"):
        build, run = commands(name)
        assert build == BUILD and (CI.parents[1] / "scripts/build").is_file(), name
        published = set(re.findall(r"\bout/\S*", (CI / name).read_text())) - set(re.findall(r"\bout/\S*", run))
        assert published <= {"out/"}, published
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, "build"))
            os.symlink(pathlib.Path(KPMSIM).resolve().parent, os.path.join(folder, "build/release"))
            done = subprocess.run(["bash", "-ec", run + " --tag wiring"], cwd=folder, capture_output=True, text=True)
            assert done.returncode == 0, (name, done)
            suites = xml.parse(os.path.join(folder, "out/scenarios.xml")).getroot()
            assert len(suites) >= 10 and all(int(s.get("failures")) == 0 for s in suites), name
            assert list(pathlib.Path(folder, "out").glob("*.html")), os.listdir(os.path.join(folder, "out"))


if __name__ == "__main__":
    farm.run(sys.modules[__name__])

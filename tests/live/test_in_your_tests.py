"""The examples of docs/how-to/in-your-tests.md run as they stand there."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

import farm
from farm import KPMSIM, SLOW, SOURCE


def run_example(language, file, *command):
    """The page's block of that language, in a folder of its own with kpmsim in the path."""
    page = (SOURCE / "docs/how-to/in-your-tests.md").read_text()
    code = re.search(rf"```{language}\n(.*?)```", page, re.S).group(1)
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "kpmsim").symlink_to(KPMSIM)
        (pathlib.Path(folder) / file).write_text(code)
        env = {k: v for k, v in os.environ.items() if not k.startswith("KPMSIM_")}
        env["PATH"] = folder + os.pathsep + env["PATH"]
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=240 * SLOW)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def has(*command):
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


def test_pytest():
    if not has(sys.executable, "-m", "pytest", "--version"):
        farm.skip("python3-pytest is not installed")
    said = run_example("python", "test_page.py", sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_page.py")
    assert "3 passed" in said, said


def test_node():
    if not has("node", "--version"):
        farm.skip("nodejs is not installed")
    run_example("js", "page.test.js", "node", "--test", "page.test.js")


def test_go():
    if not has("go", "version"):
        farm.skip("golang-go is not installed")
    run_example("go", "page_test.go", "go", "test", "page_test.go")


if __name__ == "__main__":
    farm.run(sys.modules[__name__])

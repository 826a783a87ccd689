"""What README.md and the command-line page show is what the program does."""

import re
import sys

import farm
from farm import SOURCE, Farm, kpmsim

README = (SOURCE / "README.md").read_text()
COMMAND_LINE = (SOURCE / "docs/reference/command-line.md").read_text()


def shown(command):
    """The output that README shows below `$ command`."""
    block = next(b for b in re.findall(r"```console\n(.*?)```", README, re.S) if f"$ {command}\n" in b)
    return block.split(f"$ {command}\n")[1].split("\n$ ")[0].strip()


def same(text, other):
    """The same words in the same order; numbers may differ by 1 % (supply and loads drift)."""
    words, others = text.split(), other.split()
    if len(words) != len(others):
        return False
    for a, b in zip(words, others):
        try:
            if abs(float(a) - float(b)) > 0.01 * abs(float(a)):
                return False
        except ValueError:
            if a != b:
                return False
    return True


def test_the_first_screen_is_true():
    commands = re.findall(r"^\$ (kpmsim read .*)$", README, re.M)
    assert commands
    with Farm("up", SOURCE / "examples/quickstart.toml"):
        for command in commands:
            done = kpmsim(*command.split()[1:])
            assert done.returncode == 0, done.stderr
            assert same(shown(command), done.stdout), f"{command}\nREADME:\n{shown(command)}\nreal:\n{done.stdout}"


def test_listings_are_true():
    for command in re.findall(r"^\$ (kpmsim (?:models|validate|map) ?.*)$", README, re.M):
        done = kpmsim(*command.split()[1:], cwd=SOURCE)
        assert done.returncode == 0, done.stderr
        real = "\n".join(done.stdout.strip().splitlines()[:len(shown(command).splitlines())])
        assert shown(command).split() == real.split(), f"{command}\nREADME:\n{shown(command)}\nreal:\n{real}"


def test_every_option_is_documented():
    for verb in ("up", "spawn", "models", "map", "validate", "read", "wave", "measure", "verify", "bench"):
        for option in re.findall(r"--[a-z]+(?:-[a-z]+)*", kpmsim(verb, "--help").stdout):
            if option != "--help":
                assert f"`{option}" in COMMAND_LINE, f"{verb} {option}"


def test_every_file_that_is_named_exists():
    for path in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (SOURCE / path).exists(), path


if __name__ == "__main__":
    farm.run(sys.modules["__main__"])

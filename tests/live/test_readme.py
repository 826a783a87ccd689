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


def anchors(page):
    """The names that a page's headings have as targets of links."""
    text = page.read_text()
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    return set(re.findall(r'<a id="([^"]+)">', text)) | {re.sub(r"[^\w\- ]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", h)).strip().lower().replace(" ", "-")
                                                         for h in headings}


def test_every_file_that_is_named_exists():
    pages = [SOURCE / "README.md", SOURCE / "CONTRIBUTING.md", *(SOURCE / "docs").rglob("*.md")]
    for page in pages:
        for path, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", page.read_text()):
            target = page.parent / path if path else page
            assert target.exists(), f"{page.name}: {path}"
            assert not anchor or anchor in anchors(target), f"{page.name}: {path}#{anchor}"


def test_every_page_is_in_the_index():
    index = SOURCE / "docs/README.md"
    named = {(index.parent / path).resolve() for path in re.findall(r"\]\(([^)#:]+)", index.read_text())}
    for page in (SOURCE / "docs").rglob("*.md"):
        assert page == index or page.resolve() in named, f"docs/README.md leaves {page.name} out"


if __name__ == "__main__":
    farm.run(sys.modules["__main__"])

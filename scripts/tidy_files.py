#!/usr/bin/env python3
"""clang-tidy over the files of a compilation database, but for those that were found clean as they stand.

    scripts/tidy_files.py BUILD [-checks=…] [PATTERN ...]     regular expressions of paths; without: all

A file is known by what clang-tidy sees of it: its text with all that it includes, comments too (NOLINT is one), the checks and
the program. Marks of those that are clean are in BUILD/clean; without that folder all are read.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
TIDY = "clang-tidy-16"


def seen_of(entry):
    """The file as the preprocessor leaves it."""
    words = shlex.split(entry["command"])
    output = words.index("-o")
    words[output:output + 2] = []
    words.remove("-c")
    return subprocess.run([*words, "-E", "-C"], cwd=entry["directory"], capture_output=True, check=True).stdout


class Reader:
    def __init__(self, build, flags):
        self.build, self.flags, self.clean = build, flags, build / "clean"
        self.clean.mkdir(exist_ok=True)
        version = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
        checks = [file.read_bytes() for file in (ROOT / ".clang-tidy", *sorted(ROOT.glob("*/.clang-tidy")))]
        self.common = b"\0".join((version, *checks, " ".join(flags).encode()))

    def read(self, entry):
        """What clang-tidy says of a file; nothing when it was clean before, "" when it is clean now."""
        try:
            mark = self.clean / hashlib.sha256(self.common + seen_of(entry)).hexdigest()
        except subprocess.CalledProcessError as e:
            return e.stderr.decode(errors="replace")
        if mark.exists():
            return None
        done = subprocess.run([TIDY, "-quiet", "-p", self.build, *self.flags, entry["file"]], capture_output=True, text=True)
        if done.returncode == 0 and not done.stdout.strip():
            mark.touch()
            return ""
        return done.stdout.strip() or done.stderr


def main():
    build = pathlib.Path(sys.argv[1])
    flags = [word for word in sys.argv[2:] if word.startswith("-")]
    patterns = [re.compile(word) for word in sys.argv[2:] if not word.startswith("-")]
    database = json.loads((build / "compile_commands.json").read_text())
    chosen = [entry for entry in database if not patterns or any(p.search(entry["file"]) for p in patterns)]
    if not chosen:
        sys.exit("tidy: no file of the project matches; patterns are regular expressions of paths")
    reader, found, before = Reader(build, flags), 0, 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for entry, said in zip(chosen, pool.map(reader.read, chosen)):
            before += said is None
            if said:
                found += 1
                print(f"{os.path.relpath(entry['file'], ROOT)}:\n{said}", flush=True)
    print(f"tidy: {len(chosen)} files, {before} of them clean before, {found} with findings")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Runs a program in an empty folder and compares what it prints with a file, to the byte.

usage: output_test.py PROGRAM EXPECTED_FILE

The program must end with code 0 and write nothing to standard error.
"""

import difflib
import pathlib
import subprocess
import sys
import tempfile

TIMEOUT_SECONDS = 100


def differences(program, expected_file):
    """Returns a text for people; empty when the program did what the file says."""
    with tempfile.TemporaryDirectory(prefix="calls_") as folder:
        ended = subprocess.run(
            [str(pathlib.Path(program).resolve())], cwd=folder, capture_output=True, timeout=TIMEOUT_SECONDS, check=False
        )
    found = ended.stdout.decode(errors="replace")
    expected = pathlib.Path(expected_file).read_bytes().decode()
    texts = []
    if ended.returncode != 0:
        texts.append(f"{program} ended with code {ended.returncode}")
    if ended.stderr:
        texts.append("on standard error:\n" + ended.stderr.decode(errors="replace"))
    if found != expected:
        lines = difflib.unified_diff(expected.splitlines(True), found.splitlines(True), "expected", "found")
        texts.append("".join(line if line.endswith("\n") else line + "\\ no line end\n" for line in lines))
    return "\n".join(texts)


def main():
    text = differences(sys.argv[1], sys.argv[2])
    print(text or "as expected")
    return 1 if text else 0


if __name__ == "__main__":
    sys.exit(main())

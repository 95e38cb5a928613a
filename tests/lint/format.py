#!/usr/bin/env python3
"""Checks the C++ files below ROOT against .clang-format, or formats them: format.py CLANG_FORMAT ROOT [--fix]

Exit status: 0 all well, 1 a file is not formatted, 77 there is no clang-format 14 (versions format differently).
"""

import subprocess
import sys

from source_tree import CODE_SUFFIXES, SourceTree

VERSION = "version 14."
SKIPPED = 77


def is_usable(program):
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return VERSION in answer.stdout


def main(arguments):
    if len(arguments) not in (2, 3) or arguments[2:] not in ([], ["--fix"]):
        print(__doc__, file=sys.stderr)
        return 2
    program, root = arguments[:2]
    if not is_usable(program):
        print("skipped: clang-format 14 is not installed (Debian package clang-format-14)")
        return SKIPPED
    tree = SourceTree(root)
    files = [str(tree.root / path) for path in tree.files(CODE_SUFFIXES)]
    mode = ["-i"] if arguments[2:] else ["--dry-run", "-Werror", "--ferror-limit=3"]
    code = subprocess.run([program, "--style=file", *mode, *files], check=False).returncode if files else 0
    if code:
        print("formatted by: cmake --build --preset dev --target format")
    print(f"{len(files)} files")
    return 1 if code else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

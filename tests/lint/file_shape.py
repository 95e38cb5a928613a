"""What a file looks like from outside: its length, its folder's name, its header guard."""

import pathlib
import re

from source_tree import CODE_SUFFIXES, SCRIPT_SUFFIXES, Finding

LINES_NOTED = 300
LINES_MAX = 400
BANNED_NAMES = {"util", "utils", "utility", "common", "misc", "helper", "helpers", "manager", "managers"}


def notes(tree):
    """Yields the files that are close to the limit."""
    for path, lines in _lengths(tree):
        if LINES_NOTED < lines <= LINES_MAX:
            yield f"note: {path} has {lines} lines; a new concept goes into a new file"


def check(tree):
    for path, lines in _lengths(tree):
        if lines > LINES_MAX:
            yield Finding(path, LINES_MAX, f"{lines} lines; the limit is {LINES_MAX}: split it by concept")
    for path in tree.files(None):
        pure = pathlib.PurePath(path)
        for name in (*pure.parts[:-1], pure.name.split(".")[0]):
            if name in BANNED_NAMES:
                yield Finding(path, 1, f"'{name}' says nothing: name the file or folder by its concept")
    for path in tree.files({".hpp"}):
        if not re.search(r"^#pragma once$", tree.text(path), re.MULTILINE):
            yield Finding(path, 1, "a header without #pragma once")
    for path in tree.files({".h", ".cc", ".cxx", ".hxx", ".c"}):
        yield Finding(path, 1, "C++ files end in .hpp and .cpp")


def _lengths(tree):
    for path in tree.files(CODE_SUFFIXES | SCRIPT_SUFFIXES):
        yield path, tree.text(path).count("\n")

#!/usr/bin/env python3
"""Runs one lint over a source tree: run_lint.py {layers|banned_tokens|file_shape|semantics} ROOT"""

import sys

import banned_tokens
import file_shape
import layers
import semantics
from source_tree import SourceTree

LINTS = {"layers": layers, "banned_tokens": banned_tokens, "file_shape": file_shape, "semantics": semantics}


def main(arguments):
    if len(arguments) != 2 or arguments[0] not in LINTS:
        print(__doc__, file=sys.stderr)
        return 2
    lint = LINTS[arguments[0]]
    tree = SourceTree(arguments[1])
    for note in getattr(lint, "notes", lambda _: ())(tree):
        print(note)
    findings = list(lint.check(tree))
    for finding in findings:
        print(finding)
    print(f"{arguments[0]}: {len(findings)} finding(s)")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Every test that docs/semantics.md names exists, and every rule names one."""

import re

from source_tree import Finding

DOCUMENT = "docs/semantics.md"
_TEST = re.compile(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", re.MULTILINE)
_NAMED = re.compile(r"`([A-Z]\w+\.[A-Z]\w+)`")
_RULE = re.compile(r"^\d+\. ", re.MULTILINE)


def check(tree):
    if not tree.exists(DOCUMENT):
        return
    tests = set()
    for path in tree.files({".cpp"}):
        if path.startswith("tests/"):
            tests |= {".".join(names) for names in _TEST.findall(tree.text(path))}
    text = tree.text(DOCUMENT)
    for match in _NAMED.finditer(text):
        if match.group(1) not in tests:
            yield Finding(DOCUMENT, _line(text, match.start()), f"there is no test {match.group(1)}")
    for rule in _RULE.finditer(text):
        end = re.search(r"^(?:\d+\. |#)|\Z", text[rule.end():], re.MULTILINE).start() + rule.end()
        if not _NAMED.search(text, rule.end(), end):
            yield Finding(DOCUMENT, _line(text, rule.start()), "the rule names no test that pins it")


def _line(text, position):
    return text.count("\n", 0, position) + 1

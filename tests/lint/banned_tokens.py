"""Words that do not belong in the code: real time, real randomness, sleeps, and notes to oneself."""

import re
from dataclasses import dataclass

from source_tree import CODE_SUFFIXES, TEXT_SUFFIXES, Finding, without_comments_and_literals


@dataclass(frozen=True)
class Rule:
    """`pattern` must not occur in C++ below `where`, except below `except_in`."""

    pattern: re.Pattern
    why: str
    where: tuple
    except_in: tuple = ()

    def covers(self, path):
        return path.startswith(self.where) and not (self.except_in and path.startswith(self.except_in))


_LIBRARY = ("include/", "src/")
_EVERYWHERE = ("include/", "src/", "tests/", "examples/", "benchmarks/")
_NO_CLOCK = _LIBRARY + ("tests/unit/", "tests/contract/", "tests/model/", "tests/sim/")

RULES = (
    Rule(
        re.compile(r"\w*clock\w*\s*::\s*now\b|\b(?:gettimeofday|clock_gettime|timespec_get)\b|\bstd::time\b"),
        "reads a real clock: take spi::clock",
        _NO_CLOCK,
        ("src/base/",),
    ),
    Rule(
        re.compile(r"\brandom_device\b|(?<![\w.>])s?rand\s*\(|\b(?:getrandom|getentropy|arc4random\w*|default_random_engine)\b"),
        "uses real or shared randomness: take spi::entropy, or a seed",
        _EVERYWHERE,
        ("src/base/",),
    ),
    Rule(
        re.compile(r"\bthis_thread\b(?!\s*::\s*(?:get_id|yield)\b)|\b(?:usleep|nanosleep|clock_nanosleep)\b|(?<![\w.>])sleep\s*\("),
        "sleeps: await an event, or advance the clock",
        _EVERYWHERE,
    ),
    Rule(
        re.compile(r"\b(?:steady_timer|system_timer|deadline_timer|high_resolution_timer|waitable_timer)\b"),
        "waits on a real clock: take the runtime's timers",
        ("include/", "src/", "tests/unit/", "tests/contract/", "tests/model/", "tests/sim/"),
        ("src/base/", "src/runtime/", "src/stores/http/"),
    ),
    Rule(re.compile(r"\busing\s+namespace\s+std\s*;"), "pulls in all of std: name what is used", _EVERYWHERE),
    Rule(
        re.compile(r"^\s*using\s+namespace\b", re.MULTILINE),
        "a using directive in a public header reaches its users",
        ("include/",),
    ),
)

# Built from halves, so that the lint does not find itself.
_NOTE = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME)\b")


def _findings(path, text, pattern, why):
    for match in pattern.finditer(text):
        yield Finding(path, text.count("\n", 0, match.end()) + 1, f"'{match.group().strip()}' {why}")


def check(tree):
    for path in tree.files(CODE_SUFFIXES):
        code = without_comments_and_literals(tree.text(path))
        for rule in RULES:
            if rule.covers(path):
                yield from _findings(path, code, rule.pattern, rule.why)
    for path in tree.files(TEXT_SUFFIXES):
        yield from _findings(path, tree.text(path), _NOTE, "is a note to oneself: do it, or file it")

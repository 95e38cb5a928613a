"""Holds the documentation against the project: code that is shown is code that is built, consoles are run, links lead,
and the reference lists every public header.

usage: docs_test.py ROOT [PROGRAM_FOLDER]

A C++ block, and any other with the marker, follows a line <!-- from: FILE -->; its text must stand in that file, except that
a line "..." leaves something out and that the indentation of the whole may differ. A block behind <!-- run: NAME --> is a
console: each "$ command" is run in a folder that the blocks of the same name share, and must print what follows it.
Without PROGRAM_FOLDER nothing is run.
"""

import pathlib
import re
import shlex
import sqlite3
import subprocess
import sys
import tempfile
import textwrap

FENCE = re.compile(r"^(?:<!-- (?P<what>from|run): (?P<where>\S+) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$", re.M | re.S)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.M)
PATH = re.compile(r"`((?:src|include|tests|examples|docs|cmake|benchmarks)/[\w./-]*\w/?)`")


def documents(root):
    found = [root / "README.md"]
    for folder in ("docs", "examples"):
        found += sorted((root / folder).rglob("*.md"))
    return found


def stands_in(text, source):
    """Returns whether the parts of `text` between "..." lines stand in `source`, in their order, on whole lines."""
    begin = 0
    lines = source.split("\n")
    stripped = [line.strip() for line in lines]
    for part in re.split(r"^\s*\.\.\.\s*$", text, flags=re.M):
        wanted = [line.strip() for line in textwrap.dedent(part).strip("\n").split("\n")]
        if wanted == [""]:
            continue
        for at in range(begin, len(stripped) - len(wanted) + 1):
            if stripped[at : at + len(wanted)] == wanted:
                begin = at + len(wanted)
                break
        else:
            return False
    return True


def anchors(text):
    """Returns what a link may name behind #, made of the headings as GitHub does."""
    prose = FENCE.sub("", text)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in HEADING.findall(prose)}


def check_document(root, path):
    text = path.read_text()
    name = path.relative_to(root)
    findings = []

    def report(position, message):
        findings.append(f"{name}:{text.count(chr(10), 0, position) + 1}: {message}")

    for block in FENCE.finditer(text):
        if block["what"] == "from":
            source = root / block["where"]
            if not source.is_file():
                report(block.start(), f"there is no {block['where']}")
            elif not stands_in(block["text"], source.read_text()):
                report(block.start(), f"this text does not stand in {block['where']}")
        elif block["language"] == "cpp":
            report(block.start(), "C++ without the file it comes from")
    prose = FENCE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    for link in LINK.finditer(prose):
        target = path.parent / link[1] if link[1] else path
        if not target.exists():
            report(link.start(), f"the link to {link[1]} leads nowhere")
        elif link[2] and link[2] not in anchors(target.read_text()):
            report(link.start(), f"{target.name} has no heading #{link[2]}")
    for mention in PATH.finditer(prose):
        if not (root / mention[1]).exists():
            report(mention.start(), f"there is no {mention[1]}")
    return findings


def check_reference(root):
    """The page of the public headers leads to each of them; those for users stand in folders, and `detail` is none."""
    page = root / "docs/reference.md"
    headers = sorted((root / "include/troupe").glob("*/*.hpp"))
    linked = {(page.parent / link[1]).resolve() for link in LINK.finditer(page.read_text())}
    missing = [header for header in headers if header.parent.name != "detail" and header.resolve() not in linked]
    return [f"docs/reference.md: {header.relative_to(root)} is not listed" for header in missing]


def run_command(command, folder, environment):
    """Runs one console line; where the sqlite3 shell is not installed its work is done here."""
    words = shlex.split(command)
    if words[0] == "sqlite3" and len(words) == 3 and not words[2].startswith("."):
        with sqlite3.connect(pathlib.Path(folder) / words[1]) as database:
            rows = database.execute(words[2]).fetchall()
        return "".join("|".join("" if value is None else str(value) for value in row) + "\n" for row in rows)
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def run_consoles(root, programs):
    findings = []
    folders = {}
    environment = {"PATH": f"{programs}:/usr/bin:/bin", "LC_ALL": "C"}
    for path in documents(root):
        for block in FENCE.finditer(path.read_text()):
            if block["what"] != "run":
                continue
            folder = folders.setdefault(block["where"], tempfile.TemporaryDirectory()).name
            for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block["text"], re.M):
                found = run_command(command.replace("./", ""), folder, environment)
                if found != expected:
                    findings.append(f"{path.relative_to(root)}: $ {command}\n  expected: {expected!r}\n  found:    {found!r}")
    for folder in folders.values():
        folder.cleanup()
    return findings


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    findings = [finding for path in documents(root) for finding in check_document(root, path)]
    findings += check_reference(root)
    if len(sys.argv) > 2:
        findings += run_consoles(root, pathlib.Path(sys.argv[2]).resolve())
    print("\n".join(findings) or "the documentation agrees with the project")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())

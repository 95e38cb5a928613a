"""The project's text files, and C++ text without comments and literals."""

import pathlib
import re
from dataclasses import dataclass

CODE_SUFFIXES = {".cpp", ".hpp"}
SCRIPT_SUFFIXES = {".py", ".sh", ".cmake"}
TEXT_SUFFIXES = CODE_SUFFIXES | SCRIPT_SUFFIXES | {".md", ".txt", ".in", ".json", ".sql"}
FIXTURES = "tests/lint/fixtures/"  # wrong on purpose
TOP_FOLDERS = ("include", "src", "tests", "examples", "benchmarks", "cmake", "docs", ".ci")

# Comments, string and character literals. A raw string comes first, since its text may hold quotes; a digit separator
# (1'000) is not the beginning of a character literal.
_COMMENT_OR_LITERAL = re.compile(
    r"""//[^\n]*
      | /\*.*?\*/
      | \b(?:u8|[uUL])?R"(?P<fence>[^()\\\s]{0,16})\(.*?\)(?P=fence)"
      | "(?:\\.|[^"\\\n])*"
      | (?<![0-9A-Fa-f_])'(?:\\.|[^'\\\n])*'
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Finding:
    """One broken rule, printed the way compilers print."""

    path: str
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}"


def without_comments_and_literals(text):
    """Returns `text` with every comment and literal replaced by blanks; line numbers stay."""
    return _COMMENT_OR_LITERAL.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


class SourceTree:
    """The files below `root` that the lints read. Paths are relative to it, with forward slashes."""

    def __init__(self, root):
        self.root = pathlib.Path(root)

    def files(self, suffixes):
        """Returns the paths with one of `suffixes`; None: of all files."""
        found = []
        for top in TOP_FOLDERS:
            for path in (self.root / top).rglob("*"):
                relative = path.relative_to(self.root)
                if "__pycache__" in relative.parts or not path.is_file():
                    continue
                if relative.as_posix().startswith(FIXTURES):
                    continue
                if suffixes is None or path.suffix in suffixes:
                    found.append(relative.as_posix())
        if suffixes is not None:
            found += [path.name for path in self.root.glob("*") if path.is_file() and path.suffix in suffixes]
        return sorted(found)

    def text(self, path):
        return (self.root / path).read_text(encoding="utf-8", errors="replace")

    def exists(self, path):
        return (self.root / path).is_file()

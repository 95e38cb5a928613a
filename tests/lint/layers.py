"""Who may include whom: the modules' layers, the fences around third-party libraries, and no include cycles."""

import posixpath
import re

from source_tree import CODE_SUFFIXES, Finding

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)

# Module -> the modules it may include besides itself. `detail` is what core's public templates force into headers.
_CORE = {"base", "spi", "schedule", "core", "detail"}
MODULES = {
    "base": set(),
    "spi": {"base"},
    "schedule": {"base", "spi"},
    "core": _CORE,
    "detail": _CORE,
    "commit": _CORE,
    "reminders": _CORE,
    "saga": _CORE,
    "cluster": _CORE,
    "gateway": _CORE,
    "ops": _CORE,
    "stores": {"base", "spi"},
    "runtime": _CORE | {"commit", "reminders", "cluster", "gateway", "ops", "stores"},
    "testing": _CORE | {"stores/memory", "runtime"},
}

# Folder below src/ -> what its private files may know beyond their module's public headers: the real clock and the real
# entropy, which live in base, implement interfaces of spi.
PRIVATE_EXTRA = {"base": {"spi"}}

# What a store driver may include besides itself: what drivers share.
_SHARED_BY_STORES = {"stores/rules", "stores/http", "stores/document"}

# Header (by its beginning) -> the folders of include/ and src/ that may include it.
FENCES = {
    "hiredis/": {"stores/redis"},
    "pqxx/": {"stores/postgres"},
    "libpq-fe.h": {"stores/postgres"},
    "sqlite3.h": {"stores/sqlite"},
    "zstd.h": {"stores/rules"},
    "boost/beast": {"gateway", "ops", "stores/http"},
    "openssl/": {"stores/http", "stores/redis"},
    "spdlog/": {"base"},
    "gtest/": set(),
    "gmock/": set(),
}

# Decisions that must stay free of threads and input/output, so that tests need neither.
PURE_FILES = {
    "core/activation_state",
    "core/timer_wheel",
    "schedule/cron_fields",
    "schedule/cron_rule",
    "schedule/cron_text",
    "schedule/duration",
    "schedule/schedule",
    "schedule/span_rule",
    "schedule/text_reader",
    "schedule/zone",
    "schedule/zone_file",
    "schedule/zone_rule",
    "saga/saga_rules",
    "stores/rules/commit_rules",
    "stores/http/http_message",
    "stores/http/retry_rules",
    "stores/http/digest",
    "stores/http/server_uri",
    "stores/document/document",
    "stores/document/document_logs",
    "stores/document/document_names",
    "stores/document/document_sink",
    "stores/document/document_reader",
    "stores/document/document_cache",
    "stores/document/shard_merge",
    "stores/dynamodb/request_signature",
    "stores/dynamodb/attribute_sink",
    "stores/dynamodb/table_requests",
    "stores/dynamodb/table_answers",
    "stores/cosmos/master_key",
    "stores/cosmos/container_requests",
    "stores/cosmos/container_answers",
}
_IMPURE_HEADERS = ("boost/asio", "thread", "mutex", "condition_variable", "future", "fstream")


def _module_of(path):
    """Returns the module a file below include/troupe or src belongs to; '' for the umbrella headers, None for others."""
    match = re.match(r"(?:include/troupe|src)/(.+)$", path)
    if not match:
        return None
    parts = match.group(1).split("/")
    if len(parts) == 1:
        return ""
    if parts[0] == "stores":
        return "stores/" + parts[1].removesuffix(".hpp")
    return parts[0]


def _resolve(tree, included):
    """Returns the path of the file a quoted include names, or None."""
    for root in ("include/", "src/"):
        if tree.exists(root + included):
            return root + included
    return None


def _may_include(path, module, other):
    if module in ("", other):
        return True
    if other == "":
        return module not in ("base", "spi") and not module.startswith("stores")
    allowed = MODULES.get(module.split("/")[0], set())
    if module.startswith("stores/") and other in _SHARED_BY_STORES:
        return True
    if path.startswith("src/"):
        allowed = allowed | PRIVATE_EXTRA.get(module, set())
    return other in allowed or other.split("/")[0] in allowed


def _fence_findings(path, module, line, included):
    stem = re.sub(r"^(include/troupe|src)/|\.[a-z]+$", "", path)
    if stem in PURE_FILES and included.startswith(_IMPURE_HEADERS):
        yield Finding(path, line, f"<{included}> in a file of pure decisions")
    for prefix, homes in FENCES.items():
        if included.startswith(prefix) and module not in homes:
            where = " or ".join(sorted(homes)) or "the tests"
            yield Finding(path, line, f"<{included}> belongs in {where} only")


def _library_findings(tree, path, module, line, quoted, included):
    """Checks one include of a file of include/ or src/."""
    if not quoted:
        yield from _fence_findings(path, module, line, included)
        return
    target = _resolve(tree, included)
    if target is None:
        yield Finding(path, line, f'"{included}" is no file of include/ or src/; write the path from there')
        return
    if path.startswith("include/") and target.startswith("src/"):
        yield Finding(path, line, f'a public header includes the private "{included}"')
    other = _module_of(target)
    if not _may_include(path, module, other):
        yield Finding(path, line, f"{module} must not know {other or 'the umbrella header'}")


def _outsider_findings(path, line, included):
    """Checks one include of an example or a benchmark: it sees what an installed troupe offers."""
    if included.startswith("troupe/detail/"):
        yield Finding(path, line, "detail headers are not for users")
    for prefix in ("sqlite3.h", "hiredis/", "pqxx/"):
        if path.startswith("examples/") and included.startswith(prefix):
            yield Finding(path, line, f"<{included}>: an example reaches stores through troupe")


def _cycle_findings(graph):
    """Yields one finding for each include that closes a cycle."""
    done = set()
    trail = []

    def visit(path):
        if path in done:
            return
        trail.append(path)
        for line, target in graph.get(path, ()):
            if target in trail:
                names = " -> ".join(trail[trail.index(target):] + [target])
                yield Finding(path, line, f"include cycle: {names}")
            else:
                yield from visit(target)
        trail.pop()
        done.add(path)

    for path in sorted(graph):
        yield from visit(path)


def check(tree):
    graph = {}
    for path in tree.files(CODE_SUFFIXES):
        text = tree.text(path)
        module = _module_of(path)
        edges = graph.setdefault(path, [])
        for match in _INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            quoted, included = match.group(1) == '"', posixpath.normpath(match.group(2))
            if module is not None:
                yield from _library_findings(tree, path, module, line, quoted, included)
            elif path.startswith(("examples/", "benchmarks/")):
                yield from _outsider_findings(path, line, included)
            target = _resolve(tree, included) if quoted else None
            if target:
                edges.append((line, target))
        if module is not None and module and module.split("/")[0] not in MODULES:
            yield Finding(path, 1, f"module '{module}' has no place in the layers; give it one in tests/lint/layers.py")
    yield from _cycle_findings(graph)

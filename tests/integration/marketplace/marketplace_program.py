"""What the tests of the program `marketplace` share: running, killing and reading back."""

import argparse
import json
import pathlib
import subprocess
import tempfile
import time
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[3]
BUNDLED = SOURCE / "examples" / "marketplace" / "data" / "online_retail_2010-12.csv"

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
GOOD_ROW = "536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"

# What the bundled file adds up to.
TOTALS = {
    "rows": 8373,
    "accepted": 8254,
    "rejected": 119,
    "sales": 8160,
    "returns": 94,
    "buyers": 288,
    "sellers": 1855,
    "units": 67032,
    "revenue_pence": 16108274,
    "trades": 8254,
}

# Far beyond what any run takes, so that a hang fails with the name of its test.
TIMEOUT_SECONDS = 300


def parse_options(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--program", required=True, help="the program under test")
    parser.add_argument("--seed", type=int, default=20101201, help="of the first kill; each next one has the next seed")
    parser.add_argument("--kills", type=int, default=20, help="how often the program is killed, at least")
    parser.add_argument("--synchronous", choices=["full", "normal"], default="normal", help="of the SQLite stores")
    parser.add_argument("--server", choices=["redis", "postgresql"], help="where the actors are kept, if not in SQLite")
    options, for_unittest = parser.parse_known_args()
    ProgramTest.options = options
    return [parser.prog] + for_unittest


class Ended:
    """How a run ended."""

    def __init__(self, code, out, err):
        self.code = code
        self.out = out
        self.err = err


class ProgramTest(unittest.TestCase):
    """A test with a folder of its own and the program under test."""

    options = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="marketplace_")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, content):
        """Writes a file into the test's folder and returns its path."""
        file = self.folder / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def run_program(self, *arguments):
        ran = subprocess.run(
            [self.options.program, *map(str, arguments)],
            cwd=self.folder,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        return Ended(ran.returncode, ran.stdout.decode(errors="replace"), ran.stderr.decode(errors="replace"))

    def expect(self, code, *arguments):
        """Runs the program, expects its exit code, and returns how it ended."""
        ended = self.run_program(*arguments)
        self.assertEqual(ended.code, code, f"{' '.join(map(str, arguments))}\n{ended.out}\n{ended.err}")
        return ended

    def expect_json(self, *arguments):
        """Runs the program with --json, expects success, and returns the JSON."""
        file = self.folder / "result.json"
        file.unlink(missing_ok=True)
        self.expect(0, *arguments, "--json", file)
        return json.loads(file.read_text(encoding="utf-8"))

    def run_and_kill(self, seconds, *arguments):
        """Runs the program for so long. Returns whether it was killed; if not, it had ended well."""
        process = subprocess.Popen(
            [self.options.program, *map(str, arguments)],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            _, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            _, err = process.communicate()
            if process.returncode == -9:
                return True
        self.assertEqual(process.returncode, 0, err.decode(errors="replace"))
        return False

    def seconds_of(self, *arguments):
        """Runs the program to its end, expects success, and returns how long it took."""
        begin = time.monotonic()
        self.expect(0, *arguments)
        return time.monotonic() - begin

    def store(self, name):
        return f"sqlite:{name}?synchronous={self.options.synchronous}"

    def audit(self, store):
        """Returns the audit of a store whose buyers, sellers and histories agree."""
        audit = self.expect_json("audit", "--store", store)
        self.assertTrue(audit["histories_agree"])
        for side in ("by_buyer", "by_seller"):
            for quantity, total in (("units", "units"), ("pence", "revenue_pence"), ("trades", "trades")):
                self.assertEqual(sum(entry[quantity] for entry in audit[side].values()), audit[total], side)
        return audit

    def history(self, side, key, store, *arguments):
        return self.expect_json("history", side, key, "--store", store, "--newest", 1_000_000, *arguments)

    def assert_history(self, side, key, store, audit):
        """Expects that a history tells of each trade once, and adds up to what the audit says."""
        entries = self.history(side, key, store)["entries"]
        sums = {"trades": len(entries)}
        for quantity in ("units", "pence"):
            sums[quantity] = sum(entry[quantity] for entry in entries)
        self.assertEqual(sums, audit[f"by_{side}"][key], key)
        self.assertEqual(len({entry["deal"] for entry in entries}), len(entries), f"{key} has a trade twice")
        self.assertEqual([entry["number"] for entry in entries], list(range(len(entries), 0, -1)), key)
        lines = [int(entry["deal"].rpartition("/line-")[2]) for entry in entries]
        if side == "buyer":
            self.assertEqual(lines, sorted(lines, reverse=True), f"{key} buys in the order of the file")

    def assert_histories(self, store, audit):
        """The longest of each side; of all the others the audit has seen that they add up."""
        for side, key in (("buyer", "guest"), ("buyer", "17850"), ("seller", "85123A")):
            self.assert_history(side, key, store, audit)

    def assert_totals(self, result):
        for name, value in TOTALS.items():
            if name in result:
                self.assertEqual(result[name], value, name)

#!/usr/bin/env python3
"""Two processes on one store call the same actors: no update is lost, and each conflict is told to exactly the caller
that lost."""

import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "marketplace"))
from store_servers import SERVERS

# Far beyond what is needed after the seconds of the run, so that a hang fails with the name of its test.
TIMEOUT_SECONDS = 200

# Of all that succeeded, what the slowest process must have got at least.
SHARE_MIN = 0.1


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="the program under test")
    parser.add_argument("--store", choices=["sqlite", *SERVERS], required=True)
    parser.add_argument("--seconds", type=int, default=60, help="how long the processes call, in each test")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--actors", type=int, default=1000)
    parser.add_argument("--callers", type=int, default=64, help="calls under way in each process")
    parser.add_argument("--seed", type=int, default=20261123)
    options, for_unittest = parser.parse_known_args()
    TwoProcesses.options = options
    return [parser.prog] + for_unittest


class SqliteFile:
    """Stands where the others have a server."""

    def __init__(self, folder):
        self.folder = folder

    def start(self):
        pass

    def close(self):
        pass

    def store(self, name):
        return f"sqlite:{self.folder}/{name}.db?synchronous=normal"


class Told:
    """What the callers of one operation were told, in all processes."""

    def __init__(self):
        self.accounts = set()
        self.places = collections.Counter()  # number of the operation in its account -> how many were told so
        self.processes_ok = set()
        self.conflicts = 0
        self.unknown = 0


class TwoProcesses(unittest.TestCase):
    options = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="two_processes_")
        self.addCleanup(folder.cleanup)
        data = tempfile.TemporaryDirectory(prefix="two_processes_data_")
        self.addCleanup(data.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.server = {"sqlite": SqliteFile, **SERVERS}[self.options.store](data.name)
        self.addCleanup(self.server.close)
        self.server.start()

    def task(self, name, **more):
        what = {
            "store": self.server.store("shared"),
            "output": str(self.folder / name),
            "name": name,
            "actors": self.options.actors,
            "callers": self.options.callers,
        }
        return [self.options.program, json.dumps({**what, **more})]

    def end_of(self, process):
        out, err = process.communicate(timeout=self.options.seconds + TIMEOUT_SECONDS)
        self.assertEqual(process.returncode, 0, err)
        return out

    def contend(self, **more):
        """Runs the processes at once. Returns their counters by name."""
        processes = {}
        for number in range(self.options.processes):
            name = chr(ord("a") + number)
            command = self.task(name, seed=self.options.seed + number, seconds=self.options.seconds, **more)
            pipe = subprocess.PIPE
            process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
            self.addCleanup(process.kill)
            processes[name] = process
            self.assertEqual(process.stdout.readline(), "ready\n", "the process does not begin")
        for process in processes.values():
            process.stdin.write("go\n")
            process.stdin.flush()
        return {name: json.loads(self.end_of(process)) for name, process in processes.items()}

    def told(self, names):
        """Returns what was told of each operation, and per process how many tries ended in which way."""
        operations = collections.defaultdict(Told)
        tries = {name: collections.Counter() for name in names}
        for name in names:
            with (self.folder / name).open(encoding="ascii") as lines:
                for line in lines:
                    operation, account, outcome, rest = line.split()
                    told = operations[operation]
                    told.accounts.add(account)
                    tries[name][outcome] += 1
                    if outcome == "ok":
                        told.places[int(rest)] += 1
                        told.processes_ok.add(name)
                    elif outcome == "conflict":
                        self.assertEqual(rest, "none", f"a conflict says that nothing happened: {line}")
                        told.conflicts += 1
                    else:
                        told.unknown += rest == "unknown"
        return operations, tries

    def held(self):
        """Returns the operations of each account, in their order, as a third process reads them."""
        process = subprocess.Popen(
            self.task("read", read=True), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.addCleanup(process.kill)
        self.end_of(process)
        accounts = {}
        with (self.folder / "read").open(encoding="ascii") as lines:
            for line in lines:
                found = json.loads(line)
                self.assertEqual(found["count"], len(found["operations"]), found["account"])
                accounts[found["account"]] = found["operations"]
        self.assertEqual(len(accounts), self.options.actors)
        return accounts

    def check(self, operations, accounts):
        """Compares what was told with what is there."""
        places = {}
        for account, held in accounts.items():
            for place, operation in enumerate(held, 1):
                self.assertIsNone(places.get(operation), f"{operation} is there twice, also in {account}")
                places[operation] = (account, place)
        for operation in places:
            self.assertTrue(operation in operations, f"nobody has made {operation}")
        for operation, told in operations.items():
            self.assertEqual(len(told.accounts), 1, operation)
            if told.places:
                self.assertEqual(len(told.places), 1, f"{operation}: its callers were told different numbers")
                expected = (min(told.accounts), min(told.places))
                self.assertEqual(places.get(operation), expected, f"{operation} succeeded and is lost, or elsewhere")
            elif told.unknown == 0:
                self.assertIsNone(places.get(operation), f"{operation}: its caller was told that nothing happened")

    def check_progress(self, tries, operations, accounts, counters):
        for name, outcomes in tries.items():
            total = sum(outcomes.values())
            share = 100 * outcomes["conflict"] / max(1, total)
            rate = outcomes["ok"] / self.options.seconds
            print(f"{name}: {rate:.0f} ok/s, {share:.1f} % conflicts, {dict(outcomes)}, {counters[name]}", flush=True)
            self.assertGreater(outcomes["conflict"], 0, "no conflict happened, so nothing is proved")
            self.assertEqual(outcomes["conflict-of-somebody-else"], 0)
            self.assertEqual(counters[name]["conflicts"], outcomes["conflict"], "told and counted")
            if set(outcomes) == {"ok", "conflict"}:
                # A conflict ends an activation, with all its turns that were not stored yet.
                self.assertGreater(counters[name]["failed_activations"], 0)
                self.assertLessEqual(counters[name]["failed_activations"], outcomes["conflict"])
        total = sum(outcomes["ok"] for outcomes in tries.values())
        slowest = min(outcomes["ok"] for outcomes in tries.values())
        self.assertGreater(slowest, SHARE_MIN * total / len(tries), "a process is starved")
        makers = {
            account: {name for operation in held for name in operations[operation].processes_ok}
            for account, held in accounts.items()
        }
        shared = sum(1 for names in makers.values() if len(names) == len(tries))
        print(f"{shared} of {len(accounts)} accounts were changed by all processes", flush=True)
        self.assertGreater(shared, len(accounts) // 10, "the processes did not meet")

    def test_each_conflict_is_told_to_exactly_the_caller_that_lost(self):
        counters = self.contend()
        operations, tries = self.told(counters)
        accounts = self.held()
        self.check(operations, accounts)
        self.check_progress(tries, operations, accounts, counters)

    def test_operation_with_a_key_takes_effect_once_however_often_and_by_whom_it_is_tried(self):
        counters = self.contend(keys=True)
        operations, tries = self.told(counters)
        accounts = self.held()
        self.check(operations, accounts)
        self.check_progress(tries, operations, accounts, counters)
        for operation, told in operations.items():
            self.assertTrue(told.places, f"{operation} never succeeded, after {told.conflicts} conflicts")
        twins = sum(1 for told in operations.values() if len(told.processes_ok) > 1)
        worst = max(told.conflicts for told in operations.values())
        print(f"{twins} operations were made by several processes; at most {worst} conflicts of one", flush=True)
        self.assertGreater(twins, 0, "no operation was made by two processes")
        self.assertGreater(sum(each["replayed_replies"] for each in counters.values()), 0)


if __name__ == "__main__":
    unittest.main(argv=parse_options())

#!/usr/bin/env python3
"""Kills `marketplace replay` and the server that keeps its actors at random moments, and expects every row to count
exactly once: Redis with appendfsync always, PostgreSQL with its defaults."""

import random
import subprocess
import tempfile
import time
import unittest

from marketplace_program import TIMEOUT_SECONDS, TOTALS, ProgramTest, parse_options
from store_servers import SERVERS


class ReplayServerKilled(ProgramTest):
    def setUp(self):
        super().setUp()
        data = tempfile.TemporaryDirectory(prefix="marketplace_server_")
        self.addCleanup(data.cleanup)
        self.server = SERVERS[self.options.server](data.name)
        self.addCleanup(self.server.close)
        self.server.start()

    def begin(self, store):
        return subprocess.Popen(
            [self.options.program, "replay", "--store", store],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def kill_server_under(self, run, moment):
        """Kills the server when the run has had `moment` seconds, and starts it again. Returns whether the run was on."""
        try:
            run.wait(timeout=moment)
            return False
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.start()
            return True

    def expect_whole(self, store, whole):
        self.assert_totals(self.expect_json("replay", "--store", store))
        audit = self.audit(store)
        self.assertEqual(audit, whole)
        self.assert_histories(store, audit)
        again = self.expect_json("replay", "--store", store)
        self.assertEqual(again["turns"], TOTALS["accepted"] + 3, "one turn a row, three for the claims")
        self.assertEqual(self.audit(store), audit)

    def test_every_row_counts_exactly_once(self):
        store = self.server.store("whole")
        seconds = self.seconds_of("replay", "--store", store)
        whole = self.audit(store)
        self.assert_totals(whole)
        in_the_middle = 0
        outlived = 0
        for number in range(self.options.kills):
            seed = self.options.seed + number
            draw = random.Random(seed)
            store = self.server.store(f"killed_{number}")
            begun = time.monotonic()
            run = self.begin(store)
            moment = draw.uniform(0.1, 0.9) * seconds
            under_way = self.kill_server_under(run, moment)
            in_the_middle += under_way
            if not under_way:
                seconds = min(seconds, time.monotonic() - begun)  # the machine was busier when it was measured
            with_program = number % 2 == 1
            print(f"seed {seed}: server killed after {moment:.3f} s of {seconds:.3f} s", flush=True)
            if under_way and with_program:
                time.sleep(draw.uniform(0, 0.2) * seconds)
                run.kill()
            _, err = run.communicate(timeout=TIMEOUT_SECONDS)
            if not with_program:
                # The program goes on by itself when the server is back within the runtime's store timeout.
                self.assertIn(run.returncode, (0, 1), err.decode(errors="replace"))
                if run.returncode == 1:
                    why = "was not committed|not known whether its turn was committed|could not be loaded"
                    self.assertRegex(err.decode(errors="replace"), why)
                outlived += under_way and run.returncode == 0
            self.expect_whole(store, whole)
        print(f"{in_the_middle} of {self.options.kills} kills under way, {outlived} outlived by the program", flush=True)
        self.assertGreaterEqual(in_the_middle, (self.options.kills + 1) // 2, "half of the kills find the work not done")


if __name__ == "__main__":
    unittest.main(argv=parse_options(__doc__))

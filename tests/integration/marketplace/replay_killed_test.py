#!/usr/bin/env python3
"""Kills `marketplace replay` at random moments, or runs it twice at once, and expects every row to count exactly once."""

import json
import random
import subprocess
import unittest

from marketplace_program import TIMEOUT_SECONDS, TOTALS, ProgramTest, parse_options

KILLS_IN_A_ROW_MAX = 3


class ReplayKilled(ProgramTest):
    def held_after_a_kill(self, store):
        """Returns what the sellers hold; nothing where the run did not come so far as to make the store."""
        database = self.folder / store.split(":")[1].split("?")[0]
        if not database.exists() or database.stat().st_size == 0:
            return {}
        file = self.folder / "cut_off.json"
        ended = self.run_program("audit", "--store", store, "--json", file)
        # A row that was cut off may be booked on the seller's side only.
        self.assertIn(ended.code, (0, 1), ended.err)
        self.assertIn("agree" if ended.code == 0 else "NOT AGREE", ended.out, ended.err)
        return json.loads(file.read_text(encoding="utf-8"))["by_seller"]

    def kill_some_times(self, store, seconds, first_seed):
        """Kills runs on one store until one ends. Returns for each kill what the sellers held, and how many runs ended."""
        held = []
        remaining = seconds
        while len(held) < KILLS_IN_A_ROW_MAX:
            seed = first_seed + len(held)
            moment = random.Random(seed).uniform(0, max(remaining, seconds / 4))
            if not self.run_and_kill(moment, "replay", "--store", store):
                return held, 1
            print(f"seed {seed}: killed after {moment:.3f} s of {seconds:.3f} s", flush=True)
            held.append(self.held_after_a_kill(store))
            remaining -= moment
        return held, 0

    def test_every_row_counts_exactly_once(self):
        seconds = self.seconds_of("replay", "--store", self.store("whole.db"))
        whole = self.audit(self.store("whole.db"))
        self.assert_totals(whole)

        kills = []
        ended_before_the_kill = 0
        while len(kills) < self.options.kills:
            store = self.store(f"killed_{len(kills)}.db")
            held, ended = self.kill_some_times(store, seconds, self.options.seed + len(kills) + ended_before_the_kill)
            kills += held
            ended_before_the_kill += ended

            self.assert_totals(self.expect_json("replay", "--store", store))
            audit = self.audit(store)
            self.assertEqual(audit, whole)
            self.assert_histories(store, audit)
            again = self.expect_json("replay", "--store", store)
            self.assert_totals(again)
            self.assertEqual(again["turns"], TOTALS["accepted"] + 3, "one turn a row, three for the claims")
            self.assertEqual(self.audit(store), audit)

        # Counts kills that cut off work: something was settled since the kill before, and not everything.
        in_the_middle = sum(
            1 for before, held in zip([{}] + kills, kills) if held not in ({}, before, whole["by_seller"])
        )
        print(f"{len(kills)} kills, {in_the_middle} of them in the middle of the work", flush=True)
        self.assertGreaterEqual(len(kills), ended_before_the_kill, "half of the runs are killed before their end")
        self.assertGreaterEqual(in_the_middle, len(kills) // 2, "half of the kills find the work begun and not done")

    def test_two_runs_at_once_disturb_each_other_and_no_row(self):
        store = self.store("shared.db")
        command = [self.options.program, "replay", "--store", store]
        both = [
            subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            for _ in range(2)
        ]
        for run in both:
            _, err = run.communicate(timeout=TIMEOUT_SECONDS)
            if run.returncode != 0:
                self.assertEqual(run.returncode, 1, err)
                self.assertIn(b"was not committed", err)
        self.assert_totals(self.expect_json("replay", "--store", store))
        audit = self.audit(store)
        self.assert_totals(audit)
        self.assert_histories(store, audit)


if __name__ == "__main__":
    unittest.main(argv=parse_options(__doc__))

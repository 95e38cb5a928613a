#!/usr/bin/env python3
"""Runs `marketplace negotiate` on all stores, kills it, and expects one outcome for one seed."""

import json
import random
import sqlite3
import unittest

from marketplace_program import ProgramTest, parse_options

OUTCOMES = ["settled", "rejected", "sold_out", "payment_failed", "delivery_failed"]

# Few sellers for many buyers, so that shops sell out.
CROWDED = ("--buyers", 40, "--sellers", 12, "--rounds", 10)


class Negotiate(ProgramTest):
    def negotiate(self, *arguments):
        """Returns the outcome, without what the run took."""
        result = self.expect_json("negotiate", *arguments)
        self.assertTrue(result["conserved"])
        self.assertEqual(result["money_entered_pence"], result["money_held_pence"])
        self.assertEqual(result["goods_entered"], result["goods_held"])
        self.assertEqual(result["negotiations"], result["buyers"] * result["rounds"])
        self.assertEqual(sum(result["ended"].values()), result["negotiations"])
        del result["turns"], result["seconds"]
        return result

    def test_default_market_conserves_money_and_goods_on_every_store(self):
        on_memory = self.negotiate()
        self.assertEqual((on_memory["buyers"], on_memory["sellers"], on_memory["rounds"]), (100, 500, 20))
        self.assertEqual(self.negotiate("--store", self.store("market.db")), on_memory)
        self.expect(0, "audit", "--store", self.store("market.db"))

    def test_crowded_market_reaches_every_outcome(self):
        ended = self.negotiate(*CROWDED)["ended"]
        self.assertEqual(list(ended), OUTCOMES)
        for outcome, count in ended.items():
            self.assertGreater(count, 0, outcome)

    def test_seed_has_one_outcome(self):
        first = self.negotiate(*CROWDED, "--seed", 7)
        self.assertEqual(self.negotiate(*CROWDED, "--seed", 7), first)
        self.assertNotEqual(self.negotiate(*CROWDED, "--seed", 8)["ended"], first["ended"])

    def test_more_rounds_go_on_where_fewer_ended(self):
        store = self.store("market.db")
        self.negotiate("--buyers", 20, "--sellers", 30, "--rounds", 4, "--store", store)
        longer = ("--buyers", 20, "--sellers", 30, "--rounds", 9)
        self.assertEqual(self.negotiate(*longer, "--store", store), self.negotiate(*longer))

    def test_another_market_is_refused(self):
        store = self.store("market.db")
        market = ("--buyers", 5, "--sellers", 6, "--rounds", 2)
        before = self.negotiate(*market, "--store", store)
        ended = self.expect(1, "negotiate", *market, "--seed", 99, "--store", store)
        self.assertIn("5 buyers and 6 sellers with seed 1", ended.err)
        self.assertEqual(self.negotiate(*market, "--store", store), before)

    def settlements_cut_off(self, store):
        """Returns how many deals a kill found between the hand-shake and the end of their saga."""
        file = self.folder / store.removeprefix("sqlite:").split("?")[0]
        if not file.exists() or file.stat().st_size == 0:
            return 0
        with sqlite3.connect(file) as database:
            if not database.execute("select 1 from sqlite_master where name = 'actors'").fetchall():
                return 0
            states = database.execute("select state from actors where type = 'settlement'").fetchall()
        phases = [json.loads(state)["settling"]["saga"]["phase"] for (state,) in states]
        return sum(1 for phase in phases if phase in ("running", "compensating"))

    def test_killed_market_ends_as_if_never_killed(self):
        seconds = self.seconds_of("negotiate", *CROWDED, "--store", self.store("whole.db"))
        whole = self.negotiate(*CROWDED)
        kills = 0
        cut_off = 0
        runs = 0
        while kills < self.options.kills:
            store = self.store(f"killed_{runs}.db")
            for part in (1.0, 0.6, 0.3):
                seed = self.options.seed + runs
                runs += 1
                moment = random.Random(seed).uniform(0, seconds * part)
                if not self.run_and_kill(moment, "negotiate", *CROWDED, "--store", store):
                    break
                kills += 1
                cut_off += self.settlements_cut_off(store)
                print(f"seed {seed}: killed after {moment:.3f} s of {seconds:.3f} s", flush=True)
            self.assertEqual(self.negotiate(*CROWDED, "--store", store), whole)
            self.assertEqual(self.negotiate(*CROWDED, "--store", store), whole)
            self.expect(0, "audit", "--store", store)
        self.assertGreaterEqual(kills * 2, runs, "half of the runs are killed before their end")
        print(f"{kills} kills cut off {cut_off} settlements", flush=True)
        self.assertGreater(cut_off, 0, "kills find deals being settled")


if __name__ == "__main__":
    unittest.main(argv=parse_options(__doc__))

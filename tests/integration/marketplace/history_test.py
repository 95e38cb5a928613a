#!/usr/bin/env python3
"""Reads histories with `marketplace history`, pages through them, and expects the audit to notice what is wrong."""

import sqlite3
import unittest

from marketplace_program import GOOD_ROW, HEADER, ProgramTest, parse_options


def row(number, units=6, customer="17850.0"):
    return GOOD_ROW.replace("536365", str(number)).replace(",6,", f",{units},").replace("17850.0", customer)


class History(ProgramTest):
    def setUp(self):
        super().setUp()
        self.shop = self.store("market.db")

    def replay(self, *rows):
        self.expect(0, "replay", self.write("sales.csv", HEADER + "".join(rows)), "--store", self.shop)

    def execute(self, statement):
        database = sqlite3.connect(self.folder / "market.db")
        with database:
            database.execute(statement)
        database.close()

    def test_is_shown_newest_first_on_both_sides(self):
        self.replay(row(1), row(2, -2), row("C3", 4, ""))
        sold = self.history("seller", "85123A", self.shop)
        for entry in sold["entries"]:
            self.assertRegex(entry.pop("booked"), r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        # Two buyers may come in either order.
        sold["entries"].sort(key=lambda entry: entry["deal"])
        deals = [("1/line-2", "17850", 6), ("2/line-3", "17850", -2), ("C3/line-4", "guest", 4)]
        for entry, (deal, buyer, units) in zip(sold["entries"], deals):
            del entry["number"]
            date = "2010-12-01 08:26:00"
            expected = {"deal": deal, "with": buyer, "date": date, "units": units, "pence": units * 255}
            self.assertEqual(entry, expected)
        self.assertEqual((sold["units"], sold["pence"], sold["trades"], sold["older"]), (8, 2040, 3, None))

        bought = self.history("buyer", "17850", self.shop)
        self.assertEqual([entry["deal"] for entry in bought["entries"]], ["2/line-3", "1/line-2"])
        self.assertEqual([entry["with"] for entry in bought["entries"]], ["85123A"] * 2)
        text = self.expect(0, "history", "buyer", "17850", "--store", self.shop).out
        self.assertIn("bought          4 units, 10.20 pounds", text)
        self.assertIn("-2 units", text)

    def test_is_read_in_pages(self):
        self.replay(*(row(number) for number in range(1, 26)))
        numbers = []
        page = {"older": 1_000_000}
        while page["older"]:
            arguments = ("--newest", 10, "--from", page["older"])
            page = self.expect_json("history", "buyer", "17850", "--store", self.shop, *arguments)
            numbers += [entry["number"] for entry in page["entries"]]
        self.assertEqual(numbers, list(range(25, 0, -1)))
        text = self.expect(0, "history", "buyer", "17850", "--store", self.shop).out
        self.assertEqual(text.count("85123A"), 20, "the newest twenty")
        self.assertIn("older ones: --from 5", text)

    def test_keys_that_are_no_text(self):
        sale = row(1).encode().replace(b"85123A", b"85\xff\x01").replace(b"17850.0", b"\xe9")
        self.expect(0, "replay", self.write("latin.csv", HEADER.encode() + sale), "--store", self.shop)
        bought = self.history("buyer", b"\xe9".decode(errors="surrogateescape"), self.shop)
        self.assertEqual(bought["key"], "\\xe9")
        self.assertEqual([entry["with"] for entry in bought["entries"]], ["85\\xff\\x01"])
        self.audit(self.shop)

    def test_of_the_negotiation_is_that_of_its_deals(self):
        self.expect(0, "negotiate", "--buyers", 10, "--sellers", 5, "--rounds", 5, "--store", self.shop)
        audit = self.audit(self.shop)
        self.assertGreater(audit["trades"], 0)
        key, entry = max(audit["by_buyer"].items(), key=lambda each: each[1]["trades"])
        deals = [each["deal"] for each in self.history("buyer", key, self.shop)["entries"]]
        self.assertEqual(len(set(deals)), entry["trades"])
        self.assertTrue(all(deal.startswith(f"{key}/round-") for deal in deals), deals)

    def test_nobody_has_none(self):
        self.replay(row(1))
        for side, key in (("buyer", "85123A"), ("seller", "17850"), ("seller", "no\x1b[2J")):
            ended = self.expect(1, "history", side, key, "--store", self.shop)
            self.assertIn(f"no {side}", ended.err)
            self.assertNotIn("\x1b", ended.err)
        self.assertIn("gone.db", self.expect(1, "history", "buyer", "x", "--store", "sqlite:gone.db").err)
        self.assertFalse((self.folder / "gone.db").exists())

    def test_that_does_not_add_up_fails_the_audit(self):
        self.replay(row(1), row(2))
        where = "WHERE sequence = 2 AND actor = (SELECT id FROM actor WHERE type = 'seller')"
        self.execute(f"UPDATE entry SET value = json_set(value, '$.units', 7) {where}")
        ended = self.expect(1, "audit", "--store", self.shop)
        self.assertIn("the history of seller/85123A does not add up", ended.out)
        self.assertIn("buyers and sellers agree", ended.out)
        self.execute(f"UPDATE entry SET value = json_set(value, '$.units', 6, '$.deal', 'another') {where}")
        self.assertIn("different trades", self.expect(1, "audit", "--store", self.shop).out)
        self.execute(f"UPDATE entry SET value = '[]' {where}")
        self.assertIn("entry 2", self.expect(1, "audit", "--store", self.shop).err)

    def make_older(self):
        """Makes the store one of the program before it had histories."""
        added = ", ".join(f"'$.account.{name}'" for name in ("units_before", "pence_before", "has_whole_history"))
        self.execute("DELETE FROM entry")
        self.execute(
            f"UPDATE actor SET logs = NULL, schema = NULL, state = json_remove(state, {added}) "
            "WHERE type IN ('buyer', 'seller')"
        )

    def test_begins_where_a_store_of_an_older_program_ends(self):
        self.replay(row(1), row(2, 2, "13047.0"))
        self.make_older()
        audit = self.audit(self.shop)
        self.assertEqual((audit["units"], audit["trades"]), (8, 0))
        self.replay(row(1), row(2, 2, "13047.0"), row(3, 3))
        audit = self.audit(self.shop)
        self.assertEqual((audit["units"], audit["trades"]), (11, 1))
        sold = self.history("seller", "85123A", self.shop)
        self.assertEqual((sold["units"], sold["units_before"], sold["pence_before"]), (11, 8, 8 * 255))
        self.assertEqual([entry["deal"] for entry in sold["entries"]], ["3/line-4"])
        text = self.expect(0, "history", "seller", "85123A", "--store", self.shop).out
        self.assertIn("before those    8 units, 20.40 pounds", text)
        self.assertEqual(self.history("buyer", "13047", self.shop)["entries"], [])
        self.execute("""UPDATE entry SET value = json_set(value, '$.units', 7)""")
        self.assertIn("does not add up", self.expect(1, "audit", "--store", self.shop).out)


if __name__ == "__main__":
    unittest.main(argv=parse_options(__doc__))

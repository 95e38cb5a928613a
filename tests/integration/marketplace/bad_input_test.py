#!/usr/bin/env python3
"""Feeds `marketplace` with dirt: it must say what is wrong, end with the right code, and lose nothing."""

import csv
import io
import os
import sqlite3
import unittest

from marketplace_program import BUNDLED, GOOD_ROW, HEADER, TOTALS, ProgramTest, parse_options


COMMANDS = (("replay",), ("negotiate",), ("audit",), ("history", "buyer", "guest"))


class CsvFiles(ProgramTest):
    def rejects_of(self, file, *arguments):
        """Replays a file and returns its totals, and its rejected rows as pairs of line and reason."""
        totals = self.expect_json("replay", file, "--rejects", "rejects.csv", *arguments)
        with (self.folder / "rejects.csv").open(newline="", encoding="utf-8") as rejects:
            rows = list(csv.reader(rejects))
        self.assertEqual(rows[0], ["line", "reason"])
        return totals, [(int(line), reason) for line, reason in rows[1:]]

    def test_bundled_file_is_rejected_line_by_line(self):
        lines = BUNDLED.read_text(encoding="utf-8-sig").splitlines()
        broken = [number for number, line in enumerate(lines, 1) if len(next(csv.reader([line]), [])) != 8]
        totals, rejects = self.rejects_of(BUNDLED)
        self.assert_totals(totals)
        self.assertEqual([line for line, _ in rejects], broken)
        self.assertEqual(rejects[0], (111, "1 field instead of 8"))

    def test_every_rule_names_line_and_reason(self):
        dirt = [
            ("a,b,c\n", "3 fields"),
            (GOOD_ROW.replace("536365", "", 1), "invoice number is empty"),
            (GOOD_ROW.replace("85123A", "", 1), "stock code is empty"),
            (GOOD_ROW.replace(",6,", ",0,"), "quantity is zero"),
            (GOOD_ROW.replace(",6,", ",six,"), 'quantity "six"'),
            (GOOD_ROW.replace(",6,", ",99999999999999999999,"), "quantity"),
            (GOOD_ROW.replace("2.55", "-2.55"), 'price "-2.55"'),
            (GOOD_ROW.replace("2010-12-01", "2010-02-30"), "date"),
            (GOOD_ROW.replace("HEART", 'HE"ART'), "quote"),
        ]
        file = self.write("dirt.csv", HEADER + GOOD_ROW + "".join(row for row, _ in dirt) + GOOD_ROW)
        totals, rejects = self.rejects_of(file)
        self.assertEqual((totals["accepted"], totals["rejected"]), (2, len(dirt)))
        for number, ((line, reason), (row, expected)) in enumerate(zip(rejects, dirt), 3):
            self.assertEqual(line, number, row)
            self.assertIn(expected, reason)

    def test_bytes_that_are_no_text_are_settled_all_the_same(self):
        row = GOOD_ROW.encode().replace(b"85123A", b"85\xff\x01").replace(b"17850.0", b"\xe9")
        file = self.write("latin.csv", HEADER.encode() + row)
        self.assertEqual(self.expect_json("replay", file, "--store", self.store("m.db"))["accepted"], 1)
        self.assertEqual(self.audit(self.store("m.db"))["units"], 6)

    def test_truncated_file_is_settled_to_its_end_and_the_whole_one_goes_on(self):
        whole = BUNDLED.read_bytes()
        store = self.store("market.db")
        for cut in (1234, 400_000, 400_017, 752_480):
            file = self.write("truncated.csv", whole[:cut])
            totals, rejects = self.rejects_of(file, "--store", store)
            self.assertEqual(totals["accepted"] + totals["rejected"], totals["rows"])
            self.assertEqual(len(rejects), totals["rejected"])
            self.assertEqual(self.audit(store)["units"], totals["units"])
        self.assert_totals(self.expect_json("replay", "--store", store))
        self.assert_totals(self.audit(store))

    def test_file_that_ends_in_a_quoted_field_is_told(self):
        file = self.write("quoted.csv", HEADER + GOOD_ROW + '536365,85123A,"HEART, WHI')
        totals, rejects = self.rejects_of(file)
        self.assertEqual(totals["accepted"], 1)
        self.assertEqual(rejects[0][0], 3)
        self.assertIn("truncated", rejects[0][1])

    def test_files_that_are_none(self):
        ended = self.expect(2, "replay", "no_such.csv", "--store", "sqlite:market.db")
        self.assertIn("no_such.csv", ended.err)
        self.assertIn("directory", self.expect(2, "replay", self.folder, "--store", "sqlite:market.db").err)
        self.assertFalse((self.folder / "market.db").exists())
        ended = self.expect(1, "replay", self.write("empty.csv", ""))
        self.assertIn("empty.csv is empty", ended.err)
        self.assertEqual(self.expect_json("replay", self.write("header.csv", HEADER))["rows"], 0)

    def test_another_file_is_refused(self):
        store = self.store("market.db")
        self.expect(0, "replay", self.write("one.csv", HEADER + GOOD_ROW), "--store", store)
        before = self.audit(store)
        other = self.write("other.csv", HEADER + GOOD_ROW.replace("536365", "999999"))
        ended = self.expect(1, "replay", other, "--store", store, "--rejects", "rejects.csv")
        self.assertIn("invoice 536365", ended.err)
        self.assertIn("invoice 999999", ended.err)
        self.assertEqual(self.audit(store), before)
        self.assertFalse((self.folder / "rejects.csv").exists(), "a result of a run that failed")

    def test_file_that_was_changed_is_refused(self):
        store = self.store("market.db")
        rows = [GOOD_ROW.replace("536365", str(number)) for number in range(10)]
        name = "sales.csv"
        self.expect(0, "replay", self.write(name, HEADER + "".join(rows)), "--store", store)
        before = self.audit(store)
        bad = [*rows[:5], rows[5].replace(",6,", ",six,"), *rows[6:]]
        for changed in (bad, rows[:9], [*rows[:9], GOOD_ROW.replace(",6,", ",7,")]):
            ended = self.expect(1, "replay", self.write(name, HEADER + "".join(changed)), "--store", store)
            self.assertIn("sales.csv", ended.err)
            self.assertIn("new --store", ended.err)
            self.assertEqual(self.audit(store), before)
        self.expect(0, "replay", self.write(name, HEADER + "".join(rows)), "--store", store)
        self.assertEqual(self.audit(store), before)
        self.expect(0, "replay", self.write(name, HEADER + "".join(rows) + GOOD_ROW), "--store", store)
        self.assertEqual(self.audit(store)["units"], 66)

    def test_row_that_is_mended_after_a_replay_is_not_lost_in_silence(self):
        store = self.store("market.db")
        bad = GOOD_ROW.replace(",6,", ",six,")
        self.expect(0, "replay", self.write("sales.csv", HEADER + GOOD_ROW + bad + GOOD_ROW), "--store", store)
        ended = self.expect(1, "replay", self.write("sales.csv", HEADER + GOOD_ROW * 3), "--store", store)
        self.assertIn("changed", ended.err)

    def test_first_line_that_is_no_header_is_refused(self):
        text = HEADER + GOOD_ROW
        for content, hint in (
            (GOOD_ROW * 2, "header line"),
            (text.replace("\n", "\r"), "CR alone"),
            (text.encode("utf-16"), "UTF-16"),
            (text.encode("utf-16-le"), "UTF-16"),
            (text.replace(",", ";"), "header of 8"),
            ("\n" + text, "header of 8"),
        ):
            ended = self.expect(1, "replay", self.write("sales.csv", content), "--store", "sqlite:market.db")
            self.assertIn(hint, ended.err)
            self.assertIn("sales.csv", ended.err)
        self.assertFalse((self.folder / "market.db").exists())
        for content in (b"\xef\xbb\xbf" + text.encode(), text.upper(), text.replace("CustomerID", "Customer ID")):
            self.assertEqual(self.expect_json("replay", self.write("sales.csv", content))["accepted"], 1)

    def test_sum_beyond_64_bits_names_file_and_line(self):
        row = GOOD_ROW.replace(",6,", ",1000000000000,").replace("2.55", "10.00")
        ended = self.expect(1, "replay", self.write("sales.csv", HEADER + row * 9_300))
        self.assertIn("sales.csv, line 9225: ", ended.err)

    def test_pipe_is_refused(self):
        os.mkfifo(self.folder / "pipe")
        for file in ("pipe", "/dev/null"):
            self.assertIn("regular file", self.expect(2, "replay", file, "--store", "sqlite:market.db").err)
        self.assertFalse((self.folder / "market.db").exists())


class Stores(ProgramTest):
    def test_file_that_is_no_store_is_refused_and_left_as_it_is(self):
        garbage = os.urandom(20_000)
        (self.folder / "garbage.db").write_bytes(garbage)
        for command in COMMANDS:
            ended = self.expect(1, *command, "--store", "sqlite:garbage.db")
            self.assertIn("garbage.db", ended.err)
        self.assertEqual((self.folder / "garbage.db").read_bytes(), garbage)

    def test_database_of_another_program_is_refused_and_left_as_it_is(self):
        with sqlite3.connect(self.folder / "foreign.db") as database:
            database.execute("CREATE TABLE notes(text)")
            database.execute("INSERT INTO notes VALUES ('keep me')")
        database.close()
        before = (self.folder / "foreign.db").read_bytes()
        for command in COMMANDS:
            ended = self.expect(1, *command, "--store", "sqlite:foreign.db")
            self.assertIn("foreign.db", ended.err)
        self.assertEqual((self.folder / "foreign.db").read_bytes(), before)

    def execute(self, name, statement):
        """Looks at a store by hand, or changes it."""
        database = sqlite3.connect(self.folder / name)
        with database:
            rows = database.execute(statement).fetchall()
        database.close()
        return rows

    def test_state_of_a_newer_program_is_refused_and_left_as_it_is(self):
        file = self.folder / "sales.csv"
        file.write_text(HEADER + GOOD_ROW, encoding="utf-8")
        self.expect(0, "replay", file, "--store", self.store("market.db"))
        self.execute("market.db", """UPDATE actor SET schema = '{"account":3}' WHERE type = 'seller'""")
        held = "SELECT * FROM actor WHERE type != 'invoice_file'"  # which knows that the file has grown
        before = self.execute("market.db", held)
        file.write_text(HEADER + GOOD_ROW * 2, encoding="utf-8")
        ended = self.expect(1, "replay", file, "--store", self.store("market.db"))
        self.assertIn("seller/85123A", ended.err)
        self.assertIn("schema version 3", ended.err)
        self.assertEqual(self.execute("market.db", held), before)

    def test_malformed_uri_is_a_usage_error(self):
        for uri, named in (
            ("market.db", "scheme"),
            ("redis-but-wrong:x", "scheme is unknown"),  # of what may be a password nothing is shown
            ("sqlite:", "path"),
            ("memory:x", "memory:"),
            ("sqlite:market.db?speed=high", "speed"),
            ("sqlite:market.db?synchronous=never", "never"),
            ("sqlite:market%.db", "%"),
            ("", "scheme"),
        ):
            for command in ("replay", "negotiate"):
                ended = self.expect(2, command, "--store", uri, "--json", "result.json")
                self.assertIn(named, ended.err, uri)
                self.assertIn("sqlite:PATH", ended.err, uri)
                self.assertNotIn("but-wrong", ended.err, uri)
                self.assertEqual(list(self.folder.iterdir()), [], uri)

    def test_folder_is_no_store(self):
        (self.folder / "market.db").mkdir()
        self.assertIn("market.db", self.expect(2, "replay", "--store", "sqlite:market.db").err)
        self.assertIn("nowhere", self.expect(2, "replay", "--store", "sqlite:nowhere/market.db").err)

    def test_audit_makes_no_file(self):
        self.assertIn("market.db", self.expect(1, "audit", "--store", "sqlite:market.db").err)
        self.assertFalse((self.folder / "market.db").exists())

        for file in ("new file.db", "empty.db"):
            self.assertIn(file, self.expect(1, "audit", "--store", f"sqlite:{file}".replace(" ", "%20")).err)
            self.assertFalse((self.folder / file).exists())
        self.write("empty.db", "")
        self.assertIn("empty", self.expect(1, "audit", "--store", "sqlite:%65mpty.db").err)
        self.assertEqual([file.name for file in self.folder.iterdir()], ["empty.db"])
        self.assertEqual((self.folder / "empty.db").read_bytes(), b"")
        self.expect(2, "audit", "--store", "memory:?")

    def test_full_disk_stops_the_replay_and_costs_nothing(self):
        ended = self.expect(1, "replay", "--store", self.store("market.db") + "&file_bytes_max=400000")
        self.assertIn("full", ended.err)
        self.assert_totals(self.expect_json("replay", "--store", self.store("market.db")))
        self.assert_totals(self.audit(self.store("market.db")))


class Options(ProgramTest):
    def test_wrong_values_are_usage_errors(self):
        for arguments, named in (
            ((), "command is needed"),
            (("haggle",), "haggle"),
            (("negotiate", "--buyers", "0"), "--buyers"),
            (("negotiate", "--buyers", "1.5"), "--buyers"),
            (("negotiate", "--sellers", "many"), "--sellers"),
            (("negotiate", "--rounds", "-1"), "--rounds"),
            (("negotiate", "--seed", "0x10"), "--seed"),
            (("negotiate", "--sellers", "0x10"), "--sellers"),
            (("negotiate", "--rounds", "+1"), "--rounds"),
            (("replay", "--sped"), "--sped"),
            (("replay", "--store"), "--store"),
            (("audit",), "--store"),
            (("audit", "--store", "memory:"), "memory:"),
        ):
            ended = self.expect(2, *arguments)
            self.assertIn(named, ended.err)
            self.assertEqual(ended.out, "")

    def test_errors_are_safe_to_show(self):
        for arguments in (("replay", "no\x1b[2J.csv"), ("audit", "--store", "sqlite:no\x1b[2J.db"), ("\x1b[2J",)):
            ended = self.run_program(*arguments)
            self.assertIn("\\x1b[2J", ended.err)
            self.assertNotIn("\x1b", ended.err)

    def test_numbers_are_decimal(self):
        arguments = ("--buyers", "010", "--sellers", "010", "--rounds", "010", "--seed", "010")
        result = self.expect_json("negotiate", *arguments)
        self.assertEqual([result[name[2:]] for name in arguments[::2]], [10] * 4)

    def test_help_goes_to_standard_output(self):
        for arguments in (("--help",), ("replay", "--help"), ("negotiate", "--help"), ("audit", "--help"), ("history", "--help")):
            ended = self.expect(0, *arguments)
            self.assertIn("marketplace", ended.out)
            self.assertEqual(ended.err, "")

    def test_result_that_cannot_be_written_is_known_before_the_work(self):
        for option in ("--json", "--rejects"):
            ended = self.expect(1, "replay", "--store", "sqlite:market.db", option, "nowhere/result")
            self.assertIn("nowhere/result", ended.err)
        self.expect(1, "negotiate", "--store", "sqlite:market.db", "--json", "nowhere/result")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_result_that_finds_no_room_is_an_error(self):
        ended = self.expect(1, "replay", "--store", self.store("market.db"), "--json", "/dev/full")
        self.assertIn("/dev/full", ended.err)
        self.assert_totals(self.audit(self.store("market.db")))

    def test_result_may_go_to_standard_output(self):
        ended = self.expect(0, "replay", "--json", "/dev/stdout")
        self.assertIn(f'"accepted": {TOTALS["accepted"]}', ended.out)
        self.assertTrue(io.StringIO(ended.out).readline().startswith("{"))


if __name__ == "__main__":
    unittest.main(argv=parse_options(__doc__))

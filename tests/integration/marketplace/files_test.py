#!/usr/bin/env python3
"""Points options of `marketplace` at files they must not touch, and standard output at places that take nothing."""

import os
import subprocess
import unittest

from marketplace_program import GOOD_ROW, HEADER, TIMEOUT_SECONDS, ProgramTest, parse_options

OWN_FILES = ("", "-wal", "-shm", "-journal")


class Files(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("sales.csv", HEADER + GOOD_ROW)

    def contents(self):
        """Returns what is in the folder: names, where links lead, bytes."""
        return {
            file.name: os.readlink(file) if file.is_symlink() else file.read_bytes()
            for file in self.folder.iterdir()
            if file.is_symlink() or file.is_file()
        }

    def assert_refused(self, *arguments):
        before = self.contents()
        ended = self.expect(2, *arguments)
        self.assertIn("same file", ended.err)
        self.assertEqual(self.contents(), before, arguments)

    def test_result_never_is_the_store(self):
        for suffix in OWN_FILES:
            self.assert_refused("replay", "sales.csv", "--store", "sqlite:m.db", "--json", "m.db" + suffix)
            self.assert_refused("replay", "sales.csv", "--store", "sqlite:%6d.db", "--rejects", "./m.db" + suffix)
            self.assert_refused("negotiate", "--store", "sqlite:m.db?synchronous=normal", "--json", "m.db" + suffix)
        self.expect(0, "replay", "sales.csv", "--store", "sqlite:m.db")
        (self.folder / "link").symlink_to("m.db")
        for suffix in OWN_FILES:
            self.assert_refused("audit", "--store", "sqlite:m.db", "--json", self.folder / f"m.db{suffix}")
            self.assert_refused("audit", "--store", "sqlite:link", "--json", f"m.db{suffix}")
        os.link(self.folder / "m.db", self.folder / "hard")
        self.assert_refused("audit", "--store", "sqlite:m.db", "--json", "hard")
        self.assertEqual(self.audit("sqlite:m.db")["units"], 6)

    def test_result_never_is_the_input_or_the_other_result(self):
        for option in ("--json", "--rejects"):
            self.assert_refused("replay", "sales.csv", option, "../" + self.folder.name + "/sales.csv")
        self.assert_refused("replay", "sales.csv", "--json", "r", "--rejects", "r")
        (self.folder / "link").symlink_to("r")
        self.assert_refused("replay", "sales.csv", "--json", "link", "--rejects", "r")
        self.assert_refused("replay", "sales.csv", "--store", "sqlite:sales.csv")
        self.expect(0, "replay", "sales.csv", "--json", "/dev/null", "--rejects", "/dev/null")

    def test_file_beside_the_result_is_left_alone(self):
        self.write("r.json.partial", "mine")
        self.expect(0, "replay", "sales.csv", "--json", "r.json", "--rejects", "r.json.partial2")
        self.assertEqual((self.folder / "r.json.partial").read_text(), "mine")
        self.expect(0, "replay", "sales.csv", "--json", "r.json.partial", "--rejects", "r.json")
        self.assertTrue((self.folder / "r.json").read_text().startswith("line,"))
        self.assertEqual(set(self.contents()), {"sales.csv", "r.json", "r.json.partial", "r.json.partial2"})

    def test_link_is_followed_and_stays(self):
        self.write("target", "former")
        for target in ("target", "new", "/dev/null"):
            link = self.folder / "link"
            link.symlink_to(target)
            self.expect(0, "replay", "sales.csv", "--json", "link")
            self.assertTrue(link.is_symlink(), target)
            if target != "/dev/null":
                self.assertIn("accepted", (self.folder / target).read_text())
            link.unlink()

    def test_result_and_text_share_standard_output(self):
        with (self.folder / "out").open("wb") as out:
            command = [self.options.program, "replay", "sales.csv", "--json", "out"]
            subprocess.run(command, cwd=self.folder, stdout=out, check=True, timeout=TIMEOUT_SECONDS)
        text = (self.folder / "out").read_text()
        self.assertTrue(text.startswith("{"))
        self.assertIn("revenue         15.30 pounds", text)

    def test_folder_is_no_result(self):
        (self.folder / "place").mkdir()
        ended = self.expect(1, "replay", "sales.csv", "--json", "place")
        self.assertIn("cannot write place: Is a directory", ended.err)


class StandardOutput(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("sales.csv", HEADER + GOOD_ROW)

    def run_with(self, redirection, *arguments):
        command = ["/bin/sh", "-c", f'exec "$@" {redirection}', "sh", self.options.program, *arguments]
        return subprocess.run(command, cwd=self.folder, capture_output=True, check=False, timeout=TIMEOUT_SECONDS)

    def test_that_takes_nothing_is_an_error(self):
        self.expect(0, "replay", "sales.csv", "--store", "sqlite:m.db")
        for redirection in (">/dev/full", ">&-"):
            for arguments in (
                ("--help",),
                ("replay", "sales.csv", "--json", "r.json"),
                ("audit", "--store", "sqlite:m.db", "--json", "r.json"),
                ("negotiate", "--buyers", "2", "--sellers", "2", "--rounds", "1"),
            ):
                ended = self.run_with(redirection, *arguments)
                self.assertEqual(ended.returncode, 1, (redirection, arguments))
                self.assertIn(b"standard output", ended.stderr)
        self.assertTrue((self.folder / "r.json").read_text().endswith("}\n"))


if __name__ == "__main__":
    unittest.main(argv=parse_options(__doc__))

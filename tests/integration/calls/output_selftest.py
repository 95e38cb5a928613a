#!/usr/bin/env python3
"""The comparison of outputs notices what it is for."""

import pathlib
import tempfile
import unittest

from output_test import differences


class OutputTest(unittest.TestCase):
    def compare(self, script, expected):
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / "program"
            program.write_text("#!/bin/sh\n" + script)
            program.chmod(0o755)
            file = pathlib.Path(folder) / "program.expected"
            file.write_text(expected)
            return differences(program, file)

    def test_equal_output_is_no_difference(self):
        self.assertEqual(self.compare("echo one; echo two", "one\ntwo\n"), "")

    def test_another_line_is_shown(self):
        self.assertIn("+three", self.compare("echo one; echo three", "one\ntwo\n"))

    def test_a_missing_line_end_is_a_difference(self):
        self.assertIn("no line end", self.compare("printf one", "one\n"))

    def test_failure_and_standard_error_are_differences(self):
        self.assertIn("ended with code 3", self.compare("echo one; exit 3", "one\n"))
        self.assertIn("oops", self.compare("echo one; echo oops >&2", "one\n"))

    def test_the_folder_is_empty(self):
        self.assertEqual(self.compare("ls -A | wc -l", "0\n"), "")


if __name__ == "__main__":
    unittest.main()

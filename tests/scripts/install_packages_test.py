#!/usr/bin/env python3
"""Runs cmake/install_packages.sh against a pretended Debian: install_packages_test.py SOURCE_DIR"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]

PACKAGES = """# a list
[build]
g++       # the compiler
boost-new | boost-newer
[test]
gtest
? formatter
[tidy]
tidy
"""

# Each pretended tool answers from files: installed, available, and what `apt-get update` makes available.
DPKG_QUERY = 'for last; do :; done; grep -qx "$last" "$STATE/installed" && printf installed || exit 1'
APT_CACHE = """for last; do :; done
echo "$last:"
if grep -qx "$last" "$STATE/available"; then echo "  Candidate: 1.0"; else echo "  Candidate: (none)"; fi
for i in $(seq 2000); do echo "  Version table: a long answer that nobody reads to its end"; done"""
APT_GET = """echo "apt-get $*" >>"$STATE/log"
case "$*" in
  *update*) cat "$STATE/offered" >>"$STATE/available"; rm -f "$STATE/stale" ;;
  *install*) [ ! -e "$STATE/stale" ] || { echo "404 Not Found" >&2; exit 100; } ;;
esac"""
SUDO = 'echo "sudo $*" >>"$STATE/log"; exec "$@"'


class InstallPackages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "cmake").mkdir()
        (self.root / "tools").mkdir()
        shutil.copy(SOURCE / "cmake" / "install_packages.sh", self.root / "cmake")
        (self.root / "cmake" / "packages.txt").write_text(PACKAGES, encoding="utf-8")
        for name in ("installed", "available", "offered", "log"):
            (self.root / name).write_text("", encoding="utf-8")
        for name, body in (("dpkg-query", DPKG_QUERY), ("apt-cache", APT_CACHE), ("apt-get", APT_GET), ("id", "echo 0")):
            self.add_tool(name, body)
        for name in ("env", "cat", "grep", "rm", "dirname", "seq", "bash"):
            (self.root / "tools" / name).symlink_to(shutil.which(name))

    def add_tool(self, name, body):
        path = self.root / "tools" / name
        path.write_text(f"#!/bin/bash\n{body}\n", encoding="utf-8")
        path.chmod(0o755)

    def have(self, name, *packages):
        (self.root / name).write_text("".join(f"{package}\n" for package in packages), encoding="utf-8")

    def run_script(self, *arguments):
        """Returns exit status, output and the calls of apt-get and sudo."""
        environment = {"PATH": str(self.root / "tools"), "STATE": str(self.root), "HOME": os.environ.get("HOME", "/")}
        done = subprocess.run([str(self.root / "cmake" / "install_packages.sh"), *arguments], env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout, (self.root / "log").read_text(encoding="utf-8")

    def test_does_nothing_when_all_is_there(self):
        self.have("installed", "g++", "boost-newer", "gtest", "formatter")
        status, output, calls = self.run_script()
        self.assertEqual((status, calls), (0, ""), output)
        self.assertIn("all there", output)

    def test_installs_only_what_is_missing(self):
        self.have("installed", "g++")
        self.have("available", "g++", "boost-new", "boost-newer", "gtest", "formatter", "tidy")
        status, output, calls = self.run_script()
        self.assertEqual(status, 0, output)
        self.assertRegex(calls, r"^apt-get .*install .* boost-new gtest formatter\n$")

    def test_takes_the_choice_that_can_be_installed(self):
        self.have("available", "g++", "boost-newer")
        status, output, calls = self.run_script("build")
        self.assertEqual(status, 0, output)
        self.assertRegex(calls, r"^apt-get .*install .* g\+\+ boost-newer\n$")

    def test_refreshes_the_lists_when_they_do_not_know_a_package(self):
        self.have("offered", "g++", "boost-new")
        status, output, calls = self.run_script("build")
        self.assertEqual(status, 0, output)
        self.assertRegex(calls, r"^apt-get .*update\napt-get .*install .* g\+\+ boost-new\n$")

    def test_refreshes_the_lists_once_when_the_mirror_lost_a_file(self):
        self.have("available", "g++", "boost-new")
        (self.root / "stale").touch()
        status, output, calls = self.run_script("build")
        self.assertEqual(status, 0, output)
        self.assertRegex(calls, r"^apt-get .*install.*\napt-get .*update\napt-get .*install.*\n$")

    def test_names_what_cannot_be_had(self):
        self.have("available", "g++")
        status, output, calls = self.run_script("build")
        self.assertEqual(status, 1)
        self.assertIn("boost-new | boost-newer", output)
        self.assertNotIn("install -y", calls)

    def test_goes_on_without_a_wanted_package(self):
        self.have("installed", "g++", "boost-new")
        self.have("available", "gtest")
        status, output, _ = self.run_script()
        self.assertEqual(status, 0, output)
        self.assertIn("formatter is not offered here", output)

    def test_takes_a_command_for_its_package(self):
        (self.root / "cmake" / "packages.txt").write_text("[build]\n$tool | tool-package\n", encoding="utf-8")
        self.have("available", "tool-package")
        self.assertEqual(self.run_script("--list", "build")[1], "tool-package\n")
        self.add_tool("tool", "exit 1")
        status, output, calls = self.run_script("build")
        self.assertEqual((status, calls), (0, ""), output)
        self.assertIn("all there", output)

    def test_goes_through_sudo(self):
        self.add_tool("id", "echo 1000")
        self.add_tool("sudo", SUDO)
        self.have("available", "g++", "boost-new")
        status, output, calls = self.run_script("build")
        self.assertEqual(status, 0, output)
        self.assertRegex(calls, r"^sudo env .*apt-get.*install")

    def test_says_so_when_it_may_not_install(self):
        self.add_tool("id", "echo 1000")
        self.have("available", "g++", "boost-new")
        status, output, calls = self.run_script("build")
        self.assertEqual((status, calls), (1, ""))
        self.assertIn("run this as root, or install sudo. Missing: g++ boost-new", output)

    def test_lists_without_touching_anything(self):
        self.have("available", "g++", "boost-new", "tidy")
        status, output, calls = self.run_script("--list", "build", "tidy")
        self.assertEqual((status, output, calls), (0, "g++\nboost-new\ntidy\n", ""))

    def test_refuses_an_unknown_argument(self):
        status, output, _ = self.run_script("everything")
        self.assertEqual(status, 2)
        self.assertIn("unknown argument 'everything'", output)


if __name__ == "__main__":
    unittest.main()

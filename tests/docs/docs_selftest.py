"""Proves that docs_test.py notices what it is for."""

import pathlib
import tempfile
import unittest

import docs_test


class DocsTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)
        (self.root / "docs").mkdir()
        (self.root / "src").mkdir()
        (self.root / "src/a.cpp").write_text("int a() {\n  return 1;\n}\n\nint b();\n")

    def findings(self, text):
        (self.root / "README.md").write_text(text)
        return docs_test.check_document(self.root, self.root / "README.md")

    def test_accepts_text_of_the_file(self):
        self.assertEqual(self.findings("<!-- from: src/a.cpp -->\n```cpp\nint a() {\n...\nint b();\n```\n"), [])

    def test_reports_text_that_differs(self):
        found = self.findings("x\n<!-- from: src/a.cpp -->\n```cpp\nint a() { return 2; }\n```\n")
        self.assertEqual(found, ["README.md:2: this text does not stand in src/a.cpp"])

    def test_reports_parts_out_of_order(self):
        self.assertEqual(len(self.findings("<!-- from: src/a.cpp -->\n```cpp\nint b();\n...\nint a() {\n```\n")), 1)

    def test_reports_cpp_from_nowhere(self):
        self.assertEqual(self.findings("```cpp\nint c();\n```\n"), ["README.md:1: C++ without the file it comes from"])

    def test_reports_links_and_paths_that_lead_nowhere(self):
        found = self.findings("[there](src/a.cpp) [gone](docs/gone.md)\n`src/a.cpp` `src/gone.cpp`\n")
        self.assertEqual(found, ["README.md:1: the link to docs/gone.md leads nowhere", "README.md:2: there is no src/gone.cpp"])

    def test_reports_a_link_to_a_heading_that_is_not_there(self):
        found = self.findings("# g++ 12: name it\n[here](#g-12-name-it) [not](#g-12) [nor](README.md#name-it)\n")
        self.assertEqual(found, ["README.md:2: README.md has no heading #g-12", "README.md:2: README.md has no heading #name-it"])

    def test_reports_a_public_header_that_the_reference_does_not_list(self):
        for folder in ("core", "detail"):
            (self.root / "include/troupe" / folder).mkdir(parents=True)
            (self.root / "include/troupe" / folder / "a.hpp").touch()
        (self.root / "docs/reference.md").write_text("nothing\n")
        self.assertEqual(docs_test.check_reference(self.root),
                         ["docs/reference.md: include/troupe/core/a.hpp is not listed"])
        (self.root / "docs/reference.md").write_text("[a](../include/troupe/core/a.hpp)\n")
        self.assertEqual(docs_test.check_reference(self.root), [])

    def test_reports_a_console_that_prints_something_else(self):
        (self.root / "README.md").write_text("<!-- run: a -->\n```sh\n$ echo 1\n1\n$ echo 2\n3\n```\n")
        self.assertEqual(docs_test.run_consoles(self.root, self.root),
                         ["README.md: $ echo 2\n  expected: '3\\n'\n  found:    '2\\n'"])


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""Proves that each lint catches what it is there for, and leaves correct code alone."""

import pathlib
import tempfile
import unittest

import banned_tokens
import file_shape
import layers
import semantics
from source_tree import SourceTree, without_comments_and_literals


class LintTest(unittest.TestCase):
    def findings(self, lint, files):
        """Returns the findings of `lint` in a tree of `files` (path -> text)."""
        with tempfile.TemporaryDirectory() as root:
            for path, text in files.items():
                target = pathlib.Path(root) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
            return [str(finding) for finding in lint.check(SourceTree(root))]

    def assert_clean(self, lint, files):
        self.assertEqual(self.findings(lint, files), [])

    def assert_caught(self, lint, files, expected):
        found = self.findings(lint, files)
        self.assertEqual(len(found), 1, found)
        self.assertIn(expected, found[0])


class Layers(LintTest):
    BASE = {"include/troupe/base/error.hpp": "", "include/troupe/spi/clock.hpp": "", "src/core/turn.hpp": ""}

    def test_lower_layers_may_be_included(self):
        self.assert_clean(layers, self.BASE | {
            "src/commit/queue.cpp": '#include "troupe/base/error.hpp"\n#include "core/turn.hpp"\n#include <vector>\n',
            "src/runtime/a.cpp": '#include "commit/queue.hpp"\n',
            "src/commit/queue.hpp": '#include "troupe/spi/clock.hpp"\n',
        })

    def test_core_must_not_know_commit(self):
        self.assert_caught(layers, {"src/core/a.cpp": '#include "commit/b.hpp"\n', "src/commit/b.hpp": ""},
                           "src/core/a.cpp:1: core must not know commit")

    def test_base_implements_spi_only_in_private(self):
        spi_clock = '\n#include "troupe/spi/clock.hpp"\n'
        self.assert_clean(layers, self.BASE | {"src/base/system_clock.hpp": spi_clock})
        self.assert_caught(layers, self.BASE | {"include/troupe/base/a.hpp": spi_clock},
                           "include/troupe/base/a.hpp:2: base must not know spi")

    def test_schedule_knows_base_and_spi_only(self):
        self.assert_clean(layers, self.BASE | {
            "include/troupe/schedule/schedule.hpp": '#include "troupe/spi/clock.hpp"\n#include "troupe/base/error.hpp"\n',
            "src/core/a.cpp": '#include "troupe/schedule/schedule.hpp"\n',
        })
        self.assert_caught(layers, self.BASE | {"src/schedule/a.cpp": '#include "core/turn.hpp"\n'},
                           "schedule must not know core")

    def test_store_must_not_know_core(self):
        self.assert_caught(layers, self.BASE | {"src/stores/sqlite/a.cpp": '#include "core/turn.hpp"\n'},
                           "stores/sqlite must not know core")

    def test_store_must_not_know_other_store(self):
        self.assert_caught(layers, {
            "include/troupe/stores/memory.hpp": "",
            "src/stores/sqlite/a.cpp": '#include "troupe/stores/memory.hpp"\n',
        }, "stores/sqlite must not know stores/memory")

    def test_stores_share_their_rules(self):
        self.assert_clean(layers, {
            "src/stores/rules/commit_rules.hpp": "",
            "src/stores/sqlite/a.cpp": '#include "stores/rules/commit_rules.hpp"\n',
        })

    def test_testing_knows_only_the_memory_store(self):
        self.assert_clean(layers, {"include/troupe/stores/memory.hpp": "",
                                   "src/testing/a.cpp": '#include "troupe/stores/memory.hpp"\n'})
        self.assert_caught(layers, {"include/troupe/stores/sqlite.hpp": "",
                                    "src/testing/a.cpp": '#include "troupe/stores/sqlite.hpp"\n'},
                           "testing must not know stores/sqlite")

    def test_public_header_must_not_include_private_one(self):
        self.assert_caught(layers, self.BASE | {"include/troupe/core/a.hpp": '#include "core/turn.hpp"\n'},
                           'a public header includes the private "core/turn.hpp"')

    def test_include_path_is_written_in_full(self):
        self.assert_caught(layers, self.BASE | {"src/core/a.cpp": '#include "turn.hpp"\n'}, "is no file of include/")

    def test_unknown_module_needs_a_place(self):
        self.assert_caught(layers, {"src/magic/a.cpp": ""}, "module 'magic' has no place")

    def test_sqlite_stays_in_its_driver(self):
        self.assert_clean(layers, {"src/stores/sqlite/a.cpp": "#include <sqlite3.h>\n"})
        self.assert_caught(layers, {"src/runtime/a.cpp": "#include <sqlite3.h>\n"}, "belongs in stores/sqlite only")

    def test_driver_types_stay_out_of_public_headers(self):
        self.assert_caught(layers, {"include/troupe/core/a.hpp": "#include <pqxx/pqxx>\n"}, "belongs in stores/postgres")

    def test_each_fenced_library_is_caught(self):
        for header in ("hiredis/hiredis.h", "pqxx/pqxx", "sqlite3.h", "boost/beast/http.hpp", "spdlog/spdlog.h",
                       "gtest/gtest.h"):
            with self.subTest(header):
                self.assert_caught(layers, {"src/core/a.cpp": f"#include <{header}>\n"}, f"<{header}> belongs in")

    def test_pure_decisions_stay_free_of_asio(self):
        self.assert_caught(layers, {"src/schedule/schedule.cpp": "#include <boost/asio/post.hpp>\n"},
                           "in a file of pure decisions")

    def test_example_must_not_use_detail(self):
        self.assert_caught(layers, {"examples/x/a.cpp": '#include "troupe/detail/message.hpp"\n'}, "not for users")

    def test_include_cycle_is_named(self):
        self.assert_caught(layers, {
            "src/core/a.hpp": '#include "core/b.hpp"\n',
            "src/core/b.hpp": '#include "core/a.hpp"\n',
        }, "include cycle: src/core/a.hpp -> src/core/b.hpp -> src/core/a.hpp")


class BannedTokens(LintTest):
    CAUGHT = {
        "src/core/a.cpp": (
            "auto t = std::chrono::steady_clock::now();",
            "auto t = system_clock::now();",
            "auto t = my_clock :: now();",
            "auto n = std::time(nullptr);",
            "std::random_device seed;",
            "int n = rand() % 6;",
            "std::this_thread::sleep_for(1s);",
            "std::this_thread::sleep_until(t);",
            "using namespace std::this_thread;",
            "usleep(5);",
            "::sleep(1);",
            "asio::steady_timer timer(executor);",
            "using namespace std;",
            "// TO" + "DO: later",
            "/* FIX" + "ME */",
        ),
        "include/troupe/core/a.hpp": ("auto t = std::chrono::steady_clock::now();", "using namespace literals;"),
        "tests/unit/core/a_test.cpp": ("auto t = std::chrono::steady_clock::now();", "std::this_thread::sleep_for(1ms);"),
        "tests/integration/a_test.cpp": ("std::this_thread::sleep_for(1ms);", "std::random_device seed;"),
        "examples/x/a.cpp": ("std::this_thread::sleep_for(1ms);", "using  namespace  std ;"),
        "docs/guide/a.md": ("TO" + "DO: write this",),
        "cmake/a.cmake": ("# FIX" + "ME",),
    }

    CLEAN = {
        "src/core/a.cpp": (
            "auto t = clock_.steady_now();",
            "// std::chrono::steady_clock::now() is not for us",
            'const char* text = "sleep(1), rand(), steady_clock::now()";',
            'auto raw = R"x(std::random_device " )x"; int n = 0;',
            "auto big = 1'000'000; auto more = 2'000;",
            "co_await sleep_for(5s);",
            "auto id = std::this_thread::get_id();",
            "int operand(int brand);",
            "std::chrono::steady_clock::time_point at;",
            "using namespace std::chrono_literals;",
        ),
        "src/base/system_clock.cpp": ("auto t = std::chrono::system_clock::now();", "std::random_device seed;"),
        "src/runtime/timer_thread.cpp": ("asio::steady_timer timer(executor);",),
        "benchmarks/a.cpp": ("auto t = std::chrono::steady_clock::now();",),
        "examples/x/a.cpp": ("auto t = std::chrono::steady_clock::now();",),
        "tests/integration/a_test.cpp": ("auto t = std::chrono::steady_clock::now();",),
    }

    def test_catches(self):
        for path, lines in self.CAUGHT.items():
            for line in lines:
                with self.subTest(path=path, line=line):
                    self.assert_caught(banned_tokens, {path: f"int a;\n{line}\nint b;\n"}, f"{path}:2: ")

    def test_leaves_alone(self):
        for path, lines in self.CLEAN.items():
            for line in lines:
                with self.subTest(path=path, line=line):
                    self.assert_clean(banned_tokens, {path: f"int a;\n{line}\nint b;\n"})

    def test_blanking_keeps_line_numbers(self):
        text = 'a /* x\ny */ b\n"q" // z\n'
        self.assertEqual(without_comments_and_literals(text).count("\n"), 3)


class FileShape(LintTest):
    def test_catches_a_long_file_only(self):
        self.assert_clean(file_shape, {"src/core/a.cpp": "x\n" * 400})
        self.assert_caught(file_shape, {"src/core/a.cpp": "x\n" * 401}, "401 lines; the limit is 400")

    def test_notes_a_file_near_the_limit(self):
        with tempfile.TemporaryDirectory() as root:
            path = pathlib.Path(root) / "src" / "a.cpp"
            path.parent.mkdir()
            path.write_text("x\n" * 301, encoding="utf-8")
            self.assertEqual(len(list(file_shape.notes(SourceTree(root)))), 1)

    def test_catches_names_that_say_nothing(self):
        for path in ("src/utils/a.cpp", "src/core/helpers.cpp", "tests/common/a_test.cpp", "src/core/manager.cpp"):
            with self.subTest(path):
                self.assert_caught(file_shape, {path: ""}, "says nothing")
        self.assert_clean(file_shape, {"src/core/timer_manager_gone.cpp": ""})

    def test_catches_a_header_without_guard(self):
        for path in ("include/troupe/core/a.hpp", "src/core/a.hpp", "tests/contract/a.hpp"):
            with self.subTest(path):
                self.assert_caught(file_shape, {path: "// #pragma once\nint a;\n"}, "without #pragma once")
        self.assert_clean(file_shape, {"src/core/a.hpp": "#pragma once\n"})

    def test_catches_foreign_suffixes(self):
        self.assert_caught(file_shape, {"src/core/a.cc": ""}, "end in .hpp and .cpp")


class Semantics(LintTest):
    TESTS = {"tests/unit/a_test.cpp": "TEST(Turn, Runs) {}\nTEST_F(Gate,\n       Waits) {}\n"}

    def test_rules_that_name_tests_are_clean(self):
        self.assert_clean(semantics, self.TESTS | {"docs/semantics.md": "## 1. A\n1. Yes. `Turn.Runs`\n2. So.\n   `Gate.Waits`\n"})
        self.assert_clean(semantics, self.TESTS)

    def test_catches_a_test_that_is_gone(self):
        self.assert_caught(semantics, self.TESTS | {"docs/semantics.md": "1. Yes. `Turn.Walks`\n"},
                           "docs/semantics.md:1: there is no test Turn.Walks")

    def test_catches_a_rule_without_a_test(self):
        self.assert_caught(semantics, self.TESTS | {"docs/semantics.md": "1. Yes.\n2. So. `Turn.Runs`\n"},
                           "docs/semantics.md:1: the rule names no test")


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env bash
# Runs clang-tidy over the sources of the library.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case "${1:-}" in
  --help | -h)
    echo "usage: cmake/tidy.sh [REGEX]"
    echo "Runs clang-tidy with the checks of .clang-tidy over the files of src/, or those whose path matches REGEX."
    exit 0
    ;;
  -*) echo "tidy.sh: unknown option '$1'" >&2; exit 2 ;;
esac

run_clang_tidy=run-clang-tidy-14
if ! command -v "$run_clang_tidy" >/dev/null; then
  echo "tidy.sh: clang-tidy is missing; cmake/install_packages.sh tidy installs it" >&2
  exit 1
fi

# A configured tree of its own, since only its compile_commands.json is needed.
cmake --preset dev -B build/tidy -DTROUPE_BUILD_TESTS=OFF -DTROUPE_BUILD_BENCHMARKS=OFF >/dev/null
"$run_clang_tidy" -quiet -j "$(nproc)" -p build/tidy "${1:-$PWD/src/}"

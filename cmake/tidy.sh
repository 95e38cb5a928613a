#!/usr/bin/env bash
# Runs clang-tidy over the sources of the library.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case "${1:-}" in
  --help | -h)
    echo "usage: cmake/tidy.sh [REGEX]"
    echo "Runs clang-tidy with the checks of .clang-tidy over src/, several files at a time, or over each file whose path matches REGEX."
    exit 0
    ;;
  -*) echo "tidy.sh: unknown option '$1'" >&2; exit 2 ;;
esac

run_clang_tidy=run-clang-tidy-14
if ! command -v "$run_clang_tidy" >/dev/null; then
  echo "tidy.sh: clang-tidy is missing; cmake/install_packages.sh tidy installs it" >&2
  exit 1
fi

# Configured trees of their own, since only their compile_commands.json are needed.
configure=(cmake --preset dev -DTROUPE_BUILD_TESTS=OFF -DTROUPE_BUILD_BENCHMARKS=OFF)
if [ $# -gt 0 ]; then
  "${configure[@]}" -B build/tidy >/dev/null
  exec "$run_clang_tidy" -quiet -j "$(nproc)" -p build/tidy "$1"
fi
# Large pieces read the headers once for several files (docs/decisions/0019): a third of the time. A piece includes .cpp files,
# and its options are those of g++.
"${configure[@]}" -B build/tidy-pieces -DCMAKE_UNITY_BUILD=ON >/dev/null
exec "$run_clang_tidy" -quiet -j "$(nproc)" -p build/tidy-pieces -checks=-bugprone-suspicious-include \
  -extra-arg=-Wno-unknown-warning-option -extra-arg=-Wshadow "$PWD/build/tidy-pieces/"

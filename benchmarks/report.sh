#!/bin/sh
# Measures everything and prints one table: troupe beside other libraries, the machine's limit and the stores' own
# drivers, each beside the others in the same run.
#
#   usage: benchmarks/report.sh [--quick|--smoke] [--only messages|memory|state] [--store URI]... [--json FILE] [--build FOLDER]
#
# --quick         fewer rounds: under 3 minutes; without it under 30
# --smoke         a few seconds: only that all of it runs
# --only PART     only that part; may be given more than once
# --store URI     measure the state part on this store; may be given more than once (default: a new SQLite file)
# --json FILE     write the rows there as a list
# --build FOLDER  where the programs are built (default build/release, which is built if need be)
# Exit code: 0 all ran, 1 one failed, 2 usage.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$root/build/release
expect=
for argument in "$@"; do
  if [ "$argument" = --help ] || [ "$argument" = -h ]; then
    sed -n '2,13s/^# \{0,1\}//p' "$0"
    exit 0
  fi
  [ "$expect" = --build ] && folder=$argument
  expect=$argument
done
programs="bench_messages bench_memory bench_stores"
missing=
for program in $programs; do
  [ -x "$folder/bin/$program" ] || missing="$missing $program"
done
if [ -n "$missing" ] && [ "$folder" = "$root/build/release" ]; then
  echo "building:$missing" >&2
  # shellcheck disable=SC2086
  (cd "$root" && cmake --preset release >/dev/null && cmake --build --preset release --target $missing) >&2
fi
exec python3 "$root/benchmarks/report.py" --folder "$folder/bin" "$@"

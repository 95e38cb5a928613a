#!/bin/sh
# Compares what a message costs in two revisions, side by side: builds each in release below a scratch folder, with the
# benchmark program of this checkout, and runs the two programs side by side; see paired.py for the options.
#
#   usage: benchmarks/compare.sh BEFORE AFTER [--starts N] [--rounds N] [--most RATIO] [-- OPTIONS OF bench_calls]
#
# BEFORE and AFTER are anything `git rev-parse` knows, or "." for this checkout as it is, uncommitted changes included.
# TROUPE_COMPARE_FOLDER: where to build, kept for the next time (default build/compare); TROUPE_COMPARE_JOBS: compilers
# at a time (default 1).
set -eu

usage() { sed -n '2,10s/^# \{0,1\}//p' "$0"; }
if [ "${1:-}" = --help ]; then
  usage
  exit 0
fi
case ${1:-} in
  -*)
    echo "compare.sh: unknown option '$1'" >&2
    exit 2
    ;;
esac
if [ $# -lt 2 ]; then
  usage >&2
  exit 2
fi
root=$(cd "$(dirname "$0")/.." && pwd)
scratch=${TROUPE_COMPARE_FOLDER:-$root/build/compare}
mkdir -p "$scratch"
scratch=$(cd "$scratch" && pwd)

# Prints the path of the program built from a revision.
build() {
  if [ "$1" = . ]; then
    name=checkout
    rm -rf "$scratch/$name.new" && mkdir -p "$scratch/$name.new"
    (cd "$root" && git ls-files -z --cached --others --exclude-standard | tar c --null -T -) |
      tar x -C "$scratch/$name.new"
  else
    name=$(git -C "$root" rev-parse --short=12 --verify --quiet "$1^{commit}") || {
      echo "compare.sh: \"$1\" is no revision" >&2
      exit 2
    }
    rm -rf "$scratch/$name.new" && mkdir -p "$scratch/$name.new"
    git -C "$root" archive "$name" | tar x -C "$scratch/$name.new"
  fi
  rm -rf "$scratch/$name.new/benchmarks"
  cp -R "$root/benchmarks" "$scratch/$name.new/benchmarks"
  # Only what differs is replaced, so that a second build compiles that alone.
  mkdir -p "$scratch/$name"
  (cd "$scratch/$name.new" && find . -type f) | while IFS= read -r file; do
    cmp -s "$scratch/$name.new/$file" "$scratch/$name/$file" && continue
    mkdir -p "$scratch/$name/$(dirname "$file")"
    cp -p "$scratch/$name.new/$file" "$scratch/$name/$file"
    touch "$scratch/$name/$file"
  done
  (cd "$scratch/$name" && find . -path ./build -prune -o -type f -print) | while IFS= read -r file; do
    [ -f "$scratch/$name.new/$file" ] || rm "$scratch/$name/$file"
  done
  rm -rf "$scratch/$name.new"
  (
    cd "$scratch/$name"
    export CCACHE_BASEDIR="$PWD"
    cmake --preset release -DTROUPE_BUILD_TESTS=OFF -DTROUPE_BUILD_EXAMPLES=OFF
    cmake --build build/release --target bench_calls -j "${TROUPE_COMPARE_JOBS:-1}"
  ) >"$scratch/$name.log" 2>&1 || {
    tail -n 30 "$scratch/$name.log" >&2
    echo "compare.sh: $1 could not be built; the log is $scratch/$name.log" >&2
    exit 1
  }
  echo "$scratch/$name/build/release/bin/bench_calls"
}

before=$(build "$1")
after=$(build "$2")
shift 2
case " $* " in
  *" -- "*) ;;
  *) set -- "$@" -- --operations 20000 ;; # short rounds: the two halves of a pair lie close together
esac
exec python3 "$root/benchmarks/paired.py" "$before" "$after" "$@"

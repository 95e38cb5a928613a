#!/usr/bin/env bash
# From a fresh clone to a finished run of the marketplace example.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'TEXT'
usage: cmake/quickstart.sh [--skip-packages]

Installs the packages that are missing, builds the marketplace example, replays five days of real invoices through
it (every customer and every stock code is an actor), and lets buyers and sellers negotiate. The actors' state is
kept in build/quickstart/*.db. Running it again is quick and changes nothing in what was replayed.

  --skip-packages  leave the system's packages alone
  --help           print this text
TEXT
}

packages=yes
for argument in "$@"; do
  case "$argument" in
    --skip-packages) packages=no ;;
    --help | -h) usage; exit 0 ;;
    *) echo "quickstart.sh: unknown option '$argument'" >&2; usage >&2; exit 2 ;;
  esac
done

say() { printf '\n== %s\n' "$*"; }
run() {
  printf '$ %s\n' "$*"
  "$@"
}

say "1/4 Packages"
if [ "$packages" = yes ]; then cmake/install_packages.sh build; else echo "left alone"; fi

marketplace=build/release/bin/marketplace
state=build/quickstart
mkdir -p "$state"

say "2/4 Build of the marketplace program (a few minutes the first time)"
cmake --preset release -DTROUPE_BUILD_TESTS=OFF -DTROUPE_BUILD_BENCHMARKS=OFF >"$state/configure.log" 2>&1 || {
  cat "$state/configure.log" >&2
  exit 1
}
run cmake --build --preset release --target marketplace

say "3/4 Replay of 8,373 lines of real invoices: every line a purchase or a return between two actors"
run "$marketplace" replay examples/marketplace/data/online_retail_2010-12.csv --store "sqlite:$state/replay.db" \
  --rejects "$state/rejects.csv" --json "$state/replay.json"

say "4/4 Negotiation of 100 buyers with 500 sellers; money and goods must be conserved"
run "$marketplace" negotiate --store "sqlite:$state/negotiate.db"

cat <<TEXT

Done. What is left behind:
  $state/replay.db     the state of every buyer and seller; look inside with: sqlite3 $state/replay.db .schema
  $state/replay.json   the totals of the replay
  $state/rejects.csv   the damaged lines, each with its line number and the reason
  $marketplace audit --store sqlite:$state/replay.db   reads the stored actors back and prints their totals
  $marketplace history seller 85123A --store sqlite:$state/replay.db   shows what a seller sold, the newest first
Next: docs/guide/01-first-service.md
TEXT

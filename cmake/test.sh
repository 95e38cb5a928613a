#!/usr/bin/env bash
# Builds troupe and passes every test.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'TEXT'
usage: cmake/test.sh [--preset NAME]... [--sanitizers] [--tidy] [--skip-packages]

Installs the packages that are missing, configures, builds and runs all tests; the results are in build/<preset>.

  --preset NAME    test this preset (dev, unity, release, asan, tsan); may be repeated. Default: dev
  --sanitizers     test the presets asan and tsan as well
  --tidy           run clang-tidy over src/ as well
  --skip-packages  leave the system's packages alone
  --help           print this text

Exit status: 0 if everything passed, 1 if something failed, 2 for a wrong option.
TEXT
}

presets=()
sanitizers=no
tidy=no
packages=yes
while [ $# -gt 0 ]; do
  case "$1" in
    --preset)
      [ $# -ge 2 ] || { echo "test.sh: --preset needs a name" >&2; exit 2; }
      case "$2" in
        dev | unity | release | asan | tsan) presets+=("$2") ;;
        *) echo "test.sh: there is no preset '$2'; there are dev, unity, release, asan and tsan" >&2; exit 2 ;;
      esac
      shift
      ;;
    --sanitizers) sanitizers=yes ;;
    --tidy) tidy=yes ;;
    --skip-packages) packages=no ;;
    --help | -h) usage; exit 0 ;;
    *) echo "test.sh: unknown option '$1'" >&2; usage >&2; exit 2 ;;
  esac
  shift
done
[ ${#presets[@]} -gt 0 ] || presets=(dev)
[ "$sanitizers" = no ] || presets+=(asan tsan)

jobs="$(nproc)"
# ccache, which lets one build tree serve another, needs a folder even where there is no home.
[ -w "${HOME:-/no/home}" ] || export CCACHE_DIR="${CCACHE_DIR:-$PWD/build/ccache}"
summary=()
failed=no

# Runs a step, prints its time, and remembers its result. A step that fails stops those that build on it (by its status).
step() {
  local name="$1" begin=$SECONDS result=passed
  shift
  printf '\n== %s: %s\n' "$name" "$*"
  "$@" || result=FAILED
  summary+=("$(printf '%-24s %-6s %5d s' "$name" "$result" $((SECONDS - begin)))")
  printf '== %s: %s after %d s\n' "$name" "$result" $((SECONDS - begin))
  [ "$result" = passed ] || { failed=yes; return 1; }
}

test_preset() {
  step "$1: configure" cmake --preset "$1" &&
    step "$1: build" cmake --build --preset "$1" --parallel "$jobs" -- -k 0 &&
    step "$1: test" ctest --preset "$1" --parallel "$jobs"
}

groups=(build test)
[ "$tidy" = no ] || groups+=(tidy)
if [ "$packages" = yes ]; then
  step packages cmake/install_packages.sh "${groups[@]}" || exit 1
fi
for preset in "${presets[@]}"; do
  test_preset "$preset" || true
done
if [ "$tidy" = yes ]; then
  step tidy cmake/tidy.sh || true
fi

if command -v ccache >/dev/null; then
  printf '\n== ccache\n'
  ccache --show-stats || true
fi

printf '\nSummary\n'
printf '  %s\n' "${summary[@]}"
if [ "$failed" = yes ]; then
  echo "FAILED: see the steps above"
  exit 1
fi
echo "Everything passed, in $SECONDS s."

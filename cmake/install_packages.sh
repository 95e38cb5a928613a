#!/usr/bin/env bash
# Installs the Debian or Ubuntu packages that troupe needs and that are missing.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: cmake/install_packages.sh [--list] [GROUP...]

Installs what is missing of the packages in cmake/packages.txt, with apt-get, as root or through sudo.
Groups: build (compile troupe and its examples), test (its tests as well), tidy (clang-tidy), benchmark (libraries that
bench_messages compares troupe with). Default: build test.

  --list   only print what is missing, one package a line; change nothing
  --help   print this text
TEXT
}

list_only=no
groups=()
for argument in "$@"; do
  case "$argument" in
    --list) list_only=yes ;;
    --help | -h) usage; exit 0 ;;
    build | test | tidy | benchmark) groups+=("$argument") ;;
    *) echo "install_packages.sh: unknown argument '$argument'" >&2; usage >&2; exit 2 ;;
  esac
done
[ ${#groups[@]} -gt 0 ] || groups=(build test)
package_list="$(dirname "${BASH_SOURCE[0]}")/packages.txt"

# Prints the lines of the wanted groups without comments: one choice a line, e.g. "a | b" or "? a".
wanted_lines() {
  local line group=""
  while IFS= read -r line || [ -n "$line" ]; do
    line="${line%%#*}"
    case "$line" in
      \[*\]*) group="${line#\[}"; group="${group%%\]*}" ;;
      *[![:space:]]*) [[ " ${groups[*]} " != *" $group "* ]] || echo "$line" ;;
    esac
  done <"$package_list"
}

# Whether a choice is there: a package, or for `$name` a command.
is_installed() {
  if [[ "$1" == \$* ]]; then
    command -v "${1#\$}" >/dev/null
    return
  fi
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

is_installable() {
  [[ "$1" != \$* ]] || return 1
  local policy
  policy="$(LC_ALL=C apt-cache policy "$1" 2>/dev/null)"
  [[ "$policy" == *"Candidate: "* && "$policy" != *"Candidate: (none)"* ]]
}

# Fills `missing` (installable) and `unknown` (lines of which no choice can be installed).
missing=()
unknown=()
find_missing() {
  missing=()
  unknown=()
  local line choice optional found
  while IFS= read -r line; do
    optional=no
    [[ "$line" != *\?* ]] || optional=yes
    found=""
    for choice in ${line//[?|]/ }; do
      if is_installed "$choice"; then found=installed; break; fi
    done
    [ -z "$found" ] || continue
    for choice in ${line//[?|]/ }; do
      if is_installable "$choice"; then found="$choice"; break; fi
    done
    if [ -n "$found" ]; then
      missing+=("$found")
    elif [ "$optional" = no ]; then
      unknown+=("$line")
    else
      notices+=("${line//[? ]/}")
    fi
  done < <(wanted_lines)
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "install_packages.sh: this is not a Debian or Ubuntu system. Install by other means what these packages hold:" >&2
  wanted_lines >&2
  exit 1
fi

notices=()
find_missing
if [ "$list_only" = yes ]; then
  [ ${#missing[@]} -eq 0 ] || printf '%s\n' "${missing[@]}"
  [ ${#unknown[@]} -eq 0 ] || printf '%s\n' "${unknown[@]}"
  exit 0
fi
lists_are_empty() { ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; }
refresh=no
if [ ${#unknown[@]} -gt 0 ]; then refresh=yes; fi
if [ ${#notices[@]} -gt 0 ] && lists_are_empty; then refresh=yes; fi
if [ ${#missing[@]} -eq 0 ] && [ "$refresh" = no ]; then
  echo "packages (${groups[*]}): all there"
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install_packages.sh: run this as root, or install sudo. Missing: ${missing[*]} ${unknown[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
apt_get() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@"; }

updated=no
update_lists() {
  echo "packages: refreshing the package lists"
  apt_get update
  updated=yes
  notices=()
  find_missing
}

if [ "$refresh" = yes ]; then update_lists; fi
if [ ${#unknown[@]} -gt 0 ]; then
  echo "install_packages.sh: this system's package sources offer none of:" >&2
  printf '  %s\n' "${unknown[@]}" >&2
  echo "troupe is built on Debian 12 and Ubuntu 24.04, or later." >&2
  exit 1
fi

install_missing() {
  echo "packages: installing ${missing[*]}"
  apt_get install -y --no-install-recommends "${missing[@]}" >/dev/null
}
if [ ${#missing[@]} -gt 0 ] && ! install_missing; then
  if [ "$updated" = yes ]; then
    echo "install_packages.sh: apt-get could not install the packages; its message is above" >&2
    exit 1
  fi
  update_lists # lists that are out of date name files the mirror no longer has
  install_missing
fi
for name in "${notices[@]}"; do echo "packages: $name is not offered here; the check that needs it will be skipped"; done
echo "packages (${groups[*]}): all there now"

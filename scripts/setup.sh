#!/usr/bin/env bash
# Installs what is needed and not here yet: Debian packages (scripts/apt-packages*.txt) and a Python virtual environment at
# build/venv (scripts/requirements*.txt). With everything in place it needs no network and returns at once.
# usage: scripts/setup.sh [test]   test: what the tests need, too
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(scripts/apt-packages.txt) requirements=(scripts/requirements.txt)
if [ "${1:-}" = test ]; then
  packages+=(scripts/apt-packages-test.txt) requirements+=(scripts/requirements-test.txt)
fi

missing_packages() {
  local package
  for package in $(grep -hv '^#' "${packages[@]}"); do
    dpkg-query --show --showformat='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || echo "$package"
  done
}

install_packages() {
  local missing privileged=()
  missing=$(missing_packages | xargs)
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    if ! { command -v sudo && sudo -n true; } >/dev/null 2>&1; then
      echo "Packages are missing, and installing them needs root. Run this, then try again:" >&2
      echo "  sudo apt-get install --no-install-recommends $missing" >&2
      exit 1
    fi
    privileged=(sudo)
  fi
  echo "installing: $missing"
  "${privileged[@]}" apt-get update -qq
  # shellcheck disable=SC2086
  "${privileged[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

install_python() {
  [ ! -L build/venv ] || return 0   # a developer's own environment
  local list stamp missing=()
  mkdir -p build
  for list in "${requirements[@]}"; do
    stamp=build/venv/$(basename "$list")
    cmp -s "$list" "$stamp" || missing+=("$list")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "installing: Python packages into build/venv"
  python3 -m venv build/venv
  for list in "${missing[@]}"; do
    build/venv/bin/pip install --quiet --disable-pip-version-check -r "$list"
    cp "$list" build/venv/
  done
}

command -v dpkg-query >/dev/null || { echo "setup: no dpkg here; install by hand what scripts/apt-packages*.txt name" >&2; exit 1; }
install_packages
install_python

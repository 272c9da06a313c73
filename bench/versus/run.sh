#!/usr/bin/env bash
# Installs the peers where they are missing (R's glmnet from Debian, the others from PyPI into build/bench-venv), builds
# riata's cell and runs the comparison. Arguments go to versus.py; it goes on where an earlier run stopped.
set -euo pipefail
cd "$(dirname "$0")/../.."

packages=(r-base-core r-cran-glmnet r-cran-doparallel)
missing=()
for package in "${packages[@]}"; do
  dpkg-query --show --showformat='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  privileged=()
  [ "$(id -u)" -eq 0 ] || privileged=(sudo)
  "${privileged[@]}" apt-get update -qq
  "${privileged[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

stamp=build/bench-venv/requirements.txt
if ! cmp -s bench/versus/requirements.txt "$stamp"; then
  python3 -m venv build/bench-venv
  build/bench-venv/bin/pip install --quiet --disable-pip-version-check --upgrade -r bench/versus/requirements.txt
  cp bench/versus/requirements.txt "$stamp"
fi

unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE  # every program's BLAS chooses its kernels for this machine
cmake --preset bench --log-level=WARNING >/dev/null
cmake --build --preset bench --target riata_cell
exec build/bench-venv/bin/python bench/versus/versus.py "$@"

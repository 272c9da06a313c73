#!/usr/bin/env bash
# Exit status 77 (skipped) where the peers' Python environment is not installed.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ -x build/bench-venv/bin/python ] || { echo "no build/bench-venv: run bench/versus/run.sh first"; exit 77; }
exec build/bench-venv/bin/python -m pytest -q -p no:cacheprovider bench/versus

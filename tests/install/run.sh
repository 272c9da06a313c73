#!/usr/bin/env bash
# Installs the library to a temporary prefix, builds the consumer there with nothing but find_package(riata), runs it.
# usage: run.sh BUILD_FOLDER SOURCE_FOLDER
set -euo pipefail
build=$1 consumer=$2
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cmake --install "$build" --component library --prefix "$place/prefix" >/dev/null
cp -r "$consumer" "$place/source"
cmake -S "$place/source" -B "$place/build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_PREFIX_PATH="$place/prefix" >/dev/null
cmake --build "$place/build"
"$place/build/consumer"

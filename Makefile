# The two commands are `make demo` and `make test`. Everything is built below build/, one folder a preset (CMakePresets.json).
.PHONY: help setup build demo test test-quick bench tidy format references clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

setup:  ## install what is missing: Debian packages, a Python environment in build/venv
	@scripts/setup.sh

build: setup  ## the release program: build/release/riata
	@cmake --preset release --log-level=WARNING
	@cmake --build --preset release

demo: build  ## fit a real data set, show the result, write a model, a report and predictions to build/demo
	@scripts/demo.sh

test: setup  ## every test: release, address and thread sanitizers, fuzzers, install, format
	@scripts/test.sh

test-quick: build  ## the release build's tests alone
	@ctest --preset release

bench: setup  ## the benchmarks: kernels, then riata against other programs (hours; goes on where it was stopped)
	@cmake --preset bench --log-level=WARNING
	@cmake --build --preset bench --target bench
	@bench/versus/run.sh

tidy: setup  ## clang-tidy over every source file
	@scripts/tidy.sh

format: setup  ## clang-format every source file
	@git ls-files '*.cpp' '*.hpp' | xargs -r clang-format-16 -i

references: setup  ## make the reference numbers again with R's glmnet and scikit-learn (tests/reference/README.md; DATA=folder)
	@build/venv/bin/pip install --quiet -r tests/reference/make/requirements.txt
	@build/venv/bin/python tests/reference/make/make_references.py --data "$(DATA)"
	@build/venv/bin/python tests/reference/make/make_selection.py --data "$(DATA)"

clean:  ## remove the builds, keep the Python environment
	@find build -mindepth 1 -maxdepth 1 ! -name venv -exec rm -rf {} +

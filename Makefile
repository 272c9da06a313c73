# The two commands are `make demo` and `make test`. Everything is built below build/, one folder a preset (CMakePresets.json).
.PHONY: help setup setup-test build demo test test-quick bench tidy format references clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

setup:  ## install what is missing to build: Debian packages, a Python environment in build/venv
	@scripts/setup.sh

setup-test:  ## the same, and what the tests need besides
	@scripts/setup.sh test

build: setup  ## the release program: build/release/riata
	@cmake --preset release --log-level=WARNING
	@cmake --build --preset release --target riata_cli

demo: build  ## fit a real data set, show the result, write a model, a report and predictions to build/demo
	@scripts/demo.sh

test: setup-test  ## every test: release, address and thread sanitizers, fuzzers, install, format
	@scripts/test.sh

test-quick: setup-test  ## the release build's tests alone
	@scripts/test.sh release

bench: setup-test  ## the benchmarks: kernels, then riata against other programs (hours; goes on where it was stopped)
	@cmake --preset bench --log-level=WARNING
	@cmake --build --preset bench --target bench
	@bench/versus/run.sh

tidy: setup-test  ## clang-tidy over every source file
	@scripts/tidy.sh

format: setup-test  ## clang-format every source file
	@git ls-files '*.cpp' '*.hpp' | xargs -r clang-format-16 -i

references: setup-test  ## make the reference numbers again with R's glmnet and scikit-learn (tests/reference/README.md; DATA=folder)
	@build/venv/bin/pip install --quiet -r tests/reference/make/requirements.txt
	@build/venv/bin/python tests/reference/make/make_references.py --data "$(DATA)"
	@build/venv/bin/python tests/reference/make/make_selection.py --data "$(DATA)"
	@build/venv/bin/python tests/reference/make/make_logistic.py --data "$(DATA)"

clean:  ## remove the builds, keep the Python environment
	@find build -mindepth 1 -maxdepth 1 ! -name venv -exec rm -rf {} +

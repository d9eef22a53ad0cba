# Two commands for newcomers: `make local` and `make test`. Each makes the virtual environment it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help local test lint types check scan bench clean docs lock sbom audit versions mutants

help: ## list the commands
	@grep -hE '^[a-z ]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

local: $(READY) ## run the example on this machine, on an embedded AWS emulator
	$(BIN)/python build.py local

test: $(READY) ## run all tests (browser tests need chromium and chromedriver)
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(READY) ## ruff, and cfn-lint with our own rules over the templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python build.py lint

types: $(READY) ## mypy, strict
	$(BIN)/mypy

check: lint types scan test ## everything that CI runs

scan: $(READY) ## checkov, cdk-nag and cfn-lint over the templates (needs npm; installs its scanners on first use)
	$(BIN)/python -m tools.scan

bench: $(READY) ## what rendering costs beside a bare troposphere script
	$(BIN)/python benchmarks/render.py

mutants: $(READY) ## faults that the tests of a room notice (ROOMS="prices split"; minutes each)
	$(BIN)/python -m tools.mutants $(ROOMS)

docs: $(READY) ## write the generated pages, and build the documentation as a website in .build/site
	$(BIN)/python -m tools.reference
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

clean: ## remove what commands made
	rm -rf $(VENV) .build .local .mypy_cache .pytest_cache .ruff_cache

lock: $(READY) ## pin the dependencies again, with hashes (UPGRADE=--upgrade for the newest versions)
	$(BIN)/python -m tools.lock $(UPGRADE)

sbom audit: $(READY) ## bills of materials of the locks; their known vulnerabilities (network)
	$(BIN)/python -m tools.supply $@

versions: $(READY) ## tests with lowest and newest dependencies (COMBINATIONS="lowest-3.11 newest-3.13" TESTS="tests/unit")
	$(BIN)/python -m tools.versions $(COMBINATIONS) $(if $(TESTS),--tests $(TESTS))

$(READY): pyproject.toml setup.py requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "python: $$($(PYTHON) --version) is too old. Install Python 3.11 or newer, or say make PYTHON=python3.13."; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes --requirement requirements/dev.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $(READY)

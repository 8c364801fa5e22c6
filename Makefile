# Executable documentation. `make` lists what there is.

PYTHON ?= python3
VENV := .venv
# Quiet, and without questions; where packages come from is the machine's own setting.
PIP := $(VENV)/bin/python -m pip -qq --no-input --disable-pip-version-check
INSTALL := $(PIP) install --root-user-action=ignore
LOCKED := $(INSTALL) --require-hashes --requirement
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --upgrade

# Each worker begins with a share of the tests in their order, so that what a file or a database
# needs is made once; who has nothing left takes from another.
PARALLEL := --numprocesses=auto --dist=worksteal

# What takes longer stands apart, under a command of its own.
SUITE := --ignore=tests/fuzz --ignore=tests/faults

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

.PHONY: run
run: $(VENV)/.runtime-installed ## Install, prepare, load the seeds, and serve on 127.0.0.1:$PORT
	@exec $(VENV)/bin/cms run

.PHONY: test
test: $(VENV)/.dev-installed postgresql ## Run the tests, on SQLite and on PostgreSQL
	@$(VENV)/bin/python -m pytest $(PARALLEL) $(if $(TESTS),$(TESTS),$(SUITE) -m 'not thorough')

.PHONY: thorough
thorough: $(VENV)/.dev-installed postgresql ## Try every route by every caller, every hostile string, races, real servers
	@$(VENV)/bin/python -m pytest $(PARALLEL) $(SUITE) -m 'thorough and not exhaustive'

.PHONY: exhaustive
exhaustive: $(VENV)/.dev-installed postgresql ## Try what takes minutes each: every field as it grows, every string in every field
	@$(VENV)/bin/python -m pytest $(PARALLEL) --ignore=tests/faults -m exhaustive

.PHONY: fuzz
fuzz: $(VENV)/.dev-installed postgresql ## Send requests that nobody would write, and grow hostile texts
	@$(VENV)/bin/python -m pytest $(PARALLEL) tests/fuzz -m 'not exhaustive'

.PHONY: faults
faults: $(VENV)/.dev-installed postgresql ## Stop databases, fill disks, break syncs, and count what is lost
	@$(VENV)/bin/python -m pytest --numprocesses=2 --dist=loadfile $(if $(TESTS),$(TESTS),tests/faults)

.PHONY: lint
lint: $(VENV)/.dev-installed ## Look for mistakes, and for code that is not formatted
	@$(VENV)/bin/ruff check
	@$(VENV)/bin/ruff format --check

.PHONY: format
format: $(VENV)/.dev-installed ## Format the code
	@$(VENV)/bin/ruff check --fix-only --quiet
	@$(VENV)/bin/ruff format

.PHONY: audit
audit: $(VENV)/.dev-installed ## Ask whether a locked package has a known vulnerability
	@$(VENV)/bin/python ci/audit.py

.PHONY: newcomer
newcomer: ## Clone the last commit and follow what `make run` says, as a newcomer would
	@$(PYTHON) ci/newcomer.py

.PHONY: bench
bench: $(VENV)/.dev-installed ## Measure every public route, and what keeps it fast
	@$(VENV)/bin/python -m benchmarks

.PHONY: openapi
openapi: $(VENV)/.runtime-installed ## Write the API's description to openapi.json
	@$(VENV)/bin/cms openapi > openapi.json

.PHONY: lock
lock: ## Choose the newest allowed versions (maintainers; needs uv)
	@$(COMPILE) pyproject.toml --group build -o requirements.txt
	@$(COMPILE) --group postgres -c requirements.txt -o requirements-postgres.txt
	@$(COMPILE) pyproject.toml --group build --group dev -c requirements.txt -c requirements-postgres.txt \
	  -o requirements-dev.txt

.PHONY: clean
clean: ## Remove what was installed and built; the data folder stays
	@rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis dist openapi.json
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "This needs Python 3.11 or newer, and $(PYTHON) is not. Name one: make PYTHON=python3.12" >&2; \
	  exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "This needs Python with venv and pip. On Debian: apt install python3-venv" >&2; exit 1; }

# A stamp says that its lock file is installed, so that a second run starts at once.
$(VENV)/.runtime-installed: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the site needs into $(VENV) ..."
	@$(LOCKED) requirements.txt
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev-installed: requirements-dev.txt $(VENV)/.runtime-installed
	@echo "Installing what the tests need into $(VENV) ..."
	@$(LOCKED) requirements-dev.txt
	@touch $@

.PHONY: postgresql
postgresql: $(VENV)/.dev-installed
	@$(VENV)/bin/python -c 'from tests.databases import postgresql_binaries as b; b()' 2> /dev/null || { \
	  echo "This machine has no PostgreSQL server; installing one into $(VENV) ..."; \
	  $(LOCKED) requirements-postgres.txt; }

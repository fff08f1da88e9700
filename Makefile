# `make run` from a fresh clone gives a running server with demo people; `make test` a passed test run.
# Python 3.11 or newer is all that has to be there. Everything is installed into .venv, by the lock files.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
STAMPS := .venv/stamps
# One more than there are cores: browsers and servers that start leave a core waiting now and then.
WORKERS := $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )))
export PIP_NO_INPUT := 1

.PHONY: run install test checks interop lint types imports bench bench-peers browser conformance clean help

help:  ## This list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

run: install  ## Start a server with demo people on http://localhost:8080
	@$(BIN)/werkpod serve --data data --port 8080 --base-url http://localhost:8080 --demo

install: $(STAMPS)/run  ## Put Werkpod and what it needs into .venv

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Werkpod needs Python 3.11 or newer; set PYTHON=python3.11")'
	@$(PYTHON) -m venv .venv || { echo "Python's venv is missing: apt-get install python3-venv"; exit 1; }
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/run: $(STAMPS)/venv requirements.lock pyproject.toml
	@echo "Installing Werkpod into .venv ..."
	@$(PIP) install --require-hashes --only-binary :all: -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMPS)/dev: $(STAMPS)/run requirements-dev.lock
	@echo "Installing the test tools into .venv ..."
	@$(PIP) install --require-hashes --only-binary :all: -r requirements-dev.lock
	@touch $@

browser: $(STAMPS)/dev  ## Debian's Chromium, for the browser tests (as root on Debian; elsewhere install it yourself)
	@sh tests/browser/install-chromium.sh

interop: $(STAMPS)/dev  ## The Solid software of others that the tests use, from npm (wants Node.js 20 or later)
	@sh tests/interop/install.sh

lint: $(STAMPS)/dev  ## ruff
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(STAMPS)/dev  ## mypy --strict
	@$(BIN)/mypy

imports: $(STAMPS)/dev  ## the import rules of the design
	@$(BIN)/lint-imports --no-logo

checks: browser interop lint types imports

test: $(STAMPS)/dev  ## Everything that must hold
	@$(MAKE) --no-print-directory --jobs 3 --output-sync=target checks
	@$(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile

conformance: $(STAMPS)/dev  ## Write docs/conformance.md: the duties of a Solid server and the tests that show them
	@cd tests && ../$(BIN)/python -m support.conformance

bench: $(STAMPS)/dev  ## Speed, as a table
	@$(BIN)/python -m bench

bench-peers: $(STAMPS)/dev  ## The same beside other Solid servers, from npm, in one run (Node 20 or newer)
	@$(BIN)/python -m bench --peers jss,css --rounds 3

clean:  ## Remove the environment and caches, not the data
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist build
	@rm -rf tests/interop/node_modules tests/interop_servers/node_modules

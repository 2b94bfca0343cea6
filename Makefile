# Needs python3 (3.11 or newer, with venv), make and git; everything else is installed into .venv.

PYTHON ?= python3
ARGS ?=
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CODE := src tests $(wildcard bench examples)
MEASURED := $(wildcard src/sekisho/spec src/sekisho/oauth)
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links --group build

.PHONY: help install dev test check format-check lint types arrows coverage format screenshots bench lock clean

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*## /\t/' | expand -t 14
	@echo
	@echo 'Options go through ARGS:  make dev ARGS="--port 8123"   make test ARGS="-k token"'
	@echo 'Another interpreter:      make install PYTHON=python3.12'

install: .venv/.run ## Install what is needed to run: the command is .venv/bin/sekisho

dev: install ## Start a development server
	@$(BIN)/sekisho dev $(ARGS)

test: .venv/.test ## Run the tests; what a missing service leaves out is listed at the end
	@$(BIN)/python -m pytest $(ARGS)

check: format-check lint types arrows coverage ## Everything a change has to pass

format-check: .venv/.check
	@$(BIN)/ruff format --check $(CODE)

lint: .venv/.check
	@$(BIN)/ruff check $(CODE)

types: .venv/.check
	@$(BIN)/mypy $(CODE)

arrows: .venv/.check
	@$(BIN)/lint-imports --no-logo

# The one test run of `check`: only spec/ and oauth/ are traced, so measuring costs little
coverage: .venv/.check ## Run the tests and measure the branches of spec/ and oauth/
	@$(BIN)/python -m pytest $(MEASURED:%=--cov=%) --cov-report=term-missing:skip-covered $(ARGS)

format: .venv/.check ## Format the code and repair what the linter can
	@$(BIN)/ruff check --fix-only --quiet $(CODE)
	@$(BIN)/ruff format $(CODE)

screenshots: .venv/.test ## Take pictures of every page, into ./screenshots
	@$(BIN)/python -m tests.pages.screenshots screenshots

bench: .venv/.test ## Measure
	@$(BIN)/python -m bench $(ARGS)

lock: .venv/.check ## Pin the dependencies anew; ARGS=--upgrade takes the newest
	@$(LOCK) --extra otel --group test --group check $(ARGS) -o requirements/check.txt pyproject.toml
	@$(LOCK) --extra otel --group test -c requirements/check.txt $(ARGS) -o requirements/test.txt pyproject.toml
	@$(LOCK) -c requirements/check.txt $(ARGS) -o requirements/run.txt pyproject.toml

clean: ## Remove everything that was installed or built
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* htmlcov dist build
	find src tests $(wildcard bench) -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp per set of packages; the larger set contains the smaller ones
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Sekisho needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv

.venv/.run .venv/.test .venv/.check: .venv/.%: requirements/%.txt pyproject.toml | $(BIN)/python
	@echo "installing requirements/$*.txt"
	@$(PIP) install --require-hashes -r requirements/$*.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q src/sekisho
	@touch .venv/.run $(if $(filter test check,$*),.venv/.test) $(if $(filter check,$*),.venv/.check)

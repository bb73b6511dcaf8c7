# People and CI use the same targets. Everything lives in .venv and the user cache; a second run needs no network.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo test check lint types lock test-tools fuzz kill

BIN := .venv/bin

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## .venv with the locked dependencies, the X12 reader compiled where a C compiler is (PYTHON=python3.12 ...)
	@deploy/setup
	@$(BIN)/python -m overturn.compiled.build

demo: setup ## the whole system on a generated month of claims; ONCE=1 ends after the summary
	@$(BIN)/overturn demo $(if $(ONCE),--once)

test: setup test-tools lint types ## everything: lint, types, and every test against real parts
	@$(BIN)/python -m pytest

check: setup lint types ## the quick loop, under two minutes: lint, types, unit, architecture and replay tests
	@$(BIN)/python -m pytest -m "not slow" $(wildcard tests/unit tests/architecture tests/replay)

fuzz: setup ## a million damaged X12 files; FILES=, SECONDS= and SEED= choose otherwise
	@nice $(BIN)/python -m tests.fuzz.x12_reader $(if $(FILES),--files $(FILES)) $(if $(SECONDS),--seconds $(SECONDS)) \
	  $(if $(SEED),--seed $(SEED))

kill: setup test-tools ## a thousand cases run while workers, Temporal and PostgreSQL are killed in turn; CASES= chooses otherwise
	@OVERTURN_KILLED_CASES=$(or $(CASES),1000) $(BIN)/python -m pytest tests/workflow/test_killed.py

lint: setup ## style and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup ## mypy, strict
	@$(BIN)/mypy

lock: setup ## requirements.lock anew from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --extra demo --group dev -p 3.11 pyproject.toml -o requirements.lock

test-tools: setup ## Java, Maven, Chromium; Apache Kafka and Temporal's servers in the user cache
	@deploy/test-tools/install $(BIN)/python

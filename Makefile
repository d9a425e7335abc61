.DEFAULT_GOAL := help
.PHONY: help setup run up down test slow test-all reliability faults mutants soak e2e lint fmt check publish map cases bench smoke lock clean

# Suites start processes by the hundred: none of them is to compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

# Brokers that live for seconds: what the second compiler makes of them they never get back.
e2e faults soak: export JDK_JAVA_OPTIONS := -XX:TieredStopAtLevel=1 $(JDK_JAVA_OPTIONS)

BIN := .venv/bin
READY := .venv/ready
SUITABLE := import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))
LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" pyproject.toml

help:  ## Show this list
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)  ## Install everything into .venv; needs Python >= 3.11 and make

run: $(READY)  ## Start everything with the demo story (ARGS=--exit: play it, check it, stop; --brief; --time-lapse)
	@$(BIN)/qudao up --demo $(ARGS)

up:  ## Start the servers and every context with docker-compose
	docker compose up --build --wait -d

down:  ## Stop them; data stays in its volumes
	docker compose down

test: $(READY)  ## The fast tests: no network, no servers
	$(BIN)/pytest -n 2 -m "not slow" $(ARGS)
	@echo "not run: the slow suites (make test-all), those on real servers (make e2e)"
	@test -d "$$QUDAO_CLASSICMODELS" || echo "not run: the classicmodels suite (QUDAO_CLASSICMODELS names no folder)"
	@test -d "$$QUDAO_CRM" || echo "not run: the backtest on real opportunities (QUDAO_CRM names no folder)"

slow: $(READY)  ## The slow tests that need no server: whole processes, planted violations, many seeds
	$(BIN)/pytest -n 2 --maxschedchunk 1 -m "slow and not servers" $(ARGS)

reliability: $(READY)  ## Of these, what is killed, repeated, turned over and simulated (as in every commit)
	$(BIN)/pytest -n 2 --maxschedchunk 1 -m "reliability and not servers" $(ARGS)

mutants: $(READY)  ## Every planted bug against the test that has to catch it; writes docs/reliability.md
	$(BIN)/python -m tests.reliability.mutants $(ARGS)

soak: $(READY)  ## The same and that on a real Kafka, with the numbers of the long tier: hours
	$(BIN)/pytest -n 2 --dist loadfile --soak -m reliability $(ARGS)

test-all: $(READY)  ## All tests that need no server
	$(BIN)/pytest -n 2 -m "not servers" $(ARGS)

e2e: $(READY)  ## Against real servers on loopback: Kafka (Java, Maven), kcat, Prometheus; kills and restarts
	$(BIN)/python -m shared.testing.servers.kafka prepare
	$(BIN)/python -m shared.testing.servers.mongo prepare
	@$(BIN)/python -m shared.testing.servers
	$(BIN)/pytest -n 2 --dist loadfile -m "servers and not reliability" $(ARGS)

faults: $(READY)  ## A real Kafka that is killed, late, narrow, cut off, forgetful: what reliability asks of the bus
	$(BIN)/python -m shared.testing.servers.kafka prepare
	$(BIN)/pytest -n 2 --dist loadfile -m "servers and reliability" $(ARGS)

lint: $(READY)  ## Style, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy services shared tests
	$(BIN)/lint-imports

fmt: $(READY)  ## Format and fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check: lint test  ## Before you commit

publish: $(READY)  ## Freeze the schemas of new facts (PUBLISH=additive: of compatible changes too)
	PUBLISH=$(or $(PUBLISH),new) $(BIN)/pytest -q tests/test_contracts.py

map: $(READY)  ## Write the documents that are generated from the code: docs/map.md and its like
	$(BIN)/python -m tests.architecture.documents
	$(BIN)/python -m tests.deploy.files

cases: $(READY)  ## Write docs/cases.md: every case, its requests and answers, from a run
	$(BIN)/pytest -n 2 -q tests/cases --cases docs/cases.md

bench: $(READY)  ## Speed beside limits and peers; writes docs/benchmarks.md (ARGS="W1 W4 --quick")
	$(BIN)/python -m tests.bench $(ARGS)

smoke: $(READY)  ## A minute of it: red when a ratio to the limit fell under 0.7 of what it was
	$(BIN)/python -m tests.bench --smoke

lock: $(READY)  ## Lock the dependencies anew (ARGS=--upgrade: to their newest versions)
	$(LOCK) $(ARGS) --all-extras --output-file requirements.lock
	$(LOCK) $(ARGS) --all-extras --group dev --output-file requirements-dev.lock
	$(subst pyproject.toml,requirements-servers.in,$(LOCK)) $(ARGS) --python-version 3.11 --output-file requirements-servers.lock

clean:  ## Remove what was installed and built; data stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist
	find services shared tests -name __pycache__ -prune -exec rm -rf {} +

# uv comes out of the lock too, so that every byte that is installed was named there by its hash.
$(READY): requirements-dev.lock pyproject.toml
	@if ! $(BIN)/python -c '$(SUITABLE)' 2>/dev/null; then \
	  for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 none; do \
	    $$python -c '$(SUITABLE)' 2>/dev/null && break; \
	  done; \
	  if [ $$python = none ]; then \
	    echo "Qudao needs Python 3.11 or newer with its venv module; name one: make setup PYTHON=…" >&2; \
	    exit 1; \
	  fi; \
	  $$python -m venv --clear .venv; \
	fi
	@awk '/^[^ ]/ {wanted = /^uv==/} wanted' requirements-dev.lock > .venv/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(READY)

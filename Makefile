# The index of tasks: `make help` lists those with a `##` comment.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_PORT ?= 8080
# Each file stays in one process. Who tests a whole Vitrina waits for half of the time: three processes keep two cores busy.
TEST_PROCESSES ?= 3
.DEFAULT_GOAL := help

.PHONY: help demo try compiled test check slow redis lint types layers browser golden bench bench-quick bench-scale bench-next-page bench-stages bench-costs bench-page conformance smuggling attackers wapiti bench-codings events corpus mutants chaos soak bench-trial bench-clicks bench-profiles bench-cutover lock clean

help: ## list these tasks
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-16s %s\n", $$1, $$2}'

demo: $(VENV)/run ## a demo shop with Vitrina in front of it (DEMO_PORT=8080)
	@DEMO_PORT=$(DEMO_PORT) exec $(BIN)/python -m vitrina demo

try: $(VENV)/run ## observe and personalise your own shop on localhost: make try ORIGIN=https://your.shop
	@test -n "$(ORIGIN)" || { echo "make try: which shop? make try ORIGIN=https://your.shop" >&2; exit 2; }
	@exec $(BIN)/python -m vitrina try "$(ORIGIN)"

compiled: $(VENV)/run ## bytecode of the code as it stands, where who runs it may not write to its folder: starts take a third less
	$(BIN)/python -m compileall -q clicks config console decisions demo proxy storage transforms visitors vitrina

test: $(VENV)/dev ## the whole suite, against a real Valkey and real sockets, in three processes (TEST_PROCESSES=3)
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

check: lint types layers test ## what CI runs: style, types, layers, tests

slow: $(VENV)/dev ## the long forms of tests that have a short one in the suite; minutes
	$(BIN)/python -m pytest -m slow --timeout=900

redis: $(VENV)/dev ## the storage's tests on Debian's Redis, a Sentinel trio, a Cluster of three; failovers under load; 3 minutes
	for kind in redis sentinel cluster; do echo "$$kind" && $(BIN)/python -m pytest --redis=$$kind tests/integration/storage || exit 1; done
	$(BIN)/python -m pytest -m slow --timeout=300 tests/integration/storage/test_failover.py

lint: $(VENV)/dev ## ruff: style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev ## mypy --strict
	$(BIN)/mypy

layers: $(VENV)/dev ## imports point down
	$(BIN)/lint-imports

browser: $(VENV)/dev ## browser tests (needs Debian's chromium)
	$(BIN)/python -m pytest -m browser tests/browser

golden: $(VENV)/dev ## rewrite the golden pages; read the diff
	VITRINA_GOLDEN=write $(BIN)/python -m pytest tests/golden tests/unit/transforms

bench: $(VENV)/dev ## CPU per request beside nginx, nginx + Lua, workerd (needs nginx, wrk, redis, npm; BENCH="--workload same")
	$(BIN)/python -m bench.side_by_side $(BENCH)

bench-quick: $(VENV)/dev ## the same against nginx alone, three workloads, some ten minutes (needs nginx, wrk)
	$(BIN)/python -m bench.side_by_side --quick --out bench/results/quick.jsonl

bench-scale: $(VENV)/dev ## how cost grows with pages, experiences, profiles, workers, clicks … (needs nginx, wrk; SCALE="--most 1000000")
	$(BIN)/python -m bench.scaling $(SCALE)

bench-next-page: $(VENV)/dev ## how soon a click changes the next page, at 500 clicks/s (needs taskset)
	$(BIN)/python -m bench.next_page

bench-stages: $(VENV)/dev ## where the CPU of one personalised page goes, without the kernel
	$(BIN)/python -m bench.stages

bench-costs: $(VENV)/dev ## what one exchange calls, allocates, reads and writes, by counts
	$(BIN)/python -m bench.costs

bench-page: $(VENV)/dev ## the page engine: hit, relocate, cold
	$(BIN)/python -m bench.page

conformance: $(VENV)/dev ## message table, h1spec, cache-tests, WebSocket, recipes (CONFORMANCE="--h1spec DIR --cache-tests DIR")
	$(BIN)/python -m bench.conformance $(CONFORMANCE)

smuggling: $(VENV)/dev ## 50,000 mutated requests through nginx, HAProxy and Vitrina; an origin judges (SMUGGLING="--count N")
	$(BIN)/python -m bench.smuggling $(SMUGGLING)

attackers: $(VENV)/dev ## what attackers do to a proxy: nginx, HAProxy and Vitrina in one run (needs nginx, haproxy, slowhttptest)
	$(BIN)/python -m bench.attackers $(ATTACKERS)

wapiti: $(VENV)/dev ## the scanner Wapiti on the demo, with and without Vitrina (WAPITI=PROGRAM; pipx install wapiti3)
	$(BIN)/python -m bench.wapiti $(if $(WAPITI),--wapiti $(WAPITI))

bench-codings: $(VENV)/dev ## packing and unpacking pages: CPU and size (PAGES=DIR of saved pages)
	$(BIN)/python -m bench.codings $(if $(PAGES),--pages $(PAGES))

events: $(VENV)/dev ## recorded exchanges of real shops: do the events say what happened? (needs the recordings)
	$(BIN)/python -m bench.events

corpus: $(VENV)/dev ## the page engine on legacy pages and 110,000 mutations (CORPUS="--pages DIR --tests DIR")
	$(BIN)/python -m bench.corpus --mutations 110000 $(CORPUS)

mutants: $(VENV)/mutants ## small changes of transforms/, and whether the tests notice each; hours (MUTANTS="--only NAME")
	nice -n 19 $(BIN)/python -m bench.mutants $(MUTANTS)

chaos: $(VENV)/dev ## every fault done to a whole Vitrina under load; 15 minutes (CHAOS="--only kills")
	$(BIN)/python -m bench.chaos $(CHAOS)

soak: $(VENV)/dev ## hours at 60 % load, faults at random: memory, descriptors, latency (HOURS=2)
	$(BIN)/python -m bench.chaos.soak --hours $(or $(HOURS),2) $(SOAK)

bench-trial: $(VENV)/dev ## what mapping URLs to another name costs (host = "origin")
	$(BIN)/python -m bench.trial

bench-clicks: $(VENV)/dev ## from a click to the profile: latency and throughput
	$(BIN)/python -m bench.clicks

bench-profiles: $(VENV)/dev ## a million profiles: memory of each in the embedded Valkey, and the import (PROFILES=1000000)
	$(BIN)/python -m bench.profiles --profiles $(or $(PROFILES),1000000)

bench-cutover: $(VENV)/dev ## each step of a cut-over: latency and errors, direct against through us
	$(BIN)/python -m bench.cutover

lock: $(VENV)/dev ## make the locks anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links -q pyproject.toml -o requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links -q pyproject.toml --group dev -o requirements/dev.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links -q --group plot -c requirements/dev.txt -o requirements/plot.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links -q --group mutants -c requirements/dev.txt -o requirements/mutants.txt

clean: ## remove the environment and the demo's data
	rm -rf $(VENV) .demo-data .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# The environment, made once per lock. Each missing tool is named with the package that brings it.
$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "missing: python3 (apt install python3)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "python3 is $$($(PYTHON) -V): Vitrina needs 3.11 or later" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "missing: python3-venv (apt install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run: requirements/run.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@touch $@

$(VENV)/dev: requirements/dev.txt $(VENV)/run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/mutants: requirements/mutants.txt $(VENV)/dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/mutants.txt
	@touch $@

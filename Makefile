# Every way in. `make help` lists the targets; each one works in a fresh clone.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
LOCKS := dev demo ingest outreach feedback build

PYTHON ?= python3
PACKAGES := contracts services/ingest services/outreach services/feedback

.PHONY: help venv demo smoke latency crash-matrix bench-decide bench-state bench-timers bench-backtest bench-lint bench-examples smtp-faults courier-crash check test fmt lock env

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: $(VENV)/.dev ## The environment for developing in .venv, from the hash-locked requirements

demo: $(VENV)/.demo ## The whole system on this machine, without Docker: real customers are cared for, live; Ctrl-C ends it
	@$(BIN)/python -m deploy.embedded demo $(ARGS)

smoke: $(VENV)/.demo ## The same unattended, in two minutes, judged: nothing lost, nothing twice
	@$(BIN)/python -m deploy.embedded smoke $(ARGS)

latency: $(VENV)/.demo ## From an accepted event to the mail: the embedded broker, and Apache Kafka where Java and Maven are
	@$(BIN)/python -m deploy.embedded latency $(ARGS)
	@if command -v java mvn >/dev/null; then $(BIN)/python -m deploy.embedded latency --broker java $(ARGS); else echo "no Java and Maven here: Apache Kafka was not measured"; fi

crash-matrix: $(VENV)/.dev ## Deciders killed, stopped, cut off and starved while they work: nothing lost, nothing different; ARGS=--long takes an hour or two
	@$(BIN)/python -m deploy.reliability crash-matrix $(if $(shell command -v mvn),,--broker embedded) $(ARGS)

bench-decide: $(VENV)/.dev ## Events a second through the decider, beside Faust and Quix Streams as they are, and its latency
	@$(BIN)/python -m deploy.bench decide $(N)

bench-state: $(VENV)/.dev ## What a million customers cost one decider: memory, disk, and the way back from a lost and from a kept disk
	@$(BIN)/python -m deploy.bench state $(N)

bench-timers: $(VENV)/.dev ## Ten million timers wait and 100,000 are due at once: how long that takes, and what events notice of it
	@$(BIN)/python -m deploy.bench timers $(N)

bench-backtest: $(VENV)/.dev ## How many events a second the backtest replays on each core, with the shipped playbook
	@$(BIN)/python -m deploy.bench backtest $(N)

bench-lint: $(VENV)/.dev ## How long `care lint` takes over 500 rules
	@$(BIN)/python -m deploy.bench lint $(N)

bench-examples: $(VENV)/.dev ## How long `care test` takes over 1,000 examples
	@$(BIN)/python -m deploy.bench examples $(N)

smtp-faults: $(VENV)/.dev ## What a mail server can do wrong, and whether the courier knows each time what became of the message
	@$(BIN)/python -m deploy.mail smtp-faults

courier-crash: $(VENV)/.dev ## A courier is killed N times (3) at each point of the crash window: nothing lost, nothing twice against its rule
	@$(BIN)/python -m deploy.mail courier-crash $(N)

# What is installed for developing includes what the demonstration needs.
$(VENV)/.dev: requirements/dev.txt $(PACKAGES:=/pyproject.toml)
	$(call install,dev)
	@touch $(VENV)/.demo $@

$(VENV)/.demo: requirements/demo.txt $(PACKAGES:=/pyproject.toml)
	$(call install,demo)
	@touch $@

define install
@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; say PYTHON=python3.12")'
@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
@echo "Installing requirements/$(1).txt into $(VENV) …"
@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/$(1).txt
@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation $(addprefix -e ./,$(PACKAGES))
endef

check: venv ## What CI runs: format, lint, types, arrows, house rules, the fast tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy contracts/care_contracts services/ingest/ingest services/outreach/outreach services/feedback/feedback deploy tests
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m deploy.house
	$(BIN)/pytest -q -m "not embedded and not kafka and not compose" -n auto
	$(BIN)/python -m deploy.house.core_speed

test: venv ## Every test: fast, embedded broker, Apache Kafka, and with CARELOOP_COMPOSE=1 docker compose
	$(BIN)/pytest -m "not embedded and not kafka and not compose" -n auto
	$(BIN)/pytest -m "embedded or kafka or compose"

fmt: venv ## Format the code and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: venv ## Write requirements/*.txt anew from requirements/*.in and the pyproject.toml files; UPGRADE=1 takes newer versions
	for name in $(LOCKS); do \
	  $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
	    --no-emit-package care-contracts --no-emit-package careloop-ingest --no-emit-package careloop-outreach --no-emit-package careloop-feedback \
	    $(if $(UPGRADE),$$([ $$name = dev ] && echo --upgrade)) $$([ $$name = dev ] || echo --constraints requirements/dev.txt) \
	    requirements/$$name.in --output-file requirements/$$name.txt || exit 1; \
	done
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
	  $(if $(UPGRADE),--upgrade) deploy/bench/decide/quix.in --output-file deploy/bench/decide/quix.txt

env: ## Write .env with fresh secrets, for docker compose; never overwrites one
	python3 -m deploy.fresh_env

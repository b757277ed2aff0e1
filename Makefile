# One name per thing a person does here. Needs Python 3.11 or newer, pip and make.
PYTHON ?= python3
VENV ?= .venv
TORCH_ARGS ?=
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: app test check fix lint types install install-dev lock bench soak clean

## app: install, load the demo corpus on the first run, build the index, open the app on 127.0.0.1
app: install
	$(BIN)/verifier app

## test: install what the tests need and pass them
test: install-dev
	$(BIN)/python -m pytest

## check: format, lint, types, then the tests
check: install-dev lint types
	$(MAKE) test

lint: install-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: install-dev
	$(BIN)/mypy

## fix: let the formatter and the linter mend what they can
fix: install-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

install: $(VENV)/.app
install-dev: $(VENV)/.dev

# PyTorch goes first and alone: its builds differ by machine, so it is pinned without a hash, and everything else with one.
# TORCH_ARGS is handed to pip, for example to name the index of the CPU builds.
$(VENV)/.app: requirements/torch.txt requirements/app.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed; found " + sys.version.split()[0] + ". Try: make app PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet $(TORCH_ARGS) -r requirements/torch.txt
	$(PIP) install --quiet --no-deps --require-hashes -r requirements/app.lock
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.app requirements/dev.lock
	$(PIP) install --quiet --no-deps --require-hashes -r requirements/dev.lock
	touch $@

## lock: write the lock files anew from pyproject.toml (needs the network)
UV_COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --no-header --constraint requirements/torch.txt
# What PyTorch brings for GPUs comes with PyTorch's own install, if at all.
GPU_ONLY = $(shell sed -nE 's/^((nvidia|cuda)-[a-z0-9-]+|triton)==.*/--no-emit-package \1/p' requirements/.all.lock 2>/dev/null)
lock: install-dev
	$(PIP) install --quiet uv
	$(UV_COMPILE) pyproject.toml --group build -o requirements/.all.lock
	$(UV_COMPILE) pyproject.toml --group build --no-emit-package torch $(GPU_ONLY) -o requirements/app.lock
	$(UV_COMPILE) --group dev --constraint requirements/app.lock --no-emit-package torch $(GPU_ONLY) -o requirements/dev.lock
	rm -f requirements/.all.lock

## bench: the measurements of benchmarks/ on the project's own gold
bench: install-dev
	for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

## soak: label in a browser while the app is killed again and again; prints a table (ROUNDS=50)
ROUNDS ?= 50
soak: install-dev
	PYTHONPATH=tests $(BIN)/python -m soak.rounds --rounds $(ROUNDS)

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

# Two commands: `make run` does the main job on a real package, `make test` runs all checks.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TARGET ?= pypi:inflection==0.5.1
BUDGET ?= 60s
JOBS ?= 2

.PHONY: run test soak network setup clean

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "QTest needs Python 3.11 or newer, this is %d.%d: make run PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

run: setup
	$(BIN)/qtest run $(TARGET) --standalone --budget $(BUDGET) --out out/

test: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n $(JOBS) --dist loadfile -m "not network and not soak and not gpu"

network: setup
	$(BIN)/pytest -m network

soak: setup
	$(BIN)/pytest -m soak

clean:
	rm -rf $(VENV) out qtest-out .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

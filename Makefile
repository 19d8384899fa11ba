# Two commands: `make run` does the main job on a real package, `make test` runs all checks.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TARGET ?= pypi:inflection==0.5.1
BUDGET ?= 60s
JOBS ?= 2
CHECKS := not network and not soak and not gpu and not vllm

.PHONY: run test engine engine-setup soak network setup clean

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
	$(BIN)/pytest -m "$(CHECKS)" -n $(JOBS) --dist loadfile --ignore=tests/actors
	$(BIN)/pytest -m "$(CHECKS)" tests/actors

# The engine on a CPU in an environment of its own, as it pins what QTest leaves open; kept for as long as the lock is the same.
# What is imported is compiled as it is imported, once: a third of it never is.
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/qtest
ENGINE := $(CACHE)/engine-$(shell cksum < serve/lock-cpu.txt | tr ' ' -)

engine: engine-setup
	QTEST_REQUIRE_ALL=1 PYTHONDONTWRITEBYTECODE= PYTHONPATH=$(CURDIR) $(ENGINE)/bin/python -m pytest -m vllm tests/serve/test_vllm.py

engine-setup: $(ENGINE)/.ready

$(ENGINE)/.ready:
	$(PYTHON) -m venv $(ENGINE)
	$(ENGINE)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes -r serve/lock-cpu.txt
	touch $@

network: setup
	$(BIN)/pytest -m network

soak: setup
	$(BIN)/pytest -m soak

clean:
	rm -rf $(VENV) out qtest-out .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

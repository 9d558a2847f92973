# Two commands for a newcomer, a few more for whoever changes the code.
#   make run     the demonstration region, in the foreground, until Ctrl-C
#   make test    the test suite
# Needs Python 3.11 or later with its venv module; everything else goes into .venv.

PYTHON ?= python3
BIN = .venv/bin
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock

.PHONY: run test lint lock clean

run: .venv/.installed
	@exec $(BIN)/vigiparc demo

test: .venv/.installed-test
	$(BIN)/python -m pytest $(ARGS)

lint: .venv/.installed-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

# The versions that were tested together, for every Python from 3.11 on.
lock: .venv/.installed
	$(INSTALL) uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --all-extras \
		--no-header --no-annotate --no-emit-index-url setup.cfg -o requirements.lock

clean:
	rm -rf .venv build var *.egg-info

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "VigiParc needs Python 3.11 or later: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv

# A stamp per extra, older than what it was installed from when that has changed.
.venv/.installed: setup.cfg pyproject.toml requirements.lock | .venv/bin/python
	@echo "Installing VigiParc into .venv (a minute the first time)"
	@$(INSTALL) --editable .
	@touch $@

.venv/.installed-test: .venv/.installed
	@echo "Installing what the tests need"
	@$(INSTALL) --editable '.[test]'
	@touch $@

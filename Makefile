# What each target promises stands in README.md. Steps that need a decision are in make/setup.py.
PYTHON ?= python3
PORT ?= 8000
DEMO_DIR ?= var/demo
BIN := .venv/bin
MAKEFLAGS += --no-print-directory

.PHONY: help setup setup-dev setup-test demo check format texts test coverage bench chaos pictures pins clean
.DEFAULT_GOAL := help

help:
	@echo "make setup    install what the portal needs and build the front end"
	@echo "make demo     run the portal with a made-up force on http://localhost:$(PORT)"
	@echo "make check    formatting, lint, types, import rules, templates"
	@echo "make format   put Python files into the agreed format"
	@echo "make texts    bring the Welsh texts in step with the code, and name what is to translate"
	@echo "make test     every check and every test"
	@echo "make coverage every test, and which lines of app/ none of them ran"
	@echo "make bench    what it costs, beside the least that it could"
	@echo "make chaos    long runs in which everything is killed, paused and cut: nothing may be lost"
	@echo "make pictures a picture of every page, in var/pictures"

setup setup-dev setup-test:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed and was not found." >&2; exit 1; }
	@$(PYTHON) make/setup.py $(subst setup,run,$(subst setup-,,$@))

# One line with exec, so that the program stands in make's own child: a signal to make reaches it.
demo: setup
	@exec env PORT="$(PORT)" DEMO_DIR="$(DEMO_DIR)" $(BIN)/python -m flask --app wsgi demo

check: setup-dev
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/djlint templates --lint --quiet

format: setup-dev
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format .

texts: setup-dev
	@$(BIN)/python make/texts.py

test: setup-test check
	@exec $(BIN)/python -m pytest -n 2 --dist loadfile

# Measuring makes everything take half as long again.
coverage: setup-test
	@mkdir -p var && rm -f var/coverage.data*
	@$(BIN)/coverage run -m pytest -n 2 --dist loadfile; code=$$?; \
	$(BIN)/coverage combine --quiet; $(BIN)/coverage report; exit $$code

bench: setup-test
	@exec $(BIN)/python -m tests.bench $(BENCH)

# Options of `python -m tests.chaos` go into CHAOS, such as CHAOS="--database sqlite --seed 7".
chaos: setup-test
	@exec $(BIN)/python -m tests.chaos $(CHAOS)

# Of every page and state that the accessibility tests look at, narrow, wide, dark and so on, and of
# every page of a victim in Welsh and in the made-up language.
pictures: setup-test
	@mkdir -p var/pictures
	@PORTAL_PICTURES=var/pictures $(BIN)/python -m pytest -q tests/browser -k 'accessibility or layout'

# After a change in requirements*.in: writes the exact versions of everything they need.
pins: setup-dev
	@$(PYTHON) make/pins.py

clean:
	rm -rf .venv node_modules static/build app/translations/*/LC_MESSAGES/*.mo .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

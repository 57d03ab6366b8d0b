# Needs Python 3.11 or newer, and make. `make help` lists what can be made.

VENV ?= .venv
BIN := $(VENV)/bin
EXTRAS ?= dev
NEWEST ?=
JOBS ?= 2
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCKED := $(PIP) --require-hashes --no-build-isolation
comma := ,
PYTHONS := $(or $(PYTHON),python3 python python3.13 python3.12 python3.11)

.PHONY: help run test check lint docs site install upgrade clean
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 16

run: $(VENV)/.installed-base .sample ## run the lake on the sample data; tables go to .lake/
	$(BIN)/python -m generator run --data .sample --lake .lake

test: install ## run the tests, JOBS=2 files at a time; EXTRAS=dev,emulate adds what needs Spark and AWS
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(if $(filter dev,$(EXTRAS)),--no-slow) $(ARGS)

check: lint test ## all that a change must pass

lint: install ## format, style, types, import directions
	$(BIN)/ruff check --output-format concise .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: install ## bring the generated pages of docs/ and build/ up to date
	$(BIN)/python -c "from pathlib import Path; from generator.render.docs_pages import write_pages; write_pages(Path('docs'))"
	$(BIN)/python -m generator build

site: ## bundle the front end of the docs site; needs Node.js
	templates/docs/site/build.sh

install: $(VENV)/.installed-$(EXTRAS)

upgrade: | $(VENV)/pyvenv.cfg ## take the newest versions into the lock (requirements/), and run all tests
	$(PIP) --upgrade uv
	PATH="$(abspath $(BIN)):$$PATH" requirements/resolve
	$(MAKE) test EXTRAS=dev,emulate

clean: ## remove the virtual environment, the sample, the lake and all caches
	rm -rf .venv* .sample .lake dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find generator tests -name __pycache__ -prune -exec rm -rf {} +

.sample: | $(VENV)/.installed-base
	$(BIN)/python -m generator sample $@

# Each extra has a lock, with hashes. NEWEST=yes installs what pyproject.toml allows today instead.
$(VENV)/.installed-%: pyproject.toml $(wildcard requirements/*.txt) | $(VENV)/pyvenv.cfg
	@echo "installing into $(VENV) ($*$(if $(NEWEST),$(comma) newest versions))"
ifeq ($(NEWEST),)
	@$(LOCKED) -r requirements/build.txt
	@$(LOCKED) $(patsubst %,-r requirements/%.txt,$(subst $(comma), ,$*))
	@$(if $(filter tools,$*),true,$(LOCKED:--require-hashes=--no-deps) -e .)  # the tools look at files alone
else
	@$(PIP) --upgrade -e ".$(if $(filter base,$*),,[$*])"
endif
	@touch $(VENV)/.installed-base $@

$(VENV)/pyvenv.cfg:
	@for python in $(PYTHONS); do \
		if "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			exec "$$python" -m venv $(VENV); \
		fi; \
	done; \
	echo "make: no Python 3.11 or newer with venv among: $(PYTHONS)" >&2; \
	echo "make: install one (on Debian and Ubuntu: apt install python3 python3-venv)," >&2; \
	echo "make: or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; \
	exit 1

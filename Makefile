# Two commands: `make scorecard` and `make test`. Nothing but python3 (3.11 or newer), make and git has to be there.
PYTHON  ?= python3
RAW     ?= raw
OUT     ?= out
SYSTEMS ?=
VARS    ?= {}
SIZES   ?= 1000,10000
EVENTS  ?= 1000000
VENV    := .venv
BIN     := $(VENV)/bin

.PHONY: help scorecard test fuzz lint bench docs lock clean

help:  ## Say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

scorecard: $(VENV)/.ready  ## Exports -> tested marts -> pages (RAW=folder SYSTEMS="a b" OUT=folder VARS='{…}')
	@$(BIN)/postsale scorecard --raw "$(RAW)" --out "$(OUT)" --systems "$(SYSTEMS)" --vars '$(VARS)'

test: $(VENV)/.ready lint  ## Prove everything
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

fuzz: $(VENV)/.ready  ## Ten thousand cases of dirt in raw files (about an hour); a few hundred are in `make test`
	@POSTSALE_FUZZ_CASES=10000 $(BIN)/python -m pytest tests/fuzz -s

lint: $(VENV)/.ready  ## Style and types of SQL and Python
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --disable-progress-bar models tests/dbt

bench: $(VENV)/.ready  ## Build time and memory against the floor and peers, and their growth (SIZES=1000,10000,100000 EVENTS=100000000)
	@$(BIN)/python -m benchmarks.bench --sizes "$(SIZES)"
	@$(BIN)/python -m benchmarks.usage --events "$(EVENTS)"

docs: $(VENV)/.ready  ## One file with every model, column and lineage, after a build: out/docs/static_index.html
	@POSTSALE_OUT="$(abspath $(OUT))" $(BIN)/dbt docs generate --static --target-path "$(abspath $(OUT))/docs" --log-path "$(abspath $(OUT))/docs"

lock:  ## Pin the newest versions that pyproject.toml allows
	uv lock && uv export --quiet --no-emit-project --all-groups --format requirements-txt --no-annotate --no-header > requirements.lock

clean:  ## Remove what was built (not the exports)
	rm -rf out target logs

$(VENV)/.ready: requirements.lock pyproject.toml
	@echo "Setting up the environment in $(VENV) (once)"
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

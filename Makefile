# Every target does all of its own set-up. `make run` needs Python 3.11 and make, nothing else.

.DEFAULT_GOAL := help
.PHONY: help run test coverage bench bench-banner bench-bulk bench-newsletters lint format lock verifier widget clean system

BIN := .venv/bin
# More arguments for pytest: make test ARGS="-k unsubscribe"
ARGS ?=
# One more than there are cores: somebody always waits for a process or a browser.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN || echo 2) + 1)

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 20

run: .venv/.run-ready  ## install, create the database, load two example organisations, serve
	@exec $(BIN)/consent demo run

test: .venv/.dev-ready system  ## install what the tests need, browser and PostgreSQL included, and run them all
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)

coverage: .venv/.dev-ready system  ## run the tests and say which lines and branches they never reach
	@rm -f .coverage .coverage.*
	@$(BIN)/coverage run -m pytest $(ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --skip-covered --show-missing

bench: .venv/.dev-ready system  ## print how fast lookups and decisions are, as ratios, on both engines
	@$(BIN)/python -m bench

bench-bulk: .venv/.dev-ready system  ## print what a line of a long list costs as the base grows, on both engines
	@$(BIN)/python -m bench.bulk $(ARGS)
	@$(BIN)/python -m bench.rivals

bench-newsletters: .venv/.dev-ready system  ## print what links, one-click and a long preference centre cost, on both engines
	@$(BIN)/python -m bench.newsletters $(ARGS)

bench-banner: .venv/.dev-ready system  ## print what our banner costs a page beside five others (needs npm)
	@$(BIN)/python -m bench.banner $(ARGS)

lint: .venv/.dev-ready  ## check style, layout, types and the direction of imports
	@.ci/lint

format: .venv/.dev-ready  ## put every file into the one layout
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format --quiet

# make lock keeps every version that is locked; make lock UPGRADE=1 renews all, UPGRADE=flask one.
lock: .venv/.run-ready  ## lock the dependencies, hashes and all; UPGRADE=1 renews them
	@UPGRADE='$(UPGRADE)' .ci/lock

verifier: .venv/.run-ready  ## write dist/consent-verify.pyz: the proof checker as one file
	@mkdir -p dist
	@$(BIN)/consent verifier -o dist/consent-verify.pyz

widget:  ## rebuild the banner's script (needs Node; only for those who change it)
	@cd widget && npm ci && npm run build

clean:  ## remove what the tools leave behind, and the virtual environment; never the data
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist *.egg-info .coverage .coverage.*
	@find . -name __pycache__ -type d -not -path './widget/node_modules/*' -prune -exec rm -rf {} +

system:
	@.ci/prepare system

.venv/.run-ready: requirements/run.txt requirements/build.txt pyproject.toml .ci/prepare
	@.ci/prepare run
	@touch $@

.venv/.dev-ready: .venv/.run-ready requirements/dev.txt
	@.ci/prepare dev
	@touch $@

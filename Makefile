# Everything here sets itself up: Python 3.11 or newer is all that has to be on the machine.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP_OPTIONS := --quiet --disable-pip-version-check
DESK := .venv/ready
ENGINE := .venv-engine/ready
TOOLS := node_modules/.package-lock.json
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard chalicelib/locale/*/LC_MESSAGES/messages.po))
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
WORKERS ?= 2

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  \1\t\2/p' Makefile | expand -t 16

.PHONY: run
run: $(DESK) $(ENGINE) $(CATALOGUES) ## the whole desk on this machine, with demo data (PORT, MAIL_PORT, DATA_DIR, DEMO=0)
	@$(BIN)/python -m infra.local.run

.PHONY: test
test: $(DESK) $(ENGINE) $(TOOLS) $(CATALOGUES) browser ## the test suite (T= names a file or a test)
	$(BIN)/pytest -n $(WORKERS) $(T)

.PHONY: check
check: check-static test ## what CI runs: check-static, then test

.PHONY: check-static
check-static: $(DESK) $(CATALOGUES) ## style, types, import rules, templates, catalogues
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m infra.packaging.lint

.PHONY: bench
bench: $(DESK) $(TOOLS) $(CATALOGUES) ## cost and time per page, at 1,000 and 20,000 requests
	$(BIN)/python -m infra.bench

.PHONY: pictures
pictures: $(DESK) $(ENGINE) $(CATALOGUES) browser ## the pictures of docs/pictures, taken of the demo desk
	@$(BIN)/python -m infra.pictures

.PHONY: package
package: $(DESK) $(CATALOGUES) ## what is deployed: dist/helpdesk.zip and dist/template.yaml
	$(BIN)/python -m infra.packaging

.PHONY: locale
locale: $(CATALOGUES) ## compile the catalogues of messages

.PHONY: format
format: $(DESK) ## put the code into shape
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: clean
clean: ## remove what the targets made, except environments and the data of `make run`
	rm -rf dist .chalice/deployments .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis $(CATALOGUES)

.PHONY: browser
browser: $(DESK)
ifeq ($(CHROMIUM),)
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; \
	then apt-get update -qq && apt-get install -y -qq chromium; \
	else $(BIN)/playwright install chromium; fi
endif

$(DESK): requirements.txt requirements-dev.txt
	@echo "Setting up .venv (about a minute) ..." >&2
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install $(PIP_OPTIONS) -r requirements-dev.txt
	@touch $@

# ministack pins a botocore of its own, so it lives apart.
$(ENGINE): infra/local/requirements-engine.txt
	@echo "Setting up .venv-engine ..." >&2
	@$(PYTHON) -m venv .venv-engine
	@.venv-engine/bin/pip install $(PIP_OPTIONS) --no-deps -r $<
	@touch $@

# Node is for tools of the tests alone: a DynamoDB that knows races, and axe.
$(TOOLS): package-lock.json
	@command -v npm >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq npm; }
	@npm ci --silent --no-audit --no-fund
	@touch $@

%.mo: %.po | $(DESK)
	@$(BIN)/pybabel --quiet compile -i $< -o $@

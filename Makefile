# Two commands matter: `make run` and `make test`. Both do whatever is needed first and are quick the next time.
PYTHON ?= python3
BIN := .venv/bin
export PYTHONDONTWRITEBYTECODE ?=

.DEFAULT_GOAL := help
.PHONY: help run test bench lint env dev static bpmn-lint pytest format clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: env static ## Start Credit Desk with its own database and the demo company
	@exec $(BIN)/credit run

test: dev static lint pytest ## Everything CI checks, from nothing

bench: dev static ## Measure speed and memory (bench/)
	@$(BIN)/python -m bench

lint: dev static ## Style, types, import contracts, templates, diagrams
	@echo "ruff check" && $(BIN)/ruff check .
	@echo "ruff format --check" && $(BIN)/ruff format --check .
	@echo "mypy" && $(BIN)/mypy
	@echo "lint-imports" && said=$$($(BIN)/lint-imports --no-cache) || { echo "$$said"; exit 1; }
	@$(BIN)/python scripts/lint_files.py

format: dev ## Format the code
	@$(BIN)/ruff check --fix-only -q . && $(BIN)/ruff format .

pytest: dev static
	@CHROMIUM="$$($(BIN)/python scripts/find_chromium.py)" $(BIN)/pytest -q -n 2

env: # the runtime environment
	@$(PYTHON) scripts/make_env.py runtime

dev: # the development environment
	@$(PYTHON) scripts/make_env.py dev

static: # style sheets and scripts from npm packages
	@$(BIN)/python scripts/build_static.py $(if $(filter run,$(MAKECMDGOALS)),,--dev)

clean: ## Remove what was built (the data in var/ stays)
	rm -rf .venv node_modules credit_app/static/vendor .pytest_cache .mypy_cache .ruff_cache

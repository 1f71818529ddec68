# `make` alone lists the targets. Everything runs out of .venv, which is made on first use.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin

# Nothing calls home: a council's network is closed.
export AIRFLOW__USAGE_DATA_COLLECTION__ENABLED := False
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export GX_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test up down check fix lock clean test-long venv

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

demo: venv ## Make a synthetic council, run its nights and show what was found (ARGS="--residents 5000")
	@$(BIN)/scv demo $(ARGS)

test: venv ## Run every test but the long ones (ARGS="tests/unit -k names")
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not long" $(ARGS)

up: venv ## Start Airflow with its user interface over a demo council, schedule on
	@SCV_HOME="$${SCV_HOME:-$(CURDIR)/var/up}" $(BIN)/scv airflow up --demo $(ARGS)

down: venv ## Stop Airflow and the warehouse
	@SCV_HOME="$${SCV_HOME:-$(CURDIR)/var/up}" $(BIN)/scv airflow down

check: venv ## Check style, types, SQL and YAML; changes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/yamllint --strict .
	$(BIN)/sqlfluff lint --disable-progress-bar dbt_project
	$(BIN)/dbt --quiet parse --project-dir dbt_project --profiles-dir dbt_project \
		--target-path ../var/dbt_check/target --log-path var/dbt_check/logs

fix: venv ## Mend what can be mended by itself: imports, layout, SQL
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix --disable-progress-bar dbt_project

lock: venv ## Resolve requirements.in anew into requirements.lock
	@$(BIN)/python infra/lock.py

clean: ## Stop the servers and delete the warehouse, .venv and caches
	@if [ -x $(BIN)/scv ]; then \
		SCV_HOME="$(CURDIR)/var/up" $(BIN)/scv airflow down; $(BIN)/scv db remove --yes; \
		for home in var/*/pg.json; do \
			if [ -f "$$home" ]; then SCV_HOME="$$(dirname "$$home")" $(BIN)/scv db remove --yes; fi; \
		done; \
	fi
	rm -rf .venv .venv.lock .venv-lock src/scv.egg-info var .pytest_cache .mypy_cache .ruff_cache .hypothesis dbt_project/target dbt_project/logs

test-long: venv ## Run every test, the long sweeps too
	@$(BIN)/python -m pytest $(ARGS)

venv:
	@command -v "$(PYTHON)" >/dev/null 2>&1 || \
		{ echo "Python 3.11, 3.12 or 3.13 is needed, and '$(PYTHON)' was not found. Install it, or name it: make PYTHON=python3.12" >&2; exit 2; }
	@"$(PYTHON)" infra/bootstrap.py

# Two commands on an empty machine: `make demo` shows the portal, `make test` proves it. The rest is for those who change it.

PYTHON ?= python3
# Whatever the machine says: what is compiled once starts in half the time, and the tests start hundreds of processes.
export PYTHONDONTWRITEBYTECODE :=
BIN := .venv/bin
MYPY_PATHS ?= portal

.PHONY: help demo test check format lint types imports templates migrations unused secrets audit bench faults pictures assets lock clean

help:
	@echo "make demo [FRESH=1] [PORTAL_PORT=8000]   run everything on this machine"
	@echo "make test [ARGS='tests/domain -k late']  run the tests, the browser's too"
	@echo "make check                               format, lint, types, imports, templates, migrations, secrets, audit"
	@echo "make faults                              shoot at a portal that is at work, and count what is lost"
	@echo "make bench                               measure, as ratios"
	@echo "make pictures                            take the README's pictures of a demo that runs"
	@echo "make lock                                pin the newest versions"

demo:
	@$(PYTHON) tools/install.py demo
	@exec $(BIN)/python -m portal demo --end-with-parent $(if $(FRESH),--fresh)

test: installed
	@$(BIN)/python tools/prove.py $(ARGS)

check: lint types imports templates migrations unused secrets audit

lint: installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

format: installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: installed
	$(BIN)/mypy $(MYPY_PATHS)

imports: installed
	$(BIN)/lint-imports

templates: installed
	$(BIN)/djlint --quiet --lint templates

# What the migrations make is what the code declares, up and down; and none locks a table that is in use. Each migration
# is looked at by itself: it is its own transaction, and may leave it to build an index.
migrations: installed
	$(BIN)/python -m pytest -q tests/test_schema.py
	@rm -rf .cache/migrations && mkdir -p .cache/migrations
	@from=base; for file in migrations/versions/[0-9]*.py; do \
	  to=$$(basename $$file | cut -d_ -f1); \
	  $(BIN)/alembic upgrade $$from:$$to --sql > .cache/migrations/$$to.sql 2> .cache/migrations/log || { cat .cache/migrations/log; exit 1; }; \
	  from=$$to; done
	$(BIN)/squawk .cache/migrations/*.sql

unused: installed
	$(BIN)/deptry .
	$(BIN)/vulture

secrets: installed
	$(BIN)/python tools/secrets.py

# Asks the advisory databases; where they cannot be reached it says so.
audit: installed
	$(BIN)/python tools/audit.py

bench: installed
	@$(BIN)/python -m bench $(ARGS)

faults: installed
	@$(BIN)/python -m tests.faults $(ARGS)

pictures: installed
	@$(BIN)/python tools/pictures.py

assets: installed
	@$(BIN)/python -m portal assets

lock:
	tools/lock

clean:
	rm -rf .cache .portal node_modules static/vendor static/build

.PHONY: installed
installed:
	@$(PYTHON) tools/install.py test

# Needs Python 3.11 or newer (PYTHON=… names one), make and git. Everything else is installed into .venv.

PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$each" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$each" && break; done)
BIN := .venv/bin
RUNTIME := .venv/.runtime-installed
DEVELOPMENT := .venv/.development-installed
PROCESSES ?= 2
export CHROMIUM PICTURES
MANUAL ?= .data/manual

.PHONY: help setup run test lint pytest manual manual-pictures pictures bench bench-peers lighthouse lock messages editor
.DELETE_ON_ERROR:

help:
	@echo "make run    start everything: http://127.0.0.1:8000 (PORT=8001 make run for another port)"
	@echo "make test   lint, types and all tests"
	@echo "make bench  measure; JSON=FILE also writes the figures to a file (make bench-peers: first install who it is held against)"
	@echo "make manual build the manual (中文, English) into .data/manual, or where MANUAL=… says"
	@echo "make setup  install and prepare the database; then .venv/bin/python manage.py works by itself"

setup: $(RUNTIME)
	$(BIN)/python manage.py migrate --no-input --verbosity 0
	$(BIN)/python manage.py collectstatic --no-input --verbosity 0

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer with venv found. Install one, or name it: make PYTHON=/path/to/python3 $(MAKECMDGOALS)"; exit 1; }
	"$(PYTHON)" -m venv .venv

$(RUNTIME): requirements/base.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	@touch $@

$(DEVELOPMENT): requirements/dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@ $(RUNTIME)

run: $(RUNTIME)
	@$(BIN)/python -m config.run

test: lint pytest

lint: $(DEVELOPMENT)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@git ls-files 'templates/*.html' '*/templates/*.html' | xargs -r $(BIN)/djade --target-version 5.2 --check
	$(BIN)/python manage.py makemigrations --check --dry-run
	env -u DEBUG -u LOCAL_HTTP POSTER_FONT=none $(BIN)/python manage.py check --deploy --fail-level WARNING

pytest: $(DEVELOPMENT)
ifneq ($(BROWSER),no)
	@$(BIN)/python -m tests.chromium
endif
	$(BIN)/pytest -n $(PROCESSES) --dist loadgroup $(if $(filter no,$(BROWSER)),-m "not browser")

# The manual in both languages, to be read from any folder. What stands in MANUAL from before goes, so it must be a manual.
manual: $(DEVELOPMENT)
	@test -z "$$(ls -A "$(MANUAL)" 2>/dev/null)" || test -f "$(MANUAL)/css/manual.css" || { echo "$(MANUAL) holds something else: name a new folder."; exit 1; }
	$(BIN)/mkdocs build --strict --site-dir "$(abspath $(MANUAL))"
	@echo "The manual is in $(MANUAL)/index.html"

# Every page of the participants as a picture, in .data/pictures or where PICTURES says; `make test` leaves them too.
pictures: $(DEVELOPMENT)
	@$(BIN)/python -m tests.chromium
	$(BIN)/pytest -n 0 tests/browser/test_tour.py

# The pictures of the operator's guide, made anew in both languages and kept in docs/pictures/manual.
manual-pictures: $(DEVELOPMENT)
	@$(BIN)/python -m tests.chromium
	rm -rf .data/pictures/manual
	PICTURES= $(BIN)/pytest -n 0 tests/browser/test_manual_pictures.py
	rm -rf docs/pictures/manual
	cp -R .data/pictures/manual docs/pictures/manual

bench: $(DEVELOPMENT)
	@$(BIN)/python -m benchmarks $(if $(JSON),--json "$(JSON)")

# Others' programs that benchmarks/rfm.py and audience_peers.py are held against; without them those figures are left out.
bench-peers: requirements/bench.txt
	"$(PYTHON)" -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt

# Needs node, npm and a Chromium. Looks at the participants' pages on Lighthouse's mobile settings.
lighthouse: $(DEVELOPMENT)
	cd frontend/lighthouse && npm ci --ignore-scripts --no-audit --no-fund
	$(BIN)/python -m benchmarks.lighthouse

# Needs uv. Hashes, but no index addresses: any mirror serves these files.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --quiet requirements/base.in -o requirements/base.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --quiet requirements/dev.in -o requirements/dev.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --quiet requirements/bench.in -o requirements/bench.txt

# Needs GNU gettext. New strings arrive untranslated; translate them in locale/zh_Hans and run it again.
messages: $(RUNTIME)
	$(BIN)/python manage.py makemessages -l zh_Hans -l en --no-wrap --no-obsolete --add-location file $(foreach each,.venv .venv-bench .data staticfiles tests benchmarks frontend,-i $(each))
	$(BIN)/python manage.py compilemessages $(foreach each,.venv .venv-bench .data frontend,-i $(each))

# Needs node and npm. The bundle is kept in the repository, so that nobody else does.
editor:
	cd frontend/rule-editor && npm ci --ignore-scripts --no-audit --no-fund && npm test && npm run build

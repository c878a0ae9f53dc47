# The commands of the project. `make run` needs git, make and Python 3.11 or newer with venv, nothing else.
PORT ?= 3000
DATA ?= ../shared/data
MINUTES ?= 3
export PORT

PY := .venv/bin/python
BOUSSOLE := .venv/bin/boussole
ENVIRONMENT := @command -v python3 >/dev/null || { echo "Python 3.11 ou plus récent manque. Installer les paquets python3 et python3-venv." >&2; exit 3; }; python3 app/install.py
LOCK := .venv/bin/pip-compile -q --allow-unsafe --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host

.DEFAULT_GOAL := run
.PHONY: run build demo test check bench evaluate pictures lock environment environment-dev

run: environment ## start Boussole on http://127.0.0.1:3000 (another port: PORT=4000 make run)
	@exec $(PY) -m app.cli.main serve

build: environment ## the front end, ahead of a start by a service that may not write here
	@$(PY) -c "from app.build import ensure_built; ensure_built()"

demo: environment ## the same, with the demonstration company
	@$(BOUSSOLE) demo
	@exec $(PY) -m app.cli.main serve

test: environment-dev ## everything: rules, both databases, notebooks, API, security, browser
	@.ci/browser
	@$(PY) -c "from app.build import ensure_built; ensure_built()"
	@$(PY) -m pytest $(TESTS)

check: environment-dev ## format, lint, types, order of imports, migrations, notebooks
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) .ci/migrations.py
	.venv/bin/marimo check --strict workspace/notebooks/*.py

bench: environment-dev ## times at full size; what docs/measurements.md quotes (MINUTES=10: of the forty people)
	@$(PY) -m tests.bench $(MINUTES)

evaluate: environment ## the scoring model on public data (DATA=folder with bank_marketing and x_education_leads)
	@.ci/evaluate $(DATA)

pictures: environment-dev ## every page in all sizes, light and dark (a demonstration must be running: make demo)
	$(PY) -m tests.browser.pictures --url http://127.0.0.1:$(PORT) --empty

lock: environment-dev ## versions and hashes of what requirements*.in name
	$(LOCK) --output-file=requirements.txt requirements.in
	$(LOCK) --output-file=requirements-dev.txt requirements-dev.in

environment:
	$(ENVIRONMENT) requirements.txt

environment-dev:
	$(ENVIRONMENT) requirements.txt requirements-dev.txt

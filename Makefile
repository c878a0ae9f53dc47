# The commands of the project. `make run` needs git, make and Python 3.11 or newer with venv, nothing else.
PORT ?= 3000
export PORT

VENV := .venv
PY := $(VENV)/bin/python
.DEFAULT_GOAL := run
.PHONY: run

run: ## start Boussole on http://127.0.0.1:3000 (another port: PORT=4000 make run)
	@command -v python3 >/dev/null || { echo "Python 3.11 ou plus récent manque. Installer les paquets python3 et python3-venv." >&2; exit 3; }
	@python3 app/install.py requirements.txt
	@exec $(PY) -m app.cli.main serve

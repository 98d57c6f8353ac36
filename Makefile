# On a machine with Python 3.11+ and make, `make demo` and `make test` do their own set-up in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test check types bench check-meta pictures lock clean

help:
	@echo "make demo        la muestra completa, en esta máquina y sin configurar nada"
	@echo "make test        todas las pruebas"
	@echo "make check       estilo, tipos, contratos de importación, migraciones y pruebas"
	@echo "make bench       mediciones, en una tabla y en JSON"
	@echo "make check-meta SPEC=archivo   compara lo que se envía con el OpenAPI de Meta"
	@echo "make pictures    vuelve a tomar las imágenes del manual"
	@echo "make lock        recalcula los archivos de versiones"

setup: $(READY)

$(READY): requirements-dev.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Acuse necesita Python 3.11 o posterior" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(READY)

demo: $(READY)
	$(BIN)/acuse demo

test: $(READY)
	$(BIN)/pytest -q -n $(or $(TEST_PROCESSES),2) --dist loadscope --no-loadscope-reorder $(TESTS)

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(MAKE) --jobs=2 types test

# beside the tests, which wait now and then
types: $(READY)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.postgres -- $(BIN)/acuse makemigrations --check --dry-run

bench: $(READY)
	$(BIN)/python -m tests.load

check-meta: $(READY)
	$(BIN)/python -m tests.meta $(SPEC)

pictures: $(READY)
	rm -rf test-output/manual
	$(BIN)/pytest -q tests/browser
	$(BIN)/python -m tests.browser

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate pyproject.toml
lock:
	$(LOCK) --extra dev -o requirements-dev.lock
	$(LOCK) -c requirements-dev.lock -o requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis build dist test-output

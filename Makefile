# The doors of the project. `make run` and `make test` need nothing but make and Python 3.11 to 3.13.
# make PYTHON=/path/to/python3.12 run   chooses the interpreter that the environment is built with.
PYTHON ?=
export PYTHON
BIN := .venv/bin

.PHONY: run test demo doctor bench lint format clean environment

run: environment
	@exec $(BIN)/python main.py run

test: lint
	@$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

demo: environment
	@$(BIN)/python main.py demo --reset

doctor: environment
	@$(BIN)/python main.py doctor

# make bench ONLY=ranking,live SIZE=100000 QUICK=1 MINUTES=60 FRESH=1: see benchmarks/README.md.
bench: environment
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/requirements.txt
	@$(BIN)/python -m benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(SIZE),--size $(SIZE)) $(if $(QUICK),--quick) \
		$(if $(FRESH),--fresh) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(REPORT),--report)

lint: environment
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: environment
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

environment:
	@sh .ci/environment

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache snapshots
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

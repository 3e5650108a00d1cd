# The register's commands; `make` alone lists them. All but `styles` need Python 3.11 or newer and nothing else.

export PORT ?= 8000
export VENV ?= .venv

PYTHON3 ?= python3
PYTHON = $(VENV)/bin/python

# The database server that the tests run on besides SQLite; they make databases of their own there.
TEST_POSTGRES_URL ?= postgres://postgres@127.0.0.1:5432/postgres

# With REQUIRE_ALL=1, as in CI, a missing PostgreSQL, Chromium, Node.js or LibreOffice fails the tests.
export REQUIRE_ALL ?= $(if $(filter true 1,$(CI)),1,)

.DEFAULT_GOAL = help
.PHONY: help run serve test test-long tests lint lock audit sbom styles description welsh bench pictures clean packages

help: ## List these commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 18

run: ## Open the register on http://127.0.0.1:8000/ (make run PORT=8123 for another port)
	@exec $(PYTHON3) -m config.run

serve: PORT = 8443
serve: ## Serve it as in production, nginx in front, on https://localhost:8443/ (make serve PORT=443 for another port)
	@$(PYTHON3) -m config.venv requirements.txt
	@exec $(PYTHON) -u -m config.deploy

test: lint tests ## Check the code, then test it on SQLite and, where there is one, PostgreSQL

lint: packages ## Check the code without running it
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m djlint --lint --quiet templates
	$(PYTHON) -m mypy
	DJANGO_SETTINGS_MODULE=tests.settings DATABASE_URL= $(PYTHON) manage.py makemigrations --check
	DJANGO_SETTINGS_MODULE=tests.settings DATABASE_URL= $(PYTHON) manage.py check --fail-level WARNING

# PostgreSQL comes first, so that the last line counts the whole: SQLite has the browser tests and those of `make run`.
# What measures time comes before the crowd, alone, and is counted by itself.
# Browsers and real servers are waited for by the clock: what fails of them in the crowd is asked once more, alone.
tests: packages
	@if $(PYTHON) -c 'import psycopg, sys; psycopg.connect(sys.argv[1], connect_timeout=3)' \
			'$(TEST_POSTGRES_URL)' 2>/dev/null; then \
		echo 'The tests on PostgreSQL, then all of them on SQLite:'; \
		DATABASE_URL='$(TEST_POSTGRES_URL)' $(PYTHON) -m pytest -m 'not browser and not once' || \
		DATABASE_URL='$(TEST_POSTGRES_URL)' $(PYTHON) -m pytest -m 'not browser and not once' --last-failed --numprocesses=0; \
	elif [ -n '$(REQUIRE_ALL)' ]; then \
		echo 'PostgreSQL does not answer at TEST_POSTGRES_URL, and REQUIRE_ALL is set.' >&2; exit 1; \
	else \
		echo 'Left out: the tests on PostgreSQL, which does not answer at TEST_POSTGRES_URL.'; \
	fi
	DATABASE_URL= $(PYTHON) -m pytest -m alone --numprocesses=0
	DATABASE_URL= $(PYTHON) -m pytest -m 'not alone' || DATABASE_URL= $(PYTHON) -m pytest -m 'not alone' --last-failed --numprocesses=0

# Both run whatever fails. What `make test` tries once, for its time, is tried on both here; browsers see the same on both.
test-long: packages ## Test at full length what `make test` only samples: kills, hostile input, plans (hours)
	@failed=; \
	DATABASE_URL='$(TEST_POSTGRES_URL)' $(PYTHON) -m pytest --long --numprocesses=0 -m 'not browser' || failed=1; \
	DATABASE_URL= $(PYTHON) -m pytest --long --numprocesses=0 || failed=1; \
	test -z "$$failed"

packages: ## Install what the commands here and the tests need, into .venv
	@$(PYTHON3) -m config.venv requirements.txt tests/requirements.txt

lock: packages ## Write the newest allowed versions of all packages into the lock files
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) requirements-dev.in -c requirements.txt -o tests/requirements.txt

COMPILE = $(PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 --upgrade \
	--generate-hashes --no-header --no-emit-index-url

audit: packages ## Ask whether a weakness of any package of the site is known (asks pypi.org)
	$(PYTHON) -m pip_audit --strict --require-hashes --disable-pip -r requirements.txt

sbom: packages ## Write the site's bill of materials, in CycloneDX, into var/sbom.json
	@mkdir -p var
	$(PYTHON) -m cyclonedx_py requirements requirements.txt --output-reproducible --of JSON -o var/sbom.json

styles: ## Compile the style sheet again (needs Node.js)
	cd tracker/styles && npm ci && npm run build

welsh: packages ## Bring the Welsh words up to date with the code, and compile them
	$(PYTHON) -m tests.catalogue

description: packages ## Write the description of the API again, after a change of what it asks for or answers
	$(PYTHON) -m tests.describe_api

bench: packages ## Measure at 100,000 and a million commitments, beside what could be used instead (needs wrk)
	$(PYTHON) -m tests.bench

pictures: packages ## Draw the pictures for sharing again (needs Chromium)
	$(PYTHON) -m tests.draw_pictures

clean: ## Remove all that can be made again; the database and the secret in var/ stay
	rm -rf .venv .venv.lock var/static .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

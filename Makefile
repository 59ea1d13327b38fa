# make demo    ten product names, with the runtime alone
# make test    every test, with all extras
# make check   ruff, mypy, and the wheel built, checked and used alone
# make bench   speed beside what a user would pick instead
# make field-product_name   learn the bundled field again, from DATA/product_name.txt

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
DATA ?= ../shared/data

.PHONY: demo test check wheel bench field-product_name clean

demo: $(VENV)/runtime
	$(BIN)/faker -i faker_neural -r 10 -s '' neural_text product_name

test: $(VENV)/development
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report

check: $(VENV)/development wheel
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/check-wheel-contents dist

# Built from the source distribution, checked, and used where there is nothing else.
wheel: $(VENV)/development
	rm -rf dist build/alone
	$(BIN)/python -m build --outdir dist
	$(PYTHON) -m venv build/alone
	build/alone/bin/python -m pip --disable-pip-version-check --quiet install dist/*.whl
	cd build/alone && bin/faker -i faker_neural neural_text product_name

bench: $(VENV)/development
	$(BIN)/python benchmarks/speed.py

# About three minutes on two cores; on one machine always the same file.
field-product_name: $(VENV)/development
	$(BIN)/faker-neural train $(DATA)/product_name.txt -o faker_neural/models/product_name.onnx \
		--tokens piece --vocabulary 1000 --embedding 48 --units 128 --projection 96 \
		--dropout 0.3 --epochs 30 --learning-rate 0.006 --licence 'CC0 1.0' \
		--source 'Datakick open product database (datakick/items.csv in ferrisoxide/brocade_sources)'

$(VENV)/pip:
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade 'pip>=25.1' # the first one that knows dependency groups
	touch $@

$(VENV)/runtime: $(VENV)/pip pyproject.toml
	$(PIP) install --editable .
	touch $@

$(VENV)/development: $(VENV)/pip pyproject.toml
	$(PIP) install --editable '.[all]' --group test --group check
	touch $@ $(VENV)/runtime

clean:
	rm -rf $(VENV) build dist

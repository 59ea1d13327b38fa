# make demo    ten product names, with the runtime alone
# make test    every test, with all extras
# make example-train   learn a small column of our own, in under two minutes, and draw from it
# make check   ruff, mypy, and the wheel built, checked and used alone
# make bench   speed beside what a user would pick instead
# make oldest  the bundled models' golden strings with the oldest dependencies supported
# make portability   the bundled models' strings on emulated processors (Debian, Ubuntu)
# make fields  learn the bundled fields again, from DATA; or one: make field-company

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
DATA ?= ../shared/data

FIELDS := product_name company

.PHONY: demo test example-train check wheel bench oldest portability fields clean

demo: $(VENV)/runtime
	$(BIN)/faker -i faker_neural -r 10 -s '' neural_text product_name

test: $(VENV)/development
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report

example-train: $(VENV)/development
	mkdir -p build
	$(BIN)/faker-neural train examples/teas.txt -o build/teas.onnx \
		--units 128 --epochs 20 --batch 16 --learning-rate 0.008 --sample-every 5
	$(BIN)/faker-neural generate build/teas.onnx

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

oldest: $(VENV)-oldest/runtime
	$(VENV)-oldest/bin/faker-neural verify

portability: $(VENV)/development
	$(BIN)/python benchmarks/portability.py

# A minute or two each on two cores; on one machine always the same files.
fields: $(FIELDS:%=field-%)

field-%: $(VENV)/development
	$(BIN)/faker-neural train $(DATA)/$*.txt -o faker_neural/models/$*.onnx \
		--tokens piece --embedding 48 --units 128 $(RECIPE)
	rm -r faker_neural/models/$*.onnx.checkpoint

field-product_name: RECIPE = --vocabulary 1000 --projection 96 --dropout 0.3 \
	--learning-rate 0.006 --licence 'CC0 1.0' \
	--source 'Datakick open product database (datakick/items.csv in ferrisoxide/brocade_sources)'

field-company: RECIPE = --vocabulary 800 --dropout 0.4 --learning-rate 0.005 \
	--licence 'U.S. Government work' --source 'SEC EDGAR company list'

$(VENV)/pip:
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade 'pip>=25.1' # the first one that knows dependency groups
	touch $@

$(VENV)/runtime: $(VENV)/pip pyproject.toml
	$(PIP) install --editable .
	touch $@

$(VENV)/development: $(VENV)/pip pyproject.toml
	$(PIP) install --editable '.[all]' --group test --group check --group bench
	touch $@ $(VENV)/runtime

$(VENV)-oldest/runtime: pyproject.toml
	$(PYTHON) -m venv $(VENV)-oldest
	$(VENV)-oldest/bin/python -m pip --quiet install --upgrade 'pip>=25.1'
	$(VENV)-oldest/bin/python -m pip --quiet install --editable '.[cli]' --group oldest
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-oldest build dist

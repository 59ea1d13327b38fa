# make demo    ten product names, with the runtime alone
# make test    every test, with all extras
# make coverage   the same, and the lines and branches that no test runs; takes half as long again
# make test-long   what takes too long for each change: every bundled field, every preset
# make example-train   learn a small column of our own, in under two minutes, and draw from it
# make check   ruff, mypy, and the wheel built, checked and used alone
# make bench   speed beside what a user would pick instead, and the cost of each option
# make seeding a table filled, beside its plain insertion and Faker: SQLite, PostgreSQL, MariaDB
# make schemas   seed init and seed run on the schemas in the folder DDL
# make packages   the same on the databases that packages make by their migrations
# make load    a million strings, a thousand Fakers, eight threads: time and memory (Linux)
# make scale   two Spark executors beside one, tables beside streams; LOTS=1: 100 million rows
# make oldest  the bundled models' golden strings with the oldest dependencies supported
# make portability   the bundled models' strings on emulated processors (Debian, Ubuntu)
# make fuzz    flip the bytes of model files one at a time: texts, or one clear error; then ten thousand
#              graphs of a grammar, a thousand Keras files changed in their structure, evil schemas
# make fields  learn the bundled fields again, from DATA; or one: make field-company, field-base
# make offensive-words   the list of the option blocked, from the package glin-profanity
# make docs    the site, in build/site; its links and its playground are tested by make test
# make picture the README's picture of a terminal
# make documents   the pages that show the fields' figures, from their cards
# make release what a release needs beside make test: the bytes of the wheel and of the source
#              distribution come out twice, every example of the documents runs with the wheel alone,
#              and all that takes long

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
DATA ?= ../shared/data
CORES ?= 2
ONNXRUNTIME_WEB := 1.30.0

FIELDS := product_name brand_name product_category software_product company job_title task \
	street_address dish_name food_name artwork_title support_ticket review commit_message \
	person_name world_city japanese_address ru_person_name us_place world_place hospital \
	grocery_item

.PHONY: demo test coverage test-long example-train check wheel bench seeding schemas packages load scale oldest portability fuzz fields documents offensive-words docs picture release wheel-twice documents-alone clean

demo: $(VENV)/runtime
	$(BIN)/faker -i faker_neural -r 10 -s '' neural_text product_name

test: $(VENV)/development
	$(BIN)/python -m pytest -n $(CORES) --dist loadfile

coverage: $(VENV)/development
	rm -f .coverage*
	$(BIN)/coverage run -m pytest -n $(CORES) --dist loadfile
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

test-long: $(VENV)/development
	$(BIN)/python -m pytest -n $(CORES) -m long

example-train: $(VENV)/development
	mkdir -p build
	$(BIN)/faker-neural train examples/teas.txt -o build/teas.onnx \
		--units 128 --epochs 20 --batch 16 --learning-rate 0.008 --sample-every 5
	$(BIN)/faker-neural generate build/teas.onnx

check: $(VENV)/development wheel
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/check-wheel-contents dist

# Built from the source distribution, checked, and used where there is nothing else.
wheel: $(VENV)/development
	rm -rf dist build/alone
	$(BIN)/python -m build --outdir dist
	$(PYTHON) -m venv build/alone
	build/alone/bin/python -m pip --disable-pip-version-check --quiet install dist/*.whl
	cd build/alone && bin/faker -i faker_neural neural_text product_name
	cd build/alone && $(abspath $(BIN))/mypy --strict --config-file= --python-executable bin/python \
		-c 'import faker_neural, faker_neural_export, pytest_faker_neural'

bench: $(VENV)/development
	ORT_DISABLE_TELEMETRY=1 $(BIN)/python benchmarks/speed.py
	ORT_DISABLE_TELEMETRY=1 $(BIN)/python benchmarks/options.py

# The servers go on, for the next one; .ci/databases stop ends them.
seeding: $(VENV)/development
	eval "$$(.ci/databases)" && $(BIN)/python benchmarks/seeding.py

schemas: $(VENV)/development
	eval "$$(.ci/databases)" && $(BIN)/python benchmarks/schemas.py $(DDL)

packages: $(VENV)/development
	eval "$$(.ci/databases)" && $(BIN)/python benchmarks/packages.py build/packages

load: $(VENV)/development
	ORT_DISABLE_TELEMETRY=1 $(BIN)/python benchmarks/load.py

scale: $(VENV)/development
	.ci/program java openjdk-17-jre-headless
	ORT_DISABLE_TELEMETRY=1 $(BIN)/python benchmarks/scale.py $(if $(LOTS),--lots)

oldest: $(VENV)-oldest/runtime
	$(VENV)-oldest/bin/faker-neural verify

portability: $(VENV)/development
	$(BIN)/python benchmarks/portability.py

fuzz: $(VENV)/development
	$(BIN)/python benchmarks/fuzz.py
	$(BIN)/python benchmarks/fuzz_graphs.py 10000
	$(BIN)/python benchmarks/fuzz_keras.py
	$(BIN)/python benchmarks/fuzz_schemas.py

# The base, and then the fields, two at a time: a quarter of an hour, and an hour and a half, on two
# cores. On one machine always the same files.
fields: field-base
	$(MAKE) --jobs 2 $(FIELDS:%=field-%)
	$(MAKE) documents

field-%: $(VENV)/development
	$(BIN)/python fields/learn.py $* $(DATA)

offensive-words: $(VENV)/development
	$(BIN)/python fields/offensive.py

docs: $(VENV)/development build/playground/node_modules
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

build/playground/node_modules: Makefile
	mkdir -p build/playground
	npm install --no-save --silent --prefix build/playground onnxruntime-web@$(ONNXRUNTIME_WEB)
	touch $@

picture: $(VENV)/development
	$(BIN)/python site_tools/picture.py

release: wheel-twice documents-alone test-long oldest portability

wheel-twice: wheel
	rm -rf build/again
	$(BIN)/python -m build --outdir build/again
	for file in dist/*; do cmp "$$file" "build/again/$${file#dist/}" || exit; done

documents-alone: wheel
	rm -rf build/documents
	mkdir -p build/documents
	cp -r README.md docs examples benchmarks conftest.py pyproject.toml build/documents
	build/alone/bin/python -m pip --disable-pip-version-check --quiet install --upgrade 'pip>=25.1'
	build/alone/bin/python -m pip --disable-pip-version-check --quiet install \
		"$$(echo dist/*.whl)[all,spark]" --group test
	cd build/documents && ../alone/bin/python -m pytest README.md docs

# What is said of the fields, from their cards.
documents: $(VENV)/development
	$(BIN)/python fields/documents.py

$(VENV)/pip:
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade 'pip>=25.1' # the first one that knows dependency groups
	touch $@

$(VENV)/runtime: $(VENV)/pip pyproject.toml
	$(PIP) install --editable .
	touch $@

$(VENV)/development: $(VENV)/pip pyproject.toml
	$(PIP) install --editable '.[all,spark]' --group test --group check --group bench --group fields \
		--group docs
	touch $@ $(VENV)/runtime

$(VENV)-oldest/runtime: pyproject.toml
	$(PYTHON) -m venv $(VENV)-oldest
	$(VENV)-oldest/bin/python -m pip --quiet install --upgrade 'pip>=25.1'
	$(VENV)-oldest/bin/python -m pip --quiet install --editable '.[cli]' --group oldest
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-oldest build dist

"""Draw model files from a grammar of graphs; each file must draw texts, or raise one clear error.

python benchmarks/fuzz_graphs.py [GRAPHS] [FIRST]   test the graphs FIRST to FIRST + GRAPHS
python benchmarks/fuzz_graphs.py --write NUMBER FILE.onnx

A graph depends on its number alone. It takes the logits of a small model through one to six nodes
of any allowed operator, with inputs, weights and attributes as the operator's schema allows them,
and now and then as it does not. Each graph is opened and run in a process of its own, forked from
this one, with a child process as `_model_file/known_files.py` starts it, but forked too.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, defs, helper, numpy_helper

from faker_neural import Card, FakerNeuralError, ModelFileError, TextModel
from faker_neural._first_run import run_once
from faker_neural._model_file import known_files
from faker_neural._model_file.graph_checks.nodes import OPERATORS
from faker_neural._model_file.graph_checks.protobuf import parse

OPSET = 17
SECONDS, MEMORY = 10, 2**20  # of a process; kB of memory beside the libraries'
_ADDRESSES = 6 * 2**30  # bytes
_TOKENS = 4

TYPES = {
    "tensor(float)": TensorProto.FLOAT,
    "tensor(int64)": TensorProto.INT64,
    "tensor(int32)": TensorProto.INT32,
    "tensor(bool)": TensorProto.BOOL,
    "tensor(double)": TensorProto.DOUBLE,
    "tensor(int8)": TensorProto.INT8,
    "tensor(uint8)": TensorProto.UINT8,
}
STRINGS = ("NOTSET", "SAME_UPPER", "VALID", "constant", "edge", "reflect", "bidirectional", "Tanh")
INTEGERS = (*(0, 1, 2, -1) * 5, 3, 4, 7, -2, -5, 100, 2**20, 2**31, -(2**63))
SIZES = (0, 1, 1, 2, 3, 4, 4, 4, 9)


class Grammar:
    """Draws one graph.

    Args:
        number: the graph's number, from which all choices follow.
    """

    def __init__(self, number: int) -> None:
        self.random = np.random.default_rng(number)
        self.weights: list[TensorProto] = []
        self.names = 0

    def model(self) -> onnx.ModelProto:
        """Return a model file of four tokens, with its card."""
        values = {"given": "tensor(float)", "token": "tensor(int64)"}
        nodes = [helper.make_node("Gather", ["rows", "token"], ["given"])]
        self.weights.append(self.weight("rows", "tensor(float)", (_TOKENS, _TOKENS)))
        nodes += self.nodes(values, self.count(1, 6), bodies=True)
        last = [name for name, kind in values.items() if kind == "tensor(float)"][-1]
        nodes += self.ending(last)
        return self.file(nodes)

    def count(self, least: int, most: int) -> int:
        """Draw a number, `least` to `most`."""
        return int(self.random.integers(least, most + 1))

    def pick(self, some: Sequence[Any]) -> Any:
        """Draw one of some things."""
        return some[int(self.random.integers(len(some)))]

    def chance(self, share: float) -> bool:
        """Return True in this share of the calls."""
        return bool(self.random.random() < share)

    def new(self) -> str:
        """Return a new name."""
        self.names += 1
        return f"v{self.names}"

    def nodes(self, values: dict[str, str], count: int, bodies: bool) -> list[onnx.NodeProto]:
        """Draw nodes that read `values`, and add their outputs to it."""
        operators = sorted(OPERATORS if bodies else OPERATORS - {"Scan"})
        return [self.node(self.pick(operators), values) for _ in range(count)]

    def node(self, operator: str, values: dict[str, str]) -> onnx.NodeProto:
        """Draw a node of an operator, and add its outputs to `values`."""
        if operator == "Scan":
            return self.scan(values)
        schema = defs.get_schema(operator, OPSET)
        types: dict[str, str] = {}
        inputs = [
            "" if self.is_left_out(formal) else self.input(formal, types, values)
            for formal in self.repeated(schema.inputs)
        ]
        while inputs and not inputs[-1] and self.chance(0.9):
            inputs.pop()
        formals = list(self.repeated(schema.outputs))
        outputs = ["" if self.chance(0.01) else self.new() for _ in formals]
        for name, formal in zip(outputs, formals, strict=True):
            if name:
                values[name] = types.get(formal.type_str, self.kind(formal))
        attributes = {
            name: self.attribute(name, attribute)
            for name, attribute in schema.attributes.items()
            if attribute.required or self.chance(0.3)
        }
        known = {name: value for name, value in attributes.items() if value is not None}
        return helper.make_node(operator, inputs, outputs, **known)

    def is_left_out(self, formal: Any) -> bool:
        """Return whether to leave an input's name empty."""
        return self.chance(0.6 if formal.option == formal.option.Optional else 0.01)

    def repeated(self, formals: Sequence[Any]) -> Iterator[Any]:
        """Yield the inputs or outputs of a schema, a variadic one up to three times."""
        for formal in formals:
            variadic = formal.option == formal.option.Variadic
            yield from [formal] * (self.count(1, 3) if variadic else 1)

    def kind(self, formal: Any) -> str:
        """Choose a type that the schema allows, mostly float if it does."""
        allowed = [kind for kind in TYPES if kind in formal.types] or ["tensor(float)"]
        return allowed[0] if self.chance(0.95) else str(self.pick(allowed))

    def input(self, formal: Any, types: dict[str, str], values: dict[str, str]) -> str:
        """Return a value, or a new weight, of a type that the schema allows."""
        first = not types
        kind = types.setdefault(formal.type_str, self.kind(formal))
        fitting = [name for name, found in values.items() if found == kind]
        if fitting and self.chance(0.97 if first else 0.5):
            return str(self.pick(fitting[-3:]))
        name = self.new()
        shape = tuple(self.pick(SIZES) for _ in range(self.pick((0, 1, 1, 1, 2, 2, 3))))
        self.weights.append(self.weight(name, kind, shape))
        return name

    def weight(self, name: str, kind: str, shape: tuple[int, ...]) -> TensorProto:
        """Draw the numbers of a weight."""
        dtype = helper.tensor_dtype_to_np_dtype(TYPES[kind])
        if kind in ("tensor(float)", "tensor(double)"):
            numbers = self.random.normal(size=shape) * 10.0 ** self.count(-1, 2)
        elif self.chance(0.1):
            numbers = np.full(shape, self.pick(INTEGERS), dtype=np.int64)
        else:
            numbers = self.random.integers(-1 if self.chance(0.3) else 0, 5, shape)
        return numpy_helper.from_array(np.asarray(numbers).astype(dtype), name)

    def attribute(self, name: str, attribute: Any) -> Any:
        """Draw an attribute's value of the type in the schema; None for a type not drawn."""
        kinds = defs.OpSchema.AttrType
        match attribute.type:
            case kinds.INT:
                return self.pick((1, 1, 7, 6)) if name == "to" else int(self.pick(INTEGERS))
            case kinds.INTS:
                some = INTEGERS if self.chance(0.2) else SIZES[1:]
                return [int(self.pick(some)) for _ in range(self.count(1, 4))]
            case kinds.FLOAT:
                return float(self.random.normal())
            case kinds.FLOATS:
                return [float(self.random.normal()) for _ in range(self.count(1, 3))]
            case kinds.STRING:
                return self.pick(STRINGS)
            case kinds.STRINGS:
                return [
                    self.pick(("Tanh", "Sigmoid", "Relu", "x")) for _ in range(self.count(1, 3))
                ]
            case kinds.TENSOR:
                return self.weight("value", "tensor(float)", (self.count(0, 2),))
        return None

    def scan(self, values: dict[str, str]) -> onnx.NodeProto:
        """Draw a Scan over the rows of one value, with a body of a few nodes."""
        floats = [name for name, kind in values.items() if kind == "tensor(float)"]
        inside = {"row": "tensor(float)"}
        before = len(self.weights)
        nodes = self.nodes(inside, self.count(1, 3), bodies=False)
        made = [name for name, kind in inside.items() if kind == "tensor(float)"][-1]
        own, self.weights = self.weights[before:], self.weights[:before]
        row = helper.make_tensor_value_info("row", TensorProto.FLOAT, None)
        end = helper.make_tensor_value_info(made, TensorProto.FLOAT, None)
        body = helper.make_graph(nodes, "body", [row], [end], own)
        output = self.new()
        values[output] = "tensor(float)"
        sequence = "" if self.chance(0.02) else self.pick(floats)
        steps = 1 if not self.chance(0.05) else int(self.pick(INTEGERS))
        return helper.make_node("Scan", [sequence], [output], body=body, num_scan_inputs=steps)

    def ending(self, last: str) -> list[onnx.NodeProto]:
        """Bring the last value to the shape of logits, or not."""
        if self.chance(0.15):
            return [helper.make_node("Identity", [last], ["logits"])]
        if self.chance(0.3):
            ends = [("first", [0]), ("fourth", [_TOKENS]), ("axis", [-1])]
            self.weights += [numpy_helper.from_array(np.array(n), name) for name, n in ends]
            return [
                helper.make_node("Slice", [last, "first", "fourth", "axis"], ["part"]),
                helper.make_node("Add", ["given", "part"], ["logits"]),
            ]
        return [
            helper.make_node("ReduceMean", [last], ["mean"], keepdims=0),
            helper.make_node("Add", ["given", "mean"], ["logits"]),
        ]

    def file(self, nodes: list[onnx.NodeProto]) -> onnx.ModelProto:
        """Return a model file of these nodes and of the weights drawn so far."""
        token = helper.make_tensor_value_info("token", TensorProto.INT64, ["batch"])
        draw = helper.make_tensor_value_info("draw", TensorProto.DOUBLE, ["batch", 2])
        temperature = helper.make_tensor_value_info("temperature", TensorProto.FLOAT, [])
        logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", _TOKENS])
        chosen = helper.make_tensor_value_info("next", TensorProto.INT64, ["batch"])
        nodes.append(helper.make_node("ArgMax", ["logits"], ["next"], axis=1, keepdims=0))
        graph = helper.make_graph(
            nodes, "step", [token, draw, temperature], [logits, chosen], self.weights
        )
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=8)
        card = Card(
            name="fuzz",
            contract="step",
            tokens=("", "a", "b", "c"),
            start=0,
            end=0,
            max_tokens=9,
            states=(),
        )
        helper.set_model_props(model, {Card.metadata_key: card.to_json()})
        return model


def in_fork(action: Callable[[], str], seconds: int) -> str:
    """Return what an action returns in a process forked from this one, or how the process ends."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        signal.setitimer(signal.ITIMER_REAL, seconds)  # SIGALRM ends the process
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        try:
            os.write(write, action().encode()[:1000])
        except BaseException as error:
            os.write(write, f"not ours: {error!r}".encode()[:1000])
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        said = pipe.read().decode()
    _, status, used = os.wait4(child, 0)
    if status:
        return f"process ended by {signal.strsignal(os.waitstatus_to_exitcode(status) * -1)}"
    return f"{said} with {used.ru_maxrss >> 10:,} MB" if used.ru_maxrss > _baseline() else said


def _baseline() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + MEMORY


def run_in_fork(path: Path, content_hash: bytes) -> None:
    """Do what `known_files` does in a child process, in a fork."""

    def once() -> str:
        known_files.in_child_process(content_hash)
        with suppress(FakerNeuralError):
            run_once(os.fspath(path))
        return ""

    if ended := in_fork(once, SECONDS - 1):
        raise ModelFileError(path, f"ended the child: {ended}")


STAGES = {
    "ended the child": "ended the child process",
    "onnxruntime cannot open": "refused by onnxruntime",
    "the graph cannot be run": "opened, and failed in onnxruntime",
    "the graph gives": "opened, with logits of another kind",
}
"""What the error of a file says, and what is counted; other errors are those of our checks."""


def outcome(path: Path) -> str:
    """Return what came of a file, as `main` counts it; or a fault."""
    try:
        model = TextModel(path)
        model.texts(range(100, 103))
        model.texts(range(3), temperature=0.5, prefix="a")
        model.texts(range(3), max_length=2)
    except ModelFileError as error:
        if len(str(error).splitlines()) > 1 or not str(error).isprintable():
            return f"an error that is not one printable line: {error!r}"
        found = (STAGES[start] for start in STAGES if error.problem.startswith(start))
        return next(found, "refused by our checks")
    except FakerNeuralError as error:
        return f"texts, and {type(error).__name__}"
    return "texts"


def test(number: int, folder: Path) -> str:
    """Return what came of a graph, as `main` counts it; or a fault."""
    path = folder / "fuzz.onnx"
    path.write_bytes(Grammar(number).model().SerializeToString())
    return in_fork(lambda: outcome(path), SECONDS)


def warm_up() -> None:
    """Import here what each process would import again; no session may exist before a fork."""
    parse(Grammar(0).model().SerializeToString())
    for name in ("_decoding.steering", "_model_file.graph_checks.walk"):
        importlib.import_module(f"faker_neural.{name}")
    for name in ("decimal", "filelock", "logging", "numpy.ma", "platformdirs.unix", "traceback"):
        importlib.import_module(name)


def main() -> None:
    if sys.argv[1:2] == ["--write"]:
        Path(sys.argv[3]).write_bytes(Grammar(int(sys.argv[2])).model().SerializeToString())
        return
    graphs = int(sys.argv[1]) if sys.argv[1:] else 1000
    first = int(sys.argv[2]) if sys.argv[2:] else 0
    print(f"graphs {first:,} to {first + graphs - 1:,}", flush=True)
    os.environ["FAKER_NEURAL_TRUST"] = "1"
    known_files._run_in_child = run_in_fork
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))
    warm_up()
    counts, faults, began = Counter[str](), 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, first + graphs):
            found = test(number, Path(folder))
            counts[found] += 1
            if not found.startswith(("texts", "opened,", "refused by", "ended the child process")):
                faults += 1
                print(f"graph {number}: {found}", flush=True)
    print(f"{time.monotonic() - began:.0f} s; {json.dumps(counts)}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()

"""The documents' examples, run as tests."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser
from typer import Context

from faker_neural.cli import command_group

_BIN = Path(sys.executable).parent

# Java that starts fast and optimises little halves the time of the tests of Spark.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")


def run_tests(example: Example) -> None:
    """Run a block as a test file of a project of its own, as its first line says."""
    first = example.parsed.partition("\n")[0]
    options = first.split()[2:] if first.startswith("# pytest ") else ["-p", "no:randomly"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "test_example.py"
        path.write_text(example.parsed)
        command = [sys.executable, "-m", "pytest", "-q", *options, path]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def run_commands(example: Example) -> None:
    """Run each line that starts with "$ " and compare what it prints and whether it fails.

    An example before may have named a `folder` to run it in.
    """
    folder = example.namespace.get("folder")
    for block in example.parsed.split("$ ")[1:]:
        line, _, expected = block.partition("\n")
        command = shlex.split(line)
        program = [_BIN / command[0], *command[1:]]
        found = subprocess.run(program, capture_output=True, text=True, cwd=folder)
        assert found.stdout + found.stderr == expected, line
        assert found.returncode == (2 if expected.startswith(f"{command[0]}: ") else 0), line


def read_commands(example: Example) -> None:
    """Let the command line read its own commands without running them: training takes minutes."""
    for line in example.parsed.replace("\\\n", " ").splitlines():
        program, *arguments = shlex.split(line, comments=True) or [""]
        if program == "faker-neural":
            group = command_group()
            name, subcommand, rest = group.resolve_command(Context(group), arguments)
            subcommand.make_context(name, rest)


def names_of_documents(namespace: dict[str, Any]) -> None:
    """Tell the documents whether Spark can be started here."""
    namespace["SPARK"] = bool(shutil.which("java") and find_spec("pyspark"))


pytest_collect_file = Sybil(
    parsers=[
        SkipParser(),
        PythonCodeBlockParser(),
        CodeBlockParser("py", run_tests),
        CodeBlockParser("console", run_commands),
        CodeBlockParser("sh", read_commands),
    ],
    patterns=["README.md", "docs/*.md"],
    setup=names_of_documents,
).pytest()

"""Fields of one's own, laid where names are looked up."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

from faker_neural import bundled

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "examples" / "acme-fields"
TABLE, SAMPLE_IN_DOCS = re.findall(
    r"^```toml\n(.*?)^```", (ROOT / "docs" / "fields-of-your-own.md").read_text(), re.M | re.S
)


def field(folder: Path, name: str = "tea", like: str = "dish_name") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(bundled()[like], folder / f"{name}.onnx"))


def project(folder: Path, text: str = TABLE) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(text)
    return folder


def package(
    target: Path, value: str | None = None, names: tuple[str, ...] = ("tea",), code: str = ""
) -> Path:
    """Lay the sample package into a folder as an installer does, with models of these names."""
    about = tomllib.loads((SAMPLE / "pyproject.toml").read_text())["project"]
    [(group, points)] = about["entry-points"].items()
    value = points["acme"] if value is None else value
    for name in names:
        field(target / "acme_fields", name)
    (target / "acme_fields" / "__init__.py").write_text(code)
    metadata = target / f"acme_fields-{about['version']}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Name: {about['name']}\nVersion: {about['version']}\n")
    (metadata / "entry_points.txt").write_text(f"[{group}]\nacme = {value}\n")
    return target


def run(*command: str | Path, path: Path, **environment: str) -> str:
    """Run a command in another process that finds what is installed in `path`."""
    search = os.pathsep.join([str(path), os.environ.get("PYTHONPATH", "")])
    settings = os.environ | {"PYTHONPATH": search} | environment
    return subprocess.run(command, env=settings, check=True, capture_output=True, text=True).stdout

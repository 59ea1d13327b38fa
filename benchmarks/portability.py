"""Strings of the bundled models on emulated processors, compared with those of this processor.

The benchmark needs Debian or Ubuntu with qemu-user-static. It downloads Python, numpy and
onnxruntime for 64-bit Arm with apt-get and pip, and unpacks them under build/portability. It
installs nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from rich.console import Console
from rich.table import Table

from faker_neural import TextModel, bundled, load

STRINGS = 100  # per model; an emulated processor is fifty times slower
FEW = 5  # per model of texts, with each of these options
OPTIONS = ({"prefix": "A"}, {"max_length": 6}, {"top_p": 0.8})
HERE = Path(__file__).resolve().parents[1]
FOLDER = HERE / "build" / "portability"
ARM_PYTHON = "3.11"  # Debian bookworm's
ARM_PACKAGES = (
    "libc6",
    "libgcc-s1",
    "libstdc++6",
    "zlib1g",
    "libexpat1",
    "libffi8",
    "libssl3",
    "libbz2-1.0",
    "liblzma5",
    "libuuid1",
    "python3.11-minimal",
    "libpython3.11-minimal",
    "libpython3.11-stdlib",
)
PLATFORMS = (
    "manylinux_2_28_aarch64",
    "manylinux_2_27_aarch64",
    "manylinux_2_17_aarch64",
    "manylinux2014_aarch64",
)
VERSIONS = {
    "newest": ("onnxruntime", "numpy", "protobuf"),
    "oldest": ("onnxruntime==1.20.0", "numpy==1.26.0", "protobuf==4.25.0"),
}

# onnxruntime reads /proc/cpuinfo to choose its kernels.
FEATURES = "fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid"
ARM = {
    "cortex-a72": ("0xd08", FEATURES, "64-bit Arm, Cortex-A72 (no dot product)"),
    "neoverse-n1": (
        "0xd0c",
        f"{FEATURES} atomics fphp asimdhp asimdrdm lrcpc dcpop asimddp",
        "64-bit Arm, Neoverse N1",
    ),
}
X86 = {"SandyBridge": "x86-64, Sandy Bridge (no AVX2)", "Haswell": "x86-64, Haswell (no AVX-512)"}

VERIFIED = ("brand_name", "world_city")  # their logits are compared too, which takes minutes

GUEST = f"""
import json, sys, onnxruntime
from faker_neural import TextModel
found = {{}}
for path in sys.argv[1:]:
    model = TextModel(path)
    if model.card.name in {VERIFIED}:
        model.verify()
    if model.card.columns:
        found[path] = model.rows({STRINGS}, seed=2026)
        continue
    found[path] = model.generate({STRINGS}, seed=2026)
    for options in {OPTIONS}:
        found[path] += model.generate({FEW}, seed=2026, **options)
print(json.dumps([onnxruntime.__version__, found]))
"""


def main() -> None:
    missing = [
        name
        for name in ("qemu-aarch64-static", "qemu-x86_64-static", "apt-get", "dpkg")
        if not shutil.which(name)
    ]
    if missing:
        sys.exit(f"{', '.join(missing)} not found: apt-get install qemu-user-static")
    paths = list(bundled().values())
    expected = {str(path): strings(load(path)) for path in paths}
    table = Table("processor", "onnxruntime", "strings compared", "differing", box=None)
    differing = 0
    root = arm_root()
    runs = [(title, x86(cpu)) for cpu, title in X86.items()]
    for version, requirements in VERSIONS.items():
        site = arm_site(version, requirements)
        runs += [(title, arm(root, site, cpu)) for cpu, (_, _, title) in ARM.items()]
    for title, command in runs:
        version, count = compare(command, expected)
        differing += count
        compared = sum(map(len, expected.values()))
        table.add_row(title, version, f"{compared:,}", str(count))
    console = Console(width=100, highlight=False)
    console.print(table)
    console.print(f"{date.today()}, compared with this {os.uname().machine} machine, qemu-user")
    sys.exit(1 if differing else 0)


def strings(model: TextModel) -> list[Any]:
    """Draw strings, some with options, or rows of a model of rows."""
    if model.card.columns:
        return list(model.rows(STRINGS, seed=2026))
    texts = model.generate(STRINGS, seed=2026)
    for options in OPTIONS:
        texts += model.generate(FEW, seed=2026, **options)
    return texts


def compare(command: list[str], expected: dict[str, list[Any]]) -> tuple[str, int]:
    """Run the guest; return its onnxruntime's version and the number of strings that differ."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(
        [*command, "-c", GUEST, *expected], capture_output=True, text=True, env=environment
    )
    if run.returncode:
        sys.exit(f"{' '.join(command)}: {run.stderr.strip()[-500:]}")
    version, found = json.loads(run.stdout)
    pairs = (zip(found[path], texts, strict=True) for path, texts in expected.items())
    return version, sum(a != b for pair in pairs for a, b in pair)


def x86(cpu: str) -> list[str]:
    return ["qemu-x86_64-static", "-cpu", cpu, sys.executable]


def arm(root: Path, site: Path, cpu: str) -> list[str]:
    part, features, _ = ARM[cpu]
    cpuinfo = FOLDER / cpu / "proc" / "cpuinfo"
    cpuinfo.parent.mkdir(parents=True, exist_ok=True)
    processor = (
        f"Features\t: {features}\nCPU implementer\t: 0x41\nCPU architecture: 8\n"
        f"CPU variant\t: 0x3\nCPU part\t: {part}\nCPU revision\t: 1\n\n"
    )
    count = os.cpu_count() or 1  # onnxruntime fails if a core is not listed
    cpuinfo.write_text("".join(f"processor\t: {i}\n{processor}" for i in range(count)))
    for name in root.iterdir():
        link = FOLDER / cpu / name.name
        if not link.is_symlink():
            link.symlink_to(name)
    return [
        "qemu-aarch64-static",
        "-cpu",
        cpu,
        "-L",
        str(FOLDER / cpu),
        "-E",
        f"PYTHONPATH={site}:{HERE}",
        str(root / "usr/bin" / f"python{ARM_PYTHON}"),
        "-S",
    ]


def arm_root() -> Path:
    """Unpack Debian's Python for 64-bit Arm with its libraries; return its folder."""
    root, apt = FOLDER / "root", FOLDER / "apt"
    if root.is_dir():
        return root
    for folder in ("lists/partial", "cache/archives/partial", "packages", "root.part"):
        (apt / folder).mkdir(parents=True, exist_ok=True)
    settings = {
        "APT::Architecture": "arm64",
        "APT::Architectures": "arm64",
        "APT::Sandbox::User": "root",
        "Dir::State": apt,
        "Dir::State::lists": apt / "lists",
        "Dir::State::status": "/dev/null",
        "Dir::Cache": apt / "cache",
    }
    apt_get = [
        "apt-get",
        "-qq",
        *(x for key, value in settings.items() for x in ("-o", f"{key}={value}")),
    ]
    subprocess.run([*apt_get, "update"], check=True)
    subprocess.run([*apt_get, "download", *ARM_PACKAGES], check=True, cwd=apt / "packages")
    for package in (apt / "packages").glob("*.deb"):
        subprocess.run(["dpkg", "-x", package, apt / "root.part"], check=True)
    return (apt / "root.part").rename(root)


def arm_site(version: str, requirements: tuple[str, ...]) -> Path:
    """Unpack the wheels for 64-bit Arm; return their folder."""
    site, wheels = FOLDER / f"site-{version}", FOLDER / f"wheels-{version}"
    if site.is_dir():
        return site
    platforms = [word for name in PLATFORMS for word in ("--platform", name)]
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download"]
    kind = ["--no-deps", "--only-binary=:all:", "--python-version", ARM_PYTHON, *platforms]
    subprocess.run([*pip, *kind, "--dest", wheels, *requirements], check=True)
    part = site.with_suffix(".part")
    for wheel in wheels.glob("*.whl"):
        ZipFile(wheel).extractall(part)
    return part.rename(site)


if __name__ == "__main__":
    main()

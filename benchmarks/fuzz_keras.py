"""Change Keras files in their structure: each must become a model, or one clear error, soon.

python benchmarks/fuzz_keras.py [COUNT [SEED]]       1,000 files of a new seed
python benchmarks/fuzz_keras.py --case SEED-NUMBER   one of them
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import h5py
import numpy as np
from fuzz_workers import run

COUNT = 1000
_FILES = Path(__file__).resolve().parents[1] / "tests" / "fixtures" / "legacy_keras"
_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 3, 10**6, 10**12, 2**63, 10**400, 0.5, 1e308, -1e308),
    *("", "x", "\x1b[2J", "../../etc/passwd", "lambda: 0", "os.system", "float16", "tanh"),
    *([], [[]], {}, [None], [None, 3], [10**9, 10**9], [-1], {"class_name": "Lambda"}),
    *("LSTM", "GRU", "Dense", "Lambda", "Embedding", "Bidirectional", "TimeDistributed", "Add"),
)
_KINDS = ("f2", "f4", "f8", "i4", "u1", "S3", "bool", "c8")


def spots(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each container and key in a tree of JSON."""
    for key in list(tree) if isinstance(tree, dict) else range(len(tree)):
        yield tree, key
        if isinstance(tree[key], dict | list):
            yield from spots(tree[key])


def change_json(random: Random, tree: Any) -> None:
    """Change one place: replace it, take it away, copy another place there, repeat or swap it."""
    places = list(spots(tree))
    if not places:
        return
    (one, key), (other, from_key) = random.choice(places), random.choice(places)
    match random.randrange(6):
        case 0 | 1:
            one[key] = random.choice(_VALUES)
        case 2:
            del one[key]
        case 3:
            one[key] = json.loads(json.dumps(other[from_key]))
        case 4 if isinstance(one, list):
            one.extend([one[key]] * random.choice((1, 3, 300)))
        case 4:
            one[f"{key}_"] = one[key]
        case 5:
            one[key], other[from_key] = other[from_key], one[key]


def places_of(file: h5py.File) -> list[str]:
    """Return the paths of all groups and arrays."""
    found: list[str] = []
    file.visit(found.append)
    return found


def change_hdf5(random: Random, file: h5py.File) -> None:
    """Change one group, array or attribute of an HDF5 file."""
    if names := places_of(file):
        random.choice(_CHANGES)(random, file, random.choice(names), random.choice(names))


def _delete(random: Random, file: h5py.File, name: str, other: str) -> None:
    del file[name]


def _replace(random: Random, file: h5py.File, name: str, other: str) -> None:
    del file[name]
    file.create_dataset(name, data=np.zeros(_shape(random), random.choice(_KINDS)))


def _inflate(random: Random, file: h5py.File, name: str, other: str) -> None:
    del file[name]
    size = (random.choice((3, 10**6)), random.choice((5, 10**6)))
    file.create_dataset(name, size, "f4", chunks=(1, 5), compression="gzip")


def _link(random: Random, file: h5py.File, name: str, other: str) -> None:
    soft = h5py.SoftLink("/"), h5py.SoftLink(f"/{other}"), h5py.ExternalLink("/etc/fstab", "/")
    file[f"{name}_again"] = random.choice((file[other], *soft))


def _rename(random: Random, file: h5py.File, name: str, other: str) -> None:
    file.move(name, name + random.choice(("_", "/a", "\x1b[2J")))


def _rewrite(random: Random, file: h5py.File, name: str, other: str) -> None:
    if isinstance(file[name], h5py.Dataset) and file[name].dtype.kind == "f":
        file[name][...] = random.choice((np.nan, np.inf, 1e30, 0))


def _describe(random: Random, file: h5py.File, name: str, other: str) -> None:
    _change_attribute(random, random.choice((file, file[name])))


_CHANGES = (_delete, _replace, _inflate, _link, _rename, _rewrite, _describe)


def _shape(random: Random) -> tuple[int, ...]:
    return tuple(random.choice((0, 1, 3, 64)) for _ in range(random.randrange(4)))


def _change_attribute(random: Random, owner: Any) -> None:
    names = [name for name in owner.attrs if name != "model_config"]
    if not names:
        return
    name = random.choice(names)
    found = np.asarray(owner.attrs[name]).reshape(-1).tolist()
    random.shuffle(found)
    owner.attrs[name] = random.choice(
        (found[1:] or ["a"], [*found, *found[:1]], ["x"], 5, np.zeros((2, 2)), "\x1b[2J")
    )


def change_h5(random: Random, path: Path, times: int) -> None:
    """Change the configuration or the arrays of an HDF5 file some times."""
    with h5py.File(path, "r+") as file:
        for _ in range(times):
            if "model_config" in file.attrs and random.random() < 0.6:
                config = json.loads(file.attrs["model_config"])
                change_json(random, config)
                file.attrs["model_config"] = json.dumps(config)
            else:
                change_hdf5(random, file)


def change_archive(random: Random, path: Path, times: int) -> None:
    """Change the configuration, the arrays or the members of a .keras file some times."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    inner = path.with_suffix(".h5")
    for _ in range(times):
        name = random.choice(["config.json"] * 3 + list(members))
        if name.endswith(".json"):
            config = json.loads(members[name])
            change_json(random, config)
            members[name] = json.dumps(config).encode()
        else:
            inner.write_bytes(members[name])
            with h5py.File(inner, "r+") as file:
                change_hdf5(random, file)
            members[name] = inner.read_bytes()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            if random.random() < 0.99:
                archive.writestr(name, content)


def case(seed: str, folder: Path) -> str:
    """Change one of the fixtures' Keras files and read it."""
    from faker_neural_export.keras_file.load import read_keras

    random = Random(seed)
    source = random.choice(sorted([*_FILES.glob("*.h5"), *_FILES.glob("*.keras")]))
    path = Path(shutil.copy(source, folder))
    change, times = (
        (change_h5, change_archive)[path.suffix == ".keras"],
        random.choice((1, 1, 2, 5)),
    )
    try:
        change(random, path, times)
    except (KeyError, ValueError, TypeError, RuntimeError, OSError):
        return "no change"  # h5py refuses it
    read_keras(path)
    return "model"


if __name__ == "__main__":
    run(__file__, case, COUNT)

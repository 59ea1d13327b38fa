"""The models that ship with the package."""

from __future__ import annotations

from pathlib import Path

__all__ = ["BUNDLED", "bundled", "model_files"]

BUNDLED = Path(__file__).parents[1] / "models"


def bundled() -> dict[str, Path]:
    """Return the paths of the models that ship with the package, by name."""
    return {path.stem: path for path in model_files(BUNDLED)}


def model_files(folder: Path) -> list[Path]:
    """Return the model files of a folder, sorted, without hidden files.

    Args:
        folder: the path of the folder.
    """
    return sorted(folder.glob("[!.]*.onnx"))

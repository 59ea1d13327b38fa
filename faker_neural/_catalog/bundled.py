"""The models that ship with the package."""

from __future__ import annotations

from pathlib import Path

from faker_neural._errors import MissingFileError

__all__ = ["BUNDLED", "bundled", "bundled_folder", "model_files"]

BUNDLED = Path(__file__).parents[1] / "models"


def bundled() -> dict[str, Path]:
    """Return the paths of the models that ship with the package, by name."""
    return {path.stem: path for path in model_files(bundled_folder())}


def bundled_folder() -> Path:
    """Return the folder of the bundled models.

    Raises:
        MissingFileError: it is no folder, as in a zip: onnxruntime opens only files.
    """
    if not BUNDLED.is_dir():
        rule = "the package must be in a folder, not in a zip; pip, shiv and PyInstaller unpack it"
        raise MissingFileError(BUNDLED, f"is no folder: {rule}")
    return BUNDLED


def model_files(folder: Path) -> list[Path]:
    """Return the model files of a folder, sorted, without hidden files.

    Args:
        folder: the path of the folder.
    """
    return sorted(folder.glob("[!.]*.onnx"))

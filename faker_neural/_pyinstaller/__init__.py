"""What PyInstaller needs to freeze a program that uses this package."""

from __future__ import annotations

from pathlib import Path

__all__ = ["hook_folders"]


def hook_folders() -> list[str]:
    """Return the folder of the hooks; PyInstaller finds this function by its entry point."""
    return [str(Path(__file__).parent)]

"""Draws the README's picture of a terminal: a run of `train`, and texts of what it learned.

python site_tools/picture.py   writes docs/train.svg
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "train.svg"
WIDTH = 96  # characters
COMMANDS = (
    "faker-neural train teas.txt -o teas.onnx --sample-every 8",
    "faker-neural generate ./teas.onnx -n 6",
)
FONT = re.compile(r"@font-face \{.*?\}", re.DOTALL)  # of another host


def main() -> None:
    """Run the commands and write the picture of what they print, without the bar of progress."""
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "teas.txt").symlink_to(ROOT / "examples" / "teas.txt")
        for command in COMMANDS:
            console.print(Text(f"$ {command}", "bold green"))
            console.print(Text(printed(command, folder)))
    picture = console.export_svg(title="faker-neural", unique_id="train")
    PICTURE.write_text(FONT.sub("", picture), encoding="utf-8")


def printed(command: str, folder: str) -> str:
    """Return what a command prints, on standard error too."""
    name, *arguments = command.split()
    done = subprocess.run(
        [Path(sys.executable).with_name(name), *arguments],
        cwd=folder,
        env={**os.environ, "COLUMNS": str(WIDTH)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return done.stdout


if __name__ == "__main__":
    main()

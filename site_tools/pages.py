"""A hook of MkDocs: pages that are generated when the site is built, and files of the playground.

The page of the commands comes from the commands, the gallery from the fields. A link from a page to
a file of the repository becomes a link to a copy in the site.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import typer
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from typer.cli import get_docs_for_click
from typer.core import TyperGroup

from faker_neural import Card, bundled, load
from faker_neural.cli import command_group

ROOT = Path(__file__).parents[1]
ONNXRUNTIME = ROOT / "build" / "playground" / "node_modules" / "onnxruntime-web" / "dist"
RUNTIME = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
SAMPLES = 40
LINK = re.compile(r"\]\((?:\.\./)+([^)#]+)\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add generated pages, the files that pages link to, and those of the playground."""
    for path, content in (("reference/commands.md", commands()), ("gallery.md", gallery())):
        files.append(File.generated(config, path, content=content))
    linked = {
        target
        for page in files.documentation_pages()
        for target in LINK.findall(page.content_string)
        if (ROOT / target).is_file()
    }
    for target in sorted(linked):
        add(files, config, f"repository/{target}", ROOT / target)
    add_playground(files, config)
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Let links to files of the repository lead to their copies in the site."""
    root = "../" * page.file.src_uri.count("/")

    def copied(link: re.Match[str]) -> str:
        return f"]({root}repository/{link[1]})" if (ROOT / link[1]).is_file() else link[0]

    return LINK.sub(copied, markdown)


def commands() -> str:
    """Return the reference of all commands, from their help."""
    group = command_group()
    whole_summaries(group)
    text = get_docs_for_click(obj=group, ctx=typer.Context(group), name="faker-neural")
    return text.replace("# `faker-neural`", "# Commands", 1)


def whole_summaries(group: TyperGroup) -> None:
    """Let the list of a group's commands have their first lines, which are cut otherwise."""
    for command in group.commands.values():
        command.short_help = (command.help or "").partition("\n")[0]
        if isinstance(command, TyperGroup):
            whole_summaries(command)


def gallery() -> str:
    """Return the page of the fields: the first texts of each, and where they come from."""
    parts = [
        "# Gallery",
        f"The first {SAMPLES} texts of each bundled field with seed 0, none left out: what "
        f"`faker-neural generate NAME -n {SAMPLES}` prints. [The bundled fields](fields.md) has "
        "the figures of all.",
    ]
    for name, path in sorted(bundled().items()):
        parts += of_field(name, path)
    return "\n\n".join(parts) + "\n"


def of_field(name: str, path: Path) -> list[str]:
    """Return the part of the gallery about a field."""
    model = load(path)
    if model.card.columns:
        shown = [" | ".join(row.values()) for row in model.rows(SAMPLES)]
    else:
        shown = model.generate(SAMPLES)
    return [f"## {name}", about(model.card), "```text\n" + "\n".join(shown) + "\n```"]


def about(card: Card) -> str:
    """Return what a card says of its data."""
    data = card.data
    return f"Learned from {data['lines']:,} lines. {data['source']}, {data['licence']}."


def add_playground(files: Files, config: MkDocsConfig) -> None:
    """Add onnxruntime-web, the fields that draw texts, and their cards."""
    if not ONNXRUNTIME.is_dir():
        raise PluginError("onnxruntime-web is not installed: make docs installs it")
    for name in RUNTIME:
        add(files, config, f"playground/onnxruntime/{name}", ONNXRUNTIME / name)
    words = ROOT / "faker_neural" / "offensive_words.bin"
    add(files, config, "playground/offensive_words.bin", words)
    cards = {name: load(path).card for name, path in sorted(bundled().items())}
    texts = {name: card for name, card in cards.items() if not card.columns}
    names = "playground/fields/names.json"
    files.append(File.generated(config, names, content=json.dumps(list(texts))))
    for name, card in texts.items():
        path = f"playground/fields/{name}"
        add(files, config, f"{path}.onnx", bundled()[name])
        files.append(File.generated(config, f"{path}.json", content=card.to_json()))


def add(files: Files, config: MkDocsConfig, path: str, source: Path) -> None:
    """Add a file to the site."""
    files.append(File.generated(config, path, abs_src_path=str(source)))

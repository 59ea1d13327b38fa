"""Writes the part of each bundled file that draws again, after the rule of drawing has changed.

python fields/rewrite_heads.py ../shared/data

Nothing is learned: logits and states stay as they are. The golden strings are drawn anew, and the
figures of drawn texts are measured again. This is for flat models; the last layer of a factored
one has taken its form for good.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import onnx
from learn import BUILD, RECIPES, clean
from targets import misses

from faker_neural import TextModel, bundled
from faker_neural._model_file.selection import select
from faker_neural_export import evaluate
from faker_neural_export._check import check_drawing
from faker_neural_export._convert import golden
from faker_neural_export._onnx import write
from faker_neural_export.exact.sampling_head import add_sampling_head


def main(data: Path) -> None:
    """Rewrite all files; each takes its name once it is verified."""
    BUILD.mkdir(parents=True, exist_ok=True)
    for name, path in bundled().items():
        rewrite(path)
        column = BUILD / f"{name}.txt"
        column.write_text("\n".join(clean(name, data)) + "\n", encoding="utf-8")
        found = evaluate(path, column, split=True)
        sentences = RECIPES["fields"][name].get("sentences", False)
        found.save(misses=misses(found.facts(), sentences))
        print(name)


def rewrite(path: Path) -> None:
    """Write the head of one file again."""
    card = TextModel(path).card
    outputs = ["logits", *(state.successor for state in card.states)]
    graph = onnx.load_model_from_string(select(path.read_bytes(), outputs, ("draw", "temperature")))
    draft = path.with_name(f".{path.name}.part")
    try:
        graph, plain = add_sampling_head(graph, card), graph
        check_drawing(path, plain, graph, card)
        write(graph, replace(card, golden=(), digest=""), draft)
        model = TextModel(draft)
        write(graph, replace(card, golden=golden(model), digest=model.digest()), draft)
        TextModel(draft).verify()
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Writes the part of each bundled file that draws again, after the rule of drawing has changed.

python fields/rewrite_heads.py

Nothing is learned: logits and states stay as they are. The golden strings are drawn anew. This is
for flat models; the last layer of a factored one has taken its form for good.
"""

from __future__ import annotations

from dataclasses import replace

import onnx

from faker_neural import TextModel, bundled
from faker_neural._model_file.selection import select
from faker_neural_export._convert import golden
from faker_neural_export._onnx import write
from faker_neural_export.exact.sampling_head import add_sampling_head


def main() -> None:
    """Rewrite all files; each takes its name once it is verified."""
    for path in bundled().values():
        card = TextModel(path).card
        outputs = ["logits", *(state.successor for state in card.states)]
        graph = onnx.load_model_from_string(select(path.read_bytes(), outputs))
        draft = path.with_name(f".{path.name}.part")
        try:
            graph = add_sampling_head(graph, card)
            write(graph, replace(card, golden=(), digest=""), draft)
            model = TextModel(draft)
            write(graph, replace(card, golden=golden(model), digest=model.digest()), draft)
            TextModel(draft).verify()
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        print(path.name)


if __name__ == "__main__":
    main()

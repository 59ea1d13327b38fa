"""The critic of a text GAN, exported as a detector of generated text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from faker_neural import Detector
from faker_neural_export.conversion.convert import convert_detector
from faker_neural_export.detector.lines import PADDING, UNKNOWN, LabelledLines, encode
from faker_neural_export.settings.conversion import CardFacts, Samples

__all__ = ["export_critic"]


def export_critic(
    critic: keras.Model,
    tokens: Sequence[str],
    lines: LabelledLines,
    output: Path,
    facts: CardFacts,
) -> Detector:
    """Write a critic as a detector, and measure it.

    A logistic regression on the lines turns the critic's score into a probability (Platt,
    "Probabilistic outputs for support vector machines", 1999).

    Args:
        critic: a model from float32 [batch, length, tokens] to float32 [batch, 1], high for real
            texts.
        tokens: the tokens of the GAN; the first is "".
        lines: real and generated texts that the critic has not seen.
        output: the .onnx file to write.
        facts: the name, data and training for the card.

    Returns:
        The detector of the new file.
    """
    names, scorer = _scorer(critic, tokens)
    ids = encode(lines.texts, names, scorer.inputs[0].shape[1])
    scores = scorer.predict(ids, batch_size=256, verbose=0)
    fitted = LogisticRegression().fit(scores, lines.labels, lines.weights)
    judge = keras.layers.Dense(1, activation="sigmoid")
    model = keras.Model(scorer.inputs[0], judge(scorer.outputs[0]), name="detector")
    judge.set_weights([fitted.coef_.T, fitted.intercept_])
    auc = roc_auc_score(lines.labels, fitted.decision_function(scores))
    return convert_detector(
        model,
        names,
        output,
        Samples(lines.texts[::2], lines.texts[1::2], "texts of both kinds"),
        replace(facts, evaluation={"auc": float(auc), "held_out_lines": len(lines.texts)}),
    )


def _scorer(critic: keras.Model, tokens: Sequence[str]) -> tuple[tuple[str, ...], keras.Model]:
    """Return the tokens of a detector, and the critic as a model that reads their ids."""
    kernel, bias = critic.get_layer("read").get_weights()
    known = [i for i, token in enumerate(tokens) if i and token != UNKNOWN]
    rows = np.concatenate([kernel[:1], np.zeros_like(kernel[:1]), kernel[known]]) + bias
    read = keras.layers.Embedding(*rows.shape)
    ids = keras.Input((critic.inputs[0].shape[1],), dtype="int32", name="tokens")
    model = keras.Model(ids, critic.get_layer("judge")(read(ids)))
    read.set_weights([rows])
    return (PADDING, UNKNOWN, *(tokens[i] for i in known)), model

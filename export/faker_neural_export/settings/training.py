"""How a column or a text is learned: every option of `train`, checked once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from faker_neural import Card, OptionError
from faker_neural_export.vocabulary.classes import LARGEST_CLASS
from faker_neural_export.vocabulary.tokens import TOKEN_KINDS

__all__ = ["Settings", "check_number", "check_type"]

_CHOICES = {
    "tokens": TOKEN_KINDS,
    "input": ("embedding", "one-hot", "scaled"),
    "text": ("lines", "running"),
    "end": ("", "\n"),
    "contract": ("step", "window"),
    "keep": ("best", "last"),
}
_LEAST = {
    "embedding": 1,
    "epochs": 1,
    "patience": 1,
    "batch": 1,
    "max_length": 1,
    "window": 1,
    "stride": 0,
    "vocabulary": 2,
    "pieces": 0,
    "phrases": 0,
    "projection": 0,
    "classes": 0,
}
MOST_WORDS = 15_000  # tokens; 128 classes of 128 hold 16,384
_OF_RUNNING_TEXT = ("text", "window", "stride")
_OF_WORDS = ("pieces", "phrases", "spelling")
_FLAGS = ("lower", "words_only", "drop_stop_words", "match_length")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    r"""How to learn; the defaults suit a column of 5,000 to 50,000 short values on two cores.

    Args:
        tokens: "char", "word" or "piece". Of a column, "word" is whole words, and pieces to spell
            the rarer ones; the vectors of words are made of those of their character n-grams.
        vocabulary: how many tokens words or pieces may make, at least 2.
        pieces: with words, how many of these tokens are pieces; letters are always there.
        phrases: with words, how many of these tokens are phrases at most, words that stand side by
            side six times or more; 0 for none.
        spelling: with words, share of the words that occur once or twice which are spelled while
            learning, 0 to 1, so that spelling is learned.
        input: what a token is to the first layer: "embedding", "one-hot", or "scaled", its id
            divided by the number of tokens.
        embedding: numbers a token is turned into by an embedding, at least 1.
        units: size of each LSTM layer, at least 1: a number, several, the first layer's first, or
            text such as "256,256,128".
        projection: size of a layer between the last LSTM and the tokens, which makes a large
            vocabulary cheaper to serve; 0 for none.
        classes: classes of tokens for a factored softmax, 0 for none, or with words of a column for
            as many as are cheapest to draw from; else 2 to 128: first a class
            is drawn, then a token in it, of up to 128. With many tokens that is faster than one
            choice among all, and learns better.
        dropout: share of each layer's outputs dropped while learning, 0 to below 1.
        noising: share of the tokens read while learning that others take the place of, 0 to below
            1. It helps where there is little to learn from (Xie et al., "Data noising as
            smoothing in neural network language models", 2017).
        match_length: whether, when all is learned, the end is made less likely until drawn values
            are as long as those learned from; for columns whose values come out short.
        epochs: how often everything is read at most, at least 1.
        keep: the epoch that becomes the file: "best", with the fewest bits on what is held out, or
            "last". After the best one more is learned by heart: texts read better, and more of
            them equal a line that was learned.
        patience: epochs without a better one after which learning ends, at least 1; only with
            keep="best".
        batch: lines or windows that are learned from together, at least 1.
        learning_rate: of Adam at the start, above 0; it falls to 0 along a half cosine.
        seed: of the weights, the order of what is read and the dropout, 0 to 2**32 - 1.
        max_length: longest value allowed where a line is a value, in characters, at least 1.
        lower: whether capital letters are made small.
        words_only: whether only words are kept, with a space between (as NLTK's tokenizer of
            `\w+`).
        drop_stop_words: whether the words of scikit-learn's English stop-word list are dropped;
            only with `words_only`.
        text: "lines", values of a column without an order; or "running", one text from its first
            to its last token.
        window: tokens of running text that are read at a time, from a zero state, 1 to 10,000.
        stride: tokens from the start of a window to the next one's; 0 for as many as a window
            has, so that an epoch reads every token once.
        end: what ends a text drawn from a model of running text: "" for nothing, or a line break
            where each line of the text is a value.
        contract: "step", or "window" to feed the model of running text the last `window` tokens
            for each new one, as the tutorials do.

    Raises:
        OptionError: a value is out of range, of the wrong type, or needs another.
    """

    tokens: str = "char"
    vocabulary: int = 1000
    pieces: int = 600
    phrases: int = 1000
    spelling: float = 0.15
    input: str = "embedding"
    embedding: int = 64
    units: int | str | Sequence[int] = 256
    projection: int = 0
    classes: int = 0
    dropout: float = 0.3
    noising: float = 0.0
    match_length: bool = False
    epochs: int = 30
    keep: str = "best"
    patience: int = 5
    batch: int = 64
    learning_rate: float = 0.003
    seed: int = 0
    max_length: int = 1000
    lower: bool = False
    words_only: bool = False
    drop_stop_words: bool = False
    text: str = "lines"
    window: int = 100
    stride: int = 0
    end: str = ""
    contract: str = "step"

    def __post_init__(self) -> None:
        self._check_units()
        for name, allowed in _CHOICES.items():
            _check_choice(name, getattr(self, name), allowed)
        for name, least in _LEAST.items():
            below = Card.most_tokens + 1 if name == "window" else math.inf
            check_number(name, getattr(self, name), int, least, below)
        check_number("seed", self.seed, int, 0, 2**32)
        check_number("dropout", self.dropout, float, 0, 1)
        check_number("spelling", self.spelling, float, 0)
        if self.spelling > 1:
            raise OptionError("spelling", self.spelling, "must be at most 1")
        check_number("noising", self.noising, float, 0, 1)
        check_type("learning_rate", self.learning_rate, float)
        if not 0 < self.learning_rate < math.inf:
            raise OptionError("learning_rate", self.learning_rate, "must be above 0 and finite")
        self._check_classes()
        self._check_together()

    @property
    def layers(self) -> tuple[int, ...]:
        """The size of each LSTM layer."""
        return _layers(self.units)

    @property
    def composed(self) -> bool:
        """Whether the network has vectors of words made of n-grams', see ComposedEmbedding."""
        return self.tokens == "word" and self.text == "lines" and self.input == "embedding"

    @property
    def step(self) -> int:
        """Tokens from the start of a window to the next one's."""
        return self.stride or self.window

    def recipe(self) -> dict[str, str | int | float | bool]:
        """Return every setting as one text or number; Settings(**recipe) is equal."""
        layers = self.layers
        units = layers[0] if len(layers) == 1 else ",".join(map(str, layers))
        return asdict(self) | {"units": units}

    def facts(self) -> dict[str, str | int | float | bool]:
        """Return the settings that shaped the model and have no other place in its card."""
        without = {name for name in (*_FLAGS, "noising") if not getattr(self, name)}
        without |= {"end", "contract"} | ({"classes"} if not self.classes else set())
        if not self.composed:
            without.update(_OF_WORDS)
        if self.text == "lines":
            without.update(_OF_RUNNING_TEXT)
        if self.input != "embedding":
            without.add("embedding")
        return {name: value for name, value in self.recipe().items() if name not in without}

    def _check_units(self) -> None:
        try:
            units = _layers(self.units)
        except (TypeError, ValueError):
            units = ()
        if not units:
            rule = "must be one size or several with commas between, such as 256,256,128"
            raise OptionError("units", self.units, rule)
        for size in units:
            check_number("units", size, int, 1)
        object.__setattr__(self, "units", units)

    def _check_classes(self) -> None:
        if self.classes == 1 or self.classes > LARGEST_CLASS:
            raise OptionError("classes", self.classes, f"must be 0, or 2 to {LARGEST_CLASS}")
        if self.composed and self.vocabulary > MOST_WORDS:
            rule = f"must be at most {MOST_WORDS:,} with words of a column"
            raise OptionError("vocabulary", self.vocabulary, rule)
        if self.composed and self.projection:
            rule = "is not for words of a column: the layer before them has the size of embedding"
            raise OptionError("projection", self.projection, rule)
        if self.classes and (self.input != "embedding" or self.contract == "window"):
            raise OptionError("classes", self.classes, "needs input=embedding and contract=step")

    def _check_together(self) -> None:
        for name in _FLAGS:
            if not isinstance(getattr(self, name), bool):
                raise OptionError(name, getattr(self, name), "must be True or False")
        if self.drop_stop_words and not self.words_only:
            raise OptionError("drop_stop_words", True, "needs words_only")
        if self.text == "running" and self.match_length:
            raise OptionError("match_length", True, "needs a column of lines")
        if self.text == "lines" and self.contract == "window":
            raise OptionError("contract", "window", "needs running text; a line is read whole")
        if self.text == "lines" and self.end:
            raise OptionError("end", self.end, "needs running text; a line ends by itself")


def _layers(units: int | str | Sequence[int]) -> tuple[int, ...]:
    if isinstance(units, str):
        return tuple(int(size) for size in units.split(","))
    return (units,) if isinstance(units, int | float) else tuple(units)


def _check_choice(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        shown = ", ".join(map(repr, allowed) if "" in allowed else allowed)
        raise OptionError(name, value, f"must be one of {shown}")


def check_number(
    name: str, value: float, kind: type[int | float], least: float, below: float = math.inf
) -> None:
    """Refuse a setting that is no number of a kind, or out of range."""
    check_type(name, value, kind)
    if not least <= value < below:
        above = f" and below {below}" if below < math.inf else ""
        raise OptionError(name, value, f"must be at least {least}{above}")


def check_type(name: str, value: float, kind: type[int | float]) -> None:
    """Refuse a setting that is no number of a kind."""
    if isinstance(value, bool) or not isinstance(value, kind | int):
        raise OptionError(name, value, f"must be {kind.__name__}, not {type(value).__name__}")
